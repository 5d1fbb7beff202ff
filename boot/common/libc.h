/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory behind malloc in a loader: one arena, used up from its start, dropped as a whole. */
#pragma once

#include <stddef.h>

/* Gives malloc this memory; a NULL start takes it away again. Freed pieces are not reused. */
void libc_arena(void *start, size_t bytes);
