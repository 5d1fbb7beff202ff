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

/* Upper bound of the memory unpack_xz and unpack_lzma take for this input; 0 when it is damaged. */
size_t unpack_xz_scratch(const uint8_t *in, size_t in_bytes);
size_t unpack_lzma_scratch(const uint8_t *in, size_t in_bytes);

/* Reasons that several places give. */
extern const char unpack_damaged[];
extern const char unpack_truncated[];
extern const char unpack_no_memory[];
