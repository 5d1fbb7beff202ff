/* SPDX-License-Identifier: BSD-2-Clause */
/* mmuext_op: pinning, base pointers, flushes, and tables built from nothing. */
#include "tests/guest/lib/child.h"

TEST(mmu, pin_unpin_levels)
{
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc(), *l4 = page_alloc();

    l2[0] = pte(va_mfn(l1), PTE_RW_FLAGS);
    l3[0] = pte(va_mfn(l2), PTE_RW_FLAGS);
    l4[0] = pte(va_mfn(l3), PTE_RW_FLAGS);
    /* mapped writable: none can be a table yet */
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(l1), 0) < 0);
    CHECK(mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0) < 0);
    CHECK_EQ(page_protect(l1, PTE_RO_FLAGS), 0);
    CHECK_EQ(page_protect(l2, PTE_RO_FLAGS), 0);
    CHECK_EQ(page_protect(l3, PTE_RO_FLAGS), 0);
    CHECK_EQ(page_protect(l4, PTE_RO_FLAGS), 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(l1), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(l1), 0), -EINVAL); /* already */
    CHECK(mmuext(MMUEXT_PIN_L2_TABLE, va_mfn(l1), 0) < 0);         /* another type */
    CHECK_EQ(mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0), 0);
    CHECK(page_protect(l2, PTE_RW_FLAGS) < 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L2_TABLE, va_mfn(l2), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L3_TABLE, va_mfn(l3), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l4), 0), 0);
    CHECK_EQ(page_protect(l4, PTE_RW_FLAGS), 0);
    CHECK(page_protect(l3, PTE_RW_FLAGS) < 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l3), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l2), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l1), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l1), 0), -EINVAL);
}

TEST(mmu, pin_errors)
{
    char *page = page_alloc();

    CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, 0xfffffffff, 0), -EINVAL);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, 0xfffffffff, 0), -EINVAL);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(page), 0), -EINVAL);
    CHECK_EQ(mmuext_for(1234, MMUEXT_PIN_L1_TABLE, va_mfn(page), 0), -ESRCH);
    CHECK_EQ(hc_mmuext_op(BAD_POINTER, 1, NULL, DOMID_SELF), -EFAULT);
    CHECK_EQ(hc_mmuext_op(HV_POINTER, 1, NULL, DOMID_SELF), -EFAULT);
    CHECK_EQ(mmuext(99, 0, 0), -ENOSYS);
    CHECK_EQ(mmuext(11 + 3, 0, 0), -ENOSYS); /* a hole in the numbers */
}

TEST(mmu, pin_bad_contents)
{
    uint64_t *l1 = page_alloc(), *l2 = page_alloc(), *data = page_alloc();

    /* an L1 with a writable mapping of itself, with a frame that does not exist */
    l1[0] = pte(va_mfn(l1), PTE_RW_FLAGS);
    CHECK_EQ(page_protect(l1, PTE_RO_FLAGS), 0);
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(l1), 0) < 0);
    CHECK_EQ(page_protect(l1, PTE_RW_FLAGS), 0);
    l1[0] = pte(va_mfn(data), PTE_RW_FLAGS);
    l1[511] = pte(0xfffffffff, PTE_RO_FLAGS);
    CHECK_EQ(page_protect(l1, PTE_RO_FLAGS), 0);
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(l1), 0) < 0);
    CHECK_EQ(page_protect(l1, PTE_RW_FLAGS), 0);
    /* what the first entries took was given back */
    CHECK_EQ(page_protect(data, PTE_RO_FLAGS), 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(data), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(data), 0), 0);
    /* an L2 with a large page, with an entry to itself */
    l2[0] = pte(va_mfn(data), PTE_RW_FLAGS | PTE_PSE);
    CHECK_EQ(page_protect(l2, PTE_RO_FLAGS), 0);
    CHECK(mmuext(MMUEXT_PIN_L2_TABLE, va_mfn(l2), 0) < 0);
    CHECK_EQ(page_protect(l2, PTE_RW_FLAGS), 0);
    l2[0] = pte(va_mfn(l2), PTE_RW_FLAGS);
    CHECK_EQ(page_protect(l2, PTE_RO_FLAGS), 0);
    CHECK(mmuext(MMUEXT_PIN_L2_TABLE, va_mfn(l2), 0) < 0);
    CHECK_EQ(page_protect(l2, PTE_RW_FLAGS), 0);
}

TEST(mmu, new_base_pointers)
{
    uint64_t *l4 = page_alloc(), *own = (uint64_t *)env.l4_va;

    CHECK(mmuext(MMUEXT_NEW_BASEPTR, va_mfn(l4), 0) < 0); /* mapped writable */
    memcpy(l4, own, PAGE_BYTES);
    CHECK_EQ(page_protect(l4, PTE_RO_FLAGS), 0);
    CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, va_mfn(l4), 0), 0);
    CHECK(page_protect(l4, PTE_RW_FLAGS) < 0);
    /* a top-level entry changed in the table that is in use works at once */
    CHECK_EQ(mmuext(MMUEXT_NEW_USER_BASEPTR, va_mfn(l4), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    env.user_l4_mfn = 0;
    CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, va_mfn(own), 0), 0);
    CHECK_EQ(page_protect(l4, PTE_RW_FLAGS), 0);
    CHECK(mmuext(MMUEXT_NEW_BASEPTR, 0xfffffffff, 0) < 0);
    CHECK(mmuext(MMUEXT_NEW_USER_BASEPTR, 0xfffffffff, 0) < 0);
    CHECK(mmuext(MMUEXT_NEW_BASEPTR, 0, 0) < 0);
}

TEST(mmu, private_branch)
{
    struct branch b;
    char *page = page_alloc();

    NEED(branch_make(&b, 5));
    CHECK_EQ(pt_write(va_mfn(b.l1) << PAGE_SHIFT, pte(va_mfn(page), PTE_RW_FLAGS)), 0);
    page[5] = 42;
    CHECK_EQ(*(volatile char *)(b.va + 5), 42);
    branch_drop(&b);
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(b.va))), 14);
}

TEST(mmu, flushes)
{
    uint64_t mask = 1;

    CHECK_EQ(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    CHECK_EQ(mmuext(MMUEXT_INVLPG_LOCAL, (uint64_t)image_start, 0), 0);
    CHECK_EQ(mmuext(MMUEXT_INVLPG_LOCAL, NONCANONICAL, 0), 0);
    CHECK_EQ(mmuext(MMUEXT_INVLPG_LOCAL, HV_POINTER, 0), 0);
    CHECK_EQ(mmuext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
    CHECK_EQ(mmuext(MMUEXT_INVLPG_ALL, (uint64_t)image_start, 0), 0);
    CHECK_EQ(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&mask), 0);
    CHECK_EQ(mmuext(MMUEXT_INVLPG_MULTI, (uint64_t)image_start, (uint64_t)&mask), 0);
    mask = ~0UL;
    CHECK_EQ(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&mask), 0);
    CHECK(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, BAD_POINTER) < 0);
    CHECK(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, HV_POINTER) < 0);
    CHECK_EQ(mmuext(MMUEXT_FLUSH_CACHE, 0, 0), 0);
    CHECK_EQ(mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), 0);
}

TEST(mmu, clear_and_copy)
{
    volatile char *a = page_alloc(), *b = page_alloc();

    a[0] = 1;
    a[4095] = 2;
    CHECK_EQ(mmuext(MMUEXT_COPY_PAGE, va_mfn(b), va_mfn(a)), 0);
    CHECK_EQ(b[0], 1);
    CHECK_EQ(b[4095], 2);
    CHECK_EQ(mmuext(MMUEXT_CLEAR_PAGE, va_mfn(b), 0), 0);
    CHECK_EQ(b[0], 0);
    CHECK(mmuext(MMUEXT_CLEAR_PAGE, va_mfn((void *)env.l4_va), 0) < 0);
    CHECK(mmuext(MMUEXT_COPY_PAGE, va_mfn((void *)env.l4_va), va_mfn(a)) < 0);
    CHECK(mmuext(MMUEXT_COPY_PAGE, va_mfn(b), 0xfffffffff) < 0);
}

/* Our memory, and the pages that the hypervisor shares with us. */
static bool is_ours(uint64_t mfn)
{
    return mfn == env.shared_info_mfn || mfn == grant_frame() ||
           (mfn_va(mfn) >= (void *)image_start && mfn_va(mfn) < (void *)pool_end &&
            va_mfn(mfn_va(mfn)) == mfn);
}

static void child_bad_rights(void *arg unused)
{
    char *page = page_alloc();
    uint64_t entry = pte(va_mfn(page), PTE_RW_FLAGS);
    struct mmu_update u = {pte_machine(0, (uint64_t)page, 1), entry};

    /* nobody else's pages, nobody else's tables, no device memory */
    CHECK(hc_mmu_update(&u, 1, NULL, 0) < 0);
    CHECK(hc_mmu_update(&u, 1, NULL, 1u << 16 | DOMID_SELF) < 0);
    CHECK(hc_mmu_update(&u, 1, NULL, DOMID_XEN) < 0);
    CHECK(hc_update_va_mapping_otherdomain(page, entry, 0, 0) < 0);
    CHECK(mmuext_for(0, MMUEXT_PIN_L1_TABLE, va_mfn(page), 0) < 0);
    CHECK(hc_update_va_mapping(page, pte(0xfee00, PTE_RW_FLAGS), 0) < 0);
    CHECK(hc_update_va_mapping(page, pte(0xa0, PTE_RO_FLAGS), 0) < 0);
    CHECK(hc_update_va_mapping_otherdomain(page, pte(0xa0, PTE_RO_FLAGS), 0, DOMID_IO) < 0);
    CHECK_EQ(mmuext(MMUEXT_FLUSH_CACHE, 0, 0), -EACCES);
    for (uint64_t mfn = 0; mfn < 0x10000; mfn += 97)
        if (mfn != va_mfn(page) &&
            hc_update_va_mapping(page, pte(mfn, PTE_RO_FLAGS), UVMF_INVLPG) == 0)
            CHECK_CASE("frame", is_ours(mfn) ? 0 : mfn, 0);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(mmu, child_rights)
{
    child_run(child_bad_rights, NULL, SHUTDOWN_poweroff);
}
