/* SPDX-License-Identifier: BSD-2-Clause */
/* Two vCPUs of a PV domain on one CPU: how fast one yields to the other, or wakes it and is woken.
 */
#include "tests/guest/bench/bench.h"

static evtchn_port_t to_first, to_second;
static volatile bool asleep, awake;

/* Until @port is pending, as a guest waits for a lock; then not any more. */
static void wait_for(evtchn_port_t port)
{
    struct sched_poll poll = {.nr_ports = 1};

    set_xen_guest_handle(poll.ports, &port);
    (void)hc_sched_op(SCHEDOP_poll, &poll);
    port_clear(port);
}

static void second(void)
{
    cpu_self()->id = 1;
    trap_init();
    awake = true;
    while (!asleep)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    for (;;) {
        wait_for(to_second);
        (void)port_send(to_first);
    }
}

static void pair(void *arg unused)
{
    to_first = (evtchn_port_t)port_bind_ipi(0);
    to_second = (evtchn_port_t)port_bind_ipi(1);
    port_mask(to_first, true);
    port_mask(to_second, true);
    CHECK_EQ(second_initialise(second), 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_up, 1, NULL), 0);
    while (!awake)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    print("\n"); /* each figure at the beginning of a line */
    MEASURE("yield_to_other_vcpu", hc_sched_op(SCHEDOP_yield, NULL));
    asleep = true;
    MEASURE("event_round_trip", {
        (void)port_send(to_second);
        wait_for(to_first);
    });
}

TEST_FLAGS(bench, pair, TEST_ONLY_ASKED)
{
    const struct child_options o = {.vcpus = 2};

    child_run_with(pair, &o, SHUTDOWN_poweroff);
}
