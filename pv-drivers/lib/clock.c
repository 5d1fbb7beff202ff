/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock: a base that the hypervisor keeps fresh, and the counter's distance from it. */
#include "pv-drivers/lib/clock.h"

#include <xen/vcpu.h>

#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/smp.h"
#include "pv-drivers/lib/start.h"

uint64_t pv_clock_at(const struct vcpu_time_info *time, uint64_t tsc)
{
    uint64_t ticks = tsc - time->tsc_timestamp;

    if ((int64_t)ticks < 0) /* read a moment before the base was made, on another CPU */
        return time->system_time;
    ticks = time->tsc_shift >= 0 ? ticks << time->tsc_shift : ticks >> -time->tsc_shift;
    return time->system_time +
           (uint64_t)((unsigned __int128)ticks * time->tsc_to_system_mul >> 32);
}

/* An odd version is one that the hypervisor is just writing. */
uint64_t pv_clock_ns(void)
{
    const struct vcpu_time_info *time = &pv_guest.shared_info->vcpu_info[pv_cpu()].time;
    uint32_t version;
    uint64_t ns;

    do {
        version = PV_LOAD(time->version) & ~1u;
        ns = pv_clock_at(time, __builtin_ia32_rdtsc());
        PV_BARRIER();
    } while (version != PV_LOAD(time->version));
    return ns;
}

uint64_t pv_clock_wall_ns(void)
{
    const shared_info_t *info = pv_guest.shared_info;
    uint32_t version;
    uint64_t boot;

    do {
        version = PV_LOAD(info->wc_version) & ~1u;
        boot = ((uint64_t)info->wc_sec_hi << 32 | info->wc_sec) * PV_SECOND_NS + info->wc_nsec;
        PV_BARRIER();
    } while (version != PV_LOAD(info->wc_version));
    return boot + pv_clock_ns();
}

int pv_clock_alarm(uint64_t deadline)
{
    struct vcpu_set_singleshot_timer timer = {.timeout_abs_ns = deadline};

    return (int)pv_hypercall(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, pv_cpu(),
                             (uintptr_t)&timer, 0, 0);
}

void pv_clock_sleep(uint64_t ns)
{
    uint64_t end = pv_clock_ns() + ns;

    while (pv_clock_ns() < end) {
        struct sched_poll op = {.timeout = end};

        (void)pv_sched_op(SCHEDOP_poll, &op);
    }
}
