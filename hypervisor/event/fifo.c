/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FIFO event ABI: queues of event words threaded through guest memory.
 *
 * What is always true here:
 *  - Each vCPU has 16 queues, one per priority. A queue is a chain of event words linked by port
 *    number; the guest reads it from control->head[] and takes words off, we add at the end. Of a
 *    queue we remember only the last port (`tail`). We never follow a link: whatever the guest
 *    writes into words confuses only itself.
 *  - A port is linked only under the lock of queue `port->queue`, and that number changes only
 *    under the lock of the old queue while the word is not LINKED. On that change the old queue
 *    forgets the port if it is its tail; so no queue has a tail that is linked to another queue.
 *  - A queue is empty exactly when its tail's word is not LINKED (the guest clears LINKED and LINK
 *    in one operation when it takes a word); then the next port becomes the head.
 *  - Array pages and control blocks stay mapped and referenced until no port of the domain is open,
 *    so whoever may raise a port may use them.
 *  - A port below no array page notes its event in port->pending; the page's registration looks at
 *    these after it has published the page, and a sender looks for the page after noting.
 */
#include "event/fifo.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "event/fifo_word.h"
#include "event/op.h"
#include "lib/bits.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/gfn.h"

/* Times a raise follows a port that other CPUs keep moving between queues. */
#define FIFO_MOVE_TRIES 8

static event_word_t *word_of(const struct event_fifo *fifo, uint32_t number)
{
    event_word_t *words = __atomic_load_n(
        &fifo->words[number / FIFO_WORDS_PER_PAGE % FIFO_MAX_PAGES], __ATOMIC_ACQUIRE);

    return words ? &words[number % FIFO_WORDS_PER_PAGE] : NULL;
}

/*
 * Lock the queue on which @p is to be linked when that is not the one it was on last: the old one
 * must forget it first. NULL: the word has been linked by another CPU, or there is no such vCPU.
 */
static struct fifo_queue *lock_other_queue(struct domain *d, struct port *p,
                                           const event_word_t *word)
{
    for (int tries = 0; tries < FIFO_MOVE_TRIES; tries++) {
        uint32_t id = READ_ONCE(p->queue), wanted = READ_ONCE(p->target);
        struct vcpu *v = port_vcpu(d, target_vcpu(id));
        struct fifo_queue *q;

        if (!v)
            return NULL;
        q = &v->event->queue[target_priority(id)];
        spin_lock(&q->lock);
        if (READ_ONCE(p->queue) == id) {
            /* The last try takes the old queue: other CPUs move the port all the time. */
            if (id == wanted || tries == FIFO_MOVE_TRIES - 1)
                return q;
            if (!(READ_ONCE(*word) & FIFO_LINKED) && port_vcpu(d, target_vcpu(wanted))) {
                if (q->tail == p->number)
                    q->tail = 0;
                WRITE_ONCE(p->queue, wanted);
            }
        }
        spin_unlock(&q->lock);
        if (READ_ONCE(*word) & FIFO_LINKED)
            return NULL;
    }
    return NULL;
}

/* Put @p, whose word is pending, at the end of its queue. Interrupts are off (event lock). */
static void link_port(struct domain *d, struct event_fifo *fifo, struct port *p, event_word_t *word)
{
    uint32_t id = READ_ONCE(p->target), bit;
    struct vcpu *v = port_vcpu(d, target_vcpu(id));
    evtchn_fifo_control_block_t *control;
    event_word_t *tail_word;
    struct fifo_queue *q;
    bool linked = false;

    if (unlikely(!v))
        return;
    q = &v->event->queue[target_priority(id)];
    spin_lock(&q->lock);
    if (unlikely(p->queue != id)) {
        spin_unlock(&q->lock);
        q = lock_other_queue(d, p, word);
        if (!q)
            return;
        id = p->queue;
        v = port_vcpu(d, target_vcpu(id));
    }
    control = READ_ONCE(v->event->control);
    if (unlikely(!control) || unlikely(!fifo_word_take(word))) {
        spin_unlock(&q->lock);
        return;
    }
    if (q->tail && q->tail != p->number) {
        tail_word = word_of(fifo, q->tail);
        linked = tail_word && fifo_word_link(tail_word, p->number);
    }
    if (!linked)
        WRITE_ONCE(control->head[target_priority(id)], p->number);
    q->tail = p->number;
    spin_unlock(&q->lock);

    /* The bit after the head: the guest reads them in the other order. */
    bit = 1u << target_priority(id);
    if (!linked && !(__atomic_fetch_or(&control->ready, bit, __ATOMIC_SEQ_CST) & bit))
        port_notify_vcpu(v);
}

void fifo_raise(struct domain *d, struct port *p)
{
    struct event_fifo *fifo = d->event->fifo;
    event_word_t *word = word_of(fifo, p->number);
    uint32_t old;

    if (unlikely(!word)) {
        __atomic_exchange_n(&p->pending, 1, __ATOMIC_SEQ_CST);
        word = word_of(fifo, p->number);
        if (!word) {
            port_wake_pollers(d, p->number);
            return;
        }
        __atomic_exchange_n(&p->pending, 0, __ATOMIC_SEQ_CST);
    }
    old = fifo_word_raise(word);
    if (!(old & (FIFO_MASKED | FIFO_LINKED)))
        link_port(d, fifo, p, word);
    if (!(old & FIFO_PENDING))
        port_wake_pollers(d, p->number);
}

void fifo_unmask(struct domain *d, struct port *p)
{
    event_word_t *word = word_of(d->event->fifo, p->number);

    if (word && fifo_word_unmask(word))
        fifo_raise(d, p);
}

void fifo_clear_pending(struct domain *d, struct port *p)
{
    event_word_t *word = word_of(d->event->fifo, p->number);

    WRITE_ONCE(p->pending, 0);
    if (word)
        fifo_word_clear(word);
}

bool fifo_is_pending(struct domain *d, struct port *p)
{
    event_word_t *word = word_of(d->event->fifo, p->number);

    return word ? READ_ONCE(*word) & FIFO_PENDING : READ_ONCE(p->pending);
}

bool fifo_is_masked(struct domain *d, struct port *p)
{
    event_word_t *word = word_of(d->event->fifo, p->number);

    return !word || (READ_ONCE(*word) & FIFO_MASKED);
}

/* Guest page @gfn of @d, referenced writable, and where we see it. */
static int guest_page_get(struct domain *d, uint64_t gfn, struct page **page, void **map)
{
    mfn_t mfn;

    if (!gfn_page_get(d, gfn, true, &mfn))
        return -EINVAL;
    *page = mfn_page(mfn);
    *map = frame_map(mfn);
    return 0;
}

static void guest_page_put(struct page *page, const void *map)
{
    frame_unmap(map);
    page_put_writable(page);
}

/* Carry the pending events of the 2-level ABI over. @d->event->fifo is published already; see
 * two_level_raise() for senders in flight. Ports of the 2-level ABI number at most 4096. */
static void carry_over(struct domain *d)
{
    struct event_domain *e = d->event;

    for (uint32_t number = 1; number < e->valid && number < two_level_ports(d); number++) {
        struct port *p = port_lookup(e, number);

        if (p->state <= PORT_RESERVED || !two_level_is_pending(d, number))
            continue;
        two_level_clear_pending(d, number);
        fifo_raise(d, p);
    }
}

/* Switch @d to the FIFO ABI unless it is there. @fresh is used and set to NULL if so. */
static void enter_fifo(struct domain *d, struct event_fifo **fresh)
{
    struct event_domain *e = d->event;

    if (e->fifo)
        return;
    e->limit = min(e->max, (uint32_t)EVTCHN_FIFO_NR_CHANNELS);
    __atomic_store_n(&e->fifo, *fresh, __ATOMIC_SEQ_CST);
    *fresh = NULL;
    carry_over(d);
}

long event_op_init_control(void *arg)
{
    struct evtchn_init_control *op = arg;
    struct domain *d = vcpu_current()->domain;
    struct event_domain *e = d->event;
    struct vcpu *v = port_vcpu(d, op->vcpu);
    struct event_fifo *fresh;
    struct page *page;
    uint64_t flags;
    void *map;
    int rc;

    if (!v)
        return -ENOENT;
    if (op->offset > PAGE_BYTES - sizeof(evtchn_fifo_control_block_t) || op->offset % 8)
        return -EINVAL;
    fresh = pool_new(struct event_fifo);
    if (!fresh)
        return -ENOMEM;
    rc = guest_page_get(d, op->control_gfn, &page, &map);
    if (rc) {
        pool_free(fresh);
        return rc;
    }

    flags = event_write_lock(e);
    if (e->dying || v->event->control_page) {
        rc = -EINVAL;
    } else {
        v->event->control_page = page;
        WRITE_ONCE(v->event->control, (evtchn_fifo_control_block_t *)((char *)map + op->offset));
        enter_fifo(d, &fresh);
    }
    event_write_unlock(e, flags);

    pool_free(fresh);
    if (rc)
        guest_page_put(page, map);
    else
        op->link_bits = EVTCHN_FIFO_LINK_BITS;
    return rc;
}

/* Raise in their words the events that came before @page of the array existed. */
static void raise_noted(struct domain *d, uint32_t page)
{
    struct event_domain *e = d->event;
    uint32_t number = page * FIFO_WORDS_PER_PAGE, end = number + FIFO_WORDS_PER_PAGE;

    for (; number < end && number < e->valid; number++) {
        struct port *p = port_lookup(e, number);

        if (p->state > PORT_RESERVED && __atomic_exchange_n(&p->pending, 0, __ATOMIC_SEQ_CST))
            fifo_raise(d, p);
    }
}

long event_op_expand_array(void *arg)
{
    struct evtchn_expand_array *op = arg;
    struct domain *d = vcpu_current()->domain;
    struct event_domain *e = d->event;
    struct event_fifo *fifo;
    struct page *page;
    uint64_t flags;
    void *map;
    int rc;

    if (!READ_ONCE(e->fifo))
        return -EOPNOTSUPP;
    rc = guest_page_get(d, op->array_gfn, &page, &map);
    if (rc)
        return rc;

    flags = event_write_lock(e);
    fifo = e->fifo;
    if (!fifo || e->dying) {
        rc = -EOPNOTSUPP;
    } else if (fifo->pages == FIFO_MAX_PAGES) {
        rc = -ENOSPC;
    } else {
        fifo->page[fifo->pages] = page;
        __atomic_store_n(&fifo->words[fifo->pages], map, __ATOMIC_SEQ_CST);
        raise_noted(d, fifo->pages++);
    }
    event_write_unlock(e, flags);

    if (rc)
        guest_page_put(page, map);
    return rc;
}

long event_op_set_priority(void *arg)
{
    struct evtchn_set_priority *op = arg;
    struct event_domain *e = vcpu_current()->domain->event;
    struct port *p;
    uint64_t flags;
    int rc = 0;

    flags = event_write_lock(e);
    p = port_lookup_open(e, op->port);
    if (!p && op->port)
        rc = -EINVAL;
    else if (!e->fifo)
        rc = -ENOSYS;
    else if (!p || op->priority > EVTCHN_FIFO_PRIORITY_MIN)
        rc = -EINVAL;
    else
        WRITE_ONCE(p->target, port_target(target_vcpu(p->target), op->priority));
    event_write_unlock(e, flags);
    return rc;
}

struct event_fifo *fifo_detach(struct domain *d)
{
    struct event_domain *e = d->event;
    struct event_fifo *fifo = e->fifo;
    struct vcpu *v;

    e->limit = min(e->max, two_level_ports(d));
    e->valid = min(e->valid, two_level_ports(d)); /* the other buckets wait */
    WRITE_ONCE(e->fifo, NULL);
    for_each_vcpu(d, v)
    {
        WRITE_ONCE(v->event->control, NULL);
        for (uint32_t i = 0; i < EVTCHN_FIFO_MAX_QUEUES; i++)
            v->event->queue[i].tail = 0;
    }
    return fifo;
}

void fifo_release(struct event_fifo *fifo)
{
    if (!fifo)
        return;
    for (uint32_t i = 0; i < fifo->pages; i++)
        guest_page_put(fifo->page[i], fifo->words[i]);
    pool_free(fifo);
}

void fifo_release_vcpu(struct vcpu *v)
{
    struct event_domain *e = v->domain->event;
    struct page *page = NULL;
    uint64_t flags;

    /* A vCPU that had none may have registered one since: that is in use. */
    flags = event_write_lock(e);
    if (!v->event->control) {
        page = v->event->control_page;
        v->event->control_page = NULL;
    }
    event_write_unlock(e, flags);
    if (page)
        page_put_writable(page);
}
