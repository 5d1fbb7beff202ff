/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysctl: what CPUs do when they have nothing to do (xenpm). Frequencies are left to the hardware,
 * and an idle CPU halts: C1 is the one sleep state, how deep that is the hardware decides.
 */
#include "control/sysctl.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "p2m/copy.h"
#include "sched/sched.h"
#include "time/time.h"

#define STATES 2 /* C0, which is running, and C1 */

/* As many states as the caller has room for. */
static long get_cxstat(uint32_t cpu, struct pm_cx_stat *c)
{
    uint64_t idle = sched_cpu_time(cpu_of(cpu)->idle), now = time_now_ns();
    uint64_t triggers[STATES] = {0, sched_cpu_halts(cpu)};
    uint64_t residencies[STATES] = {now > idle ? now - idle : 0, idle};
    uint32_t count = min(c->nr, (uint32_t)STATES);

    if (copy_to_guest(GUEST_VA(c->triggers), triggers, count * sizeof(triggers[0])) ||
        copy_to_guest(GUEST_VA(c->residencies), residencies, count * sizeof(residencies[0])))
        return -EFAULT;
    c->nr = STATES;
    c->last = sched_cpu_idle(cpu) ? 1 : 0;
    c->idle_time = idle;
    c->nr_pc = c->nr_cc = 0;
    return 0;
}

long sysctl_get_pmstat(struct xen_sysctl *op)
{
    struct xen_sysctl_get_pmstat *p = &op->u.get_pmstat;

    if (p->cpuid >= cpu_count || !cpumask_test(&cpus_online, p->cpuid))
        return -EINVAL;
    switch (p->type) {
    case PMSTAT_get_max_cx:
        p->u.getcx.nr = STATES;
        return 0;
    case PMSTAT_get_cxstat:
        return get_cxstat(p->cpuid, &p->u.getcx);
    case PMSTAT_reset_cxstat:
        return 0; /* they count from the start; xenpm takes differences */
    default:
        return -ENODEV;
    }
}

long sysctl_pm_op(struct xen_sysctl *op)
{
    struct xen_sysctl_pm_op *p = &op->u.pm_op;

    switch (p->cmd) {
    case XEN_SYSCTL_pm_op_get_max_cstate:
        if (p->cpuid > 1)
            return -EOPNOTSUPP;
        p->u.get_max_cstate = XEN_SYSCTL_CX_UNLIMITED;
        return 0;
    case GET_CPUFREQ_PARA:
    case SET_CPUFREQ_GOV:
    case SET_CPUFREQ_PARA:
    case GET_CPUFREQ_AVGFREQ:
        return -ENODEV;
    default:
        return -ENOSYS;
    }
}
