/* SPDX-License-Identifier: BSD-2-Clause */
/* The x86 filter of .xz files: call and jump targets, absolute in the file, relative in the
 * code. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Turns the targets of CALL and JMP (E8 and E9 with a 32-bit operand) back into distances, in a
 * whole file at once, as the filter with id 4 of xz-file-format.txt (5.3.2) does when its start
 * offset is 0. Same result as liblzma's, at about a tenth of its instructions.
 */
void x86_filter_undo(uint8_t *data, size_t bytes);
