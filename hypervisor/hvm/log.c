/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is always true here: while p2m.pml is set each vCPU has a page for its notes, and only then
 * are there entries for which notes are taken. A vCPU's notes are read, and its page comes and
 * goes, while it does not run.
 */
#include "hvm/log.h"

#include "abi/errno.h"
#include "console/log.h"
#include "domain/domain.h"
#include "hvm/hvm.h"
#include "hvm/vendor.h"
#include "hypercall/hypercall.h"

bool hvm_pml;

static void set_pml(struct domain *d, bool on)
{
    spin_lock(&d->p2m->lock);
    d->p2m->pml = on;
    if (on)
        d->p2m->noted = 0;
    spin_unlock(&d->p2m->lock);
}

int hvm_log_join(struct vcpu *v)
{
    int rc = v->domain->p2m->pml ? vendor_log_begin(v) : 0;

    v->hvm->takes_notes = v->domain->p2m->pml && !rc;
    return rc;
}

static void leave(struct vcpu *v)
{
    if (!v->hvm->takes_notes)
        return;
    v->hvm->takes_notes = false;
    vcpu_pause(v);
    vendor_log_end(v);
    vcpu_unpause(v);
}

long hvm_log_begin(struct domain *d)
{
    struct vcpu *v, *other;

    if (!hvm_pml)
        return 0;
    for_each_vcpu(d, v) {
        if (v->hvm->takes_notes)
            continue;
        vcpu_pause(v);
        v->hvm->takes_notes = !vendor_log_begin(v);
        vcpu_unpause(v);
        if (!v->hvm->takes_notes) {
            log_warn("d%u: no memory for the log of modified pages: first writes fault", d->id);
            for_each_vcpu(d, other)
                leave(other);
            return 0;
        }
        if (hypercall_preempt())
            return -ERESTART;
    }
    set_pml(d, true);
    return 0;
}

long hvm_log_take(struct domain *d)
{
    uint32_t *at = &d->p2m->log_vcpu;

    while (d->p2m->pml && *at < d->max_vcpus) {
        struct vcpu *v = domain_vcpu(d, (*at)++);

        if (!v)
            continue;
        vcpu_pause(v);
        vendor_log_take(v);
        vcpu_unpause(v);
        if (hypercall_preempt())
            return -ERESTART;
    }
    *at = 0;
    return 0;
}

long hvm_log_end(struct domain *d)
{
    struct vcpu *v;

    if (d->p2m->pml)
        log_debug("d%u: processors noted %lu writes", d->id, d->p2m->noted);
    set_pml(d, false);
    for_each_vcpu(d, v) {
        if (!v->hvm->takes_notes)
            continue;
        leave(v);
        if (hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}
