/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that change their owner through a grant table, and flushing caches of granted ones. */
/* sources: hypervisor/grant/table.c hypervisor/grant/entry.c hypervisor/grant/maptrack.c */
/* sources: hypervisor/grant/map.c hypervisor/grant/copy.c hypervisor/grant/query.c */
/* sources: hypervisor/grant/transfer.c */
/* sources: hypervisor/grant/cache.c hypervisor/grant/grant_op.c tests/unit/fake/grant_world.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"
#include "tests/unit/fake/grant_world.h"
#include "tests/unit/grant_calls.h"

static int transfer(uint64_t mfn, int to, grant_ref_t ref)
{
    struct gnttab_transfer op = {.mfn = mfn, .domid = (domid_t)to, .ref = ref};

    CHECK_EQ(call(GNTTABOP_transfer, &op, 1), 0);
    return op.status;
}

static void ask_v1(int domain, grant_ref_t ref, int from)
{
    *v1(domain, ref) = (grant_entry_v1_t){GTF_accept_transfer, (domid_t)from, 1000 + ref};
}

TEST(transfer)
{
    const uint64_t frame = fake_frame_of(1, 0);
    struct gnttab_map_grant_ref m;

    fake_world(4, 1, 2);
    ask_v1(2, 8, 1);
    fake_become(1);
    CHECK_EQ(transfer(frame, 2, 8), GNTST_okay);
    CHECK_EQ(v1(2, 8)->flags,
             GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
    CHECK_EQ(v1(2, 8)->frame, frame);
    CHECK_EQ(fake_m2p[frame], 1008);
    CHECK_EQ(fake_frames[frame].owner, 2);
    CHECK(fake_domains[1].tot_pages == 7 && fake_domains[2].tot_pages == 9);
    CHECK_EQ(transfer(frame, 2, 8), GNTST_bad_page); /* once */
    CHECK_EQ(transfer(~0ULL, 2, 8), GNTST_bad_page);
    CHECK_EQ(transfer(page_mfn(mfn_page(direct_mfn(fake_domains[1].grant->shared[0]))).n, 2, 9),
             GNTST_bad_page);
    give(1, 8, 2, 1, 0);
    fake_become(2);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 0, &m), 0);
    fake_become(1);
    ask_v1(2, 9, 1);
    CHECK_EQ(transfer(fake_frame_of(1, 1), 2, 9), GNTST_bad_page); /* mapped */
    CHECK_EQ(v1(2, 9)->flags, GTF_accept_transfer);
    CHECK_EQ(fake_lost, 0);
    CHECK(fake_world_end());
}

TEST(transfer_loses_the_frame)
{
    struct gnttab_map_grant_ref m;

    fake_world(4, 1, 2);
    fake_become(1);
    ask_v1(2, 8, 1);
    CHECK_EQ(transfer(fake_frame_of(1, 0), 77, 8), GNTST_bad_domain);
    CHECK_EQ(transfer(fake_frame_of(1, 1), DOMID_SELF, 8), GNTST_bad_domain);
    fake_domains[2].dma_bits = 15;
    CHECK_EQ(transfer(fake_frame_of(1, 2), 2, 8), GNTST_address_too_big);
    fake_domains[2].dma_bits = 0;
    fake_domains[2].max_pages = 8;
    CHECK_EQ(transfer(fake_frame_of(1, 3), 2, 8), GNTST_general_error);
    fake_domains[2].max_pages = 10;
    CHECK_EQ(v1(2, 8)->flags, GTF_accept_transfer);
    fake_dies_late = true;
    CHECK_EQ(transfer(fake_frame_of(1, 4), 2, 8), GNTST_general_error);
    fake_dies_late = false;
    CHECK_EQ(v1(2, 8)->flags, GTF_accept_transfer | GTF_transfer_committed);
    CHECK_EQ(fake_m2p[fake_frame_of(1, 4)], ~0ULL);
    /* what the entry says while it is mapped does not count */
    fake_become(2);
    give(2, 9, 1, 0, 0);
    fake_become(1);
    CHECK_EQ(map(2, 9, GNTMAP_host_map, 0, &m), 0);
    ask_v1(2, 9, 1);
    CHECK_EQ(transfer(fake_frame_of(1, 5), 2, 9), GNTST_general_error);
    CHECK_EQ(v1(2, 9)->flags, GTF_accept_transfer);
    CHECK_EQ(transfer(fake_frame_of(1, 6), 2, 512), GNTST_general_error);
    CHECK_EQ(fake_domains[1].tot_pages, 1);
    CHECK_EQ(fake_domains[2].tot_pages, 8);
    CHECK_EQ(fake_lost, 7);
    CHECK(fake_world_end());
}

TEST(transfer_v2_batches_and_switch)
{
    struct gnttab_set_version set = {.version = 2};
    struct gnttab_transfer ops[2] = {{.mfn = fake_frame_of(1, 0), .domid = 2, .ref = 300},
                                     {.mfn = fake_frame_of(1, 1), .domid = 2, .ref = 301}};
    uint64_t list[2];
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 2};

    fake_world(4, 1, 2);
    fake_become(2);
    set_xen_guest_handle(setup.frame_list, list);
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), 0);
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    for (grant_ref_t ref = 300; ref < 302; ref++) {
        v2(2, ref)->full_page.frame = 1ULL << 40 | ref;
        v2(2, ref)->hdr = (grant_entry_header_t){GTF_accept_transfer, 1};
    }
    fake_become(1);
    fake_preempt = true;
    CHECK_EQ(call(GNTTABOP_transfer, ops, 2), -ERESTART);
    CHECK_EQ(fake_args[2], 1);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_transfer, fake_args[1], fake_args[2]), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(ops[i].status, 0);
        CHECK_EQ(v2(2, ops[i].ref)->full_page.frame, ops[i].mfn);
        CHECK_EQ(fake_m2p[ops[i].mfn], 1ULL << 40 | ops[i].ref);
    }
    grant_defaults.transfer = false;
    CHECK_EQ(call(GNTTABOP_transfer, ops, 2), -EOPNOTSUPP);
    grant_defaults.transfer = true;
    CHECK(fake_world_end());
}

static long flush(uint64_t address, uint16_t offset, uint16_t length, uint32_t what)
{
    struct gnttab_cache_flush op = {
        .a.dev_bus_addr = address, .offset = offset, .length = length, .op = what};

    fake_clflushes = 0;
    return call(GNTTABOP_cache_flush, &op, 1);
}

TEST(cache_flush)
{
    const uint64_t own = fake_frame_of(2, 0) << 12, theirs = fake_frame_of(1, 0) << 12;
    const uint32_t both = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL;
    struct gnttab_map_grant_ref m;

    fake_world(8, 1, 2);
    give(1, 8, 2, 0, 0);
    fake_become(2);
    CHECK_EQ(flush(own, 0, 4096, both), 0);
    CHECK_EQ(fake_clflushes, 64);
    CHECK_EQ(flush(own, 63, 2, GNTTAB_CACHE_CLEAN), 0);
    CHECK_EQ(fake_clflushes, 2);
    CHECK_EQ(flush(own, 4095, 1, both), 0);
    CHECK_EQ(fake_clflushes, 1);
    CHECK_EQ(flush(own, 0, 64, GNTTAB_CACHE_INVAL), -EOPNOTSUPP);
    CHECK_EQ(flush(own, 0, 0, both), 0);
    CHECK_EQ(flush(own, 0, 64, 0), 0);
    CHECK_EQ(flush(own, 4096, 0, both), -EINVAL);
    CHECK_EQ(flush(own, 1, 4096, both), -EINVAL);
    CHECK_EQ(flush(own, 0xffff, 0xffff, both), -EINVAL);
    CHECK_EQ(flush(own, 0, 64, GNTTAB_CACHE_SOURCE_GREF | both), -EINVAL);
    CHECK_EQ(flush(~0ULL, 0, 64, both), -EINVAL);
    CHECK_EQ(flush(7 << 12, 0, 64, both), -EPERM); /* nobody's */
    CHECK_EQ(flush(theirs, 0, 64, both), -EINVAL); /* not in use by us */
    CHECK_EQ(fake_clflushes, 0);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 0, &m), 0);
    CHECK_EQ(flush(theirs, 0, 64, both), 0);
    CHECK_EQ(fake_clflushes, 1);
    fake_become(0);
    CHECK_EQ(flush(theirs, 0, 64, both), -EINVAL); /* nor by this one */
    CHECK(fake_world_end());
}

/* The search for a grant in a large table is preempted, and goes on where it was. */
TEST(cache_flush_is_preempted)
{
    struct gnttab_cache_flush ops[2] = {{.length = 64, .op = GNTTAB_CACHE_CLEAN}};
    struct gnttab_map_grant_ref m;
    uint64_t list[8];
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 8};
    long rc;
    int calls = 1;

    fake_world(8, 1, 2);
    set_xen_guest_handle(setup.frame_list, list);
    fake_become(1);
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    give(1, 4000, 2, 0, 0);
    fake_become(2);
    CHECK_EQ(map(1, 4000, GNTMAP_host_map, 0, &m), 0);
    ops[0].a.dev_bus_addr = fake_frame_of(1, 0) << 12;
    ops[1] = ops[0];
    fake_clflushes = 0;
    fake_preempt = true;
    rc = call(GNTTABOP_cache_flush, ops, 2);
    while (rc == -ERESTART) {
        calls++;
        CHECK_EQ(fake_args[0] & 0xfff, GNTTABOP_cache_flush);
        rc = hc_grant_table_op((uint32_t)fake_args[0], fake_args[1], fake_args[2]);
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(calls, 8); /* 3 stops in each search, one between them */
    CHECK_EQ(fake_clflushes, 2);
    CHECK(fake_world_end());
}
