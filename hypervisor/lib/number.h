/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, sizes and yes/no words in text. */
#pragma once

#include "lib/types.h"

/*
 * Reads an unsigned number, decimal or 0x hexadecimal, at *at and moves *at behind it. False, with
 * *at unmoved, when there is no digit or the number does not fit 64 bits.
 */
bool must_check number_scan(const char **at, uint64_t *value);

/* The same with a size suffix B K M G T (either case; powers of 1024); without one the number is
 * in units of 1 << default_shift bytes. The value is in bytes. */
bool must_check number_scan_size(const char **at, unsigned int default_shift, uint64_t *bytes);

/* The same for a whole text: anything behind the number makes it false. */
bool must_check number_parse(const char *text, uint64_t *value);
bool must_check number_parse_size(const char *text, unsigned int default_shift, uint64_t *bytes);

/* yes on true enable 1, no off false disable 0; false for any other word of `length` characters. */
bool must_check number_parse_bool(const char *text, size_t length, bool *value);
