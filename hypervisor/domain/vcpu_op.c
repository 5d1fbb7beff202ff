/* SPDX-License-Identifier: BSD-2-Clause */
/* The vcpu_op hypercall (xen/vcpu.h): a guest manages its own vCPUs. */
#include "domain/vcpu_op.h"

#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/runstate.h"
#include "domain/shared.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "sched/sched.h"
#include "sched/softirq.h"
#include "time/time.h"

#define PERIOD_MIN_NS NS_PER_MS      /* xen/vcpu.h: smaller ones need not be supported */
#define PERIOD_MAX_NS ((1ULL << 62) - 1) /* no sum with system time overflows */

void vcpu_timers_init(struct vcpu *v)
{
    time_vcpu_init(v);
}

void vcpu_timers_kill(struct vcpu *v)
{
    time_vcpu_free(v);
}

static int context_from_guest(struct vcpu *v, uint64_t gva)
{
    /* too large for the stack */
    struct vcpu_guest_context *c = pool_new(struct vcpu_guest_context);
    int rc = c ? copy_from_guest(c, gva, sizeof(*c)) : -ENOMEM;

    if (!rc)
        rc = v->initialised ? -EEXIST : v->kind->context_set(v, c);
    if (!rc)
        v->initialised = true;
    pool_free(c);
    return rc;
}

static long vcpu_initialise(struct vcpu *v, uint64_t gva)
{
    struct domain *d = v->domain;
    long rc;

    /* Not to be waited for: its holder may be waiting for this vCPU to stop. */
    if (!spin_trylock(&d->control_lock))
        return -ERESTART;
    rc = v->kind->start ? v->kind->start(v, gva) : context_from_guest(v, gva);
    spin_unlock(&d->control_lock);
    return rc;
}

static long vcpu_up(struct vcpu *v)
{
    if (!READ_ONCE(v->initialised))
        return -EINVAL;
    vcpu_bring_up(v);
    return 0;
}

static long vcpu_down(struct vcpu *v)
{
    vcpu_take_down(v, VPF_DOWN);
    return 0;
}

static long vcpu_get_runstate(struct vcpu *v, uint64_t gva)
{
    struct vcpu_runstate_info info;

    sched_runstate_get(v, &info);
    return copy_to_guest(gva, &info, sizeof(info));
}

static long vcpu_register_runstate(struct vcpu *v, uint64_t gva)
{
    struct vcpu_register_runstate_memory_area area;

    if (copy_from_guest(&area, gva, sizeof(area)))
        return -EFAULT;
    return runstate_register(v, area.addr.p);
}

static long vcpu_set_periodic(struct vcpu *v, uint64_t gva)
{
    struct vcpu_set_periodic_timer p;

    if (copy_from_guest(&p, gva, sizeof(p)))
        return -EFAULT;
    if (p.period_ns < PERIOD_MIN_NS || p.period_ns > PERIOD_MAX_NS)
        return -EINVAL;
    time_set_periodic(v, p.period_ns);
    return 0;
}

static long vcpu_set_singleshot(struct vcpu *v, uint64_t gva)
{
    struct vcpu_set_singleshot_timer s;

    if (v != vcpu_current())
        return -EINVAL;
    if (copy_from_guest(&s, gva, sizeof(s)))
        return -EFAULT;
    /* VCPU_SSHOTTMR_future is without effect, as on Xen: a time that has gone by fires at once */
    /* 0 would stop it; it is the past and fires at once, as any other. */
    time_set_singleshot(v, s.timeout_abs_ns ? s.timeout_abs_ns : 1);
    return 0;
}

static long vcpu_stop_singleshot(struct vcpu *v)
{
    if (v != vcpu_current())
        return -EINVAL;
    time_set_singleshot(v, 0);
    return 0;
}

static long vcpu_register_info(struct vcpu *v, uint64_t gva)
{
    struct vcpu_register_vcpu_info r;
    int rc;

    if (copy_from_guest(&r, gva, sizeof(r)))
        return -EFAULT;
    /* For itself, or for one that is down (xen/vcpu.h). The lock: only once, and two vCPUs must not
     * wait for each other to stop. */
    if (v != vcpu_current() && !(READ_ONCE(v->down) & VPF_DOWN))
        return -EINVAL;
    if (!spin_trylock(&v->domain->control_lock))
        return -ERESTART;
    rc = vcpu_info_register(v, MFN(r.mfn), r.offset);
    spin_unlock(&v->domain->control_lock);
    return rc;
}

static long vcpu_register_time(struct vcpu *v, uint64_t gva)
{
    struct vcpu_register_time_memory_area area;

    if (copy_from_guest(&area, gva, sizeof(area)))
        return -EFAULT;
    /* The record is written when @v runs; that it can be is tried now, in the caller's space. */
    if (area.addr.p && copy_to_guest(area.addr.p, &v->info->time, sizeof(v->info->time)))
        return -EFAULT;
    WRITE_ONCE(v->time_gva, area.addr.p);
    time_publish_always(v);
    return 0;
}

/* Only where it cannot change: a vCPU of the control domain that is pinned to one CPU. */
static long vcpu_get_physid(struct vcpu *v, uint64_t gva)
{
    struct vcpu_get_physid id;
    int32_t cpu = sched_pinned_cpu(v);

    if (!v->domain->is_control || cpu < 0)
        return -EINVAL;
    id.phys_id = cpu_of((unsigned int)cpu)->apic_id |
                 (uint64_t)cpu_of((unsigned int)cpu)->acpi_id << 32;
    return copy_to_guest(gva, &id, sizeof(id));
}

long hc_vcpu_op(uint64_t a0, uint64_t a1, uint64_t a2)
{
    struct domain *d = vcpu_current()->domain;
    struct vcpu *v = a1 <= UINT32_MAX ? domain_vcpu(d, (uint32_t)a1) : NULL;

    if (!v)
        return -ENOENT;
    switch ((uint32_t)a0) {
    case VCPUOP_initialise:
        return vcpu_initialise(v, a2);
    case VCPUOP_up:
        return vcpu_up(v);
    case VCPUOP_down:
        return vcpu_down(v);
    case VCPUOP_is_up:
        return !(READ_ONCE(v->down) & VPF_DOWN);
    case VCPUOP_get_runstate_info:
        return vcpu_get_runstate(v, a2);
    case VCPUOP_register_runstate_memory_area:
        return vcpu_register_runstate(v, a2);
    case VCPUOP_set_periodic_timer:
        return vcpu_set_periodic(v, a2);
    case VCPUOP_stop_periodic_timer:
        time_set_periodic(v, 0);
        return 0;
    case VCPUOP_set_singleshot_timer:
        return vcpu_set_singleshot(v, a2);
    case VCPUOP_stop_singleshot_timer:
        return vcpu_stop_singleshot(v);
    case VCPUOP_register_vcpu_info:
        return vcpu_register_info(v, a2);
    case VCPUOP_send_nmi:
        vcpu_nmi(v);
        return 0;
    case VCPUOP_get_physid:
        return vcpu_get_physid(v, a2);
    case VCPUOP_register_vcpu_time_memory_area:
        return vcpu_register_time(v, a2);
    default:
        return -ENOSYS;
    }
}
