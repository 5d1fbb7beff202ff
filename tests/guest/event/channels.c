/* SPDX-License-Identifier: BSD-2-Clause */
/* event_channel_op in the 2-level ABI: every operation, its errors, and delivery. */
#include "tests/guest/lib/child.h"

static struct evtchn_status status_of(evtchn_port_t port)
{
    struct evtchn_status s = {.dom = DOMID_SELF, .port = port};

    CHECK_EQ(hc_event_channel_op(EVTCHNOP_status, &s), 0);
    return s;
}

TEST(event, alloc_bind_close)
{
    long a = port_alloc(DOMID_SELF), b;

    NEED(a > 0);
    CHECK_EQ(status_of((evtchn_port_t)a).status, EVTCHNSTAT_unbound);
    b = port_bind(DOMID_SELF, (evtchn_port_t)a);
    NEED(b > 0 && b != a);
    CHECK_EQ(status_of((evtchn_port_t)a).status, EVTCHNSTAT_interdomain);
    CHECK_EQ(status_of((evtchn_port_t)a).u.interdomain.port, b);
    /* binding tells the binder once, so that nothing sent before gets lost */
    CHECK(port_pending((evtchn_port_t)b));
    port_clear((evtchn_port_t)b);
    CHECK_EQ(port_send((evtchn_port_t)a), 0);
    CHECK(port_pending((evtchn_port_t)b));
    CHECK(!port_pending((evtchn_port_t)a));
    port_clear((evtchn_port_t)b);
    CHECK_EQ(port_bind(DOMID_SELF, (evtchn_port_t)a), -EINVAL); /* taken */
    CHECK_EQ(port_close((evtchn_port_t)a), 0);
    CHECK_EQ(status_of((evtchn_port_t)b).status, EVTCHNSTAT_unbound);
    CHECK_EQ(port_send((evtchn_port_t)b), 0); /* nobody hears it */
    CHECK_EQ(port_close((evtchn_port_t)b), 0);
    CHECK_EQ(port_close((evtchn_port_t)b), -EINVAL);
    CHECK_EQ(status_of((evtchn_port_t)b).status, EVTCHNSTAT_closed);
}

TEST(event, bad_ports)
{
    static const evtchn_port_t bad[] = {0, 4095, 4096, 0x1ffff, 0x20000, 0x7fffffff, 0xffffffff};
    struct evtchn_status s = {.dom = DOMID_SELF};
    struct evtchn_bind_vcpu v = {.vcpu = 0};
    struct evtchn_unmask u;

    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        struct evtchn_close c = {.port = bad[i]};

        CHECK_CASE("close", hc_event_channel_op(EVTCHNOP_close, &c), -EINVAL);
        CHECK_CASE("send", port_send(bad[i]), -EINVAL);
        CHECK_CASE("bind", port_bind(DOMID_SELF, bad[i]), -EINVAL);
        v.port = bad[i];
        CHECK_CASE("vcpu", hc_event_channel_op(EVTCHNOP_bind_vcpu, &v), -EINVAL);
    }
    s.port = 4096;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_status, &s), -EINVAL);
    s.port = 0xffffffff;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_status, &s), -EINVAL);
    u.port = 4096;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_unmask, &u), -EINVAL);
    u.port = 0xffffffff;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_unmask, &u), -EINVAL);
}

TEST(event, bad_arguments)
{
    static const unsigned int commands[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = 1234};

    for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++) {
        CHECK_CASE("unmapped", hc_event_channel_op(commands[i], BAD_POINTER), -EFAULT);
        CHECK_CASE("hypervisor", hc_event_channel_op(commands[i], HV_POINTER), -EFAULT);
        CHECK_CASE("end", hc_event_channel_op(commands[i], ~0UL - 2), -EFAULT);
    }
    CHECK(hc_event_channel_op(14, &a) < 0); /* going on with a reset that never began */
    CHECK_EQ(hc_event_channel_op(15, &a), -ENOSYS);
    CHECK_EQ(hc_event_channel_op(~0u, &a), -ENOSYS);
    a.dom = 1234;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_alloc_unbound, &a), -ESRCH);
    CHECK_EQ(port_bind(1234, 1), -ESRCH);
}

TEST(event, virqs)
{
    long port = port_bind_virq(VIRQ_DEBUG, 0);

    NEED(port > 0);
    CHECK_EQ(status_of((evtchn_port_t)port).status, EVTCHNSTAT_virq);
    CHECK_EQ(status_of((evtchn_port_t)port).u.virq, VIRQ_DEBUG);
    CHECK_EQ(port_bind_virq(VIRQ_DEBUG, 0), -EEXIST);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
    CHECK_EQ(port_bind_virq(24, 0), -EINVAL);
    CHECK_EQ(port_bind_virq(~0u, 0), -EINVAL);
    CHECK_EQ(port_bind_virq(VIRQ_DEBUG, 8000), -ENOENT);
    CHECK_EQ(port_bind_virq(VIRQ_CONSOLE, 1), -EINVAL); /* global ones start at vCPU 0 */
}

TEST(event, ipis)
{
    long port = port_bind_ipi(0);
    struct evtchn_bind_vcpu v = {.port = (evtchn_port_t)port, .vcpu = 0};

    NEED(port > 0);
    CHECK_EQ(status_of((evtchn_port_t)port).status, EVTCHNSTAT_ipi);
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    CHECK(port_pending((evtchn_port_t)port));
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_bind_vcpu, &v), -EINVAL);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
    CHECK_EQ(port_bind_ipi(8000), -ENOENT);
    CHECK_EQ(port_bind_ipi(~0u), -ENOENT);
}

TEST(event, delivery)
{
    long port = port_bind_ipi(0);
    struct evtchn_unmask u = {.port = (evtchn_port_t)port};
    uint32_t before;

    NEED(port > 0 && port < 1024);
    before = event_ports_seen[port];
    /* masked vCPU: nothing comes before it is unmasked */
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    CHECK_EQ(event_ports_seen[port], before);
    CHECK_EQ(vcpu_info()->evtchn_upcall_pending, 1);
    events_enable(true);
    CHECK_EQ(event_ports_seen[port], before + 1);
    /* unmasked: it comes on the way back from the send */
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    CHECK_EQ(event_ports_seen[port], before + 2);
    /* masked port: it waits for unmask */
    port_mask((evtchn_port_t)port, true);
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    CHECK_EQ(event_ports_seen[port], before + 2);
    CHECK(port_pending((evtchn_port_t)port));
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_unmask, &u), 0);
    CHECK_EQ(event_ports_seen[port], before + 3);
    /* unmasking one that is not pending does nothing */
    port_mask((evtchn_port_t)port, true);
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_unmask, &u), 0);
    CHECK_EQ(event_ports_seen[port], before + 3);
    events_enable(false);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
}

TEST(event, many_ports)
{
    static evtchn_port_t ports[600];
    unsigned int count = 0;

    while (count < ARRAY_SIZE(ports)) {
        long p = port_alloc(DOMID_SELF);

        if (p <= 0)
            break;
        ports[count++] = (evtchn_port_t)p;
    }
    CHECK_EQ(count, ARRAY_SIZE(ports));
    for (unsigned int i = 0; i < count; i++)
        CHECK_EQ(port_close(ports[i]), 0);
}

static void child_exhausts(void *arg unused)
{
    unsigned int count = 0;
    long p;

    while ((p = port_alloc(DOMID_SELF)) > 0 && count < 5000)
        count++;
    CHECK_EQ(p, -ENOSPC);
    CHECK(count >= 1000 && count <= 1023);
    CHECK_EQ(port_bind_ipi(0), -ENOSPC);
}

TEST(event, port_limit)
{
    child_run(child_exhausts, NULL, SHUTDOWN_poweroff);
}

/* ---- between two domains ---- */

static void child_echo(void *arg unused)
{
    evtchn_port_t remote = (evtchn_port_t)box.value[0], other = (evtchn_port_t)box.value[1];
    long port;

    /* dom0's other ports: not there, offered to somebody else */
    CHECK_EQ(port_bind(0, remote + 500), -EINVAL);
    CHECK_EQ(port_bind(0, other), -EINVAL);
    port = port_bind(0, remote);
    NEED(port > 0);
    box.step = 1;
    port_clear((evtchn_port_t)port);
    for (unsigned int i = 0; i < 20; i++) {
        CHECK_EQ(port_send((evtchn_port_t)port), 0);
        if (!port_wait((evtchn_port_t)port, 3000000)) {
            CHECK_EQ(i, -1);
            return;
        }
        port_clear((evtchn_port_t)port);
        box.step = i + 2;
    }
    box.value[2] = (uint64_t)port;
}

TEST(event, interdomain)
{
    struct child_options o = {.paused = true};
    struct host_state before = host_state();
    struct child *c = child_make(child_echo, &o);
    struct evtchn_status s = {.dom = DOMID_SELF};
    long port, other = port_alloc(DOMID_SELF);

    NEED(c);
    port = port_alloc(c->domid);
    NEED(port > 0 && other > 0);
    c->box->value[0] = (uint64_t)port;
    c->box->value[1] = (uint64_t)other;
    child_start(c);
    for (unsigned int i = 0; i < 20; i++) {
        CHECK(port_wait((evtchn_port_t)port, 3000000));
        port_clear((evtchn_port_t)port);
        CHECK_EQ(port_send((evtchn_port_t)port), 0);
    }
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    CHECK_EQ(c->box->step, 21);
    child_end(c);
    /* the peer is gone: the port can be bound again, nothing else changed */
    s.port = (evtchn_port_t)port;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_status, &s), 0);
    CHECK_EQ(s.status, EVTCHNSTAT_unbound);
    CHECK_EQ(port_send((evtchn_port_t)port), 0);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
    CHECK_EQ(port_close((evtchn_port_t)other), 0);
    host_check(&before);
}

/* ---- reset ---- */

static void child_reset(void *arg unused)
{
    struct evtchn_reset r = {.dom = DOMID_SELF};
    long a = port_alloc(DOMID_SELF), b = port_bind_ipi(0), v = port_bind_virq(VIRQ_TIMER, 0);

    CHECK(a > 0 && b > 0 && v > 0);
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_reset, &r), 0);
    CHECK_EQ(port_close((evtchn_port_t)a), -EINVAL);
    CHECK_EQ(port_close((evtchn_port_t)b), -EINVAL);
    CHECK_EQ(port_bind_virq(VIRQ_TIMER, 0), 1);
    r.dom = 0;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_reset, &r), -EPERM);
}

TEST(event, reset)
{
    child_run(child_reset, NULL, SHUTDOWN_poweroff);
}
