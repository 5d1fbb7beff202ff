/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared pages.
 *
 * What is always true here: a page that guests may map names its domain by number, so the domain
 * keeps its place on the list until no guest maps any (d->hyp_pages, teardown.c); the hypervisor
 * uses the memory until it frees the domain. vcpu->info always points at memory that stays, also
 * for who read the pointer before it was changed: the default place as long as the vCPU, a
 * registered one until all event ports are closed. So events can be delivered from any context.
 */
#include "domain/shared.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/gfn.h"
#include "p2m/m2p.h"
#include "time/time.h"

static struct page *page_of(const void *p)
{
    return mfn_page(direct_mfn(p));
}

void *shared_page_create(struct domain *d)
{
    void *page = heap_alloc_hyp(0);
    bool alive;

    if (!page)
        return NULL;
    m2p_set(direct_mfn(page), M2P_INVALID);
    spin_lock(&d->page_lock);
    alive = d->life < DOMAIN_DYING;
    if (alive) {
        d->hyp_pages++;
        page_share(page_of(page), d);
    }
    spin_unlock(&d->page_lock);
    if (!alive) {
        heap_free_hyp(page, 0);
        page = NULL;
    }
    return page;
}

void shared_page_end(void *page)
{
    page_unshare(page_of(page));
}

bool shared_page_again(struct domain *d, void *page)
{
    bool can;

    if (READ_ONCE(page_of(page)->count) != (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT)
        return false;
    memset(page, 0, PAGE_BYTES);
    spin_lock(&d->page_lock);
    can = d->life < DOMAIN_DYING;
    if (can) {
        d->hyp_pages++;
        page_share(page_of(page), d);
    }
    spin_unlock(&d->page_lock);
    return can;
}

void shared_page_free(void *page)
{
    if (!page)
        return;
    page_make_private(page_of(page)); /* that of a domain which never was: nobody has mapped it */
    heap_free_hyp(page, 0);
}

int shared_info_create(struct domain *d)
{
    d->shared_info = shared_page_create(d);
    if (!d->shared_info)
        return -ENOMEM;
    d->shared_info_mfn = direct_mfn(d->shared_info);
    return 0;
}

void shared_info_end(struct domain *d)
{
    if (d->shared_info)
        shared_page_end(d->shared_info);
}

void shared_info_free(struct domain *d)
{
    shared_page_free(d->shared_info);
    d->shared_info = NULL;
}

void shared_layout_set(struct domain *d, bool is_32bit)
{
    if (d->shared_32bit == is_32bit)
        return;
    WRITE_ONCE(d->shared_32bit, is_32bit);
    event_layout_changed(d);
    time_publish_wallclock(d);
}

int vcpu_info_default(struct vcpu *v)
{
    struct domain *d = v->domain;

    if (v->id < XEN_LEGACY_MAX_VCPUS && d->shared_info) {
        v->info = (vcpu_info_t *)&d->shared_info->vcpu_info[v->id];
    } else {
        v->info_private = pool_new(vcpu_info_t);
        v->info = v->info_private;
        if (!v->info)
            return -ENOMEM;
    }
    v->info->evtchn_upcall_mask = !d->is_translated; /* those have an interrupt flag instead */
    return 0;
}

void vcpu_info_free(struct vcpu *v)
{
    pool_free(v->info_private);
    v->info_private = NULL;
}

int vcpu_info_register(struct vcpu *v, mfn_t named, uint32_t offset)
{
    struct page *pg, *none = NULL;
    vcpu_info_t *fresh;
    mfn_t gfn;

    if (offset > PAGE_BYTES - sizeof(vcpu_info_t) || (offset & 7))
        return -ENXIO;
    /* Waiting for another vCPU to stop is no way out: it may be waiting for this one. */
    if (v != vcpu_current() && !(READ_ONCE(v->down) & VPF_DOWN))
        return -EINVAL;
    if (!gfn_page_get(v->domain, named.n, true, &gfn))
        return -EINVAL;
    pg = mfn_page(gfn);
    if (!__atomic_compare_exchange_n(&v->info_area.page, &none, pg, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED)) {
        page_put_writable(pg);
        return -EINVAL;
    }
    fresh = (vcpu_info_t *)((char *)frame_map(gfn) + offset);
    /* the mask and what is pending carry over; then everything is announced anew */
    memcpy(fresh, v->info, sizeof(*fresh));
    v->info_area.map = fresh;
    __atomic_store_n(&v->info, fresh, __ATOMIC_RELEASE);
    event_vcpu_info_moved(v);
    return 0;
}

void vcpu_info_release(struct vcpu *v)
{
    struct page *pg = v->info_area.page;
    void *map = v->info_area.map;

    if (!pg)
        return;
    v->info = v->info_private;
    if (!v->info_private)
        v->info = (vcpu_info_t *)&v->domain->shared_info->vcpu_info[v->id];
    v->info_area.map = NULL;
    v->info_area.page = NULL;
    frame_unmap(map);
    page_put_writable(pg);
}
