/* SPDX-License-Identifier: BSD-2-Clause */
/* Random operations of two hostile PV domains on their page tables; all counts are checked. */
/* sources: hypervisor/mm/page.c hypervisor/domain/page_hooks.c hypervisor/pv/type.c */
/* sources: hypervisor/pv/entry_ref.c hypervisor/pv/pte_update.c hypervisor/pv/targets.c */
/* sources: hypervisor/pv/mmu_update.c hypervisor/pv/mmuext.c hypervisor/pv/va_mapping.c */
/* sources: hypervisor/pv/address_space.c hypervisor/pv/grant_map.c hypervisor/lib/cpumask.c */
/* sources: hypervisor/lib/bitmap.c hypervisor/lib/range_set.c hypervisor/lib/rbtree.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/pv_ops.h"

/* Both domains start with a tree of tables, so that short inputs get somewhere. */
static void plant(unsigned int first)
{
    uint64_t link = PTE_P | PTE_RW;

    world_table(first)[0] = pte_make(MFN(first + 1), link);
    world_table(first)[511] = pte_make(MFN(first + 1), link);
    world_table(first + 1)[0] = pte_make(MFN(first + 2), link);
    world_table(first + 1)[1] = pte_make(MFN(first + 3), link);
    world_table(first + 2)[0] = pte_make(MFN(first + 4), link);
    world_table(first + 2)[1] = pte_make(MFN(first + 5), link);
    world_table(first + 3)[0] = pte_make(MFN(first + 4), link);
    world_table(first + 4)[0] = pte_make(MFN(first + 6), link);
    world_table(first + 5)[511] = pte_make(MFN(first + 7), link);
    world_table(first + 8)[1] = pte_make(MFN(first + 1), link);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world_reset();
    plant(1);
    plant(16);
    for (size_t at = 0; at + sizeof(struct pv_op) <= size; at += sizeof(struct pv_op)) {
        struct pv_op o;

        memcpy(&o, data + at, sizeof(o));
        op_do(&o);
        world_check();
    }
    world_end();
    return 0;
}
