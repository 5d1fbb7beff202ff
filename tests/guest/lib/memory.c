/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages, page tables, and a window for frames of others. */
#include "tests/guest/lib/guest.h"

#define M2P ((const uint64_t *)M2P_BASE)

/* ---- pages ---- */

void *pages_aligned(unsigned int count, uint64_t align)
{
    uint64_t start = ROUND_UP(env.pool_next, align);

    if (start + count * PAGE_BYTES > env.pool_end) {
        test_fail(__FILE__, __LINE__, "out of pages");
        return window_start; /* something mapped, so that the test ends by itself */
    }
    env.pool_next = start + count * PAGE_BYTES;
    memset((void *)start, 0, count * PAGE_BYTES);
    return (void *)start;
}

void *pages_alloc(unsigned int count)
{
    return pages_aligned(count, PAGE_BYTES);
}

void *page_alloc(void)
{
    return pages_alloc(1);
}

uint64_t pool_mark(void)
{
    return env.pool_next;
}

void pool_release(uint64_t mark)
{
    uint64_t end = env.pool_next, keep = mark;

    for (uint64_t va = mark; va < end; va += PAGE_BYTES) {
        if (!page_protect((void *)va, PTE_RW_FLAGS))
            continue;
        test_fail(__FILE__, __LINE__, "page %lu (frame %#lx) of the test cannot be mapped writable",
                  (va - mark) >> PAGE_SHIFT, va_mfn((void *)va));
        keep = va + PAGE_BYTES;
    }
    env.pool_next = keep;
}

void *mfn_va(uint64_t mfn)
{
    return (void *)(VIRT_BASE + (M2P[mfn] << PAGE_SHIFT));
}

/* ---- tables ---- */

static unsigned int table_index(uint64_t va, unsigned int level)
{
    return (va >> (PAGE_SHIFT + 9 * (level - 1))) & 511;
}

uint64_t pte_machine(uint64_t l4_va, uint64_t va, unsigned int level)
{
    const uint64_t *table = (const uint64_t *)(l4_va ? l4_va : env.l4_va);

    for (unsigned int at = 4; at > level; at--) {
        uint64_t entry = table[table_index(va, at)];

        if (!(entry & PTE_P))
            return 0;
        table = mfn_va((entry & PTE_ADDRESS) >> PAGE_SHIFT);
    }
    return (va_mfn(table) << PAGE_SHIFT) + table_index(va, level) * 8;
}

uint64_t pte_read(uint64_t va)
{
    uint64_t at = pte_machine(0, va, 1);

    return at ? *(const uint64_t *)((uint64_t)mfn_va(at >> PAGE_SHIFT) + at % PAGE_BYTES) : 0;
}

int page_protect(const volatile void *va, uint64_t flags)
{
    return (int)hc_update_va_mapping(va, pte(va_mfn(va), flags), UVMF_INVLPG);
}

long pt_write(uint64_t machine, uint64_t value)
{
    struct mmu_update u = {.ptr = machine | MMU_NORMAL_PT_UPDATE, .val = value};

    return hc_mmu_update(&u, 1, NULL, DOMID_SELF);
}

void *window_map(unsigned int slot, uint64_t mfn, domid_t domid, uint64_t flags, long *rc)
{
    char *va = window_start + slot * PAGE_BYTES;
    long result = hc_update_va_mapping_otherdomain(va, pte(mfn, flags), UVMF_INVLPG, domid);

    if (rc)
        *rc = result;
    return result ? NULL : va;
}

void window_unmap(unsigned int slot)
{
    char *va = window_start + slot * PAGE_BYTES;

    (void)hc_update_va_mapping(va, pte(va_mfn(va), PTE_RW_FLAGS), UVMF_INVLPG);
}

int mmuext_for(domid_t domid, unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = {.cmd = cmd};

    op.arg1.linear_addr = arg1;
    op.arg2.nr_ents = (unsigned int)arg2;
    if (cmd == MMUEXT_TLB_FLUSH_MULTI || cmd == MMUEXT_INVLPG_MULTI || cmd == MMUEXT_COPY_PAGE)
        memcpy(&op.arg2, &arg2, sizeof(arg2));
    return (int)hc_mmuext_op(&op, 1, NULL, domid);
}

int mmuext(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    return mmuext_for(DOMID_SELF, cmd, arg1, arg2);
}

uint64_t grant_frame(void)
{
    xen_pfn_t frame = 0;
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};

    set_xen_guest_handle(setup.frame_list, &frame);
    if (hc_grant_table_op(GNTTABOP_setup_table, &setup, 1) || setup.status)
        return 0;
    return frame;
}

bool branch_make(struct branch *b, unsigned int slot)
{
    b->l3 = page_alloc();
    b->l2 = page_alloc();
    b->l1 = page_alloc();
    b->slot = slot;
    b->va = (uint64_t)((int64_t)((uint64_t)slot << 39 << 16) >> 16);
    b->l3[0] = pte(va_mfn(b->l2), PTE_RW_FLAGS);
    b->l2[0] = pte(va_mfn(b->l1), PTE_RW_FLAGS);
    if (page_protect(b->l3, PTE_RO_FLAGS) || page_protect(b->l2, PTE_RO_FLAGS) ||
        page_protect(b->l1, PTE_RO_FLAGS))
        return false;
    return pt_write(pte_machine(0, b->va, 4), pte(va_mfn(b->l3), PTE_RW_FLAGS)) == 0;
}

void branch_drop(struct branch *b)
{
    (void)pt_write(pte_machine(0, b->va, 4), 0);
    (void)page_protect(b->l3, PTE_RW_FLAGS);
    (void)page_protect(b->l2, PTE_RW_FLAGS);
    (void)page_protect(b->l1, PTE_RW_FLAGS);
}
