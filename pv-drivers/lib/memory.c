/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of pages, and frame numbers. */
#include "pv-drivers/lib/memory.h"

#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/text.h"

#define VIRT_BASE 0xffffffff80000000UL /* of the image, as start.S says */

extern uint8_t pv_pool[][PV_PAGE_BYTES], pv_pool_end[]; /* by image.lds */
static bool used[PV_POOL_MAX];

static unsigned int pool_pages(void)
{
    return (unsigned int)((uintptr_t)pv_pool_end - (uintptr_t)pv_pool) / PV_PAGE_BYTES;
}

static void give(unsigned int first, unsigned int count)
{
    for (unsigned int i = first; i < first + count; i++)
        PV_STORE(used[i], false);
}

/* Pages are taken one by one, so that no other vCPU gets the same; in the way of a row is what
 * somebody has. */
void *pv_pages_alloc(unsigned int count)
{
    unsigned int pages = pool_pages();

    for (unsigned int first = 0, run = 0; first + run < pages;) {
        if (__atomic_exchange_n(&used[first + run], true, __ATOMIC_ACQ_REL)) {
            give(first, run);
            first += run + 1;
            run = 0;
        } else if (++run == count) {
            return memset(pv_pool[first], 0, (size_t)count * PV_PAGE_BYTES);
        } else if (first + run == pages) {
            give(first, run);
        }
    }
    return NULL;
}

void pv_pages_free(void *pages, unsigned int count)
{
    size_t first = ((uintptr_t)pages - (uintptr_t)pv_pool) / PV_PAGE_BYTES;

    if (pages && first < pool_pages() && count <= pool_pages() - first)
        give((unsigned int)first, count);
}

uint64_t pv_frame_of(const volatile void *page)
{
    uint64_t frame = ((uintptr_t)page - VIRT_BASE) >> PV_PAGE_SHIFT;

    return pv_guest.is_pv ? pv_guest.frames[frame] : frame;
}

void *pv_frame_map(uint64_t frame)
{
    /* PV: the initial mapping holds it; else it may be beyond, where memory is mapped at itself */
    if (!pv_guest.is_pv)
        return (void *)(frame << PV_PAGE_SHIFT);
    frame = ((const uint64_t *)MACH2PHYS_VIRT_START)[frame];
    return (void *)(VIRT_BASE + (frame << PV_PAGE_SHIFT));
}
