/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of memory: machine frames, guest frames, physical addresses, as types that cannot mix. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_BYTES 4096UL
#define PAGE_MASK (~(PAGE_BYTES - 1))

/* mfn: a frame of the machine. */
typedef struct {
    uint64_t n;
} mfn_t;

/* gfn: what a guest names a frame by: the mfn for PV, the guest-physical frame otherwise. */
typedef struct {
    uint64_t n;
} gfn_t;

/* paddr: a byte address of the machine. */
typedef struct {
    uint64_t a;
} paddr_t;

#define MFN(x) ((mfn_t){(uint64_t)(x)})
#define GFN(x) ((gfn_t){(uint64_t)(x)})
#define PADDR(x) ((paddr_t){(uint64_t)(x)})
#define MFN_NONE MFN(~0ULL)
#define GFN_NONE GFN(~0ULL)

static inline bool mfn_eq(mfn_t a, mfn_t b)
{
    return a.n == b.n;
}

static inline mfn_t mfn_add(mfn_t m, uint64_t count)
{
    return MFN(m.n + count);
}

static inline mfn_t paddr_mfn(paddr_t p)
{
    return MFN(p.a >> PAGE_SHIFT);
}

static inline paddr_t mfn_paddr(mfn_t m)
{
    return PADDR(m.n << PAGE_SHIFT);
}
