/* SPDX-License-Identifier: BSD-2-Clause */
/* The mca hypercall (xen/arch-x86/xen-mca.h): dom0's logger fetches records and asks what CPUs
 * there are. */
#include "control/mca.h"

#include "abi/errno.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/machine_check.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "time/time.h"
#include "time/timer.h"

#include <xen/arch-x86/xen-mca.h>

#define MSR_MCG_CAP        0x179
#define STATUS_UNCORRECTED (1ULL << 61)
#define POLL_SECONDS       60

static struct timer poll_timer;

/* How an APIC ID is made of package, core and thread (SDM vol. 2, CPUID leaf 0xB). */
struct id_layout {
    unsigned int thread_bits, package_shift;
};

static struct id_layout id_layout(void)
{
    struct id_layout l = {0, 0};

    if (cpuid(0, 0).eax < 0xb)
        return l;
    for (uint32_t level = 0; level < 4; level++) {
        struct cpuid_regs r = cpuid(0xb, level);
        uint32_t type = (r.ecx >> 8) & 0xff;

        if (!type)
            break;
        if (type == 1)
            l.thread_bits = r.eax & 0x1f;
        l.package_shift = r.eax & 0x1f;
    }
    return l;
}

static unsigned int chip_of(const struct id_layout *l, uint32_t apic_id)
{
    return apic_id >> l->package_shift;
}

static unsigned int core_of(const struct id_layout *l, uint32_t apic_id)
{
    return (apic_id & ((1u << l->package_shift) - 1)) >> l->thread_bits;
}

static unsigned int thread_of(const struct id_layout *l, uint32_t apic_id)
{
    return apic_id & ((1u << l->thread_bits) - 1);
}

/* One record as the structures that Linux walks: a global part, then the bank. */
static void info_fill(struct mc_info *info, const struct mc_record *r)
{
    struct id_layout l = id_layout();
    struct mcinfo_global global = {
        .common = {.type = MC_TYPE_GLOBAL, .size = sizeof(global)},
        .mc_domid = DOMID_INVALID & 0xffff,
        .mc_vcpuid = XEN_MC_VCPUID_INVALID,
        .mc_socketid = chip_of(&l, r->apic_id),
        .mc_coreid = (uint16_t)core_of(&l, r->apic_id),
        .mc_core_threadid = (uint16_t)thread_of(&l, r->apic_id),
        .mc_apicid = r->apic_id,
        .mc_flags = (r->status & STATUS_UNCORRECTED ? MC_FLAG_UNCORRECTABLE : MC_FLAG_CORRECTABLE) |
                    (r->polled ? MC_FLAG_POLLED : MC_FLAG_MCE),
        .mc_gstatus = r->mcg_status,
    };
    struct mcinfo_bank bank = {
        .common = {.type = MC_TYPE_BANK, .size = sizeof(bank)},
        .mc_bank = (uint16_t)r->bank,
        .mc_domid = DOMID_INVALID & 0xffff,
        .mc_status = r->status,
        .mc_addr = r->address,
        .mc_misc = r->misc,
        .mc_tsc = r->tsc,
    };
    char *at = (char *)info->mi_data;

    info->mi_nentries = 2;
    memcpy(at, &global, sizeof(global));
    memcpy(at + sizeof(global), &bank, sizeof(bank));
}

/* Uncorrected errors end the machine, so all that can be fetched is not urgent. */
static long fetch(struct xen_mc_fetch *op)
{
    struct mc_record record;
    struct mc_info *info;
    uint64_t id;
    long rc = 0;

    if ((op->flags & XEN_MC_URGENT) && (op->flags & XEN_MC_NONURGENT))
        return -EINVAL;
    if (!(op->flags & (XEN_MC_URGENT | XEN_MC_NONURGENT)))
        return -EINVAL;
    if (op->flags & XEN_MC_ACK) {
        op->flags = machine_check_ack(op->fetch_id) ? XEN_MC_OK : XEN_MC_NOMATCH;
        return 0;
    }
    if ((op->flags & XEN_MC_URGENT) || !machine_check_peek(&record, &id)) {
        op->fetch_id = 0;
        op->flags = XEN_MC_NODATA;
        return 0;
    }
    info = pool_new(struct mc_info);
    if (!info)
        return -ENOMEM;
    info_fill(info, &record);
    if (copy_to_guest(GUEST_VA(op->data), info, sizeof(*info))) {
        rc = -EFAULT;
    } else {
        op->fetch_id = id;
        op->flags = XEN_MC_OK;
    }
    pool_free(info);
    return rc;
}

static void cpu_fill(struct mcinfo_logical_cpu *c, unsigned int cpu, const struct id_layout *l)
{
    enum { LINUX_INTEL = 0, LINUX_AMD = 2, LINUX_UNKNOWN = 0xff }; /* linux: asm/processor.h */
    uint32_t apic_id = cpu_of(cpu)->apic_id;

    memset(c, 0, sizeof(*c));
    c->mc_cpunr = cpu;
    c->mc_chipid = chip_of(l, apic_id);
    c->mc_coreid = (uint16_t)core_of(l, apic_id);
    c->mc_threadid = (uint16_t)thread_of(l, apic_id);
    c->mc_apicid = apic_id;
    c->mc_clusterid = ~0u;
    c->mc_ncores = 1u << (l->package_shift - l->thread_bits);
    c->mc_ncores_active = c->mc_ncores;
    c->mc_nthreads = 1u << l->thread_bits;
    c->mc_cpuid_level = (int32_t)cpuid(0, 0).eax;
    c->mc_family = cpu_features.family;
    c->mc_model = cpu_features.model;
    c->mc_step = cpu_features.stepping;
    c->mc_vendor = cpu_features.is_intel ? LINUX_INTEL
                   : cpu_features.is_amd ? LINUX_AMD
                                         : LINUX_UNKNOWN;
    (void)strlcpy(c->mc_vendorid, cpu_features.vendor, sizeof(c->mc_vendorid));
    (void)strlcpy(c->mc_brandid, cpu_features.brand, sizeof(c->mc_brandid));
    c->mc_cpu_caps[MC_CAPS_STD_EDX] = cpuid(1, 0).edx;
    c->mc_cpu_caps[MC_CAPS_STD_ECX] = cpuid(1, 0).ecx;
    c->mc_cpu_caps[MC_CAPS_AMD_EDX] = cpuid(0x80000001, 0).edx;
    c->mc_cpu_caps[MC_CAPS_AMD_ECX] = cpuid(0x80000001, 0).ecx;
    c->mc_cache_alignment = (cpuid(1, 0).ebx >> 8 & 0xff) * 8;
    if (machine_check_banks()) {
        c->mc_nmsrvals = 1;
        c->mc_msrvalues[0] = (xen_mcinfo_msr_t){.reg = MSR_MCG_CAP, .value = rdmsr(MSR_MCG_CAP)};
    }
}

static long physcpuinfo(struct xen_mc_physcpuinfo *op)
{
    struct id_layout l = id_layout();
    unsigned int cpu, done = 0;

    if (!GUEST_VA(op->info)) {
        op->ncpus = cpumask_weight(&cpus_online);
        return 0;
    }
    for_each_online_cpu(cpu)
    {
        struct mcinfo_logical_cpu c;

        if (done == op->ncpus)
            break;
        cpu_fill(&c, cpu, &l);
        if (copy_to_guest(GUEST_ELEM(GUEST_VA(op->info), struct mcinfo_logical_cpu, done), &c,
                          sizeof(c)))
            return -EFAULT;
        done++;
    }
    op->ncpus = done;
    return 0;
}

long hc_mca(uint64_t arg)
{
    struct xen_mc op;
    long rc;

    if (!caller_is_control())
        return -EPERM;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_MCA_INTERFACE_VERSION)
        return -EACCES;
    switch (op.cmd) {
    case XEN_MC_fetch:
        rc = fetch(&op.u.mc_fetch);
        break;
    case XEN_MC_physcpuinfo:
        rc = physcpuinfo(&op.u.mc_physcpuinfo);
        break;
    case XEN_MC_notifydomain: /* guests have no handler to notify; the others are test aids */
    case XEN_MC_msrinject:
    case XEN_MC_mceinject:
    case XEN_MC_inject_v2:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
    if (!rc && copy_to_guest(arg, &op, sizeof(op)))
        return -EFAULT;
    return rc;
}

/* Corrected errors raise no exception: somebody must look. */
static void poll(void *data)
{
    (void)data;
    if (machine_check_poll())
        event_raise_global_virq(VIRQ_MCA);
    timer_set(&poll_timer, time_now_ns() + POLL_SECONDS * NS_PER_S);
}

void mca_init(void)
{
    if (!machine_check_can_poll())
        return;
    timer_init(&poll_timer, poll, NULL, cpu_id());
    timer_set(&poll_timer, time_now_ns() + POLL_SECONDS * NS_PER_S);
}
