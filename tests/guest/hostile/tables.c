/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables against the rules (XSA-148, 182, 212, 213, 243, 299, 310 are of this kind): a child
 * tries to get write access to a table, or to frames that are not its own.
 */
#include "tests/guest/lib/child.h"

static uint64_t own_l1(const volatile void *va)
{
    return pte_machine(0, (uint64_t)va, 1) >> PAGE_SHIFT;
}

/* XSA-182: flags of an upper entry changed "in place". */
static void writable_table(void *arg unused)
{
    char *page = page_alloc();
    uint64_t l1 = own_l1(page), l2 = pte_machine(0, (uint64_t)page, 2) >> PAGE_SHIFT;
    uint64_t l3 = pte_machine(0, (uint64_t)page, 3) >> PAGE_SHIFT;
    uint64_t l4 = va_mfn((void *)env.l4_va);
    const uint64_t tables[] = {l1, l2, l3, l4};

    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    for (unsigned int i = 0; i < 4; i++) {
        CHECK(hc_update_va_mapping(page, pte(tables[i], PTE_RW_FLAGS), UVMF_INVLPG) < 0);
        CHECK_EQ(hc_update_va_mapping(page, pte(tables[i], PTE_RO_FLAGS), UVMF_INVLPG), 0);
        CHECK(hc_update_va_mapping(page, pte(tables[i], PTE_RW_FLAGS), UVMF_INVLPG) < 0);
        CHECK_EQ(TRY("movq $0, (%[p])", OUT(), IN([p] "r"(page + 8))), i == 0 ? -1 : 14);
        CHECK(pt_write(pte_machine(0, (uint64_t)page, 1), pte(tables[i], PTE_RW_FLAGS)) < 0);
    }
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(hostile, xsa182_writable_table)
{
    child_run(writable_table, NULL, SHUTDOWN_poweroff);
}

/* XSA-148: a large page maps tables and neighbours alike. */
static void large_page(void *arg unused)
{
    char *page = page_alloc();
    uint64_t l2e = pte_machine(0, (uint64_t)page + (2 << 20), 2), l3e;

    CHECK(pt_write(l2e, pte(0, PTE_RW_FLAGS | PTE_PSE)) < 0);
    CHECK(pt_write(l2e, pte(va_mfn(page) & ~511UL, PTE_RW_FLAGS | PTE_PSE)) < 0);
    CHECK(pt_write(l2e, pte(va_mfn(page) & ~511UL, PTE_RO_FLAGS | PTE_PSE)) < 0);
    l3e = pte_machine(0, VIRT_BASE - (1UL << 30), 3);
    CHECK(pt_write(l3e, pte(0, PTE_RW_FLAGS | PTE_PSE)) < 0);
    l2e = pte_machine(0, (uint64_t)page, 2);
    CHECK(pt_write(l2e, pte(own_l1(page), PTE_RW_FLAGS | PTE_PSE)) < 0);
    page[0] = 1;
}

TEST(hostile, xsa148_large_page)
{
    child_run(large_page, NULL, SHUTDOWN_poweroff);
}

/* XSA-213, 299: one frame as tables of two levels, tables that contain themselves. */
static void type_confusion(void *arg unused)
{
    uint64_t *a = page_alloc(), *b = page_alloc(), *c = page_alloc(), *d = page_alloc();
    static const unsigned int pins[] = {MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE,
                                        MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE};

    /* the same page at all levels of one tree, round and round */
    a[0] = pte(va_mfn(a), PTE_RW_FLAGS);
    CHECK_EQ(page_protect(a, PTE_RO_FLAGS), 0);
    for (unsigned int i = 0; i < 4; i++)
        CHECK(mmuext(pins[i], va_mfn(a), 0) < 0);
    CHECK_EQ(page_protect(a, PTE_RW_FLAGS), 0);
    a[0] = 0;
    /* a cycle of two */
    a[0] = pte(va_mfn(b), PTE_RW_FLAGS);
    b[0] = pte(va_mfn(a), PTE_RW_FLAGS);
    CHECK_EQ(page_protect(a, PTE_RO_FLAGS), 0);
    CHECK_EQ(page_protect(b, PTE_RO_FLAGS), 0);
    for (unsigned int i = 1; i < 4; i++) /* as an L1 it may well map the other */
        CHECK(mmuext(pins[i], va_mfn(a), 0) < 0);
    CHECK_EQ(page_protect(a, PTE_RW_FLAGS), 0);
    CHECK_EQ(page_protect(b, PTE_RW_FLAGS), 0);
    /* an L1 cannot be an L2, an L2 no GDT */
    memset(c, 0, PAGE_BYTES);
    CHECK_EQ(page_protect(c, PTE_RO_FLAGS), 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L2_TABLE, va_mfn(c), 0), 0);
    for (unsigned int i = 0; i < 4; i++)
        if (pins[i] != MMUEXT_PIN_L2_TABLE)
            CHECK(mmuext(pins[i], va_mfn(c), 0) < 0);
    {
        uint64_t frame = va_mfn(c);

        CHECK(hc_set_gdt(&frame, 512) < 0);
        frame = va_mfn(d);
        CHECK_EQ(page_protect(d, PTE_RO_FLAGS), 0);
        CHECK_EQ(hc_set_gdt(&frame, 512), 0);
    }
    for (unsigned int i = 0; i < 4; i++)
        CHECK(mmuext(pins[i], va_mfn(d), 0) < 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(c), 0), 0);
    CHECK_EQ(page_protect(c, PTE_RW_FLAGS), 0);
    CHECK(page_protect(d, PTE_RW_FLAGS) < 0);
}

TEST(hostile, xsa213_type_confusion)
{
    child_run(type_confusion, NULL, SHUTDOWN_poweroff);
}

/* XSA-212 in effect: the L4's reserved slots, and what a guest writes there before pinning. */
static void forged_l4(void *arg unused)
{
    uint64_t *l4 = page_alloc(), *own = (uint64_t *)env.l4_va, at;
    char *page = page_alloc();

    memcpy(l4, own, PAGE_BYTES);
    for (unsigned int i = 256; i <= 271; i++)
        l4[i] = pte(va_mfn(l4), PTE_RW_FLAGS);
    CHECK_EQ(page_protect(l4, PTE_RO_FLAGS), 0);
    if (mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0) == 0) {
        /* accepted: then those slots are the hypervisor's, whatever was in them */
        for (unsigned int i = 256; i <= 271; i++)
            CHECK((l4[i] & PTE_ADDRESS) != va_mfn(l4) << PAGE_SHIFT);
        CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, va_mfn(l4), 0), 0);
        page[0] = 1;
        for (unsigned int i = 256; i <= 271; i++) {
            at = (va_mfn(l4) << PAGE_SHIFT) + i * 8;
            CHECK(pt_write(at, pte(va_mfn(page), PTE_RW_FLAGS)) < 0);
            CHECK(pt_write(at, 0) < 0);
            CHECK_EQ(TRY("movq %[v], (%[p])", OUT(), IN([p] "r"(&l4[i]), [v] "r"(7UL))), 14);
        }
        CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, va_mfn(own), 0), 0);
        CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l4), 0), 0);
    }
    CHECK_EQ(page_protect(l4, PTE_RW_FLAGS), 0);
    /* nothing of the hypervisor may be left in the released page */
    for (unsigned int i = 256; i <= 271; i++)
        CHECK(l4[i] == 0 || (l4[i] & PTE_ADDRESS) == va_mfn(l4) << PAGE_SHIFT);
}

TEST(hostile, forged_l4)
{
    child_run(forged_l4, NULL, SHUTDOWN_poweroff);
}

/* Linear page tables: an L4 entry that names an L4. */
static void linear_table(void *arg unused)
{
    uint64_t own = va_mfn((void *)env.l4_va);
    long rc = pt_write((own << PAGE_SHIFT) + 10 * 8, pte(own, PTE_RW_FLAGS));

    CHECK(rc < 0);
    /* read-only self mapping is an option of some builds: never a way to write */
    rc = pt_write((own << PAGE_SHIFT) + 10 * 8, pte(own, PTE_RO_FLAGS));
    if (rc == 0) {
        volatile uint64_t *self = (uint64_t *)(0x0000050000000000 + (10UL << 30) + (10UL << 21) +
                                               (10UL << 12));

        CHECK_EQ(TRY("movq $0, (%[p])", OUT(), IN([p] "r"(self))), 14);
        CHECK_EQ(pt_write((own << PAGE_SHIFT) + 10 * 8, 0), 0);
    }
}

TEST(hostile, linear_table)
{
    child_run(linear_table, NULL, SHUTDOWN_poweroff);
}

/* Every frame of the machine, as RAM, as table, by every call that takes a frame number. */
static void any_frame(void *arg)
{
    char *page = page_alloc();
    /* pages that a child may map though no pfn of its names them */
    const uint64_t shared[] = {env.shared_info_mfn, grant_frame()};
    uint64_t last = (uint64_t)arg, own = 0;

    NEED(shared[1]);
    for (unsigned int i = 0; i < 2; i++)
        CHECK_EQ(hc_update_va_mapping(page, pte(shared[i], PTE_RO_FLAGS), UVMF_INVLPG), 0);
    for (uint64_t mfn = shared[0] % 61; mfn < last; mfn += 61) { /* so it meets one, always */
        uint64_t pfn = 0;

        if (mfn == shared[0] || mfn == shared[1]) {
            own++;
            continue;
        }
        if (TRY("movq (%[p]), %[v]", OUT([v] "=&r"(pfn)), IN([p] "r"(M2P_BASE + mfn * 8))) == -1 &&
            pfn - va_pfn(image_start) < 448 && env.p2m[pfn] == mfn) {
            own++;
            continue;
        }
        CHECK(hc_update_va_mapping(page, pte(mfn, PTE_RO_FLAGS), UVMF_INVLPG) < 0);
        CHECK(hc_update_va_mapping(page, pte(mfn, PTE_RW_FLAGS), UVMF_INVLPG) < 0);
        CHECK(mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0) < 0);
        CHECK(mmuext(MMUEXT_PIN_L4_TABLE, mfn, 0) < 0);
        CHECK(mmuext(MMUEXT_NEW_BASEPTR, mfn, 0) < 0);
        CHECK(mmuext(MMUEXT_UNPIN_TABLE, mfn, 0) < 0);
        CHECK(mmuext(MMUEXT_CLEAR_PAGE, mfn, 0) < 0);
        CHECK(hc_set_gdt(&mfn, 16) < 0);
        CHECK(hc_update_descriptor(mfn << PAGE_SHIFT, 0) < 0);
        CHECK(pt_write(mfn << PAGE_SHIFT, 0) < 0);
        if (test_failing()) {
            box.value[1] = mfn;
            break;
        }
    }
    CHECK(own > 0);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(hostile, any_frame)
{
    uint64_t last = (uint64_t)hc_memory_op(XENMEM_maximum_ram_page, NULL) + 0x1000;

    child_run(any_frame, (void *)last, SHUTDOWN_poweroff);
}

/* XSA-58, 310 class: one frame mapped so often that a counter might wrap. */
static void many_references(void *arg unused)
{
    uint64_t *tables = pages_alloc(30);
    char *page = page_alloc();

    for (unsigned int t = 0; t < 30; t++) {
        for (unsigned int i = 0; i < 512; i++)
            tables[t * 512 + i] = pte(va_mfn(page), i & 1 ? PTE_RW_FLAGS : PTE_RO_FLAGS);
        CHECK_EQ(page_protect(&tables[t * 512], PTE_RO_FLAGS), 0);
        CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(&tables[t * 512]), 0), 0);
    }
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(page), 0) < 0);
    for (unsigned int t = 0; t < 30; t++) {
        CHECK(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(page), 0) < 0);
        CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(&tables[t * 512]), 0), 0);
        CHECK_EQ(page_protect(&tables[t * 512], PTE_RW_FLAGS), 0);
    }
    /* all writable uses are gone: now it may become a table */
    CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(page), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(page), 0), 0);
}

TEST(hostile, many_references)
{
    struct child_options o = {.pool_pages = 60};

    child_run_with(many_references, &o, SHUTDOWN_poweroff);
}

/* A domain that ends with everything pinned and mapped leaves nothing behind. */
static void dies_with_pins(void *arg unused)
{
    struct branch b;
    uint64_t *l1 = page_alloc(), *gdt = page_alloc(), frame = va_mfn(gdt);

    CHECK_EQ(page_protect(l1, PTE_RO_FLAGS), 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(l1), 0), 0);
    CHECK(branch_make(&b, 3));
    CHECK_EQ(mmuext(MMUEXT_PIN_L3_TABLE, va_mfn(b.l3), 0), 0);
    CHECK_EQ(page_protect(gdt, PTE_RO_FLAGS), 0);
    CHECK_EQ(hc_set_gdt(&frame, 512), 0);
    CHECK_EQ(mmuext(MMUEXT_SET_LDT, (uint64_t)l1 & 0, 0), 0);
    CHECK(user_prepare());
    (void)port_bind_ipi(0);
    (void)port_alloc(0);
}

TEST(hostile, dies_with_pins)
{
    child_run(dies_with_pins, NULL, SHUTDOWN_poweroff);
}
