/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels against a simple model: three domains, random operations, both ABIs. */
/* sources: hypervisor/event/port.c hypervisor/event/bind.c hypervisor/event/virq.c */
/* sources: hypervisor/event/pirq.c hypervisor/event/deliver.c hypervisor/event/two_level.c */
/* sources: hypervisor/event/fifo.c hypervisor/event/event_op.c hypervisor/event/domain.c */
/* sources: hypervisor/lib/bitmap.c */
/* sources: tests/unit/fake/event_world.c tests/unit/fake/event_guest.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"
#include "tests/unit/fake/event_world.h"

/* The model: what each port is, and whether its guest has an event to come. */
#define PORTS 40

struct model_port {
    enum port_state state;
    int peer, peer_port; /* interdomain; unbound: who may bind */
    uint32_t virq, vcpu;
    bool due; /* raised and not yet handled */
    bool masked;
};
static struct model_port model[FAKE_DOMAINS][PORTS];
static int handled_wrongly;

static void handled(int domain, uint32_t port)
{
    if (port >= PORTS || !model[domain][port].due)
        handled_wrongly++;
    else
        model[domain][port].due = false;
}

static void model_raise(int domain, int port)
{
    model[domain][port].due = true;
}

static int model_lowest(int domain)
{
    for (int i = 1; i < PORTS; i++)
        if (model[domain][i].state == PORT_FREE)
            return i;
    return -1;
}

static void model_close(int domain, int port)
{
    struct model_port *p = &model[domain][port];

    if (p->state == PORT_INTERDOMAIN) {
        struct model_port *other = &model[p->peer][p->peer_port];

        other->state = PORT_UNBOUND;
        other->peer = domain;
    }
    p->state = PORT_FREE;
    p->due = false;
}

static long model_open(int domain, enum port_state state)
{
    int port = model_lowest(domain);

    if (port < 0)
        return -ENOSPC;
    model[domain][port].state = state;
    model[domain][port].vcpu = 0;
    return port;
}

static void try_alloc_unbound(int domain)
{
    int remote = (int)check_random_below(FAKE_DOMAINS), dom = (int)check_random_below(FAKE_DOMAINS);
    struct evtchn_alloc_unbound op = {.dom = (domid_t)dom, .remote_dom = (domid_t)remote};
    long rc = call(EVTCHNOP_alloc_unbound, &op), wanted;

    if (dom != domain && domain != 0) {
        CHECK_EQ(rc, -EPERM);
        return;
    }
    wanted = model_open(dom, PORT_UNBOUND);
    CHECK_EQ(rc ? rc : (long)op.port, wanted);
    if (!rc)
        model[dom][op.port].peer = remote;
}

static void try_bind_interdomain(int domain)
{
    int remote = (int)check_random_below(FAKE_DOMAINS), port = (int)check_random_below(PORTS + 2);
    struct evtchn_bind_interdomain op = {.remote_dom = (domid_t)remote,
                                         .remote_port = (uint32_t)port};
    long rc = call(EVTCHNOP_bind_interdomain, &op), wanted;
    struct model_port *theirs = &model[remote][port < PORTS ? port : 0];

    if (theirs->state != PORT_UNBOUND || theirs->peer != domain) {
        CHECK_EQ(rc, -EINVAL);
        return;
    }
    wanted = model_open(domain, PORT_INTERDOMAIN);
    CHECK_EQ(rc ? rc : (long)op.local_port, wanted);
    if (rc)
        return;
    theirs->state = PORT_INTERDOMAIN;
    theirs->peer = domain;
    theirs->peer_port = (int)op.local_port;
    model[domain][op.local_port].peer = remote;
    model[domain][op.local_port].peer_port = port;
    model_raise(domain, (int)op.local_port);
}

static void try_bind_ipi(int domain)
{
    struct evtchn_bind_ipi op = {.vcpu = (uint32_t)check_random_below(FAKE_VCPUS + 1)};
    long rc = call(EVTCHNOP_bind_ipi, &op), wanted;

    if (op.vcpu >= FAKE_VCPUS) {
        CHECK_EQ(rc, -ENOENT);
        return;
    }
    wanted = model_open(domain, PORT_IPI);
    CHECK_EQ(rc ? rc : (long)op.port, wanted);
    if (!rc)
        model[domain][op.port].vcpu = op.vcpu;
}

static bool model_virq_bound(int domain, uint32_t virq, uint32_t vcpu)
{
    for (int i = 1; i < PORTS; i++)
        if (model[domain][i].state == PORT_VIRQ && model[domain][i].virq == virq &&
            (virq_is_global(virq) || model[domain][i].vcpu == vcpu))
            return true;
    return false;
}

static void try_bind_virq(int domain)
{
    static const uint32_t virqs[] = {VIRQ_TIMER, VIRQ_DEBUG, VIRQ_DOM_EXC, VIRQ_CON_RING, NR_VIRQS};
    struct evtchn_bind_virq op = {.virq = virqs[check_random_below(ARRAY_SIZE(virqs))],
                                  .vcpu = (uint32_t)check_random_below(FAKE_VCPUS + 1)};
    long rc = call(EVTCHNOP_bind_virq, &op), wanted;

    if (op.virq >= NR_VIRQS || (virq_is_global(op.virq) && op.vcpu)) {
        CHECK_EQ(rc, -EINVAL);
    } else if (op.vcpu >= FAKE_VCPUS) {
        CHECK_EQ(rc, -ENOENT);
    } else if (model_virq_bound(domain, op.virq, op.vcpu)) {
        CHECK_EQ(rc, -EEXIST);
    } else {
        wanted = model_open(domain, PORT_VIRQ);
        CHECK_EQ(rc ? rc : (long)op.port, wanted);
        if (!rc) {
            model[domain][op.port].virq = op.virq;
            model[domain][op.port].vcpu = op.vcpu;
        }
    }
}

static void try_raise_virq(int domain)
{
    uint32_t vcpu = (uint32_t)check_random_below(FAKE_VCPUS);

    event_raise_virq(&fake_vcpus[domain][vcpu], VIRQ_TIMER);
    event_raise_global_virq(VIRQ_DOM_EXC);
    for (int i = 1; i < PORTS; i++) {
        struct model_port *p = &model[domain][i], *p0 = &model[0][i];

        if (p->state == PORT_VIRQ && p->virq == VIRQ_TIMER && p->vcpu == vcpu)
            model_raise(domain, i);
        if (p0->state == PORT_VIRQ && p0->virq == VIRQ_DOM_EXC)
            model_raise(0, i);
    }
}

static void try_close(int domain)
{
    struct evtchn_close op = {.port = (uint32_t)check_random_below(PORTS + 2)};
    long rc = call(EVTCHNOP_close, &op);

    if (op.port >= PORTS || model[domain][op.port].state <= PORT_RESERVED) {
        CHECK_EQ(rc, -EINVAL);
        return;
    }
    CHECK_EQ(rc, 0);
    model_close(domain, (int)op.port);
}

static void try_send(int domain)
{
    struct evtchn_send op = {.port = (uint32_t)check_random_below(PORTS + 2)};
    long rc = call(EVTCHNOP_send, &op);
    struct model_port *p = &model[domain][op.port < PORTS ? op.port : 0];

    if (p->state == PORT_INTERDOMAIN) {
        model_raise(p->peer, p->peer_port);
        CHECK_EQ(rc, 0);
    } else if (p->state == PORT_IPI) {
        model_raise(domain, (int)op.port);
        CHECK_EQ(rc, 0);
    } else {
        CHECK_EQ(rc, p->state == PORT_UNBOUND ? 0 : -EINVAL);
    }
}

static void try_bind_vcpu(int domain)
{
    struct evtchn_bind_vcpu op = {.port = (uint32_t)check_random_below(PORTS + 2),
                                  .vcpu = (uint32_t)check_random_below(FAKE_VCPUS + 1)};
    long rc = call(EVTCHNOP_bind_vcpu, &op);
    struct model_port *p = &model[domain][op.port < PORTS ? op.port : 0];

    if (op.vcpu >= FAKE_VCPUS) {
        CHECK_EQ(rc, -ENOENT);
    } else if (p->state == PORT_UNBOUND || p->state == PORT_INTERDOMAIN ||
               (p->state == PORT_VIRQ && virq_is_global(p->virq))) {
        CHECK_EQ(rc, 0);
        p->vcpu = op.vcpu;
    } else {
        CHECK_EQ(rc, -EINVAL);
    }
}

/* The guest masks and unmasks by itself, calling us when it must. */
static void try_mask(int domain)
{
    uint32_t port = 1 + (uint32_t)check_random_below(PORTS - 1);
    struct model_port *p = &model[domain][port];
    struct evtchn_unmask op = {.port = port};
    shared_info_t *s = fake_domains[domain].shared_info;

    if (p->state <= PORT_RESERVED)
        return;
    p->masked = !p->masked;
    if (!p->masked)
        CHECK_EQ(call(EVTCHNOP_unmask, &op), 0);
    else if (fake_guests[domain].fifo)
        __atomic_fetch_or(guest_word(domain, port), FIFO_MASKED, __ATOMIC_SEQ_CST);
    else
        s->evtchn_mask[port / 64] |= 1UL << (port % 64);
}

static void try_priority(int domain)
{
    struct evtchn_set_priority op = {.port = (uint32_t)check_random_below(PORTS),
                                     .priority = (uint32_t)check_random_below(17)};
    long rc = call(EVTCHNOP_set_priority, &op);

    if (op.port && model[domain][op.port].state <= PORT_RESERVED)
        CHECK_EQ(rc, -EINVAL);
    else if (!fake_guests[domain].fifo)
        CHECK_EQ(rc, -ENOSYS);
    else
        CHECK_EQ(rc, op.priority > 15 || !op.port ? -EINVAL : 0);
}

static void check_status(int domain, uint32_t port)
{
    struct evtchn_status op = {.dom = (domid_t)domain, .port = port};
    struct model_port *p = &model[domain][port];
    static const uint32_t wanted[] = {
        [PORT_FREE] = EVTCHNSTAT_closed,     [PORT_RESERVED] = EVTCHNSTAT_closed,
        [PORT_UNBOUND] = EVTCHNSTAT_unbound, [PORT_INTERDOMAIN] = EVTCHNSTAT_interdomain,
        [PORT_VIRQ] = EVTCHNSTAT_virq,       [PORT_IPI] = EVTCHNSTAT_ipi};

    CHECK_EQ(call(EVTCHNOP_status, &op), 0);
    CHECK_EQ(op.status, wanted[p->state]);
    if (p->state > PORT_RESERVED)
        CHECK_EQ(op.vcpu, p->vcpu);
    if (p->state == PORT_UNBOUND)
        CHECK_EQ(op.u.unbound.dom, p->peer);
    if (p->state == PORT_INTERDOMAIN)
        CHECK(op.u.interdomain.dom == p->peer && op.u.interdomain.port == (uint32_t)p->peer_port);
    if (p->state == PORT_VIRQ)
        CHECK_EQ(op.u.virq, p->virq);
}

/* Let every guest handle all it knows of; afterwards only masked events are due. */
static void settle(void)
{
    for (int i = 0; i < FAKE_DOMAINS; i++)
        for (int j = 0; j < FAKE_VCPUS; j++)
            guest_run(i, j);
    CHECK_EQ(handled_wrongly, 0);
    fake_become(0, 0);
    for (int i = 0; i < FAKE_DOMAINS; i++)
        for (int port = 1; port < PORTS; port++) {
            struct model_port *p = &model[i][port];

            if (p->state <= PORT_RESERVED)
                continue;
            CHECK(!p->due || p->masked);
            CHECK_EQ(event_port_pending(&fake_domains[i], (uint32_t)port), p->due);
            check_status(i, (uint32_t)port);
        }
}

static void step(int domain)
{
    static void (*const tries[])(int) = {try_alloc_unbound,
                                         try_bind_interdomain,
                                         try_bind_interdomain,
                                         try_bind_ipi,
                                         try_bind_virq,
                                         try_raise_virq,
                                         try_close,
                                         try_send,
                                         try_send,
                                         try_send,
                                         try_send,
                                         try_bind_vcpu,
                                         try_mask,
                                         try_mask,
                                         try_priority};

    fake_become(domain, (int)check_random_below(FAKE_VCPUS));
    tries[check_random_below(ARRAY_SIZE(tries))](domain);
    if (check_random_below(3) == 0)
        guest_run((int)check_random_below(FAKE_DOMAINS), (int)check_random_below(FAKE_VCPUS));
    CHECK_EQ(handled_wrongly, 0);
}

static void run_model(bool fifo)
{
    fake_world(PORTS - 1);
    memset(model, 0, sizeof(model));
    handled_wrongly = 0;
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        model[i][0].state = PORT_RESERVED;
        fake_guests[i].handle = handled;
        fake_become(i, 0);
        if (fifo)
            guest_go_fifo(i, 1);
    }
    for (int round = 0; round < 400; round++) {
        for (int n = 0; n < 25; n++)
            step((int)check_random_below(FAKE_DOMAINS));
        settle();
    }
    CHECK(fake_world_end());
}

TEST(random_operations_two_level)
{
    for (int i = 0; i < 5; i++)
        run_model(false);
}

TEST(random_operations_fifo)
{
    for (int i = 0; i < 5; i++)
        run_model(true);
}

TEST(switch_to_fifo_keeps_events)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 1};
    struct evtchn_send send;
    struct evtchn_expand_array expand = {.array_gfn = fake_frame_of(1, 2)};

    fake_world(4095);
    fake_become(1, 0);
    CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), 0);
    send.port = ipi.port;
    CHECK_EQ(call(EVTCHNOP_expand_array, &expand), -EOPNOTSUPP);
    CHECK_EQ(call(EVTCHNOP_send, &send), 0);
    CHECK(event_port_pending(&fake_domains[1], ipi.port));
    guest_go_fifo(1, 0);
    CHECK(event_port_pending(&fake_domains[1], ipi.port));
    CHECK(!two_level_is_pending(&fake_domains[1], ipi.port));
    CHECK_EQ(call(EVTCHNOP_expand_array, &expand), 0);
    fake_guests[1].pages = 1;
    CHECK(event_port_pending(&fake_domains[1], ipi.port));
    CHECK(*guest_word(1, ipi.port) & FIFO_LINKED);
    CHECK(guest_run(1, 1));
    CHECK(!event_port_pending(&fake_domains[1], ipi.port));
    CHECK(fake_world_end());
}

TEST(reset_goes_back_to_two_level)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    struct evtchn_reset reset = {.dom = DOMID_SELF};
    struct evtchn_init_control again = {.control_gfn = fake_frame_of(1, 0)};

    fake_world(~0u);
    fake_become(1, 0);
    guest_go_fifo(1, 10);
    for (int i = 0; i < 5000; i++)
        CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), 0);
    CHECK_EQ(ipi.port, 5000);
    CHECK_EQ(call(EVTCHNOP_send, &ipi.port), 0);
    CHECK(event_port_pending(&fake_domains[1], 5000));
    CHECK_EQ(call(EVTCHNOP_init_control, &again), -EINVAL); /* registered already */

    fake_preempt = true;
    CHECK_EQ(call(EVTCHNOP_reset, &reset), -ERESTART);
    CHECK_EQ(fake_args[0], 14);
    int calls = 1;
    while (call(14, &reset) == -ERESTART)
        calls++;
    CHECK(calls > 100);
    fake_preempt = false;

    CHECK(!fake_domains[1].event->fifo);
    CHECK(!event_port_pending(&fake_domains[1], 5000));
    CHECK(!event_port_valid(&fake_domains[1], 5000));
    ipi.vcpu = 1;
    for (uint32_t i = 1; i < 4096; i++) {
        CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), 0);
        CHECK_EQ(ipi.port, i);
    }
    CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), -ENOSPC);
    guest_go_fifo(1, 10);
    CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), 0);
    CHECK_EQ(ipi.port, 4096);
    CHECK(fake_world_end());
}

TEST(bad_fifo_arguments)
{
    struct evtchn_init_control op = {.control_gfn = fake_frame_of(1, 0)};
    struct evtchn_expand_array expand = {.array_gfn = fake_frame_of(0, 1)};

    fake_world(100);
    fake_become(1, 0);
    op.offset = 4096 - 72 + 8;
    CHECK_EQ(call(EVTCHNOP_init_control, &op), -EINVAL);
    op.offset = 4;
    CHECK_EQ(call(EVTCHNOP_init_control, &op), -EINVAL);
    op.offset = ~0u & ~7u;
    CHECK_EQ(call(EVTCHNOP_init_control, &op), -EINVAL);
    op.offset = 4096 - 72;
    op.vcpu = FAKE_VCPUS;
    CHECK_EQ(call(EVTCHNOP_init_control, &op), -ENOENT);
    op.vcpu = 0;
    op.control_gfn = fake_frame_of(0, 0);
    CHECK_EQ(call(EVTCHNOP_init_control, &op), -EINVAL); /* another domain's page */
    op.control_gfn = ~0ULL;
    CHECK_EQ(call(EVTCHNOP_init_control, &op), -EINVAL);
    op.control_gfn = fake_frame_of(1, 0);
    CHECK_EQ(call(EVTCHNOP_init_control, &op), 0);
    CHECK_EQ(call(EVTCHNOP_expand_array, &expand), -EINVAL);
    expand.array_gfn = fake_frame_of(1, 1);
    for (int i = 0; i < FIFO_MAX_PAGES; i++)
        CHECK_EQ(call(EVTCHNOP_expand_array, &expand), 0);
    CHECK_EQ(call(EVTCHNOP_expand_array, &expand), -ENOSPC);
    CHECK(fake_world_end());
}

TEST(permissions)
{
    struct evtchn_alloc_unbound alloc = {.dom = 2, .remote_dom = DOMID_SELF};
    struct evtchn_status status = {.dom = 2, .port = 1};
    struct evtchn_reset reset = {.dom = 2};
    struct evtchn_bind_interdomain bind = {.remote_dom = 7, .remote_port = 1};

    fake_world(100);
    fake_become(1, 0);
    CHECK_EQ(call(EVTCHNOP_alloc_unbound, &alloc), -EPERM);
    CHECK_EQ(call(EVTCHNOP_status, &status), -EPERM);
    CHECK_EQ(call(EVTCHNOP_reset, &reset), -EPERM);
    CHECK_EQ(call(EVTCHNOP_bind_interdomain, &bind), -ESRCH);
    alloc.dom = 9;
    CHECK_EQ(call(EVTCHNOP_alloc_unbound, &alloc), -ESRCH);
    fake_become(0, 0);
    alloc.dom = 2;
    CHECK_EQ(call(EVTCHNOP_alloc_unbound, &alloc), 0);
    CHECK_EQ(call(EVTCHNOP_status, &status), 0);
    CHECK_EQ(status.u.unbound.dom, 0); /* the caller, not the owner */
    CHECK_EQ(call(99, &status), -ENOSYS);
    CHECK_EQ(call(EVTCHNOP_send, NULL), -EFAULT);
    CHECK(fake_world_end());
}

TEST(pirq)
{
    struct evtchn_bind_pirq op = {.pirq = 9, .flags = BIND_PIRQ__WILL_SHARE};
    struct evtchn_bind_vcpu move = {.vcpu = 1};
    struct evtchn_send send;
    struct evtchn_close close;

    fake_world(100);
    fake_become(0, 0);
    CHECK_EQ(call(EVTCHNOP_bind_pirq, &op), 0);
    CHECK_EQ(fake_irq_port[9], op.port);
    CHECK_EQ(fake_irq_cpu[9], 10);
    send.port = move.port = close.port = op.port;
    CHECK_EQ(call(EVTCHNOP_bind_pirq, &op), -EEXIST);
    CHECK_EQ(call(EVTCHNOP_send, &send), -EINVAL);
    CHECK_EQ(call(EVTCHNOP_bind_vcpu, &move), 0);
    CHECK_EQ(fake_irq_cpu[9], 11);
    event_raise_port(&fake_domains[0], send.port);
    CHECK(event_port_pending(&fake_domains[0], send.port));
    fake_irq_result = -EBUSY;
    op.pirq = 10;
    CHECK_EQ(call(EVTCHNOP_bind_pirq, &op), -EBUSY);
    fake_irq_result = 0;
    CHECK_EQ(call(EVTCHNOP_close, &close), 0);
    CHECK_EQ(fake_irq_port[9], 0);
    op.pirq = 9;
    CHECK_EQ(call(EVTCHNOP_bind_pirq, &op), 0);
    CHECK(fake_world_end());
    CHECK_EQ(fake_irq_port[9], 0); /* teardown disconnects too */
}

TEST(virq_owner)
{
    struct evtchn_bind_virq op = {.virq = VIRQ_DOM_EXC};

    fake_world(100);
    fake_become(1, 0);
    CHECK_EQ(call(EVTCHNOP_bind_virq, &op), 0);
    event_raise_global_virq(VIRQ_DOM_EXC);
    CHECK(!event_port_pending(&fake_domains[1], op.port)); /* domain 0's business */
    CHECK_EQ(event_set_virq_handler(&fake_domains[1], VIRQ_TIMER), -EINVAL);
    CHECK_EQ(event_set_virq_handler(&fake_domains[1], VIRQ_DOM_EXC), 0);
    CHECK_EQ(event_set_virq_handler(&fake_domains[1], VIRQ_DOM_EXC), -EEXIST);
    event_raise_global_virq(VIRQ_DOM_EXC);
    CHECK(event_port_pending(&fake_domains[1], op.port));
    CHECK_EQ(fake_domains[1].refs, 2);
    CHECK(fake_world_end());
}

TEST(memory_runs_out)
{
    for (long n = 0;; n++) {
        struct domain d = {.id = 1};
        int rc;

        fake_pool_fail_after = n;
        rc = event_domain_init(&d, 1000);
        if (!rc) {
            fake_pool_fail_after = -1;
            event_domain_free(&d);
            CHECK(n >= 4);
            break;
        }
        CHECK_EQ(rc, -ENOMEM);
        CHECK(!d.event);
        CHECK_EQ(fake_pool_blocks, 0);
    }
}

TEST(smallest_domain)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 0};

    fake_world(0); /* one port at least */
    fake_become(1, 0);
    CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), 0);
    CHECK_EQ(ipi.port, 1);
    CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), -ENOSPC);
    CHECK(fake_world_end());
}

TEST(pollers_and_kicks)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 1}, own = {.vcpu = 0};

    fake_world(100);
    fake_become(1, 0);
    CHECK_EQ(call(EVTCHNOP_bind_ipi, &ipi), 0);
    CHECK_EQ(call(EVTCHNOP_bind_ipi, &own), 0);
    CHECK_EQ(call(EVTCHNOP_send, &ipi.port), 0);
    CHECK_EQ(fake_kicks[1][1], 1);
    CHECK_EQ(call(EVTCHNOP_send, &ipi.port), 0); /* pending already */
    CHECK_EQ(fake_kicks[1][1], 1);
    CHECK_EQ(call(EVTCHNOP_send, &own.port), 0); /* to itself: the gate will see */
    CHECK_EQ(fake_kicks[1][0], 0);
    guest_run(1, 0);
    fake_vcpus[1][0].sched.blocked = BLOCK_EVENT;
    CHECK_EQ(call(EVTCHNOP_send, &own.port), 0);
    CHECK_EQ(fake_kicks[1][0], 1);
    fake_vcpus[1][0].sched.blocked = 0;

    /* A masked event wakes a poller all the same. */
    guest_run(1, 1);
    fake_domains[1].shared_info->evtchn_mask[0] = ~0UL;
    fake_poll_wakes = 0;
    CHECK_EQ(call(EVTCHNOP_send, &ipi.port), 0);
    CHECK_EQ(fake_poll_wakes, 0);
    guest_run(1, 1);
    fake_domains[1].shared_info->evtchn_pending[0] = 0;
    fake_domains[1].sched.pollers = 1;
    CHECK_EQ(call(EVTCHNOP_send, &ipi.port), 0);
    CHECK_EQ(fake_poll_wakes, 1);
    CHECK_EQ(fake_kicks[1][1], 1);
    CHECK(fake_world_end());
}
