/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared pages.
 *
 * What is always true here: vcpu->info points at memory that stays mapped and referenced as long
 * as it is named there, so events can be delivered to it from any context.
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
#include "p2m/m2p.h"

int shared_info_create(struct domain *d)
{
    d->shared_info = heap_alloc_hyp(0);
    if (!d->shared_info)
        return -ENOMEM;
    d->shared_info_mfn = direct_mfn(d->shared_info);
    page_share(mfn_page(d->shared_info_mfn), d);
    m2p_set(d->shared_info_mfn, M2P_INVALID);
    return 0;
}

void shared_info_free(struct domain *d)
{
    if (d->shared_info)
        page_unshare(mfn_page(d->shared_info_mfn));
    d->shared_info = NULL;
}

int vcpu_info_default(struct vcpu *v)
{
    struct domain *d = v->domain;

    if (v->id < XEN_LEGACY_MAX_VCPUS && d->shared_info) {
        v->info = (vcpu_info_t *)&d->shared_info->vcpu_info[v->id];
    } else {
        v->info = v->info_own = pool_new(vcpu_info_t);
        if (!v->info)
            return -ENOMEM;
    }
    v->info->evtchn_upcall_mask = 1;
    return 0;
}

int vcpu_info_register(struct vcpu *v, mfn_t gfn, uint32_t offset)
{
    struct domain *d = v->domain;
    struct page *pg;
    vcpu_info_t *fresh, *old = v->info;
    bool self = v == vcpu_current();

    if (offset > PAGE_BYTES - sizeof(vcpu_info_t))
        return -ENXIO;
    if ((offset & 7) || v->info_area.page)
        return -EINVAL;
    if (!mfn_valid(gfn))
        return -EINVAL;
    pg = mfn_page(gfn);
    if (!page_get_writable(pg, d))
        return -EINVAL;
    fresh = (vcpu_info_t *)((char *)frame_map(gfn) + offset);

    if (!self)
        vcpu_pause(v);
    /* the mask and what is pending carry over; then everything is announced anew */
    memcpy(fresh, old, sizeof(*fresh));
    v->info_area.page = pg;
    v->info_area.map = fresh;
    __atomic_store_n(&v->info, fresh, __ATOMIC_RELEASE);
    event_vcpu_info_moved(v);
    if (!self)
        vcpu_unpause(v);
    return 0;
}

void vcpu_info_release(struct vcpu *v)
{
    if (!v->info_area.page)
        return;
    frame_unmap(v->info_area.map);
    page_put_writable(v->info_area.page);
    v->info_area.page = NULL;
    v->info_area.map = NULL;
    v->info = v->info_own;
    if (v->domain->shared_info && v->id < XEN_LEGACY_MAX_VCPUS)
        v->info = (vcpu_info_t *)&v->domain->shared_info->vcpu_info[v->id];
}
