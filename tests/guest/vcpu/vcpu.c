/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu_op, sched_op, timers: operations, errors, and a second vCPU brought up. */
#include "tests/guest/lib/child.h"

TEST(vcpu, is_up)
{
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 0, NULL), 1);
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 8191, NULL), -ENOENT);
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, ~0u, NULL), -ENOENT);
    CHECK_EQ(hc_vcpu_op(77, 0, NULL), -ENOSYS);
}

TEST(vcpu, runstate)
{
    static vcpu_runstate_info_t info, area;
    struct vcpu_register_runstate_memory_area r;

    CHECK_EQ(hc_vcpu_op(VCPUOP_get_runstate_info, 0, &info), 0);
    CHECK_EQ(info.state, RUNSTATE_running);
    CHECK(info.time[RUNSTATE_running] > 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_get_runstate_info, 0, BAD_POINTER), -EFAULT);
    r.addr.v = &area;
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &r), 0);
    CHECK_EQ(area.state, RUNSTATE_running);
    /* (a slow machine may be past the end of a sleep before it begins) */
    for (unsigned int i = 0; i < 100 && area.time[RUNSTATE_blocked] <= info.time[RUNSTATE_blocked];
         i++)
        sleep_us(3000);
    CHECK(area.time[RUNSTATE_blocked] > info.time[RUNSTATE_blocked]);
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, BAD_POINTER), -EFAULT);
    /* an address that cannot be written: tolerated, nothing is stored */
    r.addr.p = HV_POINTER;
    (void)hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &r);
    sleep_us(2000);
    r.addr.p = NONCANONICAL;
    (void)hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &r);
    sleep_us(2000);
    r.addr.p = (uint64_t)image_start; /* read-only in no way, but then: */
    r.addr.v = NULL;
    CHECK(hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &r) <= 0);
    sleep_us(2000);
}

/* A timer that is stopped before its time does not fire. (A busy host may be past that before the
 * stop.) */
static void stopped(long port, struct vcpu_set_singleshot_timer *s)
{
    unsigned int tries = 0;

    do {
        port_clear((evtchn_port_t)port);
        s->timeout_abs_ns = now_ns() + 50000000;
        CHECK_EQ(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, s), 0);
        CHECK_EQ(hc_vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
    } while (now_ns() >= s->timeout_abs_ns && ++tries < 20);
    CHECK(tries < 20);
    sleep_us(60000);
    CHECK(!port_pending((evtchn_port_t)port));
}

TEST(vcpu, timers)
{
    long port = port_bind_virq(VIRQ_TIMER, 0);
    struct vcpu_set_singleshot_timer s = {.timeout_abs_ns = now_ns() + 3000000};
    struct vcpu_set_periodic_timer p = {.period_ns = 2000000};

    NEED(port > 0);
    port_mask((evtchn_port_t)port, true);
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK(port_wait((evtchn_port_t)port, 2000000));
    CHECK(now_ns() >= s.timeout_abs_ns);
    port_clear((evtchn_port_t)port);
    /* in the past: fires at once, even when asked to say so (as on Xen) */
    s.timeout_abs_ns = 1;
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK(port_wait((evtchn_port_t)port, 2000000));
    port_clear((evtchn_port_t)port);
    s.flags = VCPU_SSHOTTMR_future;
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s), 0);
    CHECK(port_wait((evtchn_port_t)port, 2000000));
    port_clear((evtchn_port_t)port);
    s.flags = 0;
    stopped(port, &s);
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p), 0);
    for (unsigned int i = 0; i < 3; i++) {
        CHECK(port_wait((evtchn_port_t)port, 2000000));
        port_clear((evtchn_port_t)port);
    }
    CHECK_EQ(hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0);
    p.period_ns = 1000;
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p), -EINVAL);
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_set_timer_op(now_ns() + 2000000), 0);
    CHECK(port_wait((evtchn_port_t)port, 2000000));
    CHECK_EQ(hc_set_timer_op(0), 0);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
}

TEST(vcpu, poll)
{
    static evtchn_port_t ports[200];
    struct sched_poll poll = {.nr_ports = 1, .timeout = 0};
    long port = port_bind_ipi(0);
    uint64_t start;

    NEED(port > 0);
    port_mask((evtchn_port_t)port, true);
    ports[0] = (evtchn_port_t)port;
    set_xen_guest_handle(poll.ports, ports);
    start = now_ns();
    poll.timeout = start + 3000000;
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, &poll), 0);
    CHECK(now_ns() >= start + 3000000);
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    poll.timeout = 0;
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, &poll), 0); /* pending: returns at once */
    port_clear((evtchn_port_t)port);
    poll.timeout = 1;
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, &poll), 0); /* a time long gone */
    poll.nr_ports = 129;
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, &poll), -EINVAL);
    poll.nr_ports = 1;
    ports[0] = 0xffffffff;
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, &poll), -EINVAL);
    set_xen_guest_handle(poll.ports, (evtchn_port_t *)BAD_POINTER);
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, &poll), -EFAULT);
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_sched_op(SCHEDOP_poll, HV_POINTER), -EFAULT);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
}

TEST(vcpu, block)
{
    long port = port_bind_virq(VIRQ_TIMER, 0);

    NEED(port > 0 && port < 1024);
    event_ports_seen[port] = 0;
    /* have the handler in place, but keep events off until the block */
    events_enable(true);
    events_enable(false);
    CHECK_EQ(hc_set_timer_op(now_ns() + 3000000), 0);
    CHECK_EQ(hc_sched_op(SCHEDOP_block, NULL), 0);
    events_enable(false);
    CHECK_EQ(event_ports_seen[port], 1);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
}

TEST(vcpu, sched_errors)
{
    struct sched_remote_shutdown remote = {.domain_id = 1234};
    struct sched_pin_override pin = {.pcpu = 4000};

    CHECK_EQ(hc_sched_op(SCHEDOP_yield, NULL), 0);
    CHECK_EQ(hc_sched_op(99, NULL), -ENOSYS);
    CHECK_EQ(hc_sched_op(SCHEDOP_shutdown, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_sched_op(SCHEDOP_shutdown_code, HV_POINTER), -EFAULT);
    CHECK_EQ(hc_sched_op(SCHEDOP_remote_shutdown, &remote), -ESRCH);
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, &pin), -EINVAL);
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, BAD_POINTER), -EFAULT);
    pin.pcpu = -1;
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, &pin), -EINVAL); /* is not pinned */
    pin.pcpu = 0;
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, &pin), 0);
    pin.pcpu = -1;
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, &pin), 0);
}

TEST(vcpu, watchdog)
{
    struct sched_watchdog w = {.id = 0, .timeout = 30};
    long id = hc_sched_op(SCHEDOP_watchdog, &w);

    CHECK(id > 0);
    w.id = (uint32_t)id;
    CHECK_EQ(hc_sched_op(SCHEDOP_watchdog, &w), 0);
    w.timeout = 0;
    CHECK_EQ(hc_sched_op(SCHEDOP_watchdog, &w), 0);
    w.id = 99;
    CHECK_EQ(hc_sched_op(SCHEDOP_watchdog, &w), -EINVAL);
}

static uint32_t nmis;

static bool on_nmi(struct trap_frame *f)
{
    (void)f;
    nmis++;
    return true;
}

TEST(vcpu, nmi)
{
    nmis = 0;
    trap_hooks[2] = on_nmi;
    CHECK_EQ(hc_vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
    CHECK_EQ(nmis, 1);
    CHECK_EQ(hc_vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
    CHECK_EQ(nmis, 2);
    CHECK_EQ(hc_vcpu_op(VCPUOP_send_nmi, 8000, NULL), -ENOENT);
}

/* ---- a second vCPU ---- */

static volatile uint32_t second_count, second_go;

static void second_main(void)
{
    cpu_self()->id = 1;
    trap_init();
    shared_info->vcpu_info[1].evtchn_upcall_mask = 1;
    for (;;) {
        second_count++;
        if (second_go == 2)
            (void)hc_vcpu_op(VCPUOP_down, 1, NULL);
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    }
}

static bool second_moves(void)
{
    uint32_t seen = second_count;

    for (unsigned int i = 0; i < 500; i++) {
        sleep_us(2000);
        if (second_count != seen)
            return true;
    }
    return false;
}

static void child_second(void *arg unused)
{
    struct vcpu_register_vcpu_info r = {.mfn = va_mfn(page_alloc())};
    long port;

    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_up, 1, NULL), -EINVAL); /* not initialised */
    CHECK_EQ(hc_vcpu_op(VCPUOP_initialise, 1, BAD_POINTER), -EFAULT);
    CHECK_EQ(second_initialise(second_main), 0);
    CHECK_EQ(second_initialise(second_main), -EEXIST);
    CHECK_EQ(hc_vcpu_op(VCPUOP_up, 1, NULL), 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 1, NULL), 1);
    CHECK(second_moves());
    /* of a running one only by itself: two that wait for each other to stop would wait for ever */
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 1, &r), -EINVAL);
    CHECK_EQ(mmuext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
    port = port_bind_ipi(1);
    CHECK(port > 0);
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    CHECK_EQ(shared_info->vcpu_info[1].evtchn_upcall_pending, 1);
    /* Only itself may while it is up: two that wait for each other would do so for ever. */
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 1, &r), -EINVAL);
    second_go = 2;
    for (unsigned int i = 0; i < 500 && hc_vcpu_op(VCPUOP_is_up, 1, NULL); i++)
        sleep_us(2000);
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 1, &r), 0); /* it is down */
    second_go = 0;
    CHECK_EQ(hc_vcpu_op(VCPUOP_up, 1, NULL), 0);
    CHECK(second_moves());
}

TEST(vcpu, second)
{
    struct child_options o = {.vcpus = 2};

    child_run_with(child_second, &o, SHUTDOWN_poweroff);
}

static void child_vcpu_info(void *arg unused)
{
    char *page = page_alloc();
    struct vcpu_register_vcpu_info r = {.mfn = 0xfffffffff};
    vcpu_info_t *moved = (vcpu_info_t *)(page + 128);
    long port = port_bind_ipi(0);

    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &r), -EINVAL);
    r.mfn = va_mfn((void *)env.l4_va);
    CHECK(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &r) < 0); /* a page table */
    r.mfn = va_mfn(page);
    r.offset = 4096 - 32;
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &r), -ENXIO);
    r.offset = 4090;
    CHECK(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &r) < 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, BAD_POINTER), -EFAULT);
    r.offset = 128;
    CHECK_EQ(shared_info->vcpu_info[0].evtchn_upcall_mask, 1);
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &r), 0);
    CHECK_EQ(moved->evtchn_upcall_mask, 1);
    CHECK_EQ(moved->evtchn_upcall_pending, 1); /* look again: something may have come meanwhile */
    CHECK(moved->time.tsc_to_system_mul != 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &r), -EINVAL); /* once only */
    moved->evtchn_upcall_pending = 0;
    moved->evtchn_pending_sel = 0;
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    CHECK_EQ(moved->evtchn_upcall_pending, 1);
    /* the page cannot become a page table while it is in use */
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(page), 0) < 0);
}

TEST(vcpu, info_area)
{
    child_run(child_vcpu_info, NULL, SHUTDOWN_poweroff);
}
