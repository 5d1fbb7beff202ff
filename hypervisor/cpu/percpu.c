/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds the blocks of memory CPUs own. */
#include "cpu/percpu.h"

#include "abi/errno.h"
#include "cpu/descriptor.h"
#include "cpu/smp.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "sync/lock_check.h"

extern char boot_block[];

/* Task state and I/O bitmap: three pages, the bitmap's last byte all ones (SDM vol. 1, 19.5.2). */
#define TSS_ORDER 2

static int tss_create(struct percpu *cpu)
{
    uint8_t *tss = heap_alloc_hyp(TSS_ORDER);

    if (!tss)
        return -ENOMEM;
    memset(tss + TSS_BITMAP_OFFSET, 0xff, TSS_BITMAP_BYTES);
    cpu->tss = tss;
    cpu->io_bitmap = tss + TSS_BITMAP_OFFSET;
    return 0;
}

int percpu_create(unsigned int id, uint32_t apic_id, uint32_t acpi_id)
{
    struct percpu *cpu = cpu_of(id);

    if (id >= CPU_MAX)
        return -EINVAL;
    if (id != 0) { /* the boot CPU's block is part of the image */
        for (unsigned int page = 0; page < PERCPU_BLOCK_BYTES / PAGE_BYTES; page++) {
            struct page *pg;

            if (page == 1)
                continue;
            pg = heap_alloc(0, 0);
            if (!pg || hvmap_map_percpu(id, page, page_mfn(pg)))
                return -ENOMEM;
        }
    }
    cpu->id = id;
    cpu->apic_id = apic_id;
    cpu->acpi_id = acpi_id;
    lock_check_cpu(id);
    return tss_create(cpu);
}
