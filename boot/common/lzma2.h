/* SPDX-License-Identifier: BSD-2-Clause */
/* LZMA2 from memory to memory, for the one thing that dominates the time of a boot. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct lzma2_result {
    size_t in_used; /* including the end marker */
    size_t out_made;
};

enum lzma2_status { LZMA2_DONE, LZMA2_DAMAGED, LZMA2_TRUNCATED, LZMA2_NO_MEMORY };

/*
 * Unpacks one LZMA2 stream (xz-file-format.txt, 5.3.1) up to its end marker. The whole output is
 * the dictionary, so the only memory needed is a copy of the last chunk (64 KiB, from malloc).
 * Nothing is written beyond out_bytes. Not reentrant: the probability model is static. Takes two
 * thirds of liblzma's instructions.
 */
enum lzma2_status lzma2_unpack(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes,
                               struct lzma2_result *result);
