/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose ports are whose: with and without a handler, on one vCPU and on two, with two levels. */
/* sources: pv-drivers/lib/ring.c pv-drivers/lib/grant.c */
/* sources: pv-drivers/lib/xenstore.c pv-drivers/lib/xenstore_message.c pv-drivers/lib/event.c */
/* sources: pv-drivers/lib/event_fifo.c pv-drivers/lib/clock.c tests/unit/fake/pv_world.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/event.h"
#include "tests/unit/fake/pv_world.h"

static void count(void *arg)
{
    ++*(unsigned int *)arg;
}

static evtchn_port_t opened(int rc)
{
    CHECK(rc > 0);
    return (evtchn_port_t)rc;
}

TEST(a_handler_is_called_once)
{
    unsigned int called = 0;
    evtchn_port_t port;

    world_start();
    port = opened(pv_event_open(0, count, &called));
    CHECK_EQ(pv_event_dispatch(), 0);
    world_raise(port);
    world_raise(port);
    CHECK_EQ(pv_event_dispatch(), 1);
    CHECK_EQ(called, 1);
    CHECK_EQ(pv_event_dispatch(), 0);
    world_raise(port);
    CHECK_EQ(pv_event_wait(1), 1);
    CHECK_EQ(called, 2);
    pv_event_close(port);
    world_raise(port);
    (void)pv_event_dispatch();
    CHECK_EQ(called, 2);
}

/* An upcall between a driver's look at its ring and its wait must not take the event away. */
TEST(a_port_without_a_handler_waits_for_who_asks)
{
    evtchn_port_t port;

    world_start();
    port = opened(pv_event_open(0, NULL, NULL));
    world_raise(port);
    CHECK_EQ(pv_event_dispatch(), 0);
    CHECK(pv_event_take(port, 1));
    CHECK(!pv_event_take(port, 1));
    world_raise(port);
    CHECK_EQ(pv_event_wait(1), 1);
    CHECK_EQ(pv_event_wait(1), 0);
}

/* The number of a port is used again, by others in another way. */
TEST(a_mask_does_not_stay)
{
    unsigned int called = 0;
    evtchn_port_t port;

    world_start();
    port = opened(pv_event_open(0, NULL, NULL));
    world_raise(port);
    CHECK_EQ(pv_event_bind(port, count, &called), 0); /* it becomes pending once unmasked */
    CHECK_EQ(pv_event_dispatch(), 1);
    pv_event_close(port);
}

TEST(each_vcpu_has_its_own)
{
    unsigned int first = 0, second = 0;
    evtchn_port_t a, b, quiet;

    world_start();
    a = opened(pv_event_open(0, count, &first));
    world_cpu = 1;
    b = opened(pv_event_open(0, count, &second));
    quiet = opened(pv_event_ipi(NULL, NULL));
    CHECK(a / 64 == b / 64); /* in one word */
    world_raise(a);
    world_raise(b);
    world_raise(quiet);
    world_cpu = 0;
    CHECK_EQ(pv_event_wait(1), 1);
    CHECK(first == 1 && second == 0);
    CHECK_EQ(pv_event_wait(1), 0);
    world_cpu = 1;
    CHECK_EQ(pv_event_wait(1), 2);
    CHECK(first == 1 && second == 1);
    pv_event_close(b);
    pv_event_close(quiet);
    world_cpu = 0;
    pv_event_close(a);
}

TEST(there_is_an_end_of_them)
{
    evtchn_port_t ports[PV_EVENT_BOUND];
    unsigned int n = 0;
    int rc;

    world_start();
    while ((rc = pv_event_open(0, NULL, NULL)) > 0)
        ports[n++] = (evtchn_port_t)rc;
    CHECK_EQ(rc, -XEN_ENOSPC);
    CHECK_EQ(n, PV_EVENT_BOUND - 1); /* xenstore has one */
    while (n)
        pv_event_close(ports[--n]);
    CHECK((rc = pv_event_open(0, NULL, NULL)) > 0);
    pv_event_close((evtchn_port_t)rc);
}
