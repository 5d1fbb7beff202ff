/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a domain, in stages.
 *
 * What is always true here:
 *  - Once a domain is dying it gets no frame, event port or mapping any more, and none of its vCPUs
 *    runs again; so each stage finds a set that only shrinks, and a stage that has finished has
 *    nothing to do if it is entered again.
 *  - Every stage stops when the CPU has other work, with its place kept in the domain or in the
 *    room it belongs to; the toolstack's hypercall is then made again.
 *  - A dead domain stays on the list (dying, without vCPUs) as long as others hold frames of it or
 *    pages shared with it, because those name their owner by number. Whoever lets the last one go
 *    takes it off.
 */
#include "domain/teardown.h"

#include "abi/errno.h"
#include "console/log.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/shared.h"
#include "event/event.h"
#include "grant/grant.h"
#include "hypercall/hypercall.h"
#include "irq/irq.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "sched/pool.h"

enum teardown_stage {
    STAGE_STOP = 0, /* nothing new, nothing runs */
    STAGE_EVENTS,
    STAGE_GRANTS,   /* what it mapped of others */
    STAGE_AREAS,    /* frames the hypervisor writes for it */
    STAGE_KIND,     /* address spaces, descriptor tables */
    STAGE_FRAMES,   /* its own frames */
    STAGE_SHARED,   /* pages we share with it */
    STAGE_DONE,
    STAGE_GONE,     /* off the list */
};

static int stop(struct domain *d)
{
    /* Under the page lock: whoever allocates looks at `life` under it. */
    spin_lock(&d->page_lock);
    __atomic_store_n(&d->life, DOMAIN_DYING, __ATOMIC_RELEASE);
    heap_unclaim(d->claimed_pages);
    d->claimed_pages = 0;
    spin_unlock(&d->page_lock);
    domain_pause(d);
    sched_pool_leave(d);
    return 0;
}

static int release_areas(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        vcpu_info_release(v);
    irq_domain_relinquish(d);
    return 0;
}

/* One frame in the range where the domain's are: whoever's it is. */
static int release_frame(struct domain *d, mfn_t m)
{
    struct page *pg = mfn_page(m);
    int rc = 0;

    if (!page_get(pg, d))
        return 0;
    if (d->kind->frame_release)
        rc = d->kind->frame_release(d, pg);
    /* Pages we share with it have a stage of their own. */
    if (!rc && !(READ_ONCE(pg->count) & PAGE_XENHEAP) && !page_release_allocated(pg))
        rc = 0; /* given up before: only others' mappings keep it */
    page_put(pg);
    return rc;
}

static int release_frames(struct domain *d)
{
    uint64_t first = max(d->teardown_cursor, d->lowest_mfn), step = 1;
    unsigned int looked = 0;

    for (uint64_t n = first; n <= d->highest_mfn; n += step, step = 1) {
        const struct page *pg = mfn_page(MFN(n));
        int rc;

        d->teardown_cursor = n;
        if (n != first && ++looked % 64 == 0 && hypercall_preempt())
            return -ERESTART;
        if (!mfn_valid(MFN(n)))
            continue;
        if (page_owner_id(pg) == d->id) {
            rc = release_frame(d, MFN(n));
            if (rc)
                return rc;
        }
        /* What is free is not the domain's and will not be: it gets no frame any more. */
        if (READ_ONCE(pg->count) & PAGE_HEAP_FREE)
            step = max(heap_free_block(MFN(n)), (uint64_t)1);
    }
    d->teardown_cursor = d->highest_mfn + 1;
    return 0;
}

static int end_sharing(struct domain *d)
{
    int rc = grant_domain_unshare(d);

    if (!rc)
        shared_info_end(d);
    return rc;
}

static int run_stage(struct domain *d)
{
    switch ((enum teardown_stage)d->teardown_stage) {
    case STAGE_STOP:
        return stop(d);
    case STAGE_EVENTS:
        return event_domain_relinquish(d);
    case STAGE_GRANTS:
        return grant_domain_relinquish(d);
    case STAGE_AREAS:
        return release_areas(d);
    case STAGE_KIND:
        return d->kind->domain_relinquish(d);
    case STAGE_FRAMES:
        return release_frames(d);
    case STAGE_SHARED:
        return end_sharing(d);
    case STAGE_DONE:
    case STAGE_GONE:
        break;
    }
    return 0;
}

/* Off the list, once, when it is done and nobody holds frames of it. */
static void leave_list(struct domain *d)
{
    uint32_t done = STAGE_DONE;

    if (!__atomic_compare_exchange_n(&d->teardown_stage, &done, STAGE_GONE, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    heap_forget(d->id);
    domain_unpublish(d);
    event_raise_global_virq(VIRQ_DOM_EXC);
}

void domain_frames_gone(struct domain *d)
{
    if (__atomic_load_n(&d->teardown_stage, __ATOMIC_ACQUIRE) == STAGE_DONE)
        leave_list(d);
}

int domain_kill(struct domain *d)
{
    bool empty;
    int rc = 0;

    if (d->is_control || d->is_system)
        return -EINVAL;
    if (!spin_trylock(&d->control_lock))
        return -ERESTART;
    while (!rc && d->teardown_stage < STAGE_DONE) {
        rc = run_stage(d);
        if (rc == -ERESTART)
            break;
        /* A stage that fails would keep the domain for ever: go on with the rest. */
        if (rc)
            log_error("d%u: teardown stage %u failed: %d", d->id, d->teardown_stage, rc);
        rc = 0;
        __atomic_store_n(&d->teardown_stage, d->teardown_stage + 1, __ATOMIC_SEQ_CST);
    }
    spin_unlock(&d->control_lock);
    if (rc)
        return rc;
    page_limbo_drain(); /* what this CPU freed counts as gone when the caller looks */

    spin_lock(&d->page_lock);
    __atomic_store_n(&d->life, DOMAIN_DEAD, __ATOMIC_RELEASE);
    empty = !d->tot_pages && !d->hyp_pages;
    spin_unlock(&d->page_lock);
    if (empty)
        leave_list(d);
    else
        event_raise_global_virq(VIRQ_DOM_EXC);
    return 0;
}
