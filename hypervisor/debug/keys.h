/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug keys: one character, one report (console input, xl debug-keys). */
#pragma once

/* Do what @key asks for; unknown keys say so. Any context but NMI. */
void debug_key(char key);
