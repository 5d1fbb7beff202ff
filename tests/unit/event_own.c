/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports whose end is the hypervisor's: between it and a device model, out of the guest's reach. */
/* sources: hypervisor/event/port.c hypervisor/event/bind.c hypervisor/event/virq.c */
/* sources: hypervisor/event/pirq.c hypervisor/event/deliver.c hypervisor/event/two_level.c */
/* sources: hypervisor/event/fifo.c hypervisor/event/event_op.c hypervisor/event/domain.c */
/* sources: hypervisor/lib/bitmap.c */
/* sources: tests/unit/fake/event_world.c tests/unit/fake/event_guest.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"
#include "tests/unit/fake/event_world.h"

static evtchn_port_t own, theirs;

/* Domain 1 is the guest, domain 0 its device model, which has bound the other end. */
static void connect(void)
{
    struct evtchn_bind_interdomain bind = {0};

    fake_world(5000);
    bind.remote_dom = fake_domains[1].id;
    CHECK_EQ(event_open_own(&fake_vcpus[1][1], fake_domains[0].id, &own), 0);
    bind.remote_port = own;
    fake_become(0, 0);
    CHECK_EQ(call(EVTCHNOP_bind_interdomain, &bind), 0);
    theirs = bind.local_port;
    memset(fake_kicks, 0, sizeof(fake_kicks));
}

TEST(what_is_sent_kicks_and_does_not_become_pending)
{
    struct evtchn_send send;

    connect();
    send.port = theirs;
    CHECK_EQ(call(EVTCHNOP_send, &send), 0);
    CHECK_EQ(fake_kicks[1][1], 1);
    CHECK_EQ(fake_kicks[1][0], 0);
    CHECK(!event_port_pending(&fake_domains[1], own));
    event_send_own(&fake_domains[1], own);
    CHECK(event_port_pending(&fake_domains[0], theirs));
    event_send_own(&fake_domains[1], own + 1); /* no port */
    CHECK(fake_world_end());
}

TEST(the_guest_cannot_use_it)
{
    struct evtchn_send send;
    struct evtchn_close close;
    struct evtchn_bind_vcpu move = {.vcpu = 0};
    struct evtchn_reset reset = {.dom = DOMID_SELF};

    connect();
    send.port = close.port = move.port = own;
    fake_become(1, 0);
    CHECK_EQ(call(EVTCHNOP_send, &send), -EINVAL);
    CHECK_EQ(call(EVTCHNOP_close, &close), -EINVAL);
    CHECK_EQ(call(EVTCHNOP_bind_vcpu, &move), -EINVAL);
    CHECK_EQ(call(EVTCHNOP_reset, &reset), 0);
    fake_become(0, 0);
    send.port = theirs;
    CHECK_EQ(call(EVTCHNOP_send, &send), 0);
    CHECK_EQ(fake_kicks[1][1], 1);
    CHECK(fake_world_end());
}

/* The device model goes and another one comes; meanwhile nobody listens. */
TEST(a_device_model_that_leaves)
{
    struct evtchn_close close;
    struct evtchn_send send = {.port = own};
    struct evtchn_bind_interdomain bind = {0};

    connect();
    close.port = theirs;
    CHECK_EQ(call(EVTCHNOP_close, &close), 0);
    event_send_own(&fake_domains[1], own);
    fake_become(1, 0);
    send.port = own;
    CHECK_EQ(call(EVTCHNOP_send, &send), -EINVAL);
    fake_become(0, 0);
    bind.remote_dom = fake_domains[1].id;
    bind.remote_port = own;
    CHECK_EQ(call(EVTCHNOP_bind_interdomain, &bind), 0);
    event_close_own(&fake_domains[1], own);
    event_send_own(&fake_domains[1], own);
    send.port = bind.local_port;
    CHECK_EQ(call(EVTCHNOP_send, &send), 0); /* unbound again: nobody listens */
    CHECK(fake_world_end());
}

/* After a reset, which leaves the FIFO ABI, it must still be there. */
TEST(only_low_numbers)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF};
    struct evtchn_reset reset = {.dom = DOMID_SELF};
    struct evtchn_send send;
    evtchn_port_t high;

    connect();
    fake_become(1, 0);
    guest_go_fifo(1, 8);
    while (alloc.port < EVTCHN_2L_NR_CHANNELS - 1)
        CHECK_EQ(call(EVTCHNOP_alloc_unbound, &alloc), 0);
    CHECK_EQ(event_open_own(&fake_vcpus[1][0], fake_domains[0].id, &high), -ENOSPC);
    CHECK_EQ(call(EVTCHNOP_alloc_unbound, &alloc), 0); /* the guest's may be higher */
    CHECK_EQ(alloc.port, EVTCHN_2L_NR_CHANNELS);
    CHECK_EQ(call(EVTCHNOP_reset, &reset), 0);
    CHECK(!fake_domains[1].event->fifo);
    fake_become(0, 0);
    send.port = theirs;
    CHECK_EQ(call(EVTCHNOP_send, &send), 0);
    CHECK_EQ(fake_kicks[1][1] > 0, 1);
    CHECK(fake_world_end());
}
