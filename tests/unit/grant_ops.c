/* SPDX-License-Identifier: BSD-2-Clause */
/* Grant table operations one by one: sizes, versions, limits, errors, batches, ends of domains. */
/* sources: hypervisor/grant/table.c hypervisor/grant/entry.c hypervisor/grant/maptrack.c */
/* sources: hypervisor/grant/map.c hypervisor/grant/copy.c hypervisor/grant/query.c */
/* sources: hypervisor/grant/transfer.c */
/* sources: hypervisor/grant/cache.c hypervisor/grant/grant_op.c tests/unit/fake/grant_world.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"
#include "tests/unit/fake/grant_world.h"
#include "tests/unit/grant_calls.h"

TEST(setup_and_size)
{
    uint64_t list[9] = {0};
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 4};
    struct gnttab_query_size size = {.dom = DOMID_SELF};

    fake_world(8, 8, 2);
    fake_become(1);
    set_xen_guest_handle(setup.frame_list, list);
    CHECK_EQ(call(GNTTABOP_query_size, &size, 1), 0);
    CHECK(size.status == 0 && size.nr_frames == 1 && size.max_nr_frames == 8);
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, 0);
    for (int i = 0; i < 4; i++) {
        CHECK(fake_ram[list[i]] == fake_domains[1].grant->shared[i]);
        CHECK_EQ(fake_frames[list[i]].owner, 1);
    }
    CHECK_EQ(list[4], 0);
    fake_domains[1].is_translated = true; /* it is told its own numbers */
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    for (int i = 0; i < 4; i++)
        CHECK(fake_ram[list[i] - FAKE_PLACED] == fake_domains[1].grant->shared[i]);
    fake_domains[1].is_translated = false;
    setup.nr_frames = 9;
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, GNTST_general_error);
    setup.nr_frames = 2; /* less than there is */
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, 0);
    CHECK_EQ(call(GNTTABOP_query_size, &size, 1), 0);
    CHECK_EQ(size.nr_frames, 4);
    set_xen_guest_handle(setup.frame_list, (uint64_t *)NULL);
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, GNTST_bad_virt_addr);
    setup.dom = size.dom = 2;
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, GNTST_permission_denied);
    CHECK_EQ(call(GNTTABOP_query_size, &size, 1), 0);
    CHECK_EQ(size.status, GNTST_permission_denied);
    size.dom = 77;
    CHECK_EQ(call(GNTTABOP_query_size, &size, 1), 0);
    CHECK_EQ(size.status, GNTST_bad_domain);
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 2), -EINVAL);
    CHECK_EQ(call(GNTTABOP_setup_table, NULL, 1), -EFAULT);
    CHECK_EQ(call(GNTTABOP_map_grant_ref, NULL, 1), -EFAULT);
    CHECK_EQ(call(GNTTABOP_map_grant_ref, NULL, 0), 0);
    CHECK_EQ(call(GNTTABOP_map_grant_ref, NULL, ~0u), -EINVAL);
    CHECK_EQ(call(99, NULL, 1), -ENOSYS);
    CHECK_EQ(call(1 << 12, NULL, 0), -EINVAL); /* only a call that is continued */
    CHECK(fake_world_end());
}

TEST(growth_is_preempted)
{
    uint64_t list[100];
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 100};
    int calls = 1;

    fake_world(100, 8, 2);
    fake_become(1);
    set_xen_guest_handle(setup.frame_list, list);
    fake_preempt = true;
    while (call(GNTTABOP_setup_table, &setup, 1) == -ERESTART)
        calls++;
    CHECK_EQ(calls, 7);
    CHECK_EQ(setup.status, 0);
    CHECK_EQ(fake_domains[1].grant->frames, 100);
    CHECK(fake_world_end());
}

TEST(map_errors)
{
    struct gnttab_map_grant_ref op;

    fake_world(2, 1, 2);
    give(1, 8, 2, 0, 0);
    give(1, 9, 2, 0, GTF_readonly);
    give(1, 11, 2, 1, 0);
    v1(1, 10)->frame = 7; /* nobody's */
    v1(1, 10)->domid = 2;
    v1(1, 10)->flags = GTF_permit_access;
    give(1, 12, 2, 2, GTF_sub_page);
    give(1, 13, 2, 3, 0);
    v1(1, 13)->flags = GTF_accept_transfer;
    fake_frames[fake_frame_of(1, 1)].table = true;
    fake_become(2);
    CHECK_EQ(map(1, 8, 0, 0, &op), GNTST_bad_gntref);
    CHECK_EQ(map(9, 8, GNTMAP_host_map, 0, &op), GNTST_bad_domain);
    CHECK_EQ(map(DOMID_SELF, 8, GNTMAP_host_map, 0, &op), GNTST_bad_domain);
    CHECK_EQ(map(1, 512, GNTMAP_host_map, 0, &op), GNTST_bad_gntref);
    CHECK_EQ(map(1, ~0u, GNTMAP_host_map, 0, &op), GNTST_bad_gntref);
    CHECK_EQ(map(1, 9, GNTMAP_host_map, 0, &op), GNTST_general_error);
    CHECK_EQ(map(1, 10, GNTMAP_host_map, 0, &op), GNTST_bad_page);
    CHECK_EQ(v1(1, 10)->flags, GTF_permit_access);                 /* no marks left */
    CHECK_EQ(map(1, 11, GNTMAP_host_map, 0, &op), GNTST_bad_page); /* a page table, writable */
    CHECK_EQ(map(1, 11, GNTMAP_host_map | GNTMAP_readonly, 0, &op), GNTST_okay);
    CHECK_EQ(map(1, 11, GNTMAP_host_map, 1, &op), GNTST_bad_page);
    CHECK_EQ(v1(1, 11)->flags, GTF_permit_access | GTF_reading);
    CHECK_EQ(map(1, 12, GNTMAP_host_map, 1, &op), GNTST_general_error);
    CHECK_EQ(map(1, 13, GNTMAP_host_map, 1, &op), GNTST_general_error);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 99, &op), GNTST_general_error); /* no such slot */
    CHECK_EQ(v1(1, 8)->flags, GTF_permit_access);
    fake_become(0);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 0, &op), GNTST_general_error); /* not for domain 0 */
    CHECK_EQ(unmap(FAKE_SLOT_ADDR(0), 0, 0), GNTST_bad_handle);
    CHECK_EQ(unmap(FAKE_SLOT_ADDR(0), 0, ~0u), GNTST_bad_handle);
    CHECK(fake_world_end());
}

TEST(flags_and_cache_reach_the_entry)
{
    struct gnttab_map_grant_ref op;

    fake_world(2, 1, 2);
    give(1, 8, 2, 0, GTF_PCD | GTF_PWT | GTF_PAT);
    fake_become(2);
    CHECK_EQ(map(1, 8, GNTMAP_host_map | 5u << _GNTMAP_guest_avail0, 3, &op), 0);
    CHECK_EQ(fake_slots[2][3].extra, PTE_PCD | PTE_PWT | PTE_PAT | 5 << 9);
    CHECK(fake_world_end());
}

TEST(device_and_host_halves)
{
    struct gnttab_map_grant_ref op;
    uint64_t bus = fake_frame_of(1, 0) << 12;

    fake_world(2, 1, 2);
    give(1, 8, 2, 0, 0);
    fake_become(2);
    CHECK_EQ(map(1, 8, GNTMAP_host_map | GNTMAP_device_map, 0, &op), 0);
    CHECK_EQ(op.dev_bus_addr, bus);
    CHECK_EQ(unmap(0, 0, op.handle), GNTST_okay); /* nothing asked */
    CHECK_EQ(unmap(0, bus + 4096, op.handle), GNTST_bad_dev_addr);
    CHECK_EQ(unmap(FAKE_SLOT_ADDR(1), bus, op.handle), GNTST_general_error); /* wrong place */
    CHECK_EQ(unmap(FAKE_SLOT_ADDR(0), 0, op.handle), GNTST_okay);
    CHECK(v1(1, 8)->flags & GTF_writing);
    CHECK_EQ(fake_frames[bus >> 12].refs, 2);
    CHECK_EQ(unmap(FAKE_SLOT_ADDR(0), 0, op.handle), GNTST_okay); /* that half is gone */
    CHECK_EQ(unmap(0, bus, op.handle), GNTST_okay);
    CHECK_EQ(v1(1, 8)->flags, GTF_permit_access);
    CHECK_EQ(unmap(0, bus, op.handle), GNTST_bad_handle);
    CHECK(fake_world_end());
}

TEST(pins_are_limited)
{
    struct gnttab_map_grant_ref op;
    struct grant_active *act;

    fake_world(2, 1, 2);
    give(1, 8, 2, 0, 0);
    fake_become(2);
    CHECK_EQ(map(1, 8, GNTMAP_device_map, 0, &op), 0);
    act = entry_active(fake_domains[1].grant, 8);
    act->writes = GRANT_PINS_MAX;
    CHECK_EQ(map(1, 8, GNTMAP_device_map, 0, &op), GNTST_general_error);
    act->writes = 1;
    CHECK(fake_world_end());
}

TEST(what_others_may_write_counts_as_written)
{
    struct gnttab_map_grant_ref op[40], reader;
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 4};
    uint64_t list[4];
    grant_ref_t next = 0;
    long rc, stops = 0;

    fake_world(4, 4, 2);
    fake_become(1);
    set_xen_guest_handle(setup.frame_list, list);
    CHECK_EQ(call(GNTTABOP_setup_table, &setup, 1), 0);
    fake_become(2);
    for (int i = 0; i < 3; i++) {
        give(1, 8 + 300 * (unsigned int)i, 2, i, 0);
        CHECK_EQ(map(1, 8 + 300 * (unsigned int)i, GNTMAP_host_map, i, &op[i]), 0);
    }
    give(1, 20, 2, 4, GTF_readonly);
    CHECK_EQ(map(1, 20, GNTMAP_host_map | GNTMAP_readonly, 4, &reader), 0);
    for (fake_preempt = false;; fake_preempt = true) {
        for (int i = 0; i < 5; i++)
            fake_frames[fake_frame_of(1, i)].told = 0;
        do {
            rc = grant_written(&fake_domains[1], &next);
            stops += rc == -ERESTART;
        } while (rc == -ERESTART);
        CHECK_EQ(rc, 0);
        CHECK_EQ(next, 0);
        CHECK_EQ(stops > 0, fake_preempt);
        for (int i = 0; i < 5; i++)
            CHECK_EQ(fake_frames[fake_frame_of(1, i)].told, i < 3);
        if (fake_preempt)
            break;
    }
    fake_preempt = false;
    CHECK(fake_world_end());
}

TEST(handles_run_out)
{
    static struct gnttab_map_grant_ref op[257];

    fake_world(2, 1, 2); /* one page of 256 handles */
    give(1, 8, 2, 0, 0);
    fake_become(2);
    for (int i = 0; i < 257; i++)
        CHECK_EQ(map(1, 8, GNTMAP_device_map, 0, &op[i]), i < 256 ? 0 : GNTST_no_space);
    CHECK_EQ(unmap(0, op[7].dev_bus_addr, op[7].handle), 0);
    CHECK_EQ(map(1, 8, GNTMAP_device_map, 0, &op[7]), 0);
    CHECK(fake_world_end());
}

TEST(batches_flush_once_and_can_be_preempted)
{
    static struct gnttab_map_grant_ref maps[100];
    static struct gnttab_unmap_grant_ref unmaps[100];
    long rc;
    int calls = 1;

    fake_world(2, 1, 2);
    give(1, 8, 2, 0, 0);
    for (int i = 0; i < 100; i++)
        maps[i] = (struct gnttab_map_grant_ref){
            .host_addr = FAKE_SLOT_ADDR(i % 4), .ref = 8, .flags = GNTMAP_host_map, .dom = 1};
    fake_become(2);
    CHECK_EQ(call(GNTTABOP_map_grant_ref, maps, 4), 0);
    fake_preempt = true;
    CHECK_EQ(call(GNTTABOP_map_grant_ref, maps + 4, 96), -ERESTART);
    CHECK_EQ(fake_args[1], (uint64_t)(maps + 5));
    CHECK_EQ(fake_args[2], 95);
    fake_preempt = false;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_map_grant_ref, fake_args[1], fake_args[2]), 0);

    /* Slots 0 to 3 hold the last four; the others were overwritten. */
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(maps[i].status, 0);
        unmaps[i] = (struct gnttab_unmap_grant_ref){.host_addr = maps[i].host_addr,
                                                    .handle = maps[i].handle};
    }
    CHECK_EQ(call(GNTTABOP_unmap_grant_ref, unmaps + 96, 4), 0);
    CHECK_EQ(fake_flushes, 1);
    fake_preempt = true;
    rc = call(GNTTABOP_unmap_grant_ref, unmaps, 96);
    while (rc == -ERESTART) {
        calls++;
        rc = hc_grant_table_op(GNTTABOP_unmap_grant_ref, fake_args[1], fake_args[2]);
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(calls, 3);
    for (int i = 0; i < 96; i++)
        CHECK_EQ(unmaps[i].status, GNTST_general_error); /* those entries map something else */
    CHECK(fake_world_end());
}

TEST(one_handle_twice_in_a_batch)
{
    struct gnttab_map_grant_ref op;
    struct gnttab_unmap_grant_ref unmaps[2];

    fake_world(2, 1, 2);
    give(1, 8, 2, 0, 0);
    fake_become(2);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 0, &op), 0);
    unmaps[0] = unmaps[1] =
        (struct gnttab_unmap_grant_ref){.host_addr = op.host_addr, .handle = op.handle};
    CHECK_EQ(call(GNTTABOP_unmap_grant_ref, unmaps, 2), 0);
    CHECK_EQ(unmaps[0].status, 0);
    CHECK_EQ(unmaps[1].status, GNTST_bad_handle);
    CHECK(fake_world_end());
}

TEST(unmap_and_replace)
{
    struct gnttab_map_grant_ref a, b;
    struct gnttab_unmap_and_replace op;

    fake_world(2, 1, 2);
    give(1, 8, 2, 0, 0);
    give(1, 9, 2, 1, 0);
    fake_become(2);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 0, &a), 0);
    CHECK_EQ(map(1, 9, GNTMAP_host_map, 1, &b), 0);
    op = (struct gnttab_unmap_and_replace){
        .host_addr = FAKE_SLOT_ADDR(0), .new_addr = FAKE_SLOT_ADDR(1), .handle = a.handle};
    CHECK_EQ(call(GNTTABOP_unmap_and_replace, &op, 1), 0);
    CHECK_EQ(op.status, 0);
    CHECK_EQ(fake_slots[2][0].mfn, fake_frame_of(1, 1));
    CHECK(!fake_slots[2][1].present);
    CHECK_EQ(v1(1, 8)->flags, GTF_permit_access);
    CHECK_EQ(unmap(FAKE_SLOT_ADDR(0), 0, b.handle), 0);
    CHECK(fake_world_end());
}

TEST(either_domain_may_go_first)
{
    for (int first = 1; first <= 2; first++) {
        struct gnttab_map_grant_ref op, own;

        fake_world(2, 1, 2);
        give(1, 8, 2, 0, 0);
        give(2, 8, 1, 0, 0);
        give(1, 9, 1, 1, 0);
        fake_become(2);
        CHECK_EQ(map(1, 8, GNTMAP_host_map, 0, &op), 0);
        fake_become(1);
        CHECK_EQ(map(2, 8, GNTMAP_host_map, 0, &op), 0);
        CHECK_EQ(map(1, 9, GNTMAP_host_map | GNTMAP_device_map, 1, &own), 0);
        CHECK_EQ(fake_domains[1].refs, 3);
        for (int i = 0; i < FAKE_SLOTS; i++)
            fake_slot_clear(first, i);
        CHECK_EQ(grant_domain_relinquish(&fake_domains[first]), 0);
        fake_become(first);
        CHECK_EQ(map(3 - first, 8, GNTMAP_device_map, 0, &op), GNTST_no_space); /* dying */
        CHECK(fake_world_end());
    }
}

TEST(versions)
{
    struct gnttab_map_grant_ref op;
    struct gnttab_set_version set = {.version = 2};
    struct gnttab_get_version get = {.dom = DOMID_SELF};
    uint64_t list[2] = {0};
    struct gnttab_get_status_frames frames = {.nr_frames = 1, .dom = DOMID_SELF};

    fake_world(20, 1, 2);
    set_xen_guest_handle(frames.frame_list, list);
    CHECK_EQ(grant_seed(&fake_domains[1], 0, 2, fake_frame_of(1, 4), false), 0);
    CHECK_EQ(grant_seed(&fake_domains[1], 1, 2, fake_frame_of(1, 5), true), 0);
    CHECK_EQ(grant_seed(&fake_domains[1], 8, 2, 0, true), -EINVAL);
    give(1, 8, 2, 0, 0);
    fake_become(2);
    CHECK_EQ(map(1, 0, GNTMAP_host_map, 0, &op), 0);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 1, &op), 0);
    fake_become(1);
    CHECK_EQ(call(GNTTABOP_get_status_frames, &frames, 1), 0);
    CHECK_EQ(frames.status, GNTST_general_error);
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), -EBUSY);
    CHECK_EQ(set.version, 1);
    fake_become(2);
    CHECK_EQ(unmap(FAKE_SLOT_ADDR(1), 0, op.handle), 0);
    fake_become(1);
    set.version = 3;
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), -EINVAL);
    set.version = 2;
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), 0);
    CHECK_EQ(call(GNTTABOP_get_version, &get, 1), 0);
    CHECK_EQ(get.version, 2);
    CHECK_EQ(v2(1, 0)->full_page.frame, fake_frame_of(1, 4));
    CHECK_EQ(v2(1, 0)->hdr.flags, GTF_permit_access);
    CHECK_EQ(v2(1, 1)->hdr.flags, GTF_permit_access | GTF_readonly);
    CHECK_EQ(v2(1, 8)->hdr.flags, 0);
    CHECK_EQ(call(GNTTABOP_get_status_frames, &frames, 1), 0);
    CHECK_EQ(frames.status, 0);
    CHECK_EQ(((uint16_t *)fake_ram[list[0]])[0], GTF_reading | GTF_writing); /* still mapped */
    CHECK_EQ(grant_resource_frames(&fake_domains[1], 0), 20);
    CHECK_EQ(grant_resource_frames(&fake_domains[1], 1), 3);
    mfn_t mfn;
    CHECK_EQ(grant_resource_frame(&fake_domains[1], 1, 2, &mfn), 0);
    CHECK_EQ(fake_domains[1].grant->status_frames, 3);
    CHECK_EQ(grant_resource_frame(&fake_domains[1], 1, 3, &mfn), -EINVAL);
    CHECK_EQ(grant_resource_frame(&fake_domains[1], 0, 20, &mfn), -EINVAL);
    v2(1, 3)->hdr.flags = GTF_transitive;
    set.version = 1;
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), -ERANGE);
    v2(1, 3)->hdr.flags = 0;
    set.version = 1;
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), 0);
    CHECK_EQ(v1(1, 0)->flags, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK(fake_world_end());

    fake_world(4, 1, 1); /* version 2 not offered */
    fake_become(1);
    set.version = 2;
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), -ENOSYS);
    CHECK_EQ(grant_resource_frames(&fake_domains[1], 1), 0);
    CHECK(fake_world_end());
}

TEST(sub_page_and_transitive)
{
    struct gnttab_set_version set = {.version = 2};
    struct gnttab_copy op = {.len = 16, .flags = GNTCOPY_source_gref};
    struct gnttab_map_grant_ref bad;

    fake_world(4, 1, 2);
    fake_become(1);
    CHECK_EQ(call(GNTTABOP_set_version, &set, 1), 0);
    v2(1, 8)->sub_page.page_off = 100;
    v2(1, 8)->sub_page.length = 50;
    v2(1, 8)->sub_page.frame = fake_frame_of(1, 0);
    v2(1, 8)->hdr = (grant_entry_header_t){GTF_permit_access | GTF_sub_page, 2};
    v2(1, 9)->hdr = (grant_entry_header_t){GTF_transitive, 2};
    fake_become(2);
    CHECK_EQ(map(1, 8, GNTMAP_host_map, 0, &bad), GNTST_general_error);
    op.source.u.ref = 8;
    op.source.domid = 1;
    op.dest.u.gmfn = fake_frame_of(2, 0);
    op.dest.domid = DOMID_SELF;
    for (uint16_t offset = 80; offset < 150; offset++) {
        op.source.offset = offset;
        CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
        CHECK_EQ(op.status, offset >= 100 && offset + 16 <= 150 ? 0 : GNTST_general_error);
    }
    v2(1, 8)->sub_page.page_off = 0xffff; /* cut, not believed */
    v2(1, 8)->sub_page.length = 0xffff;
    op.source.offset = 4096 - 16;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_general_error);
    op.source.u.ref = 9;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_general_error);
    CHECK_EQ(fake_domains[1].grant->status[0][8], 0);
    CHECK(fake_world_end());
}

TEST(copy_errors)
{
    struct gnttab_copy op = {.len = 64};

    fake_world(4, 1, 2);
    fake_become(2);
    op.source.u.gmfn = fake_frame_of(2, 0);
    op.dest.u.gmfn = fake_frame_of(2, 1);
    op.source.domid = op.dest.domid = DOMID_SELF;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, 0);
    CHECK(!memcmp(fake_ram[fake_frame_of(2, 0)], fake_ram[fake_frame_of(2, 1)], 64));
    op.dest.offset = 4096 - 63;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_copy_arg);
    op.dest.offset = 0;
    op.source.offset = 0xffff;
    op.len = 0xffff;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_copy_arg);
    op.source.offset = 0;
    op.len = 4096;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, 0);
    op.source.domid = 1; /* another's page by number */
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_permission_denied);
    op.source.domid = DOMID_SELF;
    op.source.u.gmfn = fake_frame_of(1, 0);
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_page);
    op.source.u.gmfn = ~0ULL;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_page);
    op.source.u.gmfn = fake_frame_of(2, 0);
    fake_frames[fake_frame_of(2, 1)].table = true; /* never written */
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_page);
    op.flags = GNTCOPY_source_gref;
    op.source.domid = 9;
    CHECK_EQ(call(GNTTABOP_copy, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_domain);
    CHECK(fake_world_end());
}

TEST(swap)
{
    struct gnttab_swap_grant_ref op = {.ref_a = 8, .ref_b = 9};
    struct gnttab_map_grant_ref m;

    fake_world(4, 1, 2);
    give(1, 8, 2, 0, 0);
    give(1, 9, 0, 1, GTF_readonly);
    fake_become(1);
    CHECK_EQ(call(GNTTABOP_swap_grant_ref, &op, 1), 0);
    CHECK_EQ(op.status, 0);
    CHECK(v1(1, 8)->domid == 0 && v1(1, 9)->frame == fake_frame_of(1, 0));
    fake_become(2);
    CHECK_EQ(map(1, 9, GNTMAP_host_map, 0, &m), 0);
    fake_become(1);
    CHECK_EQ(call(GNTTABOP_swap_grant_ref, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_eagain);
    op.ref_a = 512;
    CHECK_EQ(call(GNTTABOP_swap_grant_ref, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_gntref);
    CHECK(fake_world_end());
}

TEST(configuration)
{
    struct domain d = {.id = 1};

    CHECK_EQ(grant_domain_init(&d, 0, 1, 2), -EINVAL);
    CHECK_EQ(grant_domain_init(&d, GRANT_FRAMES_LIMIT + 1, 1, 2), -EINVAL);
    CHECK_EQ(grant_domain_init(&d, 1, MAPTRACK_FRAMES_LIMIT + 1, 2), -EINVAL);
    CHECK(!d.grant && !fake_pool_blocks);
    CHECK_EQ(grant_domain_init(&d, -1, -1, 2), 0);
    CHECK(d.grant->max_frames == 64 && d.grant->maptrack.max_frames == 1024);
    grant_domain_free(&d);
    for (long n = 0;; n++) {
        int rc;

        fake_pool_fail_after = n;
        rc = grant_domain_init(&d, 4, 4, 2);
        fake_pool_fail_after = -1;
        if (!rc)
            break;
        CHECK_EQ(rc, -ENOMEM);
        CHECK(!d.grant && !fake_pool_blocks);
    }
    grant_domain_free(&d);
    CHECK_EQ(fake_pool_blocks, 0);
}
