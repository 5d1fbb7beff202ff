/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports and waiting for them. */
#include "pv-drivers/lib/event.h"

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/event_fifo.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/start.h"

#define FIFO_PAGES 2u /* of 1024 ports */
#define WORD_BITS  64u

static struct bound {
    evtchn_port_t port; /* 0: free */
    pv_event_handler *handler;
    void *arg;
} bound[PV_EVENT_BOUND];
static struct pv_fifo fifo;
static bool is_fifo;

bool pv_event_is_fifo(void)
{
    return is_fifo;
}

int pv_event_init(bool want_fifo)
{
    struct evtchn_init_control control = {.vcpu = 0};

    is_fifo = false;
    if (!want_fifo)
        return 0;
    fifo = (struct pv_fifo){.control = pv_pages_alloc(1), .words = pv_pages_alloc(FIFO_PAGES),
                            .ports = FIFO_PAGES * PV_PAGE_BYTES / sizeof(event_word_t)};
    if (!fifo.control || !fifo.words)
        return -XEN_ENOMEM;
    control.control_gfn = pv_frame_of(fifo.control);
    if (pv_event_op(EVTCHNOP_init_control, &control)) {
        pv_pages_free(fifo.control, 1);
        pv_pages_free(fifo.words, FIFO_PAGES);
        return 0; /* an older hypervisor */
    }
    is_fifo = true;
    for (unsigned int i = 0; i < FIFO_PAGES; i++) {
        struct evtchn_expand_array expand = {
            .array_gfn = pv_frame_of((uint8_t *)fifo.words + i * PV_PAGE_BYTES)};
        int rc = (int)pv_event_op(EVTCHNOP_expand_array, &expand);

        if (rc)
            return rc;
    }
    return 0;
}

int pv_event_bind(evtchn_port_t port, pv_event_handler *handler, void *arg)
{
    for (unsigned int i = 0; i < PV_EVENT_BOUND; i++) {
        if (bound[i].port)
            continue;
        bound[i] = (struct bound){port, handler, arg};
        return 0;
    }
    return -XEN_ENOSPC;
}

int pv_event_open(domid_t domain, pv_event_handler *handler, void *arg)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = domain};
    int rc = (int)pv_event_op(EVTCHNOP_alloc_unbound, &alloc);

    if (rc)
        return rc;
    rc = pv_event_bind(alloc.port, handler, arg);
    if (rc)
        pv_event_close(alloc.port);
    return rc ? rc : (int)alloc.port;
}

void pv_event_close(evtchn_port_t port)
{
    struct evtchn_close op = {.port = port};

    for (unsigned int i = 0; i < PV_EVENT_BOUND; i++)
        if (bound[i].port == port)
            bound[i].port = 0;
    (void)pv_event_op(EVTCHNOP_close, &op);
}

void pv_event_send(evtchn_port_t port)
{
    struct evtchn_send op = {.port = port};

    (void)pv_event_op(EVTCHNOP_send, &op);
}

static void handle(evtchn_port_t port)
{
    for (unsigned int i = 0; i < PV_EVENT_BOUND; i++)
        if (bound[i].port == port && bound[i].handler)
            bound[i].handler(bound[i].arg);
}

/* Two levels: a bit in the selector for each word of 64 ports. */
static unsigned int dispatch_two_level(shared_info_t *info)
{
    uint64_t selector = __atomic_exchange_n(&info->vcpu_info[0].evtchn_pending_sel, 0,
                                            __ATOMIC_SEQ_CST);
    unsigned int count = 0;

    for (; selector; selector &= selector - 1) {
        unsigned int word = (unsigned int)__builtin_ctzl(selector);
        uint64_t pending = PV_LOAD(info->evtchn_pending[word]) & ~PV_LOAD(info->evtchn_mask[word]);

        for (; pending; pending &= pending - 1, count++) {
            __atomic_fetch_and(&info->evtchn_pending[word], ~(pending & -pending),
                               __ATOMIC_SEQ_CST);
            handle(word * WORD_BITS + (unsigned int)__builtin_ctzl(pending));
        }
    }
    return count;
}

unsigned int pv_event_dispatch(void)
{
    unsigned int count = 0;
    uint32_t port;

    PV_STORE(pv_guest.shared_info->vcpu_info[0].evtchn_upcall_pending, 0);
    PV_BARRIER();
    if (!is_fifo)
        return dispatch_two_level(pv_guest.shared_info);
    for (; (port = pv_fifo_next(&fifo)); count++)
        handle(port);
    return count;
}

static void poll(evtchn_port_t *ports, unsigned int count, uint64_t deadline)
{
    struct sched_poll op = {.nr_ports = count, .timeout = deadline};

    /* what is pending stays so, but nobody shall think that an upcall is due and keep us awake */
    PV_STORE(pv_guest.shared_info->vcpu_info[0].evtchn_upcall_pending, 0);
    set_xen_guest_handle(op.ports, ports);
    (void)pv_sched_op(SCHEDOP_poll, &op);
}

unsigned int pv_event_wait(uint64_t deadline)
{
    evtchn_port_t ports[PV_EVENT_BOUND];
    unsigned int count = 0, pending = pv_event_dispatch();

    if (pending)
        return pending;
    for (unsigned int i = 0; i < PV_EVENT_BOUND; i++)
        if (bound[i].port)
            ports[count++] = bound[i].port;
    poll(ports, count, deadline);
    return pv_event_dispatch();
}

bool pv_event_take(evtchn_port_t port, uint64_t deadline)
{
    uint64_t bit = 1ull << port % WORD_BITS;
    unsigned long *word = &pv_guest.shared_info->evtchn_pending[port / WORD_BITS];

    for (;;) {
        if (is_fifo ? pv_fifo_take(&fifo, port)
                    : (__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit) != 0)
            return true;
        if (deadline && pv_clock_ns() >= deadline)
            return false;
        poll(&port, 1, deadline);
    }
}
