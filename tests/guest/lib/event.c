/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels in the 2-level ABI: upcalls, ports, waiting. */
#include "tests/guest/lib/guest.h"

uint32_t event_upcalls, event_ports_seen[1024];

vcpu_info_t *vcpu_info(void)
{
    return &shared_info->vcpu_info[cpu_self()->id];
}

static bool on_event(struct trap_frame *f)
{
    vcpu_info_t *info = vcpu_info();
    uint64_t sel;

    (void)f;
    event_upcalls++;
    info->evtchn_upcall_pending = 0;
    sel = __atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    for (unsigned int word = 0; word < 64; word++) {
        uint64_t ready;

        if (!(sel >> word & 1))
            continue;
        ready = shared_info->evtchn_pending[word] & ~shared_info->evtchn_mask[word];
        while (ready) {
            unsigned int port = word * 64 + (unsigned int)__builtin_ctzll(ready);

            ready &= ready - 1;
            port_clear(port);
            if (port < ARRAY_SIZE(event_ports_seen))
                event_ports_seen[port]++;
        }
    }
    return true;
}

void events_enable(bool on)
{
    vcpu_info_t *info = vcpu_info();

    if (on && !trap_hooks[VECTOR_EVENT])
        trap_hooks[VECTOR_EVENT] = on_event;
    if (env.way) {
        if (on)
            __asm__ volatile("sti\n nop" ::: "memory");
        else
            __asm__ volatile("cli" ::: "memory");
        return;
    }
    __atomic_store_n(&info->evtchn_upcall_mask, !on, __ATOMIC_SEQ_CST);
    if (on && info->evtchn_upcall_pending)
        (void)hc_xen_version(XENVER_version, NULL);
}

void port_clear(evtchn_port_t port)
{
    __atomic_fetch_and(&shared_info->evtchn_pending[port / 64], ~(1UL << (port % 64)),
                       __ATOMIC_SEQ_CST);
}

void port_mask(evtchn_port_t port, bool on)
{
    if (on)
        __atomic_fetch_or(&shared_info->evtchn_mask[port / 64], 1UL << (port % 64),
                          __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&shared_info->evtchn_mask[port / 64], ~(1UL << (port % 64)),
                           __ATOMIC_SEQ_CST);
}

bool port_wait(evtchn_port_t port, uint64_t us)
{
    uint64_t end = now_ns() + us * 1000;

    while (!port_pending(port)) {
        struct sched_poll poll = {.nr_ports = 1, .timeout = end};

        set_xen_guest_handle(poll.ports, &port);
        if (hc_sched_op(SCHEDOP_poll, &poll) || now_ns() >= end)
            break;
    }
    return port_pending(port);
}

long port_alloc(domid_t remote)
{
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = remote};
    long rc = hc_event_channel_op(EVTCHNOP_alloc_unbound, &op);

    return rc ? rc : (long)op.port;
}

long port_bind_virq(uint32_t virq, uint32_t vcpu)
{
    struct evtchn_bind_virq op = {.virq = virq, .vcpu = vcpu};
    long rc = hc_event_channel_op(EVTCHNOP_bind_virq, &op);

    return rc ? rc : (long)op.port;
}

long port_bind_ipi(uint32_t vcpu)
{
    struct evtchn_bind_ipi op = {.vcpu = vcpu};
    long rc = hc_event_channel_op(EVTCHNOP_bind_ipi, &op);

    return rc ? rc : (long)op.port;
}

long port_bind(domid_t remote, evtchn_port_t port)
{
    struct evtchn_bind_interdomain op = {.remote_dom = remote, .remote_port = port};
    long rc = hc_event_channel_op(EVTCHNOP_bind_interdomain, &op);

    return rc ? rc : (long)op.local_port;
}

long port_close(evtchn_port_t port)
{
    struct evtchn_close op = {.port = port};
    long rc = hc_event_channel_op(EVTCHNOP_close, &op);

    port_clear(port);
    port_mask(port, false);
    return rc;
}

long port_send(evtchn_port_t port)
{
    struct evtchn_send op = {.port = port};

    return hc_event_channel_op(EVTCHNOP_send, &op);
}
