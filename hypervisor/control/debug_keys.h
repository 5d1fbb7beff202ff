/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug keys: what the hypervisor shows or does at a key press on its console or for xl debug-
 * keys. */
#pragma once

/* Act on @key ('h' lists them) now. Interrupts on, no locks; long output is fine. */
void debug_key(char key);

/* The same for a key that came by a serial line: keys that must work when nothing else does act at
 * once, the others as soon as this CPU has left its interrupt. Any context. */
void debug_key_typed(char key);
