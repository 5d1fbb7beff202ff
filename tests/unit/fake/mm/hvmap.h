/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for mm/hvmap.h: frames live in an array that the test program defines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"

#define PTE_P 0x001ULL
#define PTE_RW 0x002ULL
#define PTE_US 0x004ULL
#define PTE_PWT 0x008ULL
#define PTE_PCD 0x010ULL
#define PTE_A 0x020ULL
#define PTE_D 0x040ULL
#define PTE_PS 0x080ULL
#define PTE_PAT 0x080ULL
#define PTE_G 0x100ULL
#define PTE_AVAIL_LOW 0xe00ULL
#define PTE_NX (1ULL << 63)
#define PTE_FRAME_MASK 0x000ffffffffff000ULL

extern uint8_t fake_ram[][PAGE_BYTES];

static inline mfn_t pte_mfn(uint64_t pte)
{
    return MFN((pte & PTE_FRAME_MASK) >> PAGE_SHIFT);
}
static inline uint64_t pte_make(mfn_t m, uint64_t flags)
{
    return (m.n << PAGE_SHIFT) | flags;
}
static inline void *frame_map(mfn_t m)
{
    return fake_ram[m.n];
}
static inline void frame_unmap(const void *p)
{
    (void)p;
}

static inline mfn_t frame_mapped(const void *p)
{
    return MFN((uint64_t)((const uint8_t *)p - fake_ram[0]) >> PAGE_SHIFT);
}

static inline void *direct_va(paddr_t p)
{
    return fake_ram[p.a >> PAGE_SHIFT] + (p.a & (PAGE_BYTES - 1));
}

mfn_t image_mfn(const void *in_image);
void hvmap_install(mfn_t l4, mfn_t perdomain_l3);

/* Only for pages of fake_ram. */
static inline mfn_t direct_mfn(const void *va)
{
    return MFN((uint64_t)((const uint8_t *)va - fake_ram[0]) >> PAGE_SHIFT);
}

mfn_t hvmap_idle_l4(void);
uint64_t hvmap_max_mfn(void);
mfn_t hvmap_m2p_piece(uint64_t n);

enum map_cache { MAP_WB, MAP_UC, MAP_WC };
void *must_check device_map(paddr_t base, uint64_t bytes, enum map_cache cache);
