/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes for tables inside the hypervisor. Not for data a guest could choose to make collide. */
#pragma once

#include "lib/types.h"

/* A table index of `bits` (1..63) bits: multiplication by 2^64 divided by the golden ratio. */
static inline uint64_t hash_index(uint64_t key, unsigned int bits)
{
    return (key * 0x9e3779b97f4a7c15ULL) >> (64 - bits);
}

/* FNV-1a, 64 bits (its published offset basis and prime). */
static inline uint64_t hash_bytes(const void *data, size_t bytes)
{
    const uint8_t *p = (const uint8_t *)data;
    uint64_t hash = 0xcbf29ce484222325ULL;

    for (; bytes; bytes--)
        hash = (hash ^ *p++) * 0x100000001b3ULL;
    return hash;
}
