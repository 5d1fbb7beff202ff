/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts of guests: from a line to event-channel ports, and back for the EOI.
 *
 * Always true here: a bound pirq is on its source's list; the line runs while the list is not
 * empty; a level line waits masked until every guest it was told to has said it is done, or lost
 * its binding, or (when others share the line) has had long enough. Binding and mapping happen
 * under setup_lock with interrupts on, because stopping a line waits for handlers on other CPUs;
 * handlers take only the source's lock, and raise ports after dropping it.
 */
#include "physdev/pirq.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "irq/irq.h"
#include "irq/line.h"
#include "lib/index.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/gfn.h"
#include "physdev/map.h"
#include "time/time.h"

#include <xen/physdev.h>

#define EOI_PAGE_BITS (PAGE_BYTES * 8)

/* How long the guests of a shared line wait for the slowest of them: whoever never says it is done
 * gets its own device's interrupt again and again, the others lose this much each time. */
#define EOI_WAIT_NS NS_PER_MS

struct spinlock pirq_setup_lock = SPINLOCK_INIT(LOCK_DEVICE);

struct pirq *pirq_find(struct pirq_domain *pd, uint32_t number)
{
    if (number >= pd->size)
        return NULL;
    return pd->table[index_clamp(number, pd->size)];
}

static bool is_level(const struct pirq *p)
{
    return p->source && !p->source->is_message && p->source->line->level;
}

/* Say on the guest's page whether @number needs an EOI. Table lock held. */
void pirq_mark(struct pirq_domain *pd, uint32_t number, bool needs_eoi)
{
    uint64_t *word;
    uint64_t bit = BIT(number % 64);

    if (!pd->eoi_map || number >= EOI_PAGE_BITS)
        return;
    word = &pd->eoi_map[number / 64];
    if (needs_eoi)
        __atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED);
}

static void mark_level(struct pirq_domain *pd, const struct pirq *p)
{
    pirq_mark(pd, p->number, is_level(p));
}

/* The line's handler: tell every guest that has bound it. */
static void guest_interrupt(struct irq_line *line, void *data)
{
    struct pirq_source *s = data;
    struct domain *domains[SOURCE_MAX_GUESTS];
    uint32_t ports[SOURCE_MAX_GUESTS];
    unsigned int count = 0;
    struct pirq *p;
    bool waits;

    spin_lock(&s->lock);
    list_for_each_entry (p, &s->guests, link) {
        domains[count] = p->domain;
        ports[count++] = p->port;
        if (line->in_service && !p->owes) {
            p->owes = true;
            s->owed++;
        }
    }
    waits = s->owed && count > 1;
    spin_unlock(&s->lock);
    if (waits)
        timer_set_here(&s->overdue, time_now_ns() + EOI_WAIT_NS);
    /* The domains cannot go: who unbinds waits until this handler has returned. */
    for (unsigned int i = 0; i < count; i++)
        event_raise_port(domains[i], ports[i]);
}

void pirq_overdue(void *data)
{
    struct pirq_source *s = data;
    uint64_t flags = spin_lock_irqsave(&s->lock);
    bool waited = s->owed != 0;
    struct pirq *p;

    list_for_each_entry (p, &s->guests, link)
        p->owes = false;
    s->owed = 0;
    spin_unlock_irqrestore(&s->lock, flags);
    if (waited)
        irq_line_done(s->line);
}

/* Forget that @p owes an EOI; true when it was the last one. Source lock held. */
static bool debt_paid(struct pirq *p)
{
    if (!p->owes)
        return false;
    p->owes = false;
    return --p->source->owed == 0;
}

/* May another guest join? Source lock held. */
static int may_join(const struct pirq_source *s, bool will_share)
{
    struct pirq *first = list_first(&s->guests, struct pirq, link);

    if (!first)
        return 0;
    if (!will_share || !first->will_share || s->guest_count == SOURCE_MAX_GUESTS)
        return -EBUSY;
    return 0;
}

static void guest_unlist(struct pirq *p)
{
    p->bound = false;
    list_del(&p->link);
    p->source->guest_count--;
}

static int source_join(struct pirq *p, bool will_share, uint32_t port)
{
    struct pirq_source *s = p->source;
    uint64_t flags = spin_lock_irqsave(&s->lock);
    bool first = s->guest_count == 0;
    int rc = may_join(s, will_share);

    if (!rc) {
        p->bound = true;
        p->will_share = will_share;
        p->port = port;
        p->owes = false;
        list_add_tail(&p->link, &s->guests);
        s->guest_count++;
        /* Inside the lock: its first interrupt waits until it is all true. */
        rc = first ? irq_line_start(s->line, cpu_id(), guest_interrupt, s) : 0;
        if (rc)
            guest_unlist(p);
    }
    spin_unlock_irqrestore(&s->lock, flags);
    return rc;
}

/* Take @p off its source's list and quiesce the line as needed. setup_lock held, interrupts on. */
void pirq_leave(struct pirq *p)
{
    struct pirq_source *s = p->source;
    bool last, done;
    uint64_t flags = spin_lock_irqsave(&s->lock);

    if (!p->bound) {
        spin_unlock_irqrestore(&s->lock, flags);
        return;
    }
    done = debt_paid(p);
    guest_unlist(p);
    last = s->guest_count == 0;
    spin_unlock_irqrestore(&s->lock, flags);
    if (last) {
        irq_line_stop(s->line); /* waits for a handler that still knows @p */
    } else {
        if (done)
            irq_line_done(s->line);
        irq_line_sync();
    }
}

int irq_bind_guest(struct domain *d, uint32_t number, bool will_share, uint32_t port)
{
    struct pirq_domain *pd = d->pirq;
    struct pirq *p;
    uint64_t flags;
    int rc;

    spin_lock(&pirq_setup_lock);
    p = pirq_find(pd, number);
    if (!p || !p->source)
        rc = -EINVAL;
    else if (p->bound)
        rc = -EEXIST;
    else
        rc = source_join(p, will_share, port);
    if (!rc) {
        flags = spin_lock_irqsave(&pd->lock);
        mark_level(pd, p);
        spin_unlock_irqrestore(&pd->lock, flags);
    }
    spin_unlock(&pirq_setup_lock);
    return rc;
}

void irq_unbind_guest(struct domain *d, uint32_t number)
{
    struct pirq *p;

    spin_lock(&pirq_setup_lock);
    p = pirq_find(d->pirq, number);
    if (p && p->source)
        pirq_leave(p);
    spin_unlock(&pirq_setup_lock);
}

void irq_set_affinity(struct domain *d, uint32_t number, unsigned int cpu)
{
    struct pirq_domain *pd = d->pirq;
    uint64_t flags = spin_lock_irqsave(&pd->lock);
    struct pirq *p = pirq_find(pd, number);

    if (p && p->source && p->bound)
        irq_line_move(p->source->line, cpu);
    spin_unlock_irqrestore(&pd->lock, flags);
}

/* @p's guest is done. Table lock held (keeps @p and its source). Its port, to be unmasked. */
static uint32_t guest_done(struct pirq *p)
{
    struct pirq_source *s = p->source;
    uint32_t port;
    bool done;

    spin_lock(&s->lock);
    done = p->bound && debt_paid(p);
    port = p->bound ? p->port : 0;
    spin_unlock(&s->lock);
    if (done)
        irq_line_done(s->line);
    return port;
}

void irq_guest_eoi(struct domain *d, uint32_t number)
{
    struct pirq_domain *pd = d->pirq;
    uint64_t flags = spin_lock_irqsave(&pd->lock);
    struct pirq *p = pirq_find(pd, number);

    if (p && p->source)
        (void)guest_done(p); /* the port is the caller's business here */
    spin_unlock_irqrestore(&pd->lock, flags);
}

int pirq_eoi(struct domain *d, uint32_t number)
{
    struct pirq_domain *pd = d->pirq;
    uint64_t flags = spin_lock_irqsave(&pd->lock);
    struct pirq *p = pirq_find(pd, number);
    bool unmask = pd->auto_unmask;
    uint32_t port = 0;

    if (p && p->source)
        port = guest_done(p);
    spin_unlock_irqrestore(&pd->lock, flags);
    if (!p)
        return -EINVAL;
    return unmask && port ? event_unmask_port(d, port) : 0;
}

int pirq_status(struct domain *d, uint32_t number, uint32_t *status)
{
    struct pirq_domain *pd = d->pirq;
    uint64_t flags = spin_lock_irqsave(&pd->lock);
    struct pirq *p = pirq_find(pd, number);
    int rc = -EINVAL;

    if (p && p->source) {
        rc = 0;
        *status = is_level(p) ? XENIRQSTAT_needs_eoi : 0;
        spin_lock(&p->source->lock);
        if (p->bound ? p->will_share : p->source->guest_count != 0)
            *status |= XENIRQSTAT_shared;
        spin_unlock(&p->source->lock);
    }
    spin_unlock_irqrestore(&pd->lock, flags);
    return rc;
}

int pirq_set_eoi_page(struct domain *d, uint64_t gfn, bool auto_unmask)
{
    struct pirq_domain *pd = d->pirq;
    struct page *pg;
    uint64_t flags;
    mfn_t mfn;
    int rc = 0;

    if (!gfn_page_get(d, gfn, true, &mfn))
        return -EINVAL;
    pg = mfn_page(mfn);
    flags = spin_lock_irqsave(&pd->lock);
    if (pd->eoi_map || d->life >= DOMAIN_DYING) {
        rc = pd->eoi_map ? -EBUSY : -EINVAL;
    } else {
        pd->eoi_page = pg;
        pd->eoi_map = frame_map(mfn);
        pd->auto_unmask = auto_unmask;
        for (uint32_t i = 0; i < pd->size; i++)
            if (pd->table[i])
                mark_level(pd, pd->table[i]);
    }
    spin_unlock_irqrestore(&pd->lock, flags);
    if (rc)
        page_put_writable(pg);
    return rc;
}

void pirq_trigger_changed(uint32_t gsi)
{
    struct domain *d = domain_control; /* others get lines only through it, after this */
    uint64_t flags;
    struct pirq *p;

    if (!d)
        return;
    flags = spin_lock_irqsave(&d->pirq->lock);
    p = pirq_find(d->pirq, gsi);
    if (p)
        mark_level(d->pirq, p);
    spin_unlock_irqrestore(&d->pirq->lock, flags);
}
