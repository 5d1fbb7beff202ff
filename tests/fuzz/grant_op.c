/* SPDX-License-Identifier: BSD-2-Clause */
/* Any grant_table_op with any arguments, on tables whose owners write anything into them. */
/* sources: hypervisor/grant/table.c hypervisor/grant/entry.c hypervisor/grant/maptrack.c */
/* sources: hypervisor/grant/map.c hypervisor/grant/copy.c hypervisor/grant/query.c */
/* sources: hypervisor/grant/transfer.c */
/* sources: hypervisor/grant/cache.c hypervisor/grant/grant_op.c tests/unit/fake/grant_world.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake/grant_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEP 44

/* Put @in into the table of domain @domain as entry @ref of either version. The marks are ours in
 * version 1 too; a guest may damage them and only confuses itself. */
static void write_entry(int domain, uint32_t ref, const uint8_t *in)
{
    struct grant_table *t = fake_domains[domain].grant;
    uint32_t bytes = t->version == 1 ? sizeof(grant_entry_v1_t) : sizeof(grant_entry_v2_t);

    memcpy((uint8_t *)t->shared[0] + ref * bytes, in, bytes);
    if (in[1] & 0x80) { /* often something that means something */
        uint64_t frame = fake_frame_of(domain, in[3] % FAKE_GUEST_FRAMES);
        grant_entry_header_t head = {GTF_permit_access | (in[1] & GTF_readonly), in[2] % 3};

        memcpy((uint8_t *)t->shared[0] + ref * bytes, &head, sizeof(head));
        if (t->version == 1)
            ((grant_entry_v1_t *)t->shared[0])[ref].frame = (uint32_t)frame;
        else
            ((grant_entry_v2_t *)t->shared[0])[ref].full_page.frame = frame;
    }
}

/* Lists of frames go to a buffer of ours: the fake copy_to_guest() follows any pointer. */
static void aim_list(uint32_t cmd, void *op)
{
    static uint64_t list[64];

    if (cmd == GNTTABOP_setup_table)
        set_xen_guest_handle(((struct gnttab_setup_table *)op)->frame_list, list);
    if (cmd == GNTTABOP_get_status_frames)
        set_xen_guest_handle(((struct gnttab_get_status_frames *)op)->frame_list, list);
}

static void step(const uint8_t *in)
{
    uint8_t ops[2][40] = {{0}};
    uint32_t cmd = in[0] & 15;

    fake_become(in[1] % FAKE_DOMAINS);
    if (in[1] & 0x80) {
        write_entry(in[1] % FAKE_DOMAINS, in[2] % 16, in + 4);
        return;
    }
    if (in[1] & 0x40) {
        fake_slot_clear(in[1] % FAKE_DOMAINS, in[2] % FAKE_SLOTS);
        return;
    }
    memcpy(ops[0], in + 4, 40);
    memcpy(ops[1], in + 4, 40);
    if (in[3] & 1 && cmd <= 1) /* a slot that exists */
        *(uint64_t *)ops[0] = FAKE_SLOT_ADDR(in[2] % FAKE_SLOTS);
    aim_list(cmd, ops[0]);
    (void)call(cmd, ops, cmd == GNTTABOP_setup_table ? 1 : in[3] >> 7 ? 2 : 1);
    if (fake_broken)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fake_world(4, 1, 2);
    for (; size >= STEP; data += STEP, size -= STEP)
        step(data);
    if (!fake_world_end())
        abort();
    return 0;
}
