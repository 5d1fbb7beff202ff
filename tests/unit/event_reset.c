/* SPDX-License-Identifier: BSD-2-Clause */
/* EVTCHNOP_reset while other vCPUs go on. */
/* sources: hypervisor/event/port.c hypervisor/event/bind.c hypervisor/event/virq.c */
/* sources: hypervisor/event/pirq.c hypervisor/event/deliver.c hypervisor/event/two_level.c */
/* sources: hypervisor/event/fifo.c hypervisor/event/event_op.c hypervisor/event/domain.c */
/* sources: hypervisor/lib/bitmap.c */
/* sources: tests/unit/fake/event_world.c tests/unit/fake/event_guest.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"
#include "tests/unit/fake/event_world.h"

static long registered;

/* While the pages of the array go back, the other vCPU goes to FIFO again. */
static void register_meanwhile(void)
{
    struct evtchn_init_control op = {.control_gfn = fake_frame_of(1, 5), .vcpu = 1};

    fake_on_put = NULL;
    registered = call(EVTCHNOP_init_control, &op);
}

TEST(a_control_block_registered_during_a_reset_stays)
{
    struct evtchn_init_control op = {.control_gfn = fake_frame_of(1, 0), .vcpu = 0};
    struct evtchn_expand_array expand = {.array_gfn = fake_frame_of(1, 1)};
    struct evtchn_reset reset = {.dom = DOMID_SELF};

    fake_world(100);
    fake_become(1, 0);
    CHECK_EQ(call(EVTCHNOP_init_control, &op), 0);
    CHECK_EQ(call(EVTCHNOP_expand_array, &expand), 0);
    fake_on_put = register_meanwhile;
    CHECK_EQ(call(EVTCHNOP_reset, &reset), 0);
    CHECK(!fake_on_put);
    CHECK_EQ(registered, 0);
    CHECK(fake_vcpus[1][1].event->control);
    CHECK_EQ(fake_frame_refs[fake_frame_of(1, 5)], 1);
    CHECK_EQ(fake_frame_refs[fake_frame_of(1, 0)], 0);
    CHECK(!fake_vcpus[1][0].event->control_page);
    CHECK_EQ(call(EVTCHNOP_init_control, &op), 0);
    CHECK(fake_world_end());
}
