/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pirqs a domain has: numbers for GSIs and messages.
 *
 * Always true here: pirq = gsi for GSIs of the control domain, messages get numbers above all GSIs;
 * a number is in the table exactly while its struct exists; sources of GSIs are made when first
 * mapped and stay, sources of messages go with their pirq.
 */
#include "physdev/map.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "irq/irq.h"
#include "irq/line.h"
#include "irq/msi.h"
#include "mm/page.h"
#include "mm/pool.h"

/* Numbers for messages: dom0 drives all devices, others have a few. Bounded by the bits of the EOI
 * page and by Linux's idea of it (one page of bits). */
enum { CONTROL_MESSAGES = 2048, GUEST_MESSAGES = 128, PIRQ_LIMIT = 32768 };

static struct pirq_source **gsi_sources; /* (r) [setup lock] [irq_gsi_count()] */

int irq_domain_init(struct domain *d)
{
    d->pirq = pool_new(struct pirq_domain);
    if (!d->pirq)
        return -ENOMEM;
    spin_init(&d->pirq->lock, LOCK_PIRQ_TABLE);
    return 0;
}

/* Make room for numbers when the first is needed. Setup lock held. */
static int table_make(struct domain *d)
{
    struct pirq_domain *pd = d->pirq;
    uint32_t size = irq_gsi_count() + (d->is_control ? CONTROL_MESSAGES : GUEST_MESSAGES);
    struct pirq **table;
    uint64_t flags;

    if (pd->table)
        return 0;
    size = size < PIRQ_LIMIT ? size : PIRQ_LIMIT;
    table = pool_array(struct pirq *, size);
    if (!table)
        return -ENOMEM;
    flags = spin_lock_irqsave(&pd->lock);
    pd->table = table;
    pd->size = size;
    spin_unlock_irqrestore(&pd->lock, flags);
    return 0;
}

static struct pirq_source *source_new(struct irq_line *line, bool is_message)
{
    struct pirq_source *s = pool_new(struct pirq_source);

    if (!s)
        return NULL;
    spin_init(&s->lock, LOCK_PIRQ_SOURCE);
    list_init(&s->guests);
    s->line = line;
    s->is_message = is_message;
    timer_init(&s->overdue, pirq_overdue, s, cpu_id());
    return s;
}

/* The source of a GSI, made when missing. Setup lock held. */
static struct pirq_source *gsi_source(uint32_t gsi)
{
    struct irq_line *line = irq_gsi_line(gsi);

    if (!line)
        return NULL;
    if (!gsi_sources)
        gsi_sources = pool_array(struct pirq_source *, irq_gsi_count());
    if (!gsi_sources)
        return NULL;
    if (!gsi_sources[gsi])
        gsi_sources[gsi] = source_new(line, false);
    return gsi_sources[gsi];
}

/* Is @number of @pd free, or only set aside for whoever names it? */
static bool number_free(struct pirq_domain *pd, uint32_t number, bool named)
{
    const struct pirq *p;

    if (number >= pd->size)
        return false;
    p = pd->table[number];
    return !p || (named && !p->source);
}

/* @count consecutive free numbers, from @wanted if not negative; -ENOSPC, -EEXIST. Setup lock. */
static int numbers_find(struct pirq_domain *pd, int32_t wanted, uint32_t count, bool is_message)
{
    uint32_t run = 0;

    if (wanted >= 0) {
        for (uint32_t i = 0; i < count; i++)
            if (!number_free(pd, (uint32_t)wanted + i, true))
                return (uint32_t)wanted + i >= pd->size ? -EINVAL : -EEXIST;
        return wanted;
    }
    for (uint32_t n = is_message ? irq_gsi_count() : 0; n < pd->size; n++) {
        run = number_free(pd, n, false) ? run + 1 : 0;
        if (run == count)
            return (int)(n - count + 1);
    }
    return -ENOSPC;
}

/* Put @p in the table in place of a reservation of its number, which is freed. */
static void table_set(struct pirq_domain *pd, struct pirq *p)
{
    struct pirq *reserved = pd->table[p->number];
    uint64_t flags = spin_lock_irqsave(&pd->lock);

    pd->table[p->number] = p;
    pirq_mark(pd, p->number, p->source && !p->source->is_message && p->source->line->level);
    spin_unlock_irqrestore(&pd->lock, flags);
    pool_free(reserved);
}

static struct pirq *pirq_new(struct domain *d, uint32_t number, struct pirq_source *source)
{
    struct pirq *p = pool_new(struct pirq);

    if (!p)
        return NULL;
    list_init(&p->link);
    p->domain = d;
    p->number = number;
    p->source = source;
    return p;
}

static int gsi_map(struct domain *d, const struct pirq_request *r)
{
    struct pirq_domain *pd = d->pirq;
    struct pirq_source *source = gsi_source(r->gsi);
    struct pirq *p;
    int number;

    if (!source)
        return irq_gsi_line(r->gsi) ? -ENOMEM : -EINVAL;
    for (uint32_t n = 0; n < pd->size; n++) /* mapped before: the same again */
        if (pd->table[n] && pd->table[n]->source == source)
            return (int)n;
    number = numbers_find(pd, r->pirq, 1, false);
    if (number == -ENOSPC || r->pirq < 0) {
        /* any number will do: the GSI's own if it is free */
        int own = numbers_find(pd, (int32_t)r->gsi, 1, false);

        number = own >= 0 ? own : number;
    }
    if (number < 0)
        return number;
    p = pirq_new(d, (uint32_t)number, source);
    if (!p)
        return -ENOMEM;
    table_set(pd, p);
    return number;
}

/* Build pirqs for @count lines; all or nothing. */
static int message_map_lines(struct domain *d, struct irq_line **lines, uint32_t first,
                             uint32_t count)
{
    struct pirq *made[MSI_MAX_MESSAGES];
    uint32_t i;

    for (i = 0; i < count; i++) {
        struct pirq_source *s = source_new(lines[i], true);

        made[i] = s ? pirq_new(d, first + i, s) : NULL;
        if (!made[i]) {
            pool_free(s);
            goto undo;
        }
    }
    for (i = 0; i < count; i++)
        table_set(d->pirq, made[i]);
    return (int)first;
undo:
    while (i--) {
        pool_free(made[i]->source);
        pool_free(made[i]);
    }
    return -ENOMEM;
}

static int message_map(struct domain *d, const struct pirq_request *r)
{
    struct pci_address a = {.segment = r->segment, .bus = r->bus, .devfn = r->devfn};
    struct irq_line *lines[MSI_MAX_MESSAGES];
    int first, rc;

    if (!r->count || r->count > MSI_MAX_MESSAGES)
        return -ERANGE;
    first = numbers_find(d->pirq, r->pirq, r->count, true);
    if (first < 0)
        return first;
    if (r->is_msix)
        rc = msix_enable(a, r->entry, r->table_base, cpu_id(), &lines[0]);
    else
        rc = msi_enable(a, r->count, cpu_id(), lines);
    if (rc)
        return rc;
    rc = message_map_lines(d, lines, (uint32_t)first, r->count);
    if (rc < 0)
        for (uint32_t i = 0; i < r->count; i++)
            msi_disable(lines[i]);
    return rc;
}

int pirq_map(struct domain *d, const struct pirq_request *request)
{
    int rc;

    spin_lock(&pirq_setup_lock);
    rc = table_make(d);
    if (!rc)
        rc = request->is_message ? message_map(d, request) : gsi_map(d, request);
    spin_unlock(&pirq_setup_lock);
    return rc;
}

/* Unbind, unlist and free. Setup lock held, interrupts on. */
static void pirq_destroy(struct pirq_domain *pd, struct pirq *p)
{
    uint64_t flags;

    if (p->source)
        pirq_leave(p);
    flags = spin_lock_irqsave(&pd->lock);
    pd->table[p->number] = NULL;
    pirq_mark(pd, p->number, false);
    spin_unlock_irqrestore(&pd->lock, flags);
    if (p->source && p->source->is_message) {
        msi_disable(p->source->line);
        pool_free(p->source);
    }
    pool_free(p);
}

int pirq_unmap(struct domain *d, uint32_t number)
{
    struct pirq *p;

    spin_lock(&pirq_setup_lock);
    p = pirq_find(d->pirq, number);
    if (p)
        pirq_destroy(d->pirq, p);
    spin_unlock(&pirq_setup_lock);
    return p ? 0 : -EINVAL;
}

int pirq_reserve(struct domain *d, bool is_message)
{
    struct pirq *p;
    int number;

    spin_lock(&pirq_setup_lock);
    number = table_make(d);
    if (!number)
        number = numbers_find(d->pirq, -1, 1, is_message);
    if (number >= 0) {
        p = pirq_new(d, (uint32_t)number, NULL);
        if (p)
            table_set(d->pirq, p);
        else
            number = -ENOMEM;
    }
    spin_unlock(&pirq_setup_lock);
    return number;
}

void irq_domain_relinquish(struct domain *d)
{
    struct pirq_domain *pd = d->pirq;
    struct page *page;
    uint64_t flags;

    spin_lock(&pirq_setup_lock);
    for (uint32_t n = 0; n < pd->size; n++)
        if (pd->table[n])
            pirq_destroy(pd, pd->table[n]);
    spin_unlock(&pirq_setup_lock);
    flags = spin_lock_irqsave(&pd->lock);
    page = pd->eoi_page;
    pd->eoi_page = NULL;
    pd->eoi_map = NULL;
    spin_unlock_irqrestore(&pd->lock, flags);
    if (page)
        page_put_writable(page);
}

void irq_domain_free(struct domain *d)
{
    if (!d->pirq)
        return;
    irq_domain_relinquish(d);
    pool_free(d->pirq->table);
    pool_free(d->pirq);
    d->pirq = NULL;
}
