/* SPDX-License-Identifier: BSD-2-Clause */
/* update_va_mapping and mmu_update: right ones, and what must be refused with which error. */
#include "tests/guest/lib/child.h"

TEST(mmu, update_va_mapping)
{
    volatile char *page = page_alloc(), *other = page_alloc();
    uint64_t entry = pte(va_mfn(page), PTE_RW_FLAGS);

    other[0] = 7;
    CHECK_EQ(hc_update_va_mapping(page, pte(va_mfn(other), PTE_RW_FLAGS), UVMF_INVLPG), 0);
    CHECK_EQ(page[0], 7);
    CHECK_EQ(hc_update_va_mapping(page, 0, UVMF_TLB_FLUSH), 0);
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(page))), 14);
    CHECK_EQ(hc_update_va_mapping(page, entry, UVMF_NONE), 0);
    CHECK_EQ(hc_update_va_mapping(page, entry, UVMF_INVLPG | UVMF_ALL), 0);
    CHECK_EQ(hc_update_va_mapping(page, entry, UVMF_TLB_FLUSH | UVMF_ALL), 0);
    CHECK_EQ(page[0], 0);
    /* no table there; not a guest's address; not canonical */
    CHECK_EQ(hc_update_va_mapping(0x700000000000, entry, 0), -EINVAL);
    CHECK_EQ(hc_update_va_mapping(HV_POINTER, entry, 0), -EINVAL);
    CHECK_EQ(hc_update_va_mapping(M2P_BASE, entry, 0), -EINVAL);
    CHECK_EQ(hc_update_va_mapping(NONCANONICAL, entry, 0), -EINVAL);
    /* a bad flush word: refused or ignored, but the machine lives */
    (void)hc_update_va_mapping(page, entry, 3);
    (void)hc_update_va_mapping(page, entry, ~0UL);
    CHECK_EQ(hc_update_va_mapping(page, entry, UVMF_INVLPG), 0);
}

TEST(mmu, update_va_refused)
{
    char *page = page_alloc();
    uint64_t l1 = pte_machine(0, (uint64_t)page, 1) >> PAGE_SHIFT, entry = pte_read((uint64_t)page);

    /* a writable mapping of a page table, of the L4 itself, of no RAM at all */
    CHECK(hc_update_va_mapping(page, pte(l1, PTE_RW_FLAGS), 0) < 0);
    CHECK(hc_update_va_mapping(page, pte(va_mfn((void *)env.l4_va), PTE_RW_FLAGS), 0) < 0);
    CHECK_EQ(hc_update_va_mapping(page, pte(l1, PTE_RO_FLAGS), UVMF_INVLPG), 0);
    CHECK(hc_update_va_mapping(page, pte(0xfffffffff, PTE_RW_FLAGS), 0) < 0);
    CHECK(hc_update_va_mapping(page, ~0UL, 0) < 0);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    CHECK_EQ(pte_read((uint64_t)page) & PTE_ADDRESS, entry & PTE_ADDRESS);
}

TEST(mmu, otherdomain)
{
    char *page = page_alloc();
    uint64_t entry = pte(va_mfn(page), PTE_RW_FLAGS);

    CHECK_EQ(hc_update_va_mapping_otherdomain(page, entry, UVMF_INVLPG, DOMID_SELF), 0);
    CHECK_EQ(hc_update_va_mapping_otherdomain(page, entry, UVMF_INVLPG, 1234), -ESRCH);
    CHECK_EQ(hc_update_va_mapping_otherdomain(page, entry, UVMF_INVLPG, DOMID_INVALID), -ESRCH);
    CHECK_EQ(hc_update_va_mapping_otherdomain(page, pte(0xa0, PTE_RW_FLAGS), UVMF_INVLPG, DOMID_IO),
             0);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(mmu, update_commands)
{
    volatile char *page = page_alloc();
    uint64_t at = pte_machine(0, (uint64_t)page, 1), entry = pte(va_mfn(page), PTE_RW_FLAGS);
    struct mmu_update u[3] = {{at, entry & ~PTE_RW}, {at, entry}, {at, entry}};
    unsigned int done = 99;
    uint64_t old = ((uint64_t *)M2P_BASE)[va_mfn(page)];

    CHECK_EQ(hc_mmu_update(u, 3, &done, DOMID_SELF), 0);
    CHECK_EQ(done, 3);
    /* accessed and dirty survive command 2 */
    page[0] = 1;
    u[0].ptr = at | MMU_PT_UPDATE_PRESERVE_AD;
    u[0].val = entry & ~(PTE_A | PTE_D);
    CHECK_EQ(hc_mmu_update(u, 1, &done, DOMID_SELF), 0);
    CHECK_EQ(pte_read((uint64_t)page) & (PTE_A | PTE_D), PTE_A | PTE_D);
    u[0].ptr = at | MMU_PT_UPDATE_NO_TRANSLATE;
    u[0].val = entry;
    CHECK_EQ(hc_mmu_update(u, 1, &done, DOMID_SELF), 0);
    u[0].ptr = va_mfn(page) << PAGE_SHIFT | MMU_MACHPHYS_UPDATE;
    u[0].val = 0x12345;
    CHECK_EQ(hc_mmu_update(u, 1, &done, DOMID_SELF), 0);
    CHECK_EQ(((uint64_t *)M2P_BASE)[va_mfn(page)], 0x12345);
    u[0].val = old;
    CHECK_EQ(hc_mmu_update(u, 1, &done, DOMID_SELF), 0);
    CHECK_EQ(hc_mmu_update(u, 0, &done, DOMID_SELF), 0);
    CHECK_EQ(hc_mmu_update(u, 1, NULL, DOMID_SELF), 0);
}

TEST(mmu, update_errors)
{
    char *page = page_alloc();
    uint64_t at = pte_machine(0, (uint64_t)page, 1), entry = pte(va_mfn(page), PTE_RW_FLAGS);
    struct mmu_update u[3] = {{at, entry}, {at, entry}, {at, entry}};
    unsigned int done = 99;

    CHECK_EQ(hc_mmu_update(BAD_POINTER, 1, NULL, DOMID_SELF), -EFAULT);
    CHECK_EQ(hc_mmu_update(HV_POINTER, 1, NULL, DOMID_SELF), -EFAULT);
    CHECK_EQ(hc_mmu_update(u, 1, NULL, 1234), -ESRCH);
    CHECK_EQ(hc_mmu_update(u, 1, NULL, 1235u << 16 | DOMID_SELF), -ESRCH);
    /* the second of three fails: one is done */
    u[1].ptr = at & ~7UL;
    u[1].val = pte(at >> PAGE_SHIFT, PTE_RW_FLAGS);
    CHECK(hc_mmu_update(u, 3, &done, DOMID_SELF) < 0);
    CHECK_EQ(done, 1);
    u[0].val = entry;
    u[0].ptr = 0xfffffffffff000;
    CHECK_EQ(hc_mmu_update(u, 1, &done, DOMID_SELF), -EINVAL);
    CHECK_EQ(done, 0);
    u[0].ptr = 0xfffffffffff000 | MMU_MACHPHYS_UPDATE;
    CHECK_EQ(hc_mmu_update(u, 1, &done, DOMID_SELF), -EINVAL);
    /* an entry of the hypervisor's part of the L4 */
    for (unsigned int slot = 256; slot <= 271; slot++) {
        u[0].ptr = (va_mfn((void *)env.l4_va) << PAGE_SHIFT) + slot * 8;
        u[0].val = 0;
        CHECK(hc_mmu_update(u, 1, &done, DOMID_SELF) < 0);
    }
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}

TEST(mmu, writes_to_data_page)
{
    /* an "entry" in a page that is no table is stored as a plain number */
    uint64_t *page = page_alloc();

    CHECK_EQ(pt_write((va_mfn(page) << PAGE_SHIFT) + 16, 0x123456789abcdef0), 0);
    CHECK_EQ(page[2], 0x123456789abcdef0);
}

TEST(mmu, emulated_pte_writes)
{
    char *page = page_alloc();
    uint64_t at = pte_machine(0, (uint64_t)page, 1), entry = pte(va_mfn(page), PTE_RW_FLAGS);
    volatile uint64_t *e = (uint64_t *)((uint64_t)mfn_va(at >> PAGE_SHIFT) + at % PAGE_BYTES);
    uint64_t value = entry & ~PTE_RW;
    uint8_t was;

    /* whether the guest asked for them or not */
    CHECK_EQ(hc_vm_assist(VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0);
    CHECK_EQ(TRY("movq %[v], (%[e])", OUT(), IN([v] "r"(value), [e] "r"(e))), -1);
    CHECK_EQ(*e & PTE_RW, 0);
    *e = entry;
    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    CHECK_EQ(TRY("xchgq %[v], (%[e])", OUT([v] "+r"(value)), IN([e] "r"(e))), -1);
    CHECK_EQ(value & PTE_ADDRESS, entry & PTE_ADDRESS);
    CHECK_EQ(*e & PTE_RW, 0);
    CHECK_EQ(TRY("movq %[v], (%[e])", OUT(), IN([v] "r"(entry), [e] "r"(e))), -1);
    CHECK_EQ(*e & PTE_RW, PTE_RW);
    CHECK_EQ(TRY("lock andb %[v], (%[e])", OUT(), IN([v] "r"((uint8_t)~2), [e] "r"(e))), -1);
    CHECK_EQ(*e & PTE_RW, 0);
    *e = entry;
    CHECK_EQ(TRY("lock btrq $1, (%[e])\n setc %[c]", OUT([c] "=r"(was)), IN([e] "r"(e))), -1);
    CHECK_EQ(was, 1);
    CHECK_EQ(*e & PTE_RW, 0);
    CHECK_EQ(TRY("lock cmpxchgq %[n], (%[e])", OUT(),
                 IN([n] "r"(entry), [e] "r"(e), "a"(*e))), -1);
    CHECK_EQ(*e & PTE_RW, PTE_RW);
    /* an entry that would be refused faults instead */
    CHECK_EQ(TRY("movq %[v], (%[e])", OUT(), IN([v] "r"(pte(at >> PAGE_SHIFT, PTE_RW_FLAGS)),
                                                 [e] "r"(e))), 14);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    page[0] = 1;
}
