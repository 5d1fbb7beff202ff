/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's own page tables: direct map, device map, slots installed in every guest L4. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"
#include "mm/layout.h"

/* Bits of a page-table entry (SDM vol. 3, 4.5). */
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

static inline mfn_t pte_mfn(uint64_t pte)
{
    return MFN((pte & PTE_FRAME_MASK) >> PAGE_SHIFT);
}

static inline uint64_t pte_make(mfn_t m, uint64_t flags)
{
    return (m.n << PAGE_SHIFT) | flags;
}

/*
 * A pointer to RAM frame @m, and its release. Guest memory and page tables are reached only
 * between the two (house rule: the direct map of guest memory may go one day).
 */
static inline void *frame_map(mfn_t m)
{
    return (void *)(VA_DIRECT + (m.n << PAGE_SHIFT));
}

static inline void frame_unmap(const void *p)
{
    (void)p;
}

/* The frame that @p, from frame_map(), points into. */
static inline mfn_t frame_mapped(const void *p)
{
    return MFN(((uint64_t)p - VA_DIRECT) >> PAGE_SHIFT);
}

/* Address conversions for memory that is the hypervisor's for good (heap_alloc_hyp, pool). */
static inline void *direct_va(paddr_t p)
{
    return (void *)(VA_DIRECT + p.a);
}

static inline paddr_t direct_pa(const void *va)
{
    return PADDR((uint64_t)va - VA_DIRECT);
}

static inline mfn_t direct_mfn(const void *va)
{
    return paddr_mfn(direct_pa(va));
}

enum map_cache { MAP_WB, MAP_UC, MAP_WC };

/*
 * Map [@base, @base + @bytes) of device registers or firmware memory; page-rounded. NULL when the
 * device area or memory is exhausted. Never unmapped (boot-time and driver life-time use).
 */
void *must_check device_map(paddr_t base, uint64_t bytes, enum map_cache cache);

/* Fill slots 256-271 of the L4 frame @l4 for a PV domain whose per-domain L3 is @perdomain_l3
 * (MFN_NONE: no per-domain slot). */
void hvmap_install(mfn_t l4, mfn_t perdomain_l3);

/* The hypervisor's own top-level table: what idle vCPUs run on. */
mfn_t hvmap_idle_l4(void);

/* One past the highest frame with a struct page and an m2p entry. */
uint64_t hvmap_max_mfn(void);

/* The first of the 512 frames with the m2p entries of GiB @n of the machine, which dom0 may map
 * read-only; MFN_NONE: a GiB without RAM, or none. */
mfn_t hvmap_m2p_piece(uint64_t n);

/* Boot: build the tables from ram_ranges[] (on the loader's), run on them, allocate from the
 * heap. */
struct boot_handover;
void hvmap_init(const struct boot_handover *handover);
void hvmap_activate(void);
void hvmap_heap_ready(void);

/* Frame behind an address of the image. */
mfn_t image_mfn(const void *in_image);

/* Map page @page of CPU @cpu's block; 0 or -1 without memory. */
int must_check hvmap_map_percpu(unsigned int cpu, unsigned int page, mfn_t m);

/* Writable address of byte @offset of the executable area at VA_STUBS. */
void *hvmap_stub(uint32_t offset);

/* Physical address, below 4 GiB, of a top-level table that maps the first 2 MiB at identity besides
 * the hypervisor: what CPUs start on. */
paddr_t hvmap_trampoline_cr3(void);
