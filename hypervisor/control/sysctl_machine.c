/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl: the machine's CPUs and memory. */
#include "control/sysctl.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "cpu/smp.h"
#include "cpu/topology.h"
#include "hypercall/hypercall.h"
#include "lib/cpumask.h"
#include "mm/heap.h"
#include "mm/ram.h"
#include "p2m/copy.h"
#include "pci/device.h"
#include "sched/sched.h"
#include "time/time.h"

#define E820_RAM 1
#define NODE_DISTANCE_LOCAL 10 /* ACPI 6.4, 5.2.17: a node to itself */

uint64_t sysctl_ram_pages(void)
{
    uint64_t bytes = 0;

    for (unsigned int i = 0; i < ram_range_count; i++)
        if (ram_ranges[i].type == E820_RAM)
            bytes += ram_ranges[i].bytes;
    return bytes >> PAGE_SHIFT;
}

static struct cpu_topology topology(void)
{
    return cpu_topology_of(cpu_policy_system(CPU_POLICY_RAW));
}

/* Online CPUs in the boot CPU's core and package. */
static void count_siblings(uint32_t *threads, uint32_t *in_package)
{
    struct cpu_topology t = topology();
    uint32_t first = cpu_of(0)->apic_id;
    unsigned int cpu;

    *threads = *in_package = 0;
    for_each_online_cpu(cpu) {
        uint32_t id = cpu_of(cpu)->apic_id;

        if (cpu_topology_package(t, id) != cpu_topology_package(t, first))
            continue;
        ++*in_package;
        if (cpu_topology_core(t, id) == cpu_topology_core(t, first))
            ++*threads;
    }
}

static uint32_t capabilities(void)
{
    uint32_t caps = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 |
                    XEN_SYSCTL_PHYSCAP_gnttab_v2;

    if (cpu_policy_system(CPU_POLICY_HVM_MAX)->basic[0].eax)
        caps |= XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap;
    return caps;
}

long sysctl_physinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_physinfo *p = &op->u.physinfo;
    uint32_t words[CPU_FEATURE_WORDS], threads, in_package;

    count_siblings(&threads, &in_package);
    cpu_policy_features(cpu_policy_system(CPU_POLICY_HOST), words);
    *p = (struct xen_sysctl_physinfo){
        .threads_per_core = max(threads, 1u),
        .cores_per_socket = max(in_package / max(threads, 1u), 1u),
        .nr_cpus = cpumask_weight(&cpus_online),
        .max_cpu_id = cpu_count - 1,
        .nr_nodes = 1,
        .cpu_khz = (uint32_t)time_tsc_khz(),
        .capabilities = capabilities(),
        .total_pages = sysctl_ram_pages(),
        .free_pages = heap_free_pages(),
        .outstanding_pages = heap_claimed_pages(),
        .max_mfn = ram_max_mfn() - 1,
    };
    for (unsigned int i = 0; i < ARRAY_SIZE(p->hw_cap); i++)
        p->hw_cap[i] = words[i];
    return 0;
}

long sysctl_cputopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_cputopoinfo *c = &op->u.cputopoinfo;
    uint64_t gva = GUEST_VA(c->cputopo);
    struct cpu_topology t = topology();
    uint32_t count = gva ? min(c->num_cpus, cpu_count) : 0;

    for (uint32_t cpu = 0; cpu < count; cpu++) {
        xen_sysctl_cputopo_t one = {XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID,
                                    XEN_INVALID_NODE_ID};

        if (cpumask_test(&cpus_online, cpu)) {
            one.core = cpu_topology_core(t, cpu_of(cpu)->apic_id);
            one.socket = cpu_topology_package(t, cpu_of(cpu)->apic_id);
            one.node = 0;
        }
        if (copy_to_guest(GUEST_ELEM(gva, one, cpu), &one, sizeof(one)))
            return -EFAULT;
    }
    c->num_cpus = cpu_count;
    return 0;
}

/* All memory is one node. */
long sysctl_numainfo(struct xen_sysctl *op)
{
    struct xen_sysctl_numainfo *n = &op->u.numainfo;
    xen_sysctl_meminfo_t memory = {
        .memsize = ram_max_mfn() << PAGE_SHIFT,
        .memfree = heap_free_pages() << PAGE_SHIFT,
    };
    uint32_t distance = NODE_DISTANCE_LOCAL;

    if (n->num_nodes) {
        if (GUEST_VA(n->meminfo) && copy_to_guest(GUEST_VA(n->meminfo), &memory, sizeof(memory)))
            return -EFAULT;
        if (GUEST_VA(n->distance) &&
            copy_to_guest(GUEST_VA(n->distance), &distance, sizeof(distance)))
            return -EFAULT;
    }
    n->num_nodes = 1;
    return 0;
}

/* Which node a device is near is known only to its driver domain. */
long sysctl_pcitopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_pcitopoinfo *p = &op->u.pcitopoinfo;
    struct pci_device_info info;
    physdev_pci_device_t dev;
    uint32_t node, i;

    if (!GUEST_VA(p->devs) || !GUEST_VA(p->nodes))
        return -EINVAL;
    for (i = 0; i < p->num_devs; i++) {
        if (i && hypercall_preempt())
            break; /* the caller goes on where num_devs says */
        if (copy_from_guest(&dev, GUEST_ELEM(GUEST_VA(p->devs), dev, i), sizeof(dev)))
            return -EFAULT;
        node = pci_device_known((struct pci_address){dev.seg, dev.bus, dev.devfn}, &info)
                   ? XEN_INVALID_NODE_ID
                   : XEN_INVALID_DEV;
        if (copy_to_guest(GUEST_ELEM(GUEST_VA(p->nodes), uint32_t, i), &node, sizeof(node)))
            return -EFAULT;
    }
    p->num_devs = i;
    return 0;
}

long sysctl_getcpuinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_getcpuinfo *c = &op->u.getcpuinfo;
    uint32_t count = min(c->max_cpus, cpu_count);

    for (uint32_t cpu = 0; cpu < count; cpu++) {
        xen_sysctl_cpuinfo_t info = {0};

        if (cpumask_test(&cpus_online, cpu))
            info.idletime = sched_cpu_time(cpu_of(cpu)->idle);
        if (copy_to_guest(GUEST_ELEM(GUEST_VA(c->info), info, cpu), &info, sizeof(info)))
            return -EFAULT;
    }
    c->nr_cpus = count;
    return 0;
}

long sysctl_availheap(struct xen_sysctl *op)
{
    struct xen_sysctl_availheap *a = &op->u.availheap;

    if (a->node > 0)
        return -EINVAL;
    if (a->min_bitwidth || a->max_bitwidth)
        return -EOPNOTSUPP;
    a->avail_bytes = heap_free_pages() << PAGE_SHIFT;
    return 0;
}
