/* SPDX-License-Identifier: BSD-2-Clause */
/* event_channel_op: every sub-operation with every kind of argument. */
#include "tests/guest/lib/rows.h"

#define EVENT(cmd, type, ...)                                                                      \
    ({                                                                                             \
        struct type op_ = {__VA_ARGS__};                                                           \
        long rc_ = hc_event_channel_op(cmd, &op_);                                                 \
        got_port = op_.port;                                                                       \
        rc_;                                                                                       \
    })

static evtchn_port_t got_port;

static void close_got(void)
{
    (void)port_close(got_port);
}

/* A port that was allocated in @dom is closed if it is ours: its number names another one of ours
 * otherwise. */
static void close_got_of(domid_t dom)
{
    if (dom == DOMID_SELF || dom == env.domid)
        close_got();
}

static void alloc_and_bind(void)
{
    struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    struct evtchn_bind_interdomain b = {.remote_dom = DOMID_SELF, .remote_port = 1};
    long own;

    DOMIDS("alloc_unbound.dom", close_got_of(v),
           EVENT(EVTCHNOP_alloc_unbound, evtchn_alloc_unbound, .dom = v, .remote_dom = DOMID_SELF));
    DOMIDS("alloc_unbound.remote", close_got(),
           EVENT(EVTCHNOP_alloc_unbound, evtchn_alloc_unbound, .dom = DOMID_SELF, .remote_dom = v));
    POINTERS("alloc_unbound", __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, a);
    POINTERS("bind_interdomain", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, b);
#define BIND(d, p)                                                                                 \
    ({                                                                                             \
        struct evtchn_bind_interdomain op_ = {.remote_dom = (d), .remote_port = (p)};              \
        long rc_ = hc_event_channel_op(EVTCHNOP_bind_interdomain, &op_);                           \
        got_port = op_.local_port;                                                                 \
        rc_;                                                                                       \
    })
    own = port_alloc(DOMID_SELF);
    DOMIDS("bind_interdomain.dom", close_got(), BIND(v, 999));
    ROW("bind_interdomain.to_ours", "self", BIND(DOMID_SELF, (evtchn_port_t)own));
    close_got();
    SWEEP("bind_interdomain.port", close_got(), BIND(DOMID_SELF, (evtchn_port_t)v), 0, 999, 1023,
          1024, 4095, 4096, 0x1ffff, 0x20000, 0x7fffffff, 0xffffffff);
    (void)port_close((evtchn_port_t)own);
    own = port_alloc(env.is_child ? 0 : 7000);
    ROW("bind_interdomain.not_for_us", "self", BIND(DOMID_SELF, (evtchn_port_t)own));
    (void)port_close((evtchn_port_t)own);
}

static void bind_virq(void)
{
    struct evtchn_bind_virq b = {.virq = 99};
    struct evtchn_bind_ipi i = {.vcpu = 99};

#define VIRQ(q, c) EVENT(EVTCHNOP_bind_virq, evtchn_bind_virq, .virq = (q), .vcpu = (c))
    RANGE("bind_virq.virq", 0, 26, close_got(), VIRQ((uint32_t)v, 0));
    SWEEP("bind_virq.big", close_got(), VIRQ((uint32_t)v, 0), 31, 32, 0x7fffffff, 0xffffffff);
    SWEEP("bind_virq.timer_vcpu", close_got(), VIRQ(VIRQ_TIMER, (uint32_t)v), 0, 1, 2, 3, 127, 128,
          8191, 8192, 0x7fffffff, 0xffffffff);
    SWEEP("bind_virq.global_vcpu", close_got(), VIRQ(VIRQ_CON_RING, (uint32_t)v), 0, 1, 2, 128,
          0xffffffff);
    ROW("bind_virq.twice", "first", VIRQ(VIRQ_DEBUG, 0));
    {
        evtchn_port_t first = got_port;

        ROW("bind_virq.twice", "second", VIRQ(VIRQ_DEBUG, 0));
        (void)port_close(first);
    }
    POINTERS("bind_virq", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, b);
    SWEEP("bind_ipi.vcpu", close_got(),
          EVENT(EVTCHNOP_bind_ipi, evtchn_bind_ipi, .vcpu = (uint32_t)v), 0, 1, 2, 3, 127, 128,
          8191, 8192, 0x7fffffff, 0xffffffff);
    POINTERS("bind_ipi", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, i);
}

static void bind_pirq(void)
{
    struct evtchn_bind_pirq b = {.pirq = 100000};

#define PIRQ(p, f) EVENT(EVTCHNOP_bind_pirq, evtchn_bind_pirq, .pirq = (p), .flags = (f))
    SWEEP("bind_pirq.pirq", close_got(), PIRQ((uint32_t)v, 0), 0, 2, 6, 7, 15, 16, 17, 23, 24, 47,
          48, 255, 256, 1023, 1024, 0x7fffffff, 0xffffffff);
    SWEEP("bind_pirq.flags", close_got(), PIRQ(7, (uint32_t)v), 0, 1, 2, 3, 0x80000000, 0xffffffff);
    POINTERS("bind_pirq", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_pirq, b);
}

/* One port of each state. */
enum { FREE, UNBOUND, INTERDOMAIN, PIRQ_PORT, VIRQ_GLOBAL, VIRQ_LOCAL, IPI, KINDS };
static const char *const kind_names[KINDS] = {"free", "unbound", "interdomain", "pirq",
                                              "virq_global", "virq_local", "ipi"};
static evtchn_port_t kinds[KINDS];

static void kinds_make(void)
{
    kinds[FREE] = 500;
    kinds[UNBOUND] = (evtchn_port_t)port_alloc(0);
    kinds[INTERDOMAIN] = (evtchn_port_t)port_bind(
        DOMID_SELF, (evtchn_port_t)port_alloc(DOMID_SELF));
    kinds[PIRQ_PORT] = PIRQ(7, 0) ? 501 : got_port;
    kinds[VIRQ_GLOBAL] = VIRQ(VIRQ_CON_RING, 0) ? 502 : got_port;
    kinds[VIRQ_LOCAL] = VIRQ(VIRQ_DEBUG, 0) ? 503 : got_port;
    kinds[IPI] = EVENT(EVTCHNOP_bind_ipi, evtchn_bind_ipi, .vcpu = 0) ? 504 : got_port;
}

#define BAD_PORTS 0, 505, 1023, 1024, 4095, 4096, 0x1ffff, 0x20000, 0x7fffffff, 0xffffffff
#define EACH_KIND(key, call)                                                                       \
    do {                                                                                           \
        row(key);                                                                                  \
        for (unsigned int k_ = 0; k_ < KINDS; k_++) {                                              \
            evtchn_port_t p = kinds[k_];                                                           \
            row_result(kind_names[k_], (call));                                                    \
        }                                                                                          \
        row_end();                                                                                 \
    } while (0)

static long status_of(domid_t dom, evtchn_port_t port)
{
    struct evtchn_status s = {.dom = dom, .port = port};
    long rc = hc_event_channel_op(EVTCHNOP_status, &s);

    return rc ? rc : (long)(s.status * 100 + s.vcpu);
}

#define CLOSE(q) EVENT(EVTCHNOP_close, evtchn_close, .port = (q))

static void port_ops(void)
{
    struct evtchn_close c = {.port = 505};
    struct evtchn_send s = {.port = 505};
    struct evtchn_status t = {.dom = DOMID_SELF, .port = 1};
    struct evtchn_bind_vcpu b = {.port = 505};
    struct evtchn_unmask u = {.port = 505};
    struct evtchn_set_priority p = {.port = 505};

    kinds_make();
    EACH_KIND("status", status_of(DOMID_SELF, p));
    DOMIDS("status.dom", (void)0, status_of(v, 505));
    SWEEP("status.port", (void)0, status_of(DOMID_SELF, (evtchn_port_t)v), BAD_PORTS);
    EACH_KIND("send", port_send(p));
    SWEEP("send.port", (void)0, port_send((evtchn_port_t)v), BAD_PORTS);
#define BIND_VCPU(q, c) EVENT(EVTCHNOP_bind_vcpu, evtchn_bind_vcpu, .port = (q), .vcpu = (c))
    EACH_KIND("bind_vcpu", BIND_VCPU(p, 0));
    EACH_KIND("bind_vcpu.1", BIND_VCPU(p, 1));
    EACH_KIND("bind_vcpu.none", BIND_VCPU(p, 99));
    EACH_KIND("bind_vcpu.ones", BIND_VCPU(p, ~0u));
    SWEEP("bind_vcpu.port", (void)0, BIND_VCPU((evtchn_port_t)v, 0), BAD_PORTS);
#define UNMASK(q) EVENT(EVTCHNOP_unmask, evtchn_unmask, .port = (q))
    EACH_KIND("unmask", UNMASK(p));
    SWEEP("unmask.port", (void)0, UNMASK((evtchn_port_t)v), BAD_PORTS);
#define PRIORITY(q, n) \
    EVENT(EVTCHNOP_set_priority, evtchn_set_priority, .port = (q), .priority = (n))
    EACH_KIND("set_priority", PRIORITY(p, 7));
    SWEEP("set_priority.port", (void)0, PRIORITY((evtchn_port_t)v, 7), BAD_PORTS);
    SWEEP("set_priority.priority", (void)0, PRIORITY(kinds[IPI], (uint32_t)v), 0, 15, 16,
          0x80000000, 0xffffffff);
    EACH_KIND("close", CLOSE(p));
    EACH_KIND("close.again", CLOSE(p));
    SWEEP("close.port", (void)0, CLOSE((evtchn_port_t)v), BAD_PORTS);
    POINTERS("close", __HYPERVISOR_event_channel_op, EVTCHNOP_close, c);
    POINTERS("send", __HYPERVISOR_event_channel_op, EVTCHNOP_send, s);
    POINTERS_ALL("status", __HYPERVISOR_event_channel_op, EVTCHNOP_status, t);
    POINTERS("bind_vcpu", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_vcpu, b);
    POINTERS("unmask", __HYPERVISOR_event_channel_op, EVTCHNOP_unmask, u);
    POINTERS("set_priority", __HYPERVISOR_event_channel_op, EVTCHNOP_set_priority, p);
}

static long reset(domid_t dom, unsigned int cmd)
{
    struct evtchn_reset op = {.dom = dom};

    return hc_event_channel_op(cmd, &op);
}

TEST(abi, event)
{
    NEED(cast_begin());
    alloc_and_bind();
    bind_virq();
    bind_pirq();
    port_ops();
    /* (dom0 keeps its own ports) */
    ROW("reset", "live", reset(cast_live()->domid, EVTCHNOP_reset));
    ROW("reset", "dying", reset(domid_kind(3), EVTCHNOP_reset));
    SWEEP("reset.dom", (void)0, reset((domid_t)v, EVTCHNOP_reset), 7000, DOMID_IO, DOMID_XEN,
          DOMID_INVALID, DOMID_IDLE);
    cast_end();
}

static void fifo(void)
{
    struct evtchn_init_control init = {.control_gfn = 0, .offset = 1, .vcpu = 0};
    struct evtchn_expand_array expand = {.array_gfn = 0};
    uint64_t frame = va_mfn(page_alloc()), own = va_mfn(page_alloc());

#define INIT(f, o, c)                                                                              \
    ({                                                                                             \
        struct evtchn_init_control op_ = {.control_gfn = (f), .offset = (o), .vcpu = (c)};         \
        long rc_ = hc_event_channel_op(EVTCHNOP_init_control, &op_);                               \
        rc_ ? rc_ : (long)op_.link_bits;                                                           \
    })
#define EXPAND(f)                                                                                  \
    ({                                                                                             \
        struct evtchn_expand_array op_ = {.array_gfn = (f)};                                       \
        hc_event_channel_op(EVTCHNOP_expand_array, &op_);                                          \
    })
    ROW("expand_array", "early", EXPAND(frame));
    POINTERS("init_control", __HYPERVISOR_event_channel_op, EVTCHNOP_init_control, init);
    POINTERS("expand_array", __HYPERVISOR_event_channel_op, EVTCHNOP_expand_array, expand);
    SWEEP("init_control.offset", (void)0, INIT(frame, (uint32_t)v, 0), 1, 4, 7, 4032, 4088, 4096,
          0x80000000, 0xfffffff8, 0xffffffff);
    SWEEP("init_control.vcpu", (void)0, INIT(frame, 0, (uint32_t)v), 1, 2, 128, 0xffffffff);
    SWEEP("init_control.frame", (void)0, INIT(v, 0, 0), 0x80000000, 1UL << 40, ~0UL);
    ROW("init_control.frame", "table", INIT(va_mfn((void *)env.l4_va), 0, 0));
    ROW("init_control.frame", "shared_info", INIT(env.shared_info_mfn, 0, 0));
    ROW("init_control", "good", INIT(frame, 8, 0));
    ROW("init_control", "twice", INIT(frame, 80, 0));
    SWEEP("expand_array.frame", (void)0, EXPAND(v), 0x80000000, 1UL << 40, ~0UL);
    ROW("expand_array", "table", EXPAND(va_mfn((void *)env.l4_va)));
    ROW("expand_array", "good", EXPAND(own));
    ROW("expand_array", "twice", EXPAND(own));
    kinds_make();
    EACH_KIND("fifo.set_priority", PRIORITY(p, 3));
    SWEEP("fifo.set_priority.priority", (void)0, PRIORITY(kinds[IPI], (uint32_t)v), 0, 15, 16,
          0x80000000, 0xffffffff);
    EACH_KIND("fifo.unmask", UNMASK(p));
    EACH_KIND("fifo.send", port_send(p));
    EACH_KIND("fifo.close", CLOSE(p));
    SWEEP("fifo.unmask.port", (void)0, UNMASK((evtchn_port_t)v), BAD_PORTS);
}

static void event_child(void *arg unused)
{
    alloc_and_bind();
    bind_virq();
    bind_pirq();
    port_ops();
    DOMIDS("reset.dom", (void)0, reset(v, EVTCHNOP_reset));
    fifo();
    ROW("fifo.reset", "self", reset(DOMID_SELF, EVTCHNOP_reset));
    ROW("fifo.reset", "expand", EXPAND(va_mfn(page_alloc())));
    RANGE("exhaust", 1, 1030, (void)0, port_alloc(0) < 0 ? -1 : 0);
}

TEST(abi, event_of_child)
{
    child_run(event_child, NULL, SHUTDOWN_poweroff);
}
