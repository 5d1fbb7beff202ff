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

static void vcpu_free(struct vcpu *v)
{
    sched_vcpu_free(v);
    event_vcpu_free(v);
    if (v->kind)
        v->kind->vcpu_free(v);
    xstate_free(v);
    pool_free(v->info_own);
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

void vcpu_raise(struct vcpu *v, enum vcpu_work bit)
{
    __atomic_fetch_or(&v->work, 1u << bit, __ATOMIC_ACQ_REL);
    sched_kick(v);
}
