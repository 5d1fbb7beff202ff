/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of vCPUs to device models, and the way back.
 *
 * What is always true here: a vCPU has one request under way at most; while it has, its work has
 * VCPU_WORK_CONTINUE, so it passes ioreq_poll() before it runs. It sleeps there until the device
 * model sends on the vCPU's channel, but believes only what the slot says. What the slot says is
 * judged by ioreq_page.c. A device model that does not answer keeps the vCPU asleep, and a sleeping
 * vCPU keeps nobody from pausing or destroying its domain.
 */
#include "hvm/ioreq.h"

#include "domain/domain.h"
#include "event/event.h"
#include "hvm/hvm.h"
#include "hvm/ioreq_page.h"
#include "lib/bits.h"
#include "p2m/p2m.h"
#include "sched/sched.h"

#include <xen/hvm/hvm_op.h>

static struct ioreq *slot_of(const struct ioreq_server *s, const struct vcpu *v)
{
    return s->sync.map && v->id < IOREQ_VCPUS ? (struct ioreq *)s->sync.map + v->id : NULL;
}

/* Does @s claim all of @r? *pci: @r is an access to a configuration register of this function. */
static bool claims(const struct ioreq_server *s, const struct ioreq *r, const uint32_t *pci)
{
    uint64_t first = r->addr, last = first + r->size - 1;
    unsigned int kind = XEN_DMOP_IO_RANGE_PORT;

    if (pci) {
        kind = XEN_DMOP_IO_RANGE_PCI;
        first = last = *pci;
    } else if (r->type == IOREQ_TYPE_COPY) {
        kind = XEN_DMOP_IO_RANGE_MEMORY;
        ioreq_memory_span(r, &first, &last);
    }
    return s->enabled && last >= first && range_set_contains(&s->ranges[kind], first, last);
}

/* Who claims @r; an access to PCI configuration becomes one by name. The lock is held. */
static struct ioreq_server *choose(struct domain *d, struct ioreq *r)
{
    const struct ioreq_domain *i = &d->hvm->ioreq;
    uint32_t sbdf = 0, reg = 0;
    bool pci = r->type == IOREQ_TYPE_PIO &&
               ioreq_pci_decode(READ_ONCE(d->hvm->pci_address), (uint16_t)r->addr, true, &sbdf,
                                &reg);

    if (r->type == IOREQ_TYPE_COPY && !r->dir &&
        p2m_lookup(d->p2m, r->addr >> PAGE_SHIFT).type == P2M_RAM_IOREQ)
        return i->memory_server && i->memory_server->enabled ? i->memory_server : NULL;
    for (unsigned int n = IOREQ_SERVERS; n-- > 0;) { /* the latest first */
        struct ioreq_server *s = i->server[n];

        if (!s || !claims(s, r, pci ? &sbdf : NULL))
            continue;
        if (pci) {
            r->type = IOREQ_TYPE_PCI_CONFIG;
            r->addr = (uint64_t)sbdf << 32 | reg;
        }
        return s;
    }
    return NULL;
}

static bool buffer(struct domain *d, struct ioreq_server *s, const struct ioreq *r)
{
    if (!s->buffer.map ||
        !ioreq_ring_put(s->buffer.map, r, s->buffering == HVM_IOREQSRV_BUFIOREQ_ATOMIC))
        return false;
    event_send_own(d, s->buffer_port);
    return true;
}

bool ioreq_is_busy(const struct vcpu *v)
{
    return __atomic_load_n(&v->hvm->io.state, __ATOMIC_SEQ_CST) != IOREQ_NONE ||
           (READ_ONCE(v->work) & 1u << VCPU_WORK_CONTINUE);
}

/* Into @v's slot of @s, and wait. The lock is held. */
static bool ask(struct vcpu *v, struct ioreq_server *s, const struct ioreq *r)
{
    struct ioreq_vcpu *io = &v->hvm->io;
    struct ioreq *slot = slot_of(s, v);

    __atomic_store_n(&io->state, IOREQ_SENT, __ATOMIC_SEQ_CST);
    if (!domain_may_be_busy(v)) { /* the instruction runs again when the domain does */
        io->state = IOREQ_NONE;
        return true;
    }
    if (!slot || !ioreq_slot_put(slot, r)) {
        io->state = IOREQ_NONE;
        return false;
    }
    io->seen = STATE_IOREQ_READY;
    io->server = s;
    __atomic_fetch_or(&v->work, 1u << VCPU_WORK_CONTINUE, __ATOMIC_SEQ_CST);
    event_send_own(v->domain, s->port[v->id]);
    return true;
}

/* Without the lock: a server that comes meanwhile gets the next request. */
static bool has_servers(const struct ioreq_domain *i)
{
    for (unsigned int n = 0; n < IOREQ_SERVERS; n++)
        if (READ_ONCE(i->server[n]))
            return true;
    return false;
}

enum ioreq_result ioreq_send(struct vcpu *v, struct ioreq *r, bool buffered)
{
    struct domain *d = v->domain;
    enum ioreq_result result = IOREQ_LATER;
    struct ioreq_server *s;
    struct ioreq sent;

    if (!has_servers(&d->hvm->ioreq))
        return IOREQ_NOBODY;
    sent = *r;
    spin_lock(&d->hvm->ioreq.lock);
    s = choose(d, &sent);
    if (!s)
        result = IOREQ_NOBODY;
    else if (buffered && buffer(d, s, &sent))
        result = IOREQ_OK;
    else if (!ask(v, s, &sent))
        result = IOREQ_FAILED;
    spin_unlock(&d->hvm->ioreq.lock);
    if (result == IOREQ_LATER)
        v->hvm->io.request = *r; /* as asked, not as sent: what comes again is that */
    if (result == IOREQ_FAILED)
        domain_crash(d, "vCPU %u: the device model left its slot in use, or has no page", v->id);
    return result;
}

bool ioreq_take_answer(struct vcpu *v, struct ioreq *r)
{
    struct ioreq_vcpu *io = &v->hvm->io;
    const struct ioreq *a = &io->request;

    if (likely(io->state != IOREQ_DONE))
        return false;
    io->state = IOREQ_NONE;
    if (a->type != r->type || a->addr != r->addr || a->count != r->count || a->size != r->size ||
        a->dir != r->dir || a->df != r->df || a->data_is_ptr != r->data_is_ptr)
        return false;
    if (r->dir && !r->data_is_ptr)
        r->data = a->data;
    return true;
}

void ioreq_abandon(struct vcpu *v)
{
    struct ioreq_vcpu *io = &v->hvm->io;

    v->hvm->emulation = (struct hvm_emulation){0};
    if (io->state == IOREQ_SENT)
        io->request.type = IOREQ_TYPE_INVALIDATE; /* whose answer says nothing */
    else
        io->state = IOREQ_NONE;
}

/* Is there anything but waiting to be done? *@data is the answer. */
static enum ioreq_progress look(struct vcpu *v, uint64_t *data)
{
    struct ioreq_vcpu *io = &v->hvm->io;
    struct spinlock *lock = &v->domain->hvm->ioreq.lock;
    enum ioreq_progress p = IOREQ_ABORTED;

    spin_lock(lock);
    if (io->server)
        p = ioreq_slot_poll(slot_of(io->server, v), &io->seen, data);
    if (p != IOREQ_WAITING)
        io->server = NULL;
    spin_unlock(lock);
    return p;
}

/* Asked by the scheduler between two looks, so it must not take the answer. */
static bool arrived(const struct vcpu *v)
{
    const struct ioreq_vcpu *io = &v->hvm->io;
    struct spinlock *lock = &v->domain->hvm->ioreq.lock;
    const struct ioreq *slot;
    bool any = true;

    spin_lock(lock);
    if (io->server) {
        slot = slot_of(io->server, v);
        any = (((const volatile struct ioreq *)slot)->state) != io->seen;
    }
    spin_unlock(lock);
    return any;
}

/* Ask the next server that has to forget what it mapped; false: none is left. */
static bool invalidate_next(struct vcpu *v)
{
    struct ioreq_domain *i = &v->domain->hvm->ioreq;
    struct ioreq_vcpu *io = &v->hvm->io;
    const struct ioreq r = {.type = IOREQ_TYPE_INVALIDATE,
                            .size = 4,
                            .count = 1,
                            .data = ~0ULL}; /* everything */
    bool asked = false;

    while (io->invalidate && !asked) {
        unsigned int n = (unsigned int)__builtin_ctz(io->invalidate);

        if (!domain_may_be_busy(v))
            return true;
        io->invalidate &= (uint8_t)~(1u << n);
        spin_lock(&i->lock);
        asked = i->server[n] && i->server[n]->enabled && ask(v, i->server[n], &r);
        spin_unlock(&i->lock);
    }
    if (asked)
        io->request = r;
    return asked;
}

bool ioreq_poll(struct vcpu *v)
{
    struct ioreq_vcpu *io = &v->hvm->io;
    uint64_t data = ~0ULL;

    if (io->state == IOREQ_SENT) {
        enum ioreq_progress p = look(v, &data);

        if (p == IOREQ_WAITING) {
            sched_wait_for(v, arrived);
            return false;
        }
        if (p == IOREQ_BROKEN) {
            io->state = IOREQ_NONE;
            domain_crash(v->domain, "vCPU %u: the device model moved its request wrongly", v->id);
            return false;
        }
        io->request.data = data;
        io->state = io->request.type == IOREQ_TYPE_INVALIDATE ? IOREQ_NONE : IOREQ_DONE;
    }
    if (io->state == IOREQ_NONE && io->invalidate && invalidate_next(v))
        return false;
    __atomic_fetch_and(&v->work, ~(1u << VCPU_WORK_CONTINUE), __ATOMIC_SEQ_CST);
    return io->state == IOREQ_DONE;
}

void ioreq_invalidate(struct vcpu *v)
{
    v->hvm->io.invalidate = (uint8_t)bits_low(IOREQ_SERVERS);
    __atomic_fetch_or(&v->work, 1u << VCPU_WORK_CONTINUE, __ATOMIC_SEQ_CST);
}

void ioreq_time_offset(struct domain *d, int64_t seconds)
{
    struct ioreq_domain *i = &d->hvm->ioreq;
    const struct ioreq r = {.type = IOREQ_TYPE_TIMEOFFSET,
                            .size = 8,
                            .count = 1,
                            .data = (uint64_t)seconds};

    spin_lock(&i->lock);
    for (unsigned int n = 0; n < IOREQ_SERVERS; n++)
        if (i->server[n] && i->server[n]->enabled)
            (void)buffer(d, i->server[n], &r);
    spin_unlock(&i->lock);
}
