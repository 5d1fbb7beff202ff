/* SPDX-License-Identifier: BSD-2-Clause */
/* PV page tables: what is accepted, what is refused, and that every count stays exact. */
/* sources: hypervisor/mm/page.c hypervisor/domain/page_hooks.c hypervisor/pv/type.c */
/* sources: hypervisor/pv/entry_ref.c hypervisor/pv/pte_update.c hypervisor/pv/targets.c */
/* sources: hypervisor/pv/mmu_update.c hypervisor/pv/mmuext.c hypervisor/pv/va_mapping.c */
/* sources: hypervisor/pv/address_space.c hypervisor/pv/grant_map.c hypervisor/lib/cpumask.c */
/* sources: hypervisor/lib/bitmap.c hypervisor/lib/range_set.c hypervisor/lib/rbtree.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "tests/unit/pv_ops.h"

/* Domain 0's frames by use. */
enum { L4 = 1, L3, L2, L1, DATA, DATA2, L1B, L2B, L3B, L4B, SPARE };

static uint64_t ptr(uint64_t frame, unsigned int index)
{
    return frame << PAGE_SHIFT | index * 8;
}

static void build(void)
{
    world_reset();
    world_table(L4)[0] = pte_make(MFN(L3), PTE_P | PTE_RW | PTE_A | PTE_D);
    world_table(L3)[0] = pte_make(MFN(L2), PTE_P | PTE_RW);
    world_table(L2)[0] = pte_make(MFN(L1), PTE_P | PTE_RW);
    world_table(L1)[0] = pte_make(MFN(DATA), PTE_P | PTE_RW | PTE_G);
    world_table(L1)[1] = pte_make(MFN(L1), PTE_P);
}

static long pin(unsigned int level, uint64_t frame)
{
    return world_mmuext(MMUEXT_PIN_L1_TABLE + level - 1, frame, 0, DOMID_SELF);
}

static long unpin(uint64_t frame)
{
    return world_mmuext(MMUEXT_UNPIN_TABLE, frame, 0, DOMID_SELF);
}

TEST(pin_validates_the_whole_tree_and_unpin_releases_it)
{
    build();
    CHECK_EQ(pin(4, L4), 0);
    world_check();
    CHECK_EQ(page_type_now(mfn_page(MFN(L4))), PAGE_L4);
    CHECK_EQ(page_type_now(mfn_page(MFN(L1))), PAGE_L1);
    CHECK_EQ(page_type_now(mfn_page(MFN(DATA))), PAGE_WRITABLE);
    CHECK(world_table(L1)[0] & PTE_US);
    CHECK(!(world_table(L1)[0] & PTE_G));
    CHECK(world_table(L4)[256] & PTE_P);
    CHECK_EQ(unpin(L4), 0);
    world_check();
    for (unsigned int f = L4; f <= DATA; f++)
        CHECK_EQ(page_type_now(mfn_page(MFN(f))), PAGE_NONE);
    CHECK_EQ(world_table(L4)[256], 0);
    CHECK_EQ(unpin(L4), -EINVAL);
    world_end();
}

TEST(pin_twice_is_refused)
{
    build();
    CHECK_EQ(pin(1, L1), 0);
    CHECK_EQ(pin(1, L1), -EINVAL);
    CHECK_EQ(pin(2, L1), -EINVAL);
    world_check();
    CHECK_EQ(unpin(L1), 0);
    world_end();
}

TEST(writable_mapping_of_a_table_is_refused)
{
    build();
    world_table(L1)[1] = pte_make(MFN(L1), PTE_P | PTE_RW);
    CHECK_EQ(pin(4, L4), -EBUSY);
    world_check();
    world_table(L1)[1] = pte_make(MFN(L3), PTE_P | PTE_RW);
    CHECK_EQ(pin(4, L4), -EBUSY);
    world_check();
    world_table(L1)[1] = 0;
    CHECK_EQ(pin(4, L4), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(L2), PTE_P | PTE_RW), DOMID_SELF), -EBUSY);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(L2), PTE_P), DOMID_SELF), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(L2), PTE_P | PTE_RW), DOMID_SELF), -EBUSY);
    world_check();
    world_end();
}

TEST(table_with_a_writable_mapping_is_refused)
{
    build();
    CHECK_EQ(pin(4, L4), 0);
    CHECK_EQ(pin(1, DATA), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L2, 1), pte_make(MFN(DATA), PTE_P | PTE_RW), DOMID_SELF),
             -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 0), pte_make(MFN(DATA), PTE_P), DOMID_SELF), 0);
    CHECK_EQ(world_mmu_update(ptr(L2, 1), pte_make(MFN(DATA), PTE_P | PTE_RW), DOMID_SELF), 0);
    world_check();
    world_end();
}

TEST(levels_cannot_be_mixed)
{
    build();
    CHECK_EQ(pin(4, L4), 0);
    CHECK_EQ(world_mmu_update(ptr(L4, 1), pte_make(MFN(L4), PTE_P), DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L4, 1), pte_make(MFN(L2), PTE_P), DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L3, 1), pte_make(MFN(L3), PTE_P), DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L2, 1), pte_make(MFN(DATA2), PTE_P | PTE_PS), DOMID_SELF),
             -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L3, 1), pte_make(MFN(DATA2), PTE_P | PTE_PS), DOMID_SELF),
             -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L4, 256), 0, DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L4, 271), pte_make(MFN(L3), PTE_P), DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L4, 272), pte_make(MFN(L3), PTE_P), DOMID_SELF), 0);
    world_check();
    world_end();
}

TEST(frames_of_others_and_of_the_hypervisor)
{
    uint64_t theirs = 1 + 15;

    build();
    CHECK_EQ(pin(4, L4), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(PRIVATE_FRAME), PTE_P), DOMID_SELF),
             -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(PRIVATE_FRAME), PTE_P), DOMID_XEN), -EPERM);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(LENT_FRAME), PTE_P), DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(LENT_FRAME), PTE_P), DOMID_XEN), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(theirs), PTE_P), DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(theirs), PTE_P | PTE_RW), 1), 0);
    CHECK_EQ(world_domain[0].foreign_maps, 1);
    CHECK_EQ(world_mmu_update(ptr(L1, 3), pte_make(MFN(theirs), PTE_P), 7), -ESRCH);
    CHECK_EQ(world_mmu_update(ptr(L2, 3), pte_make(MFN(theirs), PTE_P), 1), -EINVAL);
    CHECK_EQ(pin(1, theirs), -EINVAL);
    world_check();
    /* Its owner cannot make a table of what we may write, until we let go. */
    CHECK_EQ(world_mmuext(MMUEXT_PIN_L1_TABLE, theirs, 0, 1), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), 0, DOMID_SELF), 0);
    CHECK_EQ(world_domain[0].foreign_maps, 0);
    CHECK_EQ(world_mmuext(MMUEXT_PIN_L1_TABLE, theirs, 0, 1), 0);
    world_check();
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(theirs), PTE_P | PTE_RW), 1), -EBUSY);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(theirs), PTE_P), 1), 0);
    world_check();
    world_end();
}

TEST(only_the_control_domain_names_others)
{
    world_reset();
    world_run_as(1);
    CHECK_EQ(world_mmu_update(ptr(16, 0), 0, 0), -EPERM);
    CHECK_EQ(world_mmu_update(ptr(16, 0), 0, DOMID_SELF | 1u << 16), -EPERM);
    CHECK_EQ(world_mmuext(MMUEXT_PIN_L1_TABLE, 2, 0, 0), -EPERM);
    CHECK_EQ(world_mmu_update(ptr(16, 0), 0, DOMID_XEN), -EPERM);
    world_check();
    world_end();
}

TEST(shared_and_device_frames)
{
    build();
    CHECK_EQ(pin(4, L4), 0);
    CHECK_EQ(
        world_mmu_update(ptr(L1, 2), pte_make(MFN(SHARED_FRAME(0)), PTE_P | PTE_RW), DOMID_SELF),
        0);
    CHECK_EQ(pin(1, SHARED_FRAME(0)), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), 0, DOMID_SELF), 0);
    CHECK_EQ(pin(1, SHARED_FRAME(0)), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(DEVICE_OK), PTE_P | PTE_RW | PTE_PCD),
                              DOMID_SELF),
             0);
    CHECK_EQ(world_mmu_update(ptr(L1, 3), pte_make(MFN(DEVICE_OK), PTE_P | PTE_RW), DOMID_IO), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 4), pte_make(MFN(DEVICE_END), PTE_P), DOMID_SELF), -EPERM);
    CHECK_EQ(world_mmu_update(ptr(L1, 4), pte_make(MFN(DATA), PTE_P), DOMID_IO), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 4), pte_make(MFN(1ULL << 34), PTE_P), DOMID_SELF), -EPERM);
    world_check();
    world_end();
}

TEST(entries_that_are_not_present_hold_anything)
{
    build();
    CHECK_EQ(pin(4, L4), 0);
    for (unsigned int level = 1; level <= 4; level++)
        CHECK_EQ(world_mmu_update(ptr(L4 + 4 - level, 5), ~1ULL, DOMID_SELF), 0);
    CHECK_EQ(world_table(L1)[5], ~1ULL);
    world_check();
    world_end();
}

TEST(stale_writable_mapping_is_flushed_before_the_frame_becomes_a_table)
{
    uint32_t before;

    build();
    CHECK_EQ(world_mmuext(MMUEXT_NEW_BASEPTR, L4, 0, DOMID_SELF), 0);
    world_check();
    before = world_flushes;
    CHECK_EQ(hc_update_va_mapping(0, pte_make(MFN(DATA), PTE_P), 0), 0);
    CHECK_EQ(world_flushes, before);
    CHECK(tlb_any_write(DATA));
    CHECK_EQ(pin(1, DATA), 0);
    CHECK(world_flushes > before);
    CHECK(!tlb_any_write(DATA));
    world_check();
    /* Back: nothing walks through it, as it was never linked. */
    before = world_flushes;
    CHECK_EQ(unpin(DATA), 0);
    CHECK_EQ(hc_update_va_mapping(0, pte_make(MFN(DATA), PTE_P | PTE_RW), 0), 0);
    CHECK_EQ(world_flushes, before);
    /* A linked one must be forgotten. */
    CHECK_EQ(world_mmu_update(ptr(L2, 1), pte_make(MFN(DATA2), PTE_P), DOMID_SELF), 0);
    CHECK_EQ(world_mmu_update(ptr(L2, 1), 0, DOMID_SELF), 0);
    CHECK_EQ(hc_update_va_mapping(PAGE_BYTES * 2, pte_make(MFN(DATA2), PTE_P | PTE_RW), 0), 0);
    CHECK(world_flushes > before);
    world_check();
    world_end();
}

TEST(stale_mapping_in_another_domain_is_flushed_too)
{
    uint64_t theirs = 1 + 15;

    build();
    CHECK_EQ(world_mmuext(MMUEXT_NEW_BASEPTR, L4, 0, DOMID_SELF), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(theirs), PTE_P | PTE_RW), 1), 0);
    world_check();
    CHECK_EQ(world_mmu_update(ptr(L1, 2), 0, DOMID_SELF), 0);
    CHECK(tlb_any_write(theirs));
    world_run_as(1);
    CHECK_EQ(pin(1, theirs), 0);
    CHECK(!tlb_any_write(theirs));
    world_check();
    world_end();
}

TEST(frame_once_mapped_uncached_is_read_from_memory)
{
    build();
    CHECK_EQ(pin(4, L4), 0);
    fake_clflushes = 0;
    CHECK_EQ(pin(1, DATA2), 0);
    CHECK_EQ(unpin(DATA2), 0);
    CHECK_EQ(fake_clflushes, 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(DATA2), PTE_P | PTE_RW), DOMID_SELF), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), pte_make(MFN(DATA2), PTE_P | PTE_PWT), DOMID_SELF), 0);
    CHECK_EQ(world_mmu_update(ptr(L1, 2), 0, DOMID_SELF), 0);
    CHECK_EQ(pin(1, DATA2), 0);
    CHECK_EQ(fake_clflushes, 64);
    CHECK_EQ(unpin(DATA2), 0);
    op_give_back(&world_domain[0], DATA2);
    world_drain();
    CHECK_EQ(fake_clflushes, 128);
    world_end();
}

TEST(freed_frames_wait_for_a_flush)
{
    build();
    CHECK_EQ(world_mmuext(MMUEXT_NEW_BASEPTR, L4, 0, DOMID_SELF), 0);
    world_check();
    op_give_back(&world_domain[0], DATA);
    CHECK(!world_free[DATA]);
    CHECK_EQ(hc_update_va_mapping(0, 0, 0), 0);
    CHECK(!world_free[DATA]);
    CHECK(tlb_any_write(DATA));
    world_drain(); /* domain_pages_freed() checks that no TLB knows it */
    CHECK(world_free[DATA]);
    world_check();
    world_end();
}

TEST(uses_saturate)
{
    struct page *pg;

    build();
    pg = mfn_page(MFN(DATA));
    CHECK_EQ(page_type_get(pg, PAGE_WRITABLE), 0);
    pg->type += WORD_USES_MAX - 1;
    CHECK_EQ(page_type_get(pg, PAGE_WRITABLE), -EBUSY);
    CHECK(!page_type_get_more(pg, PAGE_WRITABLE));
    CHECK_EQ(pin(1, L1), -EBUSY);
    pg->type -= WORD_USES_MAX - 1;
    page_type_put(pg);
    pg->count += PAGE_REFS_MAX - 2;
    CHECK(page_get(pg, &world_domain[0]));
    CHECK(!page_get(pg, &world_domain[0]));
    CHECK_EQ(pin(1, L1), -EINVAL);
    pg->count -= PAGE_REFS_MAX - 1;
    world_check();
    world_end();
}

/* A table tree with several branches at each level, for progress. */
static void build_bushy(void)
{
    build();
    world_table(L4)[1] = pte_make(MFN(L3B), PTE_P | PTE_RW);
    world_table(L4)[511] = pte_make(MFN(L3), PTE_P | PTE_RW);
    world_table(L3)[511] = pte_make(MFN(L2B), PTE_P | PTE_RW);
    world_table(L3B)[7] = pte_make(MFN(L2B), PTE_P | PTE_RW);
    world_table(L2)[3] = pte_make(MFN(L1B), PTE_P | PTE_RW);
    world_table(L2B)[0] = pte_make(MFN(L1B), PTE_P | PTE_RW);
    world_table(L2B)[1] = pte_make(MFN(L1), PTE_P | PTE_RW);
    world_table(L1B)[511] = pte_make(MFN(DATA2), PTE_P | PTE_RW);
}

TEST(preempted_at_every_point_while_checking_and_releasing)
{
    for (int at = 0; at < 14; at++)
        for (int then = -1; then < 6; then++) {
            struct mmuext_op op = {.cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = L4};
            long result;
            bool restarted;

            build_bushy();
            world_preempt_in = at;
            result = hc_mmuext_op((uintptr_t)&op, 1, 0, DOMID_SELF);
            restarted = result == -ERESTART;
            world_preempt_in = then;
            world_check();
            if (restarted)
                result = world_mmuext(op.cmd, L4, 0, DOMID_SELF);
            CHECK_EQ(result, 0);
            world_check();
            op.cmd = MMUEXT_UNPIN_TABLE;
            world_preempt_in = at;
            result = hc_mmuext_op((uintptr_t)&op, 1, 0, DOMID_SELF);
            restarted = result == -ERESTART;
            world_preempt_in = then;
            world_check();
            if (restarted)
                result = world_continue(hc_mmuext_op);
            CHECK_EQ(result, 0);
            CHECK(!world_pv_vcpu[0].releasing);
            world_preempt_in = -1;
            for (unsigned int f = 1; f <= L4B; f++)
                CHECK_EQ(page_type_now(mfn_page(MFN(f))), PAGE_NONE);
            world_check();
            world_end();
        }
}

TEST(bad_entry_found_late_undoes_everything_also_when_preempted)
{
    for (int at = 0; at < 14; at++)
        for (int then = -1; then < 6; then++) {
            struct mmuext_op op = {.cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = L4};
            long result;

            build_bushy();
            world_table(L4)[510] = pte_make(MFN(DATA), PTE_P | PTE_PS);
            world_preempt_in = at;
            result = hc_mmuext_op((uintptr_t)&op, 1, 0, DOMID_SELF);
            world_check();
            world_preempt_in = then;
            if (result == -ERESTART)
                result = world_mmuext(op.cmd, L4, 0, DOMID_SELF);
            CHECK_EQ(result, -EINVAL);
            world_preempt_in = -1;
            for (unsigned int f = 1; f <= L4B; f++)
                CHECK_EQ(page_type_now(mfn_page(MFN(f))), PAGE_NONE);
            world_check();
            world_end();
        }
}

TEST(preempted_all_the_time_everything_still_ends)
{
    world_preempt_always = true;
    build_bushy();
    CHECK_EQ(pin(4, L4), 0);
    CHECK_EQ(world_mmu_update(ptr(L4, 1), 0, DOMID_SELF), 0);
    world_check();
    CHECK_EQ(unpin(L4), 0);
    world_check();
    world_table(L4)[510] = pte_make(MFN(DATA), PTE_P | PTE_PS);
    CHECK_EQ(pin(4, L4), -EINVAL);
    CHECK_EQ(page_type_now(mfn_page(MFN(L4))), PAGE_NONE);
    world_check();
    world_end();
    world_preempt_always = false;
}

/* MOV to CR3 does not first go on with what the last one left: it must not take as long as that. */
TEST(second_release_does_not_wait_for_the_first)
{
    struct vcpu *v = &world_vcpu[0];

    build_bushy();
    world_table(L4B)[0] = pte_make(MFN(L3B), PTE_P | PTE_RW);
    world_table(L4B)[1] = pte_make(MFN(L3), PTE_P | PTE_RW);
    CHECK_EQ(world_mmuext(MMUEXT_NEW_BASEPTR, L4, 0, DOMID_SELF), 0);
    world_preempt_always = true;
    while (pv_new_kernel_l4(v, MFN(SPARE))) /* an empty one */
        ;
    CHECK_EQ(v->pv->releasing, mfn_page(MFN(L4)));
    while (pv_new_kernel_l4(v, MFN(L4B)))
        ;
    while (pv_new_kernel_l4(v, MFN(SPARE)))
        ;
    CHECK(fake_frames[L4B].type & WORD_PARTIAL);
    world_check();
    world_preempt_always = false;
    CHECK_EQ(pin(4, L4B), 0); /* its owner can pick it up again */
    CHECK_EQ(unpin(L4B), 0);
    world_check();
    world_end();
}

TEST(dying_domain_cannot_pin)
{
    build();
    world_domain[0].life = DOMAIN_DYING;
    CHECK_EQ(pin(4, L4), -EINVAL);
    world_check();
    world_end();
}

TEST(half_done_table_abandoned_is_released_at_teardown)
{
    for (int at = 0; at < 14; at++) {
        struct mmuext_op op = {.cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = L4};

        build_bushy();
        world_preempt_in = at;
        (void)hc_mmuext_op((uintptr_t)&op, 1, 0, DOMID_SELF);
        world_preempt_in = -1;
        world_check();
        /* Not usable as anything else, nor writable, meanwhile. */
        if (page_type_now(mfn_page(MFN(L4))) == PAGE_L4) {
            CHECK(!page_get_writable(mfn_page(MFN(L4)), &world_domain[0]));
            CHECK_EQ(world_mmu_update(ptr(L4, 2), 0, DOMID_SELF),
                     fake_frames[L4].type & WORD_VALID ? 0 : -EINVAL);
        }
        world_end();
    }
}

TEST(count_of_done_survives_continuations)
{
    struct mmu_update u[4] = {
        {ptr(L1, 5), pte_make(MFN(DATA2), PTE_P | PTE_RW)},
        {ptr(L1, 6), pte_make(MFN(DATA2), PTE_P | PTE_RW)},
        {ptr(L1, 7), pte_make(MFN(DATA2), PTE_P | PTE_RW)},
        {ptr(L1, 8), pte_make(MFN(PRIVATE_FRAME), PTE_P)},
    };
    uint32_t done = 99;

    build();
    CHECK_EQ(pin(4, L4), 0);
    for (int at = -1; at < 4; at++) {
        world_args[0] = (uintptr_t)u;
        world_args[1] = 4;
        world_args[2] = (uintptr_t)&done;
        world_args[3] = DOMID_SELF;
        world_preempt_in = at;
        CHECK_EQ(world_continue(hc_mmu_update), -EINVAL);
        CHECK_EQ(done, 3);
    }
    world_check();
    world_end();
}

TEST(plain_frames_are_written_as_memory)
{
    build();
    CHECK_EQ(world_mmu_update(ptr(L1, 9), 0x1234567, DOMID_SELF), 0);
    CHECK_EQ(world_table(L1)[9], 0x1234567);
    CHECK_EQ(world_mmu_update(ptr(PRIVATE_FRAME, 9), 1, DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(16, 9), 1, DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(FRAMES + 1, 9), 1, DOMID_SELF), -EINVAL);
    CHECK_EQ(world_mmu_update(ptr(L1, 9) | 4, 1, DOMID_SELF), -ENOSYS);
    world_check();
    world_end();
}

TEST(tables_are_walked_write_back)
{
    build();
    CHECK_EQ(pin(4, L4), 0);
    CHECK(world_mmu_update(ptr(L2, 0), pte_make(MFN(L1), PTE_P | PTE_PWT), DOMID_SELF) < 0);
    world_check();
    world_end();
}

TEST(no_cpu_walks_a_frame_that_is_written_as_memory)
{
    build();
    CHECK_EQ(world_mmuext(MMUEXT_NEW_BASEPTR, L4, 0, DOMID_SELF), 0);
    world_check();
    CHECK_EQ(world_mmu_update(ptr(L2, 0), 0, DOMID_SELF), 0);
    CHECK(tlb_any_walk(L1));
    CHECK_EQ(world_mmu_update(ptr(L1, 9), pte_make(MFN(0), PTE_P | PTE_RW), DOMID_SELF), 0);
    CHECK(!tlb_any_walk(L1));
    world_check();
    world_end();
}

TEST(grant_entries_hold_and_drop_their_own_references)
{
    uint64_t theirs = 1 + 15, entry = ptr(L1, 20);
    uint32_t flags = GNTMAP_host_map | GNTMAP_contains_pte | 1u << _GNTMAP_guest_avail0;

    build();
    CHECK_EQ(pin(4, L4), 0);
    CHECK_EQ(pv_grant_mapper.map(&world_domain[0], entry, MFN(theirs), flags, 0), GNTST_okay);
    CHECK_EQ(world_table(L1)[20] & PTE_AVAIL_LOW, 0x200);
    world_check();
    CHECK_EQ(pv_grant_mapper.unmap(&world_domain[0], entry, MFN(theirs + 1), flags),
             GNTST_general_error);
    CHECK_EQ(pv_grant_mapper.unmap(&world_domain[0], entry, MFN(theirs), flags), GNTST_okay);
    CHECK_EQ(pv_grant_mapper.unmap(&world_domain[0], entry, MFN(theirs), flags),
             GNTST_general_error);
    CHECK_EQ(pv_grant_mapper.map(&world_domain[0], ptr(DATA, 0), MFN(theirs), flags, 0),
             GNTST_general_error);
    CHECK_EQ(pv_grant_mapper.map(&world_domain[0], entry + 4, MFN(theirs), flags, 0),
             GNTST_general_error);
    CHECK_EQ(pv_grant_mapper.map(&world_domain[0], entry, MFN(PRIVATE_FRAME), flags, 0),
             GNTST_general_error);
    world_check();
    world_end();
}

TEST(read_only_grant_cannot_be_upgraded)
{
    uint64_t mine = 1, entry = ptr(16, 20); /* domain 1 maps domain 0's frame */
    uint32_t flags = GNTMAP_host_map | GNTMAP_contains_pte | GNTMAP_readonly;

    world_reset();
    world_run_as(1);
    CHECK_EQ(world_mmuext(MMUEXT_PIN_L1_TABLE, 16, 0, DOMID_SELF), 0);
    CHECK_EQ(pv_grant_mapper.map(&world_domain[1], entry, MFN(mine), flags, 0), GNTST_okay);
    CHECK_EQ(world_mmu_update(entry, pte_make(MFN(mine), PTE_P | PTE_RW), DOMID_SELF), -EPERM);
    CHECK_EQ(world_mmu_update(entry, pte_make(MFN(mine), PTE_P | PTE_NX), DOMID_SELF), 0);
    CHECK_EQ(world_mmu_update(ptr(16, 21), pte_make(MFN(mine), PTE_P), DOMID_SELF), -EINVAL);
    world_check();
    world_end();
}

/* Every sequence of three operations out of a hostile vocabulary, on a domain that is running. */
TEST(all_short_sequences)
{
    static const struct pv_op vocabulary[] = {
        {OP_PIN, L1, 0, 0, 0, 0x80},        {OP_PIN, L2, 0, 0, 1, 0x80},
        {OP_PIN, L4B, 0, 0, 3, 0},          {OP_PIN, DATA, 0, 0, 0, 0x80},
        {OP_PIN, DATA, 0, 0, 1, 0x80},      {OP_UNPIN, L1, 0, 0, 0, 0x80},
        {OP_UNPIN, L4, 0, 0, 0, 0},         {OP_UNPIN, DATA, 0, 0, 0, 0x80},
        {OP_UPDATE, L1, 0, DATA, 1, 0x80},  {OP_UPDATE, L1, 0, DATA, 2, 0x80},
        {OP_UPDATE, L1, 0, 0, 0, 0x80},     {OP_UPDATE, L1, 2, L1, 2, 0x80},
        {OP_UPDATE, L2, 1, L1, 2, 0x80},    {OP_UPDATE, L2, 1, DATA, 2, 0x80},
        {OP_UPDATE, L2, 0, 0, 0, 0x80},     {OP_UPDATE, L3, 0, 0, 0, 0},
        {OP_UPDATE, L4, 1, L3, 2, 1},       {OP_POKE, DATA, 0, L4, 2, 0x80},
        {OP_POKE, L1, 0, L1, 2, 0x80},      {OP_KERNEL_L4, L4B, 0, 0, 0, 0x80},
        {OP_KERNEL_L4, L4, 0, 0, 0, 0},     {OP_USER_L4, 0, 0, 0, 0, 0x80},
        {OP_VA, 0, 1, DATA, 2, 0x80},       {OP_VA, 1, 0, L4, 2, 0x80},
        {OP_GIVE_BACK, DATA, 0, 0, 0, 0xc0}, {OP_TAKE, DATA, 0, 0, 0, 0x80},
        {OP_DESCRIPTOR, DATA, 0, 0, 0, 0x80}, {OP_FILL, L1, 0, 0, 1, 0x80},
    };
    const unsigned int n = ARRAY_SIZE(vocabulary);

    for (unsigned int i = 0; i < n * n * n; i++) {
        build();
        world_table(L4B)[0] = pte_make(MFN(L3), PTE_P | PTE_RW);
        CHECK_EQ(world_mmuext(MMUEXT_NEW_BASEPTR, L4, 0, DOMID_SELF), 0);
        op_do(&vocabulary[i / n / n]);
        world_check();
        op_do(&vocabulary[i / n % n]);
        world_check();
        op_do(&vocabulary[i % n]);
        world_check();
        world_end();
    }
}

TEST(random_long_sequences)
{
    for (unsigned int round = 0; round < 60; round++) {
        build_bushy();
        for (unsigned int i = 0; i < 400; i++) {
            uint64_t r = check_random();
            struct pv_op o;

            memcpy(&o, &r, sizeof(o));
            o.frame &= 15; /* mostly domain 0's */
            if (r >> 62)
                o.value &= 15;
            op_do(&o);
            world_check();
        }
        world_end();
    }
}
