/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNTTABOP_cache_flush: write parts of frames back to memory and drop them from the caches: the
 * caller's own frames, or those granted to it and in use.
 */
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "grant/table.h"
#include "hypercall/hypercall.h"
#include "lib/index.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/copy.h"

#define CACHE_LINE 64 /* CLFLUSH works on this much or more (CPUID.1:EBX[15:8]) on all x86-64 */
/* Entries looked through between two questions whether to stop. */
#define CACHE_CHUNK 1024

/* Has @user got a pin on @frame in entries [first, first + CACHE_CHUNK) of @granter's table? 1, 0,
 * or -EINVAL: there are no such entries. */
static int uses_frame(struct domain *granter, uint64_t first, domid_t user, mfn_t frame)
{
    const struct grant_table *t = granter->grant;
    int rc = -EINVAL;
    uint64_t count;

    spin_lock(&granter->grant->lock);
    count = grant_entries(t);
    for (uint64_t ref = first; ref < min(count, first + CACHE_CHUNK) && rc != 1; ref++) {
        /* a continued call says where it was: not even speculation goes beyond the table */
        const struct grant_active *act = entry_active(t, (grant_ref_t)index_clamp(ref, count));

        rc = (act->reads || act->writes) && act->domid == user && mfn_eq(act->frame, frame);
    }
    spin_unlock(&granter->grant->lock);
    return rc;
}

/* May @d have @pg, owned by @owner, flushed? @chunk: where to go on looking. 0, -EPERM, -EINVAL,
 * -ERESTART. */
static int check_use(struct domain *d, const struct page *pg, domid_t owner, uint32_t *chunk)
{
    struct domain *granter;
    int rc = 0;

    if (owner == d->id)
        return 0;
    granter = domain_get(owner);
    if (!granter || !granter->grant) {
        rc = -EPERM;
    } else {
        while ((rc = uses_frame(granter, (uint64_t)*chunk * CACHE_CHUNK, d->id, page_mfn(pg))) ==
               0) {
            ++*chunk;
            if (hypercall_preempt()) {
                rc = -ERESTART;
                break;
            }
        }
        rc = rc == 1 ? 0 : rc;
    }
    if (granter)
        domain_put(granter);
    return rc;
}

static void flush_lines(mfn_t frame, uint32_t from, uint32_t bytes)
{
    const char *at = frame_map(frame);

    for (uint32_t i = ROUND_DOWN(from, CACHE_LINE); i < from + bytes; i += CACHE_LINE)
        clflush(at + i);
    frame_unmap(at);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* CLFLUSH is ordered by MFENCE and locked cycles */
}

static int flush_one(struct domain *d, const struct gnttab_cache_flush *op, uint32_t *chunk)
{
    mfn_t frame = MFN(op->a.dev_bus_addr >> PAGE_SHIFT);
    struct page *pg = mfn_page(frame);
    domid_t owner;
    int rc;

    if (op->offset >= PAGE_BYTES || (uint32_t)op->offset + op->length > PAGE_BYTES ||
        (op->op & ~(GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL)))
        return -EINVAL;
    if (!op->length || !op->op)
        return 0;
    if (!mfn_valid(frame))
        return -EINVAL;
    if (!page_get_any(pg, &owner))
        return -EPERM;
    rc = check_use(d, pg, owner, chunk);
    /* Nothing on this machine forgets what was written without writing it back. */
    if (!rc && op->op == GNTTAB_CACHE_INVAL)
        rc = -EOPNOTSUPP;
    if (!rc)
        flush_lines(frame, op->offset, op->length);
    page_put(pg);
    return rc;
}

long grant_cache_flush(uint64_t gva, uint32_t count, uint32_t chunk)
{
    struct domain *d = vcpu_current()->domain;
    struct gnttab_cache_flush op;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = gva + (uint64_t)i * sizeof(op);
        int rc = i && hypercall_preempt() ? -ERESTART : copy_from_guest(&op, at, sizeof(op));

        if (!rc)
            rc = flush_one(d, &op, &chunk);
        if (rc == -ERESTART)
            return grant_continue(i, sizeof(op), chunk);
        if (rc)
            return rc;
        chunk = 0;
    }
    return 0;
}
