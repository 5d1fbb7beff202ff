/* SPDX-License-Identifier: BSD-2-Clause */
/* The platform_op hypercall: how the control domain steers the machine (xen/platform.h). */
#include "control/platform_op.h"

#include "abi/errno.h"
#include "acpi/acpi.h"
#include "control/access.h"
#include "control/cpu_bitmap.h"
#include "cpu/features.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "hvm/hvm.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "sched/sched.h"
#include "time/time.h"

/* Guests with a clock of their own (a CMOS clock's alarm) are told, too. */
static void set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_ns)
{
    struct domain *d;
    domid_t next;

    time_set_wallclock(secs, nsecs, system_ns);
    for (d = domain_next(0); d; d = next < DOMID_FIRST_RESERVED ? domain_next(next) : NULL) {
        if (d->hvm)
            platform_wall_changed(&d->hvm->board.platform);
        next = (domid_t)(d->id + 1);
        domain_put(d);
    }
}

static long platform_settime32(struct xen_platform_op *op)
{
    const struct xenpf_settime32 *t = &op->u.settime32;

    if (t->nsecs >= NS_PER_S)
        return -EINVAL;
    set_wallclock(t->secs, t->nsecs, t->system_time);
    return 0;
}

static long platform_settime64(struct xen_platform_op *op)
{
    const struct xenpf_settime64 *t = &op->u.settime64;

    if (t->mbz || t->nsecs >= NS_PER_S)
        return -EINVAL;
    set_wallclock(t->secs, t->nsecs, t->system_time);
    return 0;
}

static long platform_enter_acpi_sleep(struct xen_platform_op *op)
{
    const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

    if (s->flags & ~XENPF_ACPI_SLEEP_EXTENDED)
        return -EINVAL;
    return acpi_enter_sleep(s->val_a, s->val_b, s->sleep_state,
                            s->flags & XENPF_ACPI_SLEEP_EXTENDED);
}

/* Idle time of each CPU asked for; the set shrinks to those that exist. */
static long platform_getidletime(struct xen_platform_op *op)
{
    struct xenpf_getidletime *g = &op->u.getidletime;
    struct xenctl_bitmap map = {.bitmap = {g->cpumap_bitmap.p}, .nr_bits = g->cpumap_nr_cpus};
    struct cpumask *cpus = pool_new(struct cpumask);
    unsigned int cpu;
    long rc;

    if (!cpus)
        return -ENOMEM;
    rc = cpu_bitmap_read(cpus, &map);
    if (!rc) {
        cpumask_and(cpus, cpus, &cpus_online);
        rc = cpu_bitmap_write(&map, cpus);
    }
    g->now = time_now_ns();
    for_each_cpu(cpu, cpus) {
        uint64_t idle = sched_cpu_time(cpu_of(cpu)->idle);

        if (rc)
            break;
        rc = copy_to_guest(GUEST_ELEM(GUEST_VA(g->idletime), uint64_t, cpu), &idle, sizeof(idle));
    }
    pool_free(cpus);
    return rc;
}

static long platform_get_cpuinfo(struct xen_platform_op *op)
{
    struct xenpf_pcpuinfo *p = &op->u.pcpu_info;

    p->max_present = cpu_count - 1;
    if (p->xen_cpuid >= cpu_count) {
        p->flags = XEN_PCPU_FLAGS_INVALID;
        p->apic_id = p->acpi_id = 0;
        return 0;
    }
    p->flags = cpumask_test(&cpus_online, p->xen_cpuid) ? XEN_PCPU_FLAGS_ONLINE : 0;
    p->apic_id = cpu_of(p->xen_cpuid)->apic_id;
    p->acpi_id = cpu_of(p->xen_cpuid)->acpi_id;
    return 0;
}

/* All CPUs are alike; of one that does not run nothing is known. */
static long platform_get_cpu_version(struct xen_platform_op *op)
{
    struct xenpf_pcpu_version *p = &op->u.pcpu_version;

    p->max_present = cpu_count - 1;
    memset(p->vendor_id, 0, sizeof(p->vendor_id));
    p->family = p->model = p->stepping = 0;
    if (p->xen_cpuid >= cpu_count || !cpumask_test(&cpus_online, p->xen_cpuid))
        return 0;
    memcpy(p->vendor_id, cpu_features.vendor, sizeof(p->vendor_id));
    p->family = cpu_features.family;
    p->model = cpu_features.model;
    p->stepping = cpu_features.stepping;
    return 0;
}

/* CPUs are brought up at boot and stay. */
static long platform_cpu_online(struct xen_platform_op *op)
{
    uint32_t cpu = op->u.cpu_ol.cpuid;

    if (cpu >= cpu_count)
        return -EINVAL;
    return cpumask_test(&cpus_online, cpu) ? 0 : -EOPNOTSUPP;
}

static long platform_core_parking(struct xen_platform_op *op)
{
    switch (op->u.core_parking.type) {
    case XEN_CORE_PARKING_GET:
        op->u.core_parking.idle_nums = 0;
        return 0;
    case XEN_CORE_PARKING_SET:
        return op->u.core_parking.idle_nums ? -EOPNOTSUPP : 0;
    default:
        return -EINVAL;
    }
}

enum row_flags { IN = 0, OUT = 1 };

struct row {
    uint32_t cmd;
    uint32_t flags;
    long (*run)(struct xen_platform_op *op);
};

#define ROW(name, flags) {XENPF_##name, flags, platform_##name}
static const struct row rows[] = {
    ROW(settime64, IN),
    ROW(settime32, IN),
    ROW(firmware_info, OUT),
    ROW(efi_runtime_call, OUT),
    ROW(enter_acpi_sleep, IN),
    ROW(getidletime, OUT),
    ROW(get_cpuinfo, OUT),
    ROW(get_cpu_version, OUT),
    ROW(cpu_online, IN),
    ROW(core_parking, OUT),
};

/* Known operations that this hypervisor leaves to firmware and hardware, or has no use for: memory
 * types, microcode, frequencies and sleep states, hot-plug. Linux takes -ENOSYS for the tables of
 * its ACPI processor driver as "the hypervisor has no use for them". */
static long absent(uint32_t cmd)
{
    switch (cmd) {
    case XENPF_add_memtype:
    case XENPF_del_memtype:
    case XENPF_read_memtype:
    case XENPF_microcode_update:
    case XENPF_platform_quirk:
    case XENPF_cpu_offline:
    case XENPF_cpu_hotadd:
    case XENPF_mem_hotadd:
    case XENPF_resource_op:
    case XENPF_get_symbol:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
}

long hc_platform_op(uint64_t gva)
{
    const struct row *row = NULL;
    struct xen_platform_op op;
    long rc;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    if (access_check(ACCESS_PLATFORM, NULL))
        return -EPERM;
    for (size_t i = 0; i < ARRAY_SIZE(rows) && !row; i++)
        if (rows[i].cmd == op.cmd)
            row = &rows[i];
    if (!row)
        return absent(op.cmd);
    rc = row->run(&op);
    if ((row->flags & OUT) && rc >= 0 && copy_to_guest(gva, &op, sizeof(op)))
        return -EFAULT;
    return rc;
}
