/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug keys: what the hypervisor shows or does at a key press on its console or for xl debug-
 * keys. */
#pragma once

/* Act on @key ('h' lists them). Interrupts on; long output is fine. */
void debug_key(char key);
