/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables for runtime services: firmware that was never told otherwise expects every address of
 * its own at its physical place (UEFI 2.10, 2.3.4). */
#include "efi/map.h"

#include "abi/errno.h"
#include "mm/heap.h"
#include "mm/hvmap.h"

#define LOW_HALF_PAGES (1ULL << (47 - PAGE_SHIFT))
#define LINK (PTE_P | PTE_RW | PTE_A)
#define LEAF (PTE_P | PTE_RW | PTE_A | PTE_D)

mfn_t efi_map_create(void)
{
    void *l4 = heap_alloc_hyp(0);

    if (!l4)
        return MFN_NONE;
    hvmap_install(direct_mfn(l4), MFN_NONE);
    return direct_mfn(l4);
}

/* The L1 entry of @page, with the tables above it made as needed; NULL without memory. */
static uint64_t *entry_of(mfn_t l4, uint64_t page)
{
    uint64_t *table = direct_va(mfn_paddr(l4));

    for (unsigned int level = 3; level > 0; level--) {
        uint64_t *entry = &table[page >> 9 * level & 511];

        if (!*entry) {
            void *next = heap_alloc_hyp(0);

            if (!next)
                return NULL;
            *entry = pte_make(direct_mfn(next), LINK);
        }
        table = direct_va(mfn_paddr(pte_mfn(*entry)));
    }
    return &table[page & 511];
}

/* With the PAT all CPUs have (cpu/regs.h): WB, WT and UC are entries 0, 1 and 3. */
static uint64_t cache_bits(uint64_t attribute)
{
    if (attribute & EFI_MEMORY_WB)
        return 0;
    if (attribute & EFI_MEMORY_WT)
        return PTE_PWT;
    return PTE_PCD | PTE_PWT;
}

int efi_map_add(mfn_t l4, const struct efi_memory_descriptor *d)
{
    uint64_t first = d->physical_start >> PAGE_SHIFT;

    if (first >= LOW_HALF_PAGES || d->pages > LOW_HALF_PAGES - first)
        return -EINVAL;
    for (uint64_t i = 0; i < d->pages; i++) {
        uint64_t *entry = entry_of(l4, first + i);

        if (!entry)
            return -ENOMEM;
        *entry = pte_make(MFN(first + i), LEAF | cache_bits(d->attribute));
    }
    return 0;
}
