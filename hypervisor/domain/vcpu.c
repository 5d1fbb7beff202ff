/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPUs: creation, pausing, raising work. */
#include "domain/vcpu.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/xstate.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/shared.h"
#include "domain/vcpu_op.h"
#include "event/event.h"
#include "mm/pool.h"
#include "sched/sched.h"

#include <xen/sched.h>

static void vcpu_free(struct vcpu *v)
{
    sched_vcpu_free(v);
    event_vcpu_free(v);
    if (v->kind)
        v->kind->vcpu_free(v);
    xstate_free(v);
    vcpu_info_free(v);
    pool_free(v);
}

int vcpu_create(struct domain *d, uint32_t id)
{
    struct vcpu *v;
    int rc;

    if (id >= d->max_vcpus || d->vcpus[id])
        return -EINVAL;
    v = pool_new(struct vcpu);
    if (!v)
        return -ENOMEM;
    /* RSP0 is &regs.es and must be 16-byte aligned (SDM vol. 3, 6.14.2) */
    static_assert((offsetof(struct vcpu, regs) + offsetof(struct cpu_user_regs, es)) % 16 == 0,
                  "entry frames would be misaligned");
    v->id = id;
    v->domain = d;
    v->kind = d->kind;
    v->is_idle = d->is_system;
    v->down = VPF_DOWN;
    v->dirty_cpu = CPU_NONE;
    rc = v->is_idle ? 0 : vcpu_info_default(v);
    if (!rc)
        rc = sched_vcpu_init(v);
    if (!rc && !v->is_idle)
        rc = xstate_init(v);
    if (!rc && !v->is_idle)
        rc = v->kind->vcpu_init(v);
    if (!rc && !v->is_idle)
        rc = event_vcpu_init(v);
    if (rc) {
        vcpu_free(v);
        return rc;
    }
    if (!v->is_idle)
        vcpu_timers_init(v);
    __atomic_store_n(&d->vcpus[id], v, __ATOMIC_RELEASE);
    return 0;
}

void vcpu_destroy(struct vcpu *v)
{
    v->domain->vcpus[v->id] = NULL;
    if (!v->is_idle)
        vcpu_timers_kill(v);
    vcpu_free(v);
}

struct vcpu *domain_vcpu(const struct domain *d, uint32_t id)
{
    if (id >= d->max_vcpus)
        return NULL;
    __asm__ volatile("" ::: "memory");
    return __atomic_load_n(&d->vcpus[id], __ATOMIC_ACQUIRE);
}

uint32_t domain_vcpu_count(const struct domain *d)
{
    uint32_t count = 0;

    for (uint32_t id = 0; id < d->max_vcpus; id++)
        count += d->vcpus[id] != NULL;
    return count;
}

void vcpu_pause_nowait(struct vcpu *v)
{
    __atomic_fetch_add(&v->pause_count, 1, __ATOMIC_ACQ_REL);
    sched_sleep(v);
}

void vcpu_pause(struct vcpu *v)
{
    assert(v != vcpu_current());
    __atomic_fetch_add(&v->pause_count, 1, __ATOMIC_ACQ_REL);
    sched_sleep_sync(v);
}

void vcpu_unpause(struct vcpu *v)
{
    if (__atomic_sub_fetch(&v->pause_count, 1, __ATOMIC_ACQ_REL) == 0)
        sched_wake(v);
}

bool vcpu_bring_up(struct vcpu *v)
{
    bool was_down = __atomic_exchange_n(&v->down, 0, __ATOMIC_SEQ_CST) & VPF_DOWN;

    if (was_down)
        sched_wake(v);
    return was_down;
}

/* Mark @v down; true when it was the last one up. Two vCPUs that take each other down at once
 * must not both see the other up, hence the lock. */
static bool mark_down(struct vcpu *v, uint32_t how)
{
    struct domain *d = v->domain;
    uint64_t flags = spin_lock_irqsave(&d->shutdown_lock);
    struct vcpu *other;
    bool last = true;

    __atomic_fetch_or(&v->down, how, __ATOMIC_SEQ_CST);
    for_each_vcpu(d, other)
        if (!(READ_ONCE(other->down) & VPF_DOWN))
            last = false;
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    return last;
}

void vcpu_take_down(struct vcpu *v, uint32_t how)
{
    if (mark_down(v, VPF_DOWN | how))
        domain_shutdown(v->domain, SHUTDOWN_poweroff);
    /* who sends an NMI shows it before it looks here, and we look for it after we showed this */
    else if ((how & VPF_HALTED) && (READ_ONCE(v->work) & (1u << VCPU_WORK_NMI)))
        vcpu_bring_up(v);
    sched_sleep(v);
}

void vcpu_nmi(struct vcpu *v)
{
    uint32_t halted = VPF_DOWN | VPF_HALTED;

    __atomic_fetch_or(&v->work, 1u << VCPU_WORK_NMI, __ATOMIC_SEQ_CST);
    if (__atomic_compare_exchange_n(&v->down, &halted, 0, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_RELAXED))
        sched_wake(v);
    sched_kick(v);
}

void vcpu_raise(struct vcpu *v, enum vcpu_work bit)
{
    __atomic_fetch_or(&v->work, 1u << bit, __ATOMIC_ACQ_REL);
    sched_kick(v);
}
