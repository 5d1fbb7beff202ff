/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports and waiting for them. */
#include "pv-drivers/lib/event.h"

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/event_fifo.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/smp.h"
#include "pv-drivers/lib/start.h"

#define FIFO_PAGES 2u /* of 1024 ports */
#define WORD_BITS  64u

static struct bound {
    bool used;
    evtchn_port_t port; /* is written last, and removed first */
    unsigned int cpu;
    pv_event_handler *handler;
    void *arg;
} bound[PV_EVENT_BOUND];
static struct pv_fifo fifo[PV_CPUS]; /* with the same words */
static bool is_fifo;

bool pv_event_is_fifo(void)
{
    return is_fifo;
}

/* ---- the ABI ---- */

int pv_event_init_cpu(unsigned int cpu)
{
    struct evtchn_init_control control = {.vcpu = cpu};
    int rc;

    if (!is_fifo)
        return 0;
    fifo[cpu] = (struct pv_fifo){.control = pv_pages_alloc(1), .words = fifo[0].words,
                                 .ports = FIFO_PAGES * PV_PAGE_BYTES / sizeof(event_word_t)};
    if (!fifo[cpu].control)
        return -XEN_ENOMEM;
    control.control_gfn = pv_frame_of(fifo[cpu].control);
    rc = (int)pv_event_op(EVTCHNOP_init_control, &control);
    if (rc)
        pv_pages_free(fifo[cpu].control, 1);
    return rc;
}

int pv_event_init(bool want_fifo)
{
    fifo[0].words = want_fifo ? pv_pages_alloc(FIFO_PAGES) : NULL;
    is_fifo = fifo[0].words;
    if (!is_fifo)
        return want_fifo ? -XEN_ENOMEM : 0;
    if (pv_event_init_cpu(0)) { /* an older hypervisor */
        pv_pages_free(fifo[0].words, FIFO_PAGES);
        is_fifo = false;
        return 0;
    }
    for (unsigned int i = 0; i < FIFO_PAGES; i++) {
        struct evtchn_expand_array expand = {
            .array_gfn = pv_frame_of((uint8_t *)fifo[0].words + i * PV_PAGE_BYTES)};
        int rc = (int)pv_event_op(EVTCHNOP_expand_array, &expand);

        if (rc)
            return rc;
    }
    return 0;
}

/* Was @port pending? It is not afterwards. */
static bool take(evtchn_port_t port)
{
    uint64_t bit = 1ull << port % WORD_BITS;

    return is_fifo ? pv_fifo_take(&fifo[0], port)
                   : (__atomic_fetch_and(&pv_guest.shared_info->evtchn_pending[port / WORD_BITS],
                                         ~bit, __ATOMIC_SEQ_CST) & bit) != 0;
}

/* A masked port becomes pending, and wakes who polls it, but makes no upcall. */
static void mask(evtchn_port_t port)
{
    if (is_fifo)
        pv_fifo_mask(&fifo[0], port);
    else
        __atomic_fetch_or(&pv_guest.shared_info->evtchn_mask[port / WORD_BITS],
                          1ull << port % WORD_BITS, __ATOMIC_SEQ_CST);
}

/* ---- ports ---- */

int pv_event_bind(evtchn_port_t port, pv_event_handler *handler, void *arg)
{
    struct evtchn_unmask unmask = {.port = port};

    for (struct bound *b = bound; b < bound + PV_EVENT_BOUND; b++) {
        if (__atomic_exchange_n(&b->used, true, __ATOMIC_ACQ_REL))
            continue;
        b->cpu = pv_cpu();
        b->handler = handler;
        b->arg = arg;
        if (!handler)
            mask(port);
        PV_STORE(b->port, port);
        return handler ? (int)pv_event_op(EVTCHNOP_unmask, &unmask) : 0;
    }
    return -XEN_ENOSPC;
}

/* Bind a port that is new, which is closed if that fails. */
static int bind_new(int rc, evtchn_port_t port, pv_event_handler *handler, void *arg)
{
    if (rc)
        return rc;
    rc = pv_event_bind(port, handler, arg);
    if (rc)
        pv_event_close(port);
    return rc ? rc : (int)port;
}

int pv_event_open(domid_t domain, pv_event_handler *handler, void *arg)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = domain};
    struct evtchn_bind_vcpu here = {.vcpu = pv_cpu()};
    int rc = (int)pv_event_op(EVTCHNOP_alloc_unbound, &alloc);

    here.port = alloc.port;
    rc = bind_new(rc, alloc.port, handler, arg);
    if (rc > 0 && here.vcpu) /* (new ports are the first vCPU's) */
        (void)pv_event_op(EVTCHNOP_bind_vcpu, &here);
    return rc;
}

int pv_event_ipi(pv_event_handler *handler, void *arg)
{
    struct evtchn_bind_ipi ipi = {.vcpu = pv_cpu()};
    int rc = (int)pv_event_op(EVTCHNOP_bind_ipi, &ipi);

    return bind_new(rc, ipi.port, handler, arg);
}

int pv_event_virq(uint32_t virq, pv_event_handler *handler, void *arg)
{
    struct evtchn_bind_virq op = {.virq = virq, .vcpu = pv_cpu()};
    int rc = (int)pv_event_op(EVTCHNOP_bind_virq, &op);

    return bind_new(rc, op.port, handler, arg);
}

void pv_event_close(evtchn_port_t port)
{
    struct evtchn_close op = {.port = port};

    (void)pv_event_op(EVTCHNOP_close, &op);
    for (struct bound *b = bound; b < bound + PV_EVENT_BOUND; b++) {
        if (PV_LOAD(b->port) != port)
            continue;
        PV_STORE(b->port, 0);
        PV_STORE(b->used, false);
    }
}

void pv_event_send(evtchn_port_t port)
{
    struct evtchn_send op = {.port = port};

    (void)pv_event_op(EVTCHNOP_send, &op);
}

/* ---- handlers ---- */

static const struct bound *find(evtchn_port_t port)
{
    for (const struct bound *b = bound; b < bound + PV_EVENT_BOUND; b++)
        if (PV_LOAD(b->port) == port)
            return b;
    return NULL;
}

static void handle(const struct bound *b)
{
    if (b && b->handler)
        b->handler(b->arg);
}

/* Two levels: a bit in the vCPU's selector for each word of 64 ports, which may be of several
 * vCPUs. */
static unsigned int dispatch_two_level(shared_info_t *info, unsigned int cpu)
{
    uint64_t selector = __atomic_exchange_n(&info->vcpu_info[cpu].evtchn_pending_sel, 0,
                                            __ATOMIC_SEQ_CST);
    unsigned int count = 0;

    for (; selector; selector &= selector - 1) {
        unsigned int word = (unsigned int)__builtin_ctzl(selector);
        uint64_t pending = PV_LOAD(info->evtchn_pending[word]) & ~PV_LOAD(info->evtchn_mask[word]);

        for (; pending; pending &= pending - 1) {
            evtchn_port_t port = word * WORD_BITS + (unsigned int)__builtin_ctzl(pending);
            const struct bound *b = find(port);

            if ((!b || b->cpu == cpu) && take(port)) {
                handle(b);
                count++;
            }
        }
    }
    return count;
}

unsigned int pv_event_dispatch(void)
{
    unsigned int count = 0, cpu = pv_cpu();
    uint32_t port;

    PV_STORE(pv_guest.shared_info->vcpu_info[cpu].evtchn_upcall_pending, 0);
    PV_BARRIER();
    if (!is_fifo)
        return dispatch_two_level(pv_guest.shared_info, cpu);
    for (; (port = pv_fifo_next(&fifo[cpu])); count++)
        handle(find(port));
    return count;
}

/* ---- waiting ---- */

static void poll(evtchn_port_t *ports, unsigned int count, uint64_t deadline)
{
    struct sched_poll op = {.nr_ports = count, .timeout = deadline};

    /* what is pending stays so, but nobody shall think that an upcall is due and keep us awake */
    PV_STORE(pv_guest.shared_info->vcpu_info[pv_cpu()].evtchn_upcall_pending, 0);
    set_xen_guest_handle(op.ports, ports);
    (void)pv_sched_op(SCHEDOP_poll, &op);
}

/* All that is pending on this vCPU: handlers are called, ports without one are cleared. */
static unsigned int gather(void)
{
    unsigned int count = pv_event_dispatch(), cpu = pv_cpu();

    for (const struct bound *b = bound; b < bound + PV_EVENT_BOUND; b++) {
        evtchn_port_t port = PV_LOAD(b->port);

        if (port && b->cpu == cpu && !b->handler)
            count += take(port);
    }
    return count;
}

unsigned int pv_event_wait(uint64_t deadline)
{
    evtchn_port_t ports[PV_EVENT_BOUND];
    bool upcalls = pv_upcalls(false);
    unsigned int count = 0, cpu = pv_cpu(), pending = gather();

    for (const struct bound *b = bound; !pending && b < bound + PV_EVENT_BOUND; b++)
        if ((ports[count] = PV_LOAD(b->port)) && b->cpu == cpu)
            count++;
    if (!pending) {
        poll(ports, count, deadline);
        pending = gather();
    }
    (void)pv_upcalls(upcalls);
    return pending;
}

bool pv_event_take(evtchn_port_t port, uint64_t deadline)
{
    bool upcalls = pv_upcalls(false), taken;

    while (!(taken = take(port)) && !(deadline && pv_clock_ns() >= deadline))
        poll(&port, 1, deadline);
    (void)pv_upcalls(upcalls);
    return taken;
}
