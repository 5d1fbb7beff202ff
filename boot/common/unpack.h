/* SPDX-License-Identifier: BSD-2-Clause */
/* The decompressors' libraries behind one shape: whole input to whole output. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Each turns `in` into exactly out_bytes at `out` and returns NULL, or the reason as constant text.
 * Memory comes from malloc; all of it is given back, also on errors.
 */
const char *unpack_gzip(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes);
const char *unpack_lzma(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes);
const char *unpack_xz(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes);
const char *unpack_lz4(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes);
const char *unpack_zstd(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes);

/* More than any of them takes from malloc. */
#define UNPACK_MOST_SCRATCH (1UL << 20)

/* Reasons that several places give. */
extern const char unpack_damaged[];
extern const char unpack_truncated[];
extern const char unpack_no_memory[];
