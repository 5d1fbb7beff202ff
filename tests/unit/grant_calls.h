/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries written as their guest would, and single operations on them. */
#pragma once

#include "tests/unit/check.h"
#include "tests/unit/fake/grant_world.h"

unused static grant_entry_v1_t *v1(int domain, grant_ref_t ref)
{
    return (grant_entry_v1_t *)fake_domains[domain].grant->shared[ref / 512] + ref % 512;
}

unused static grant_entry_v2_t *v2(int domain, grant_ref_t ref)
{
    return (grant_entry_v2_t *)fake_domains[domain].grant->shared[ref / 256] + ref % 256;
}

unused static void give(int granter, grant_ref_t ref, int to, int frame, uint16_t more)
{
    *v1(granter, ref) = (grant_entry_v1_t){GTF_permit_access | more, (domid_t)to,
                                           (uint32_t)fake_frame_of(granter, frame)};
}

unused static int map(int dom, grant_ref_t ref, uint32_t flags, int slot,
                      struct gnttab_map_grant_ref *out)
{
    *out = (struct gnttab_map_grant_ref){
        .host_addr = FAKE_SLOT_ADDR(slot), .flags = flags, .ref = ref, .dom = (domid_t)dom};
    CHECK_EQ(call(GNTTABOP_map_grant_ref, out, 1), 0);
    return out->status;
}

unused static int unmap(uint64_t host, uint64_t device, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {
        .host_addr = host, .dev_bus_addr = device, .handle = handle};

    CHECK_EQ(call(GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}
