/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ioreq servers: their life, their pages and what they claim.
 *
 * What is always true here:
 *  - All of it is looked at and changed under the domain's ioreq lock. A vCPU that waits names its
 *    server; before a server goes, every vCPU that names it is told so and woken.
 *  - A page is either one of ours that the device model maps by XENMEM_acquire_resource, or a frame
 *    of the guest that the toolstack set aside; a server does not change from one to the other. A
 *    frame of the guest is out of its table while the server is enabled: the guest cannot answer
 *    its own requests.
 *  - A page of ours may be mapped by a device model longer than its server lives. It is used again
 *    when it is not any more, and freed with the domain; there is a bound.
 */
#include "hvm/ioreq.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/shared.h"
#include "domain/translated.h"
#include "event/event.h"
#include "hvm/hvm.h"
#include "lib/bits.h"
#include "lib/index.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/gfn.h"
#include "sched/sched.h"

#include <xen/hvm/hvm_op.h>

static struct ioreq_domain *ioreq_of(struct domain *d)
{
    return &d->hvm->ioreq;
}

void ioreq_domain_init(struct domain *d)
{
    spin_init(&ioreq_of(d)->lock, LOCK_IOREQ);
}

/* ---- pages ---- */

/* A page of ours: one that was used before and is free, or another. -ENOMEM. */
static int own_page(struct domain *d, struct ioreq_page *p)
{
    struct ioreq_domain *i = ioreq_of(d);

    for (unsigned int n = 0; n < IOREQ_PAGES; n++) {
        if (!i->page[n])
            p->map = i->page[n] = shared_page_create(d);
        else if (shared_page_again(d, i->page[n]))
            p->map = i->page[n];
        else
            continue; /* mapped by someone still */
        return p->map ? 0 : -ENOMEM;
    }
    return -ENOMEM;
}

/* A guest frame that the toolstack set aside. -ENOMEM: none is left; -EINVAL: it is no memory. */
static int guest_page(struct domain *d, struct ioreq_page *p)
{
    struct ioreq_domain *i = ioreq_of(d);
    uint64_t gfn;
    mfn_t mfn;

    if (i->gfn_free) {
        unsigned int n = (unsigned int)__builtin_ctzll(i->gfn_free);

        gfn = i->gfn_base + n;
        if (!gfn_page_get(d, gfn, true, &mfn))
            return -EINVAL;
        bit_clear(&i->gfn_free, n);
    } else {
        unsigned int n = i->legacy_gfn[0] ? 0 : 1;

        gfn = i->legacy_gfn[n];
        if (!gfn)
            return -ENOMEM;
        if (!gfn_page_get(d, gfn, true, &mfn))
            return -EINVAL;
        i->legacy_gfn[n] = 0;
    }
    *p = (struct ioreq_page){.map = frame_map(mfn), .page = mfn_page(mfn), .gfn = gfn};
    return 0;
}

static void gfn_give_back(struct ioreq_domain *i, uint64_t gfn)
{
    if (gfn - i->gfn_base < 64)
        bit_set(&i->gfn_free, gfn - i->gfn_base);
    else
        i->legacy_gfn[i->legacy_gfn[0] ? 1 : 0] = gfn;
}

static void page_end(struct domain *d, struct ioreq_page *p)
{
    if (!p->map)
        return;
    if (p->page) {
        memset(p->map, 0, PAGE_BYTES); /* what it says is over when the guest sees it again */
        frame_unmap(p->map);
        page_put_writable(p->page);
        gfn_give_back(ioreq_of(d), p->gfn);
    } else {
        shared_page_end(p->map);
    }
    *p = (struct ioreq_page){0};
}

/* Whom to tell: a device model may overwrite it, what we use is in server->port. */
static void write_ports(struct ioreq_server *s)
{
    struct ioreq *slot = s->sync.map;

    for (unsigned int n = 0; slot && n < IOREQ_VCPUS; n++)
        WRITE_ONCE(slot[n].vp_eport, s->port[n]);
}

/* Both pages the same way. */
static int make_pages(struct domain *d, struct ioreq_server *s, bool in_guest)
{
    int rc;

    if (s->sync.map)
        return !s->sync.page == !in_guest ? 0 : -EPERM;
    rc = in_guest ? guest_page(d, &s->sync) : own_page(d, &s->sync);
    if (!rc && s->buffering != HVM_IOREQSRV_BUFIOREQ_OFF) {
        rc = in_guest ? guest_page(d, &s->buffer) : own_page(d, &s->buffer);
        if (rc)
            page_end(d, &s->sync);
    }
    if (!rc)
        write_ports(s);
    return rc;
}

/* ---- channels ---- */

static void close_ports(struct domain *d, struct ioreq_server *s)
{
    for (unsigned int n = 0; n < IOREQ_VCPUS; n++)
        if (s->port[n])
            event_close_own(d, s->port[n]);
    if (s->buffer_port)
        event_close_own(d, s->buffer_port);
}

static int open_ports(struct domain *d, struct ioreq_server *s)
{
    struct vcpu *v;
    int rc;

    for_each_vcpu(d, v) {
        rc = event_open_own(v, s->emulator, &s->port[v->id]);
        if (!rc && !v->id && s->buffering != HVM_IOREQSRV_BUFIOREQ_OFF)
            rc = event_open_own(v, s->emulator, &s->buffer_port);
        if (rc)
            return rc;
    }
    return 0;
}

int ioreq_vcpu_init(struct vcpu *v)
{
    struct ioreq_domain *i = ioreq_of(v->domain);
    int rc = 0;

    spin_lock(&i->lock);
    for (unsigned int n = 0; n < IOREQ_SERVERS && !rc; n++) {
        struct ioreq_server *s = i->server[n];

        if (!s || s->port[v->id]) /* (it may have failed to be made before) */
            continue;
        rc = event_open_own(v, s->emulator, &s->port[v->id]);
        if (!rc && !v->id && s->buffering != HVM_IOREQSRV_BUFIOREQ_OFF)
            rc = event_open_own(v, s->emulator, &s->buffer_port);
        write_ports(s);
    }
    spin_unlock(&i->lock);
    return rc;
}

/* ---- servers ---- */

/* Server @id of @d that the caller may use. The lock is held. */
static int find(struct domain *d, uint32_t id, struct ioreq_server **s)
{
    *s = id < IOREQ_SERVERS ? ioreq_of(d)->server[index_clamp(id, IOREQ_SERVERS)] : NULL;
    if (!*s)
        return -ENOENT;
    return (*s)->emulator == vcpu_current()->domain->id ? 0 : -EPERM;
}

int ioreq_create(struct domain *d, uint8_t buffering, ioservid_t *id)
{
    struct ioreq_domain *i = ioreq_of(d);
    struct ioreq_server *s;
    unsigned int n = 0;
    int rc;

    if (buffering > HVM_IOREQSRV_BUFIOREQ_ATOMIC)
        return -EINVAL;
    s = pool_new(struct ioreq_server);
    if (!s)
        return -ENOMEM;
    s->buffering = buffering;
    s->emulator = vcpu_current()->domain->id;
    spin_lock(&i->lock);
    while (n < IOREQ_SERVERS && i->server[n])
        n++;
    rc = i->ended ? -ESRCH : n < IOREQ_SERVERS ? open_ports(d, s) : -ENOSPC;
    if (!rc) {
        s->id = *id = (ioservid_t)n;
        i->server[n] = s;
    } else {
        close_ports(d, s);
    }
    spin_unlock(&i->lock);
    if (rc)
        pool_free(s);
    return rc;
}

/* Vcpus that wait for @s get no answer. The lock is held. */
static void release_waiters(struct domain *d, const struct ioreq_server *s)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        if (v->hvm->io.server == s) {
            v->hvm->io.server = NULL;
            sched_kick(v);
        }
}

/* Take its guest frames out of the guest's table, or put them back there. Once it is enabled the
 * device model may trust what they say. The lock is held. */
static int hide_pages(struct domain *d, struct ioreq_server *s, bool hide)
{
    struct ioreq_page *const both[2] = {&s->sync, &s->buffer};
    int rc = 0;

    for (unsigned int n = 0; n < ARRAY_SIZE(both) && !rc; n++) {
        if (!both[n]->page || both[n]->hidden == hide)
            continue;
        /* a frame that the guest gave up before is not its any more: it stays out, for good */
        rc = hide ? translated_hide(d, both[n]->gfn, page_mfn(both[n]->page))
                  : translated_place(d, both[n]->gfn, page_mfn(both[n]->page));
        both[n]->hidden = hide && !rc;
        rc = rc == -ENOENT ? 0 : rc;
    }
    return rc;
}

static int enable(struct domain *d, struct ioreq_server *s, bool enabled)
{
    int rc;

    if (s->enabled == enabled)
        return 0;
    rc = hide_pages(d, s, enabled);
    if (rc && enabled)
        return rc;
    s->enabled = enabled;
    write_ports(s);
    return 0;
}

/* The lock is held; @s is freed. */
static void end_server(struct domain *d, struct ioreq_server *s)
{
    struct ioreq_domain *i = ioreq_of(d);

    if (i->memory_server == s)
        i->memory_server = NULL;
    (void)enable(d, s, false);
    i->server[s->id] = NULL;
    release_waiters(d, s);
    close_ports(d, s);
    page_end(d, &s->sync);
    page_end(d, &s->buffer);
    for (unsigned int n = 0; n < IOREQ_RANGE_KINDS; n++)
        range_set_clear(&s->ranges[n]);
    pool_free(s);
}

int ioreq_destroy(struct domain *d, ioservid_t id)
{
    struct ioreq_domain *i = ioreq_of(d);
    struct ioreq_server *s;
    int rc;

    spin_lock(&i->lock);
    rc = find(d, id, &s);
    if (!rc)
        end_server(d, s);
    spin_unlock(&i->lock);
    return rc;
}

void ioreq_domain_relinquish(struct domain *d)
{
    struct ioreq_domain *i = ioreq_of(d);

    spin_lock(&i->lock);
    i->ended = true;
    for (unsigned int n = 0; n < IOREQ_SERVERS; n++)
        if (i->server[n])
            end_server(d, i->server[n]);
    spin_unlock(&i->lock);
}

void ioreq_domain_free(struct domain *d)
{
    for (unsigned int n = 0; n < IOREQ_PAGES; n++)
        shared_page_free(ioreq_of(d)->page[n]);
}

int ioreq_set_state(struct domain *d, ioservid_t id, bool enabled)
{
    struct ioreq_domain *i = ioreq_of(d);
    struct ioreq_server *s;
    int rc;

    spin_lock(&i->lock);
    rc = find(d, id, &s);
    if (!rc)
        rc = enable(d, s, enabled);
    spin_unlock(&i->lock);
    return rc;
}

int ioreq_info(struct domain *d, struct xen_dm_op_get_ioreq_server_info *info)
{
    struct ioreq_domain *i = ioreq_of(d);
    struct ioreq_server *s;
    int rc;

    spin_lock(&i->lock);
    rc = find(d, info->id, &s);
    if (!rc && !(info->flags & XEN_DMOP_no_gfns)) {
        rc = make_pages(d, s, true);
        info->ioreq_gfn = s->sync.gfn;
        if (s->buffering != HVM_IOREQSRV_BUFIOREQ_OFF)
            info->bufioreq_gfn = s->buffer.gfn;
    }
    if (!rc && s->buffering != HVM_IOREQSRV_BUFIOREQ_OFF)
        info->bufioreq_port = s->buffer_port;
    spin_unlock(&i->lock);
    return rc;
}

int ioreq_resource_frame(struct domain *d, uint32_t id, uint64_t frame, mfn_t *mfn)
{
    struct ioreq_domain *i = ioreq_of(d);
    const void *map = NULL;
    struct ioreq_server *s;
    int rc;

    spin_lock(&i->lock);
    rc = find(d, id, &s);
    if (!rc)
        rc = make_pages(d, s, false);
    if (!rc && frame == XENMEM_resource_ioreq_server_frame_bufioreq) {
        map = s->buffer.map;
        rc = map ? 0 : -ENOENT;
    } else if (!rc) {
        map = s->sync.map;
        rc = frame == XENMEM_resource_ioreq_server_frame_ioreq(0) ? 0 : -EINVAL;
    }
    if (!rc)
        *mfn = direct_mfn(map);
    spin_unlock(&i->lock);
    return rc;
}

/* ---- what it claims ---- */

/* The set that @r is about, of a server of the caller's. The lock is held. */
static int find_set(struct domain *d, const struct xen_dm_op_ioreq_server_range *r,
                    struct range_set **set)
{
    struct ioreq_server *s;
    int rc;

    if (r->start > r->end)
        return -EINVAL;
    rc = find(d, r->id, &s);
    if (rc)
        return rc;
    if (r->type >= IOREQ_RANGE_KINDS)
        return -EINVAL;
    *set = &s->ranges[r->type];
    return 0;
}

int ioreq_map_range(struct domain *d, const struct xen_dm_op_ioreq_server_range *r)
{
    struct ioreq_domain *i = ioreq_of(d);
    struct range_set *set;
    int rc;

    spin_lock(&i->lock);
    rc = find_set(d, r, &set);
    if (!rc && range_set_overlaps(set, r->start, r->end))
        rc = -EEXIST;
    if (!rc)
        rc = set->count < IOREQ_RANGES ? range_set_add(set, r->start, r->end) : -ENOMEM;
    spin_unlock(&i->lock);
    return rc;
}

int ioreq_unmap_range(struct domain *d, const struct xen_dm_op_ioreq_server_range *r)
{
    struct ioreq_domain *i = ioreq_of(d);
    struct range_set *set;
    int rc;

    spin_lock(&i->lock);
    rc = find_set(d, r, &set);
    if (!rc && !range_set_contains(set, r->start, r->end))
        rc = -ENOENT;
    if (!rc && set->count >= IOREQ_RANGES) { /* a hole would make one more */
        const struct range *whole = range_set_find(set, r->start);

        rc = whole->first < r->start && whole->last > r->end ? -ENOMEM : 0;
    }
    if (!rc)
        rc = range_set_remove(set, r->start, r->end);
    spin_unlock(&i->lock);
    return rc;
}

int ioreq_claim_memory(struct domain *d, ioservid_t id, bool claim)
{
    struct ioreq_domain *i = ioreq_of(d);
    struct ioreq_server *s;
    int rc;

    spin_lock(&i->lock);
    rc = find(d, id, &s);
    if (!rc && claim) { /* one at a time */
        rc = i->memory_server ? -EBUSY : 0;
        if (!rc)
            i->memory_server = s;
    } else if (!rc) {
        rc = i->memory_server == s ? 0 : -EINVAL;
        if (!rc)
            i->memory_server = NULL;
    }
    spin_unlock(&i->lock);
    return rc;
}

bool ioreq_memory_is_claimed(struct domain *d)
{
    return READ_ONCE(ioreq_of(d)->memory_server) != NULL;
}

int ioreq_param(struct domain *d, uint32_t param, uint64_t value)
{
    struct ioreq_domain *i = ioreq_of(d);
    int rc = 0;

    spin_lock(&i->lock);
    switch (param) {
    case HVM_PARAM_IOREQ_SERVER_PFN:
        i->gfn_base = value;
        break;
    case HVM_PARAM_NR_IOREQ_SERVER_PAGES:
        if (!value || value > 64)
            rc = -EINVAL;
        else
            i->gfn_free |= ~0ULL >> (64 - value);
        break;
    case HVM_PARAM_IOREQ_PFN:
        i->legacy_gfn[0] = value;
        break;
    case HVM_PARAM_BUFIOREQ_PFN:
        i->legacy_gfn[1] = value;
        break;
    }
    spin_unlock(&i->lock);
    return rc;
}
