/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may make control calls, what they answer to whom, and that refusals change nothing. */
/* sources: hypervisor/control/domctl.c hypervisor/control/domctl_life.c */
/* sources: hypervisor/control/domctl_settings.c hypervisor/control/domctl_device.c */
/* sources: hypervisor/control/domctl_vcpu.c hypervisor/control/domctl_state.c */
/* sources: hypervisor/control/policy_op.c hypervisor/control/sysctl.c */
/* sources: hypervisor/control/sysctl_machine.c hypervisor/control/sysctl_pool.c */
/* sources: hypervisor/control/platform_op.c hypervisor/control/firmware.c */
/* sources: hypervisor/control/efi_op.c hypervisor/control/hvm_op.c hypervisor/control/version.c */
/* sources: hypervisor/control/access.c hypervisor/control/cpu_bitmap.c */
/* sources: hypervisor/cpu/xstate_record.c hypervisor/cpu/policy_features.c */
/* sources: hypervisor/cpu/policy_derive.c hypervisor/cpu/policy_leaves.c hypervisor/cpu/topology.c */
/* sources: hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c hypervisor/lib/range_set.c */
/* sources: hypervisor/lib/rbtree.c hypervisor/lib/strlcpy.c tests/unit/fake/pv_only.c */
/* sources: hypervisor/p2m/gfn.c hypervisor/control/domctl_debug.c */
/* sources: hypervisor/control/sysctl_trace.c hypervisor/control/sysctl_power.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "control_world.h"
#include "mm/layout.h"
#include "cpu/xstate_record.h"
#include "pci/device.h"

#include <xen/version.h>

const char zendo_version[] = "g123", zendo_compiler[] = "cc";
/* The linker's note of the image: 12 bytes of header, "GNU", 20 bytes of hash. */
__asm__(".pushsection .rodata\n.globl build_id_start, build_id_end\n.balign 4\n"
        "build_id_start: .long 4, 20, 3\n.asciz \"GNU\"\n.fill 20, 1, 0x5a\n"
        "build_id_end:\n.popsection\n");

#define OP_AT 0x100   /* where the structure is in the guest's memory */
#define LIST_AT 0x4000 /* and what it points to */

/* One device was reported. */
bool pci_device_known(struct pci_address a, struct pci_device_info *info)
{
    *info = (struct pci_device_info){0};
    return a.segment == 0 && a.bus == 3 && a.devfn == 0x10;
}

static struct xen_domctl dom;
static struct xen_sysctl sys;

static long domctl(uint32_t cmd, domid_t target)
{
    long rc;

    dom.cmd = cmd;
    dom.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    dom.domain = target;
    memcpy(world_guest + OP_AT, &dom, sizeof(dom));
    rc = hc_domctl(OP_AT);
    memcpy(&dom, world_guest + OP_AT, sizeof(dom));
    world_check(rc);
    return rc;
}

static long sysctl(uint32_t cmd)
{
    long rc;

    sys.cmd = cmd;
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    memcpy(world_guest + OP_AT, &sys, sizeof(sys));
    rc = hc_sysctl(OP_AT);
    memcpy(&sys, world_guest + OP_AT, sizeof(sys));
    world_check(rc);
    return rc;
}

static void begin(void)
{
    world_reset();
    memset(&dom, 0, sizeof(dom));
    memset(&sys, 0, sizeof(sys));
}

TEST(only_the_control_domain_controls)
{
    struct xen_platform_op platform = {.interface_version = XENPF_INTERFACE_VERSION};

    begin();
    world_control = world_domain[0].is_control = false;
    for (uint32_t cmd = 0; cmd < 1100; cmd++) {
        platform.cmd = cmd;
        memcpy(world_guest + LIST_AT, &platform, sizeof(platform));
        CHECK_EQ(domctl(cmd, 0), -EPERM);
        CHECK_EQ(domctl(cmd, 1), -EPERM);
        CHECK_EQ(sysctl(cmd), -EPERM);
        CHECK_EQ(hc_platform_op(LIST_AT), -EPERM);
    }
}

TEST(other_versions_are_refused)
{
    begin();
    domctl(XEN_DOMCTL_getdomaininfo, 1);
    dom.interface_version++;
    memcpy(world_guest + OP_AT, &dom, sizeof(dom));
    CHECK_EQ(hc_domctl(OP_AT), -EACCES);
    CHECK_EQ(hc_sysctl(OP_AT), -EACCES);
    CHECK_EQ(hc_platform_op(OP_AT), -EACCES);
    CHECK_EQ(hc_domctl(GUEST_BYTES - 8), -EFAULT);
}

TEST(unknown_and_absent_operations)
{
    begin();
    CHECK_EQ(domctl(6, 1), -ENOSYS);
    CHECK_EQ(domctl(99999, 1), -ENOSYS);
    CHECK_EQ(domctl(XEN_DOMCTL_vm_event_op, 1), -EOPNOTSUPP);
    CHECK_EQ(sysctl(99), -ENOSYS);
    CHECK_EQ(sysctl(XEN_SYSCTL_lockprof_op), -ENOSYS);
    CHECK_EQ(sysctl(XEN_SYSCTL_psr_alloc), -ENODEV);
    CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, 77), -ESRCH);
}

TEST(the_control_domain_spares_itself)
{
    static const uint32_t refused[] = {
        XEN_DOMCTL_destroydomain, XEN_DOMCTL_pausedomain, XEN_DOMCTL_unpausedomain,
        XEN_DOMCTL_resumedomain, XEN_DOMCTL_max_vcpus, XEN_DOMCTL_setdebugging,
        XEN_DOMCTL_settscinfo, XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_getvcpucontext,
        XEN_DOMCTL_iomem_permission, XEN_DOMCTL_ioport_permission, XEN_DOMCTL_set_cpu_policy,
        XEN_DOMCTL_setvcpuextstate, XEN_DOMCTL_set_vcpu_msrs, XEN_DOMCTL_getpageframeinfo3,
    };

    begin();
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        CHECK_EQ(domctl(refused[i], 0), -EINVAL);
}

TEST(a_busy_domain_is_tried_again)
{
    begin();
    spin_lock(&world_domain[1].control_lock);
    dom.cmd = XEN_DOMCTL_pausedomain;
    dom.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    dom.domain = 1;
    memcpy(world_guest + OP_AT, &dom, sizeof(dom));
    CHECK_EQ(hc_domctl(OP_AT), -ERESTART);
    spin_unlock(&world_domain[1].control_lock);
    CHECK_EQ(hc_domctl(OP_AT), 0);
}

TEST(creation)
{
    struct xen_domctl_createdomain good = {.max_vcpus = 1, .max_evtchn_port = 1023,
                                           .max_grant_frames = -1, .grant_opts = 2};
    domid_t first;

    begin();
    dom.u.createdomain = good;
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), 0);
    first = dom.domain;
    CHECK(first >= DOMS);
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, DOMID_INVALID), 0);
    CHECK_EQ(dom.domain, first + 1);
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 1), -EEXIST);
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 900), 0);
    CHECK_EQ(dom.domain, 900);
    dom.u.createdomain.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), -EINVAL); /* no hardware for them here */
    dom.u.createdomain.flags = XEN_DOMCTL_CDF_MAX << 1;
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), -EINVAL);
    dom.u.createdomain = good;
    dom.u.createdomain.grant_opts = 0;
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), -EINVAL);
    dom.u.createdomain = good;
    dom.u.createdomain.max_vcpus = 0;
    CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0), -EINVAL);
}

TEST(information)
{
    begin();
    world_domain[1].tot_pages = 77;
    world_domain[1].is_shut_down = true;
    world_domain[1].shutdown_code = 3;
    world_vcpu[1][1].down = VPF_DOWN;
    CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 1), 0);
    CHECK_EQ(dom.domain, 1);
    CHECK_EQ(dom.u.getdomaininfo.tot_pages, 77);
    CHECK_EQ(dom.u.getdomaininfo.max_vcpu_id, 1);
    CHECK_EQ(dom.u.getdomaininfo.nr_online_vcpus, 1);
    CHECK_EQ(dom.u.getdomaininfo.cpu_time, 14);
    CHECK_EQ(dom.u.getdomaininfo.flags >> XEN_DOMINF_shutdownshift, 3);
    CHECK(dom.u.getdomaininfo.flags & XEN_DOMINF_shutdown);
    CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 2), 0);
    CHECK_EQ(dom.u.getdomaininfo.max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
    CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 3), -ESRCH);

    sys.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){.max_domains = 10};
    sys.u.getdomaininfolist.buffer.p = (void *)LIST_AT;
    CHECK_EQ(sysctl(XEN_SYSCTL_getdomaininfolist), 0);
    CHECK_EQ(sys.u.getdomaininfolist.num_domains, DOMS);
}

TEST(affinity_tells_what_takes_effect)
{
    struct xen_domctl_vcpuaffinity *a = &dom.u.vcpuaffinity;

    begin();
    a->flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT;
    a->cpumap_hard.bitmap.p = (uint8_t *)LIST_AT;
    a->cpumap_soft.bitmap.p = (uint8_t *)(LIST_AT + 8);
    a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = 40;
    memset(world_guest + LIST_AT, 0xff, 16);
    CHECK_EQ(domctl(XEN_DOMCTL_setvcpuaffinity, 1), 0);
    CHECK_EQ(world_guest[LIST_AT], 3);
    CHECK_EQ(world_guest[LIST_AT + 4], 0);
    CHECK_EQ(world_guest[LIST_AT + 5], 0xff); /* beyond the guest's map */
    CHECK_EQ(world_guest[LIST_AT + 8], 3);
    memset(world_guest + LIST_AT, 0, 16);
    CHECK_EQ(domctl(XEN_DOMCTL_setvcpuaffinity, 1), -EINVAL);
    a->vcpu = 5;
    CHECK_EQ(domctl(XEN_DOMCTL_getvcpuaffinity, 1), -ESRCH);
    a->flags = 0;
    CHECK_EQ(domctl(XEN_DOMCTL_getvcpuaffinity, 1), -EINVAL);
}

TEST(rights_can_only_be_passed_on)
{
    begin();
    dom.u.ioport_permission = (struct xen_domctl_ioport_permission){0xfff8, 8, 1};
    CHECK_EQ(domctl(XEN_DOMCTL_ioport_permission, 1), 0);
    CHECK(range_set_contains(world_domain[1].ioports, 0xfff8, 0xffff));
    dom.u.ioport_permission.nr_ports = 9;
    CHECK_EQ(domctl(XEN_DOMCTL_ioport_permission, 1), -EINVAL);
    dom.u.ioport_permission = (struct xen_domctl_ioport_permission){0xfffffff8, 16, 1};
    CHECK_EQ(domctl(XEN_DOMCTL_ioport_permission, 1), -EINVAL);
    dom.u.ioport_permission = (struct xen_domctl_ioport_permission){0xfffc, 2, 0};
    CHECK_EQ(domctl(XEN_DOMCTL_ioport_permission, 1), 0);
    CHECK(!range_set_overlaps(world_domain[1].ioports, 0xfffc, 0xfffd));
    dom.u.iomem_permission = (struct xen_domctl_iomem_permission){0x80, 0x100, 1};
    CHECK_EQ(domctl(XEN_DOMCTL_iomem_permission, 1), -EPERM); /* not all its own */
    CHECK(range_set_is_empty(world_domain[1].iomem));
    dom.u.iomem_permission = (struct xen_domctl_iomem_permission){1, ~0ULL, 1};
    CHECK_EQ(domctl(XEN_DOMCTL_iomem_permission, 1), -EINVAL);
    dom.u.irq_permission = (struct xen_domctl_irq_permission){.pirq = 16, .allow_access = 1};
    CHECK_EQ(domctl(XEN_DOMCTL_irq_permission, 1), -EPERM);
}

TEST(policies_go_round)
{
    struct xen_domctl_cpu_policy *c = &dom.u.cpu_policy;
    xen_cpuid_leaf_t *leaves = (xen_cpuid_leaf_t *)(world_guest + LIST_AT);
    uint32_t leaf_count;

    begin();
    sys.u.cpu_policy.index = XEN_SYSCTL_cpu_policy_pv_default;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_policy), 0);
    CHECK_EQ(sys.u.cpu_policy.nr_leaves, cpu_policy_leaf_limit());
    CHECK_EQ(sys.u.cpu_policy.nr_msrs, 2);
    sys.u.cpu_policy.leaves.p = (void *)LIST_AT;
    sys.u.cpu_policy.msrs.p = (void *)0xc000;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_policy), 0);
    leaf_count = sys.u.cpu_policy.nr_leaves;
    CHECK(leaf_count > 10);
    sys.u.cpu_policy.nr_leaves = leaf_count - 1;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_policy), -ENOBUFS);
    sys.u.cpu_policy.index = XEN_SYSCTL_cpu_policy_hvm_max;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_policy), -EOPNOTSUPP);
    sys.u.cpu_policy.index = 6;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_policy), -EINVAL);

    /* what is too much is taken away, silently: 1 GiB pages for a PV guest */
    for (uint32_t i = 0; i < leaf_count; i++)
        if (leaves[i].leaf == 0x80000001)
            leaves[i].d |= 1u << 26;
    c->nr_leaves = leaf_count;
    c->leaves.p = (void *)LIST_AT;
    CHECK_EQ(domctl(XEN_DOMCTL_set_cpu_policy, 1), 0);
    CHECK(!cpu_policy_has(world_domain[1].policy, XEN_X86_FEATURE_PAGE1GB));
    CHECK(cpu_policy_has(world_domain[1].policy, XEN_X86_FEATURE_LM));
    leaves[0].a = 0x80; /* more leaves than there can be */
    CHECK_EQ(domctl(XEN_DOMCTL_set_cpu_policy, 1), -EINVAL);
    CHECK_EQ(c->err_leaf, 0);
    CHECK_EQ(c->err_msr, ~0u);
    leaves[3].leaf = 0xabc;
    CHECK_EQ(domctl(XEN_DOMCTL_set_cpu_policy, 1), -ERANGE);
    CHECK_EQ(c->err_leaf, 0xabc);
    c->nr_leaves = 100000;
    CHECK_EQ(domctl(XEN_DOMCTL_set_cpu_policy, 1), -E2BIG);
    world_domain[1].creation_finished = true;
    CHECK_EQ(domctl(XEN_DOMCTL_set_cpu_policy, 1), -EEXIST);
}

TEST(featuresets_fit_short_buffers)
{
    begin();
    sys.u.cpu_featureset.index = XEN_SYSCTL_cpu_featureset_host;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_featureset), 0);
    CHECK_EQ(sys.u.cpu_featureset.nr_features, CPU_FEATURE_WORDS);
    sys.u.cpu_featureset.features.p = (void *)LIST_AT;
    sys.u.cpu_featureset.nr_features = 3;
    memset(world_guest + LIST_AT, 0xee, 64);
    CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_featureset), -ENOBUFS);
    CHECK_EQ(sys.u.cpu_featureset.nr_features, 3);
    CHECK(world_guest[LIST_AT + 8] != 0xee || world_guest[LIST_AT + 9] != 0xee);
    CHECK_EQ(world_guest[LIST_AT + 12], 0xee);
}

static long pool_op(uint32_t what, uint32_t pool, uint32_t more)
{
    begin();
    sys.u.cpupool_op.op = what;
    sys.u.cpupool_op.cpupool_id = pool;
    sys.u.cpupool_op.sched_id = more;
    sys.u.cpupool_op.cpu = more;
    sys.u.cpupool_op.domid = more;
    sys.u.cpupool_op.cpumap.bitmap.p = (uint8_t *)LIST_AT;
    sys.u.cpupool_op.cpumap.nr_bits = 8;
    return sysctl(XEN_SYSCTL_cpupool_op);
}

TEST(pools)
{
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0), 0);
    CHECK_EQ(sys.u.cpupool_op.n_dom, DOMS);
    CHECK_EQ(sys.u.cpupool_op.sched_id, XEN_SCHEDULER_CREDIT2);
    CHECK_EQ(world_guest[LIST_AT], 3);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 1, 0), 0);
    CHECK_EQ(sys.u.cpupool_op.cpupool_id, 5);
    CHECK_EQ(world_guest[LIST_AT], 0);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 6, 0), -ENOENT);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
    CHECK_EQ(world_guest[LIST_AT], 0);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_CREATE, 7, XEN_SCHEDULER_CREDIT), -ENOENT);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_CREATE, ~0U, XEN_SCHEDULER_CREDIT2), 0);
    CHECK_EQ(sys.u.cpupool_op.cpupool_id, 6);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 0, 0), -EBUSY);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 5, 0), -ENODEV);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 5, 7), -EINVAL);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 5, 0), -EPERM); /* the caller */
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 5, 1), 0);
    CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 5, 900), -ESRCH);
    CHECK_EQ(pool_op(9, 5, 0), -ENOSYS);
}

static long memio(uint64_t gva, uint64_t uva, uint32_t len, bool write)
{
    dom.u.gdbsx_guest_memio = (struct xen_domctl_gdbsx_memio){
        .gva = gva, .uva = uva, .len = len, .gwr = write};
    return domctl(XEN_DOMCTL_gdbsx_guestmemio, 1);
}

TEST(trace_buffers)
{
    begin();
    CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op), 0); /* get_info */
    CHECK_EQ(sys.u.tbuf_op.buffer_mfn, 5);
    CHECK_EQ(sys.u.tbuf_op.size, PAGE_BYTES);
    sys.u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_set_size;
    CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op), -EINVAL);
    sys.u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_set_cpu_mask;
    sys.u.tbuf_op.cpu_mask.nr_bits = 64;
    sys.u.tbuf_op.cpu_mask.bitmap.p = (uint8_t *)(GUEST_BYTES - 4);
    CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op), -EFAULT);
    sys.u.tbuf_op.cpu_mask.bitmap.p = (uint8_t *)LIST_AT;
    memset(world_guest + LIST_AT, 0xff, 8);
    CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op), 0);
    sys.u.tbuf_op.cmd = 6;
    CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op), -EINVAL);
}

TEST(sleep_states)
{
    begin();
    CHECK_EQ(sysctl(XEN_SYSCTL_get_pmstat), -ENODEV);
    sys.u.get_pmstat.cpuid = 2;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_pmstat), -EINVAL);
    sys.u.get_pmstat.cpuid = 1;
    sys.u.get_pmstat.type = PMSTAT_get_max_cx;
    CHECK_EQ(sysctl(XEN_SYSCTL_get_pmstat), 0);
    CHECK_EQ(sys.u.get_pmstat.u.getcx.nr, 2);
    sys.u.get_pmstat.type = PMSTAT_get_cxstat;
    sys.u.get_pmstat.u.getcx.triggers.p = (void *)LIST_AT;
    sys.u.get_pmstat.u.getcx.residencies.p = (void *)(GUEST_BYTES - 8UL);
    CHECK_EQ(sysctl(XEN_SYSCTL_get_pmstat), -EFAULT);
    sys.u.get_pmstat.u.getcx.residencies.p = (void *)(LIST_AT + 64UL);
    CHECK_EQ(sysctl(XEN_SYSCTL_get_pmstat), 0);
    CHECK_EQ(*(uint64_t *)(world_guest + LIST_AT + 8), 101);
    CHECK_EQ(sys.u.get_pmstat.u.getcx.last, 1);
    memset(world_guest + LIST_AT, 0xee, 128);
    sys.u.get_pmstat.u.getcx.nr = 1; /* less room */
    CHECK_EQ(sysctl(XEN_SYSCTL_get_pmstat), 0);
    CHECK_EQ(world_guest[LIST_AT + 8], 0xee);
    CHECK_EQ(world_guest[LIST_AT + 64 + 8], 0xee);
}

TEST(a_debugger)
{
    begin();
    memset(fake_ram[2], 'x', PAGE_BYTES);
    memset(fake_ram[3], 'y', PAGE_BYTES);
    CHECK_EQ(memio(3 * PAGE_BYTES - 4, LIST_AT, 8, false), 0);
    CHECK_EQ(memcmp(world_guest + LIST_AT, "xxxxyyyy", 8), 0);
    CHECK_EQ(dom.u.gdbsx_guest_memio.remain, 0);
    memcpy(world_guest + LIST_AT, "abcdefgh", 8);
    CHECK_EQ(memio(3 * PAGE_BYTES - 4, LIST_AT, 8, true), 0);
    CHECK_EQ(memcmp(fake_ram[2] + PAGE_BYTES - 4, "abcd", 4), 0);
    CHECK_EQ(memcmp(fake_ram[3], "efghy", 5), 0);
    CHECK_EQ(memio(WORLD_FRAMES * PAGE_BYTES - 4, LIST_AT, 8, false), -EFAULT);
    CHECK_EQ(dom.u.gdbsx_guest_memio.remain, 4);
    CHECK_EQ(memio(0, GUEST_BYTES - 4, 8, false), -EFAULT);
    CHECK_EQ(memio(VA_HYPERVISOR_START, LIST_AT, 8, false), -EFAULT);
    CHECK_EQ(memio(~0UL - 3, LIST_AT, 8, false), -EFAULT);
    world_vcpu[1][0].initialised = false;
    CHECK_EQ(memio(0, LIST_AT, 8, false), -EFAULT);
    CHECK_EQ(domctl(XEN_DOMCTL_gdbsx_pausevcpu, 1), -EBUSY); /* its domain is not paused */
    world_domain[1].controller_pauses = 1;
    world_vcpu[1][1].debug_event = 3;
    CHECK_EQ(domctl(XEN_DOMCTL_gdbsx_domstatus, 1), 0);
    CHECK_EQ(dom.u.gdbsx_domstatus.paused, 1);
    CHECK_EQ(dom.u.gdbsx_domstatus.vcpu_id, 1);
    CHECK_EQ(dom.u.gdbsx_domstatus.vcpu_ev, 3);
    CHECK_EQ(domctl(XEN_DOMCTL_gdbsx_domstatus, 1), 0);
    CHECK_EQ(dom.u.gdbsx_domstatus.vcpu_id, ~0U);
    world_domain[1].controller_pauses = 0;
}

TEST(extended_state_that_would_fault_is_refused)
{
    static union {
        struct xstate_record record;
        uint8_t bytes[16 + 832];
    } good, r;
    const uint64_t size = sizeof(good.bytes);

    memset(&good, 0, sizeof(good));
    good.record.xcr0 = good.record.xcr0_accum = 7;
    good.record.area[512] = 7;
    CHECK_EQ(xstate_record_check(&good.record, size, 7, 832), 0);
    CHECK_EQ(xstate_record_check(&good.record, size, 3, 832), -EINVAL);
    CHECK_EQ(xstate_record_check(&good.record, size, 7, 831), -EINVAL);
    CHECK_EQ(xstate_record_check(&good.record, 16 + 575, 7, 832), -EINVAL);
    r = good, r.record.xcr0 = 6; /* x87 cannot be off */
    CHECK_EQ(xstate_record_check(&r.record, size, 7, 832), -EINVAL);
    r = good, r.record.xcr0 = r.record.xcr0_accum = 5; /* AVX without SSE */
    CHECK_EQ(xstate_record_check(&r.record, size, 7, 832), -EINVAL);
    r = good, r.record.xcr0_accum = 3;
    CHECK_EQ(xstate_record_check(&r.record, size, 7, 832), -EINVAL);
    r = good, r.record.area[512] = 8;
    CHECK_EQ(xstate_record_check(&r.record, size, 7, 832), -EINVAL);
    r = good, r.record.area[527] = 0x80; /* compacted */
    CHECK_EQ(xstate_record_check(&r.record, size, 7, 832), -EINVAL);
    r = good, r.record.area[26] = 1; /* reserved MXCSR bits */
    CHECK_EQ(xstate_record_check(&r.record, size, 7, 832), -EINVAL);
}

TEST(version_and_features)
{
    struct xen_feature_info info = {.submap_idx = 0};

    begin();
    CHECK_EQ(hc_xen_version(XENVER_version, 0), 0x40011);
    CHECK_EQ(hc_xen_version(XENVER_pagesize, 0), 4096);
    CHECK_EQ(hc_xen_version(XENVER_extraversion, LIST_AT), 0);
    CHECK_EQ(world_guest[LIST_AT], '.');
    CHECK_EQ(world_guest[LIST_AT + 15], 0);
    memcpy(world_guest + LIST_AT, &info, sizeof(info));
    CHECK_EQ(hc_xen_version(XENVER_get_features, LIST_AT), 0);
    memcpy(&info, world_guest + LIST_AT, sizeof(info));
    CHECK_EQ(info.submap & 0xfff, 1 << 4 | 1 << 5 | 1 << 7 | 1 << 11);
    world_control = world_domain[0].is_control = false;
    CHECK_EQ(hc_xen_version(XENVER_get_features, LIST_AT), 0);
    memcpy(&info, world_guest + LIST_AT, sizeof(info));
    CHECK_EQ(info.submap & 1 << 11, 0);
    CHECK_EQ(hc_xen_version(XENVER_commandline, LIST_AT), 0);
    CHECK_STR((char *)world_guest + LIST_AT, "<denied>");
    CHECK_EQ(hc_xen_version(XENVER_build_id, 0), -EPERM);
    CHECK_EQ(hc_xen_version(77, 0), -ENOSYS);
    CHECK_EQ(hc_xen_version(XENVER_capabilities, GUEST_BYTES - 100), -EFAULT);
}

TEST(firmware)
{
    struct xen_platform_op op = {.cmd = XENPF_firmware_info,
                                 .interface_version = XENPF_INTERFACE_VERSION};
    struct xen_platform_op *at = (void *)(world_guest + OP_AT);

    begin();
    op.u.firmware_info.type = XEN_FW_EFI_INFO;
    op.u.firmware_info.index = XEN_FW_EFI_VENDOR;
    op.u.firmware_info.u.efi_info.vendor.bufsz = 5; /* room for two characters with the NUL */
    op.u.firmware_info.u.efi_info.vendor.name.p = (void *)LIST_AT;
    *at = op;
    memset(world_guest + LIST_AT, 0xee, 8);
    CHECK_EQ(hc_platform_op(OP_AT), 0);
    CHECK_EQ(world_guest[LIST_AT], 'Z');
    CHECK_EQ(world_guest[LIST_AT + 2], 0);
    CHECK_EQ(world_guest[LIST_AT + 4], 0xee);
    op.u.firmware_info.index = XEN_FW_EFI_CONFIG_TABLE;
    *at = op;
    CHECK_EQ(hc_platform_op(OP_AT), 0);
    CHECK_EQ(at->u.firmware_info.u.efi_info.cfg.nent, 3);
    op.u.firmware_info.type = XEN_FW_DISK_INFO;
    *at = op;
    CHECK_EQ(hc_platform_op(OP_AT), -ESRCH);
    world_efi = false;
    op.u.firmware_info.type = XEN_FW_EFI_INFO;
    *at = op;
    CHECK_EQ(hc_platform_op(OP_AT), -ENODEV);
}

TEST(variables_stay_in_their_buffers)
{
    struct xen_platform_op op = {.cmd = XENPF_efi_runtime_call,
                                 .interface_version = XENPF_INTERFACE_VERSION};
    struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;
    struct xen_platform_op *at = (void *)(world_guest + OP_AT);

    begin();
    c->function = XEN_EFI_get_next_variable_name;
    c->u.get_next_variable_name.size = 10;
    c->u.get_next_variable_name.name.p = (void *)LIST_AT;
    *at = op;
    memset(world_guest + LIST_AT, 0, 10);
    CHECK_EQ(hc_platform_op(OP_AT), 0);
    CHECK_EQ(world_guest[LIST_AT + 9], 0x41);
    CHECK_EQ(world_guest[LIST_AT + 10], 0);
    CHECK_EQ(at->u.efi_runtime_call.u.get_next_variable_name.size, 12);

    memset(c, 0, sizeof(*c));
    c->function = XEN_EFI_get_variable;
    c->u.get_variable.name.p = (void *)LIST_AT; /* 'A' x 5 and a NUL */
    c->u.get_variable.data.p = (void *)(LIST_AT + 64);
    c->u.get_variable.size = 4;
    *at = op;
    CHECK_EQ(hc_platform_op(OP_AT), 0);
    CHECK_EQ(world_guest[LIST_AT + 67], 0x5a);
    CHECK_EQ(world_guest[LIST_AT + 68], 0);
    c->u.get_variable.size = 1ULL << 40;
    *at = op;
    CHECK_EQ(hc_platform_op(OP_AT), -E2BIG);
    c->u.get_variable.size = 4;
    c->u.get_variable.name.p = (void *)0x8000; /* no NUL within reach */
    memset(world_guest + 0x8000, 0x41, 4096);
    *at = op;
    CHECK_EQ(hc_platform_op(OP_AT), -ENOBUFS);
    CHECK_EQ(world_blocks, 0);
}

TEST(devices_have_no_node_or_are_unknown)
{
    struct xen_sysctl_pcitopoinfo *p = &sys.u.pcitopoinfo;
    physdev_pci_device_t devs[3] = {{0, 3, 0x10}, {0, 3, 0x11}, {1, 3, 0x10}};
    uint32_t nodes[4];

    begin();
    memset(&sys, 0, sizeof(sys));
    memcpy(world_guest + LIST_AT, devs, sizeof(devs));
    memset(world_guest + LIST_AT + 64, 0, sizeof(nodes));
    p->num_devs = 3;
    p->devs.p = (void *)LIST_AT;
    p->nodes.p = (void *)(LIST_AT + 64);
    CHECK_EQ(sysctl(XEN_SYSCTL_pcitopoinfo), 0);
    memcpy(nodes, world_guest + LIST_AT + 64, sizeof(nodes));
    CHECK_EQ(p->num_devs, 3);
    CHECK_EQ(nodes[0], XEN_INVALID_NODE_ID);
    CHECK_EQ(nodes[1], XEN_INVALID_DEV);
    CHECK_EQ(nodes[2], XEN_INVALID_DEV);
    CHECK_EQ(nodes[3], 0);
    p->devs.p = (void *)(uintptr_t)GUEST_BYTES;
    CHECK_EQ(sysctl(XEN_SYSCTL_pcitopoinfo), -EFAULT);
}

TEST(the_dying_get_no_context)
{
    begin();
    memset(&dom, 0, sizeof(dom));
    dom.u.vcpucontext.ctxt.p = (void *)LIST_AT;
    memset(world_guest + LIST_AT, 0, sizeof(struct vcpu_guest_context));
    CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, 1), 0);
    CHECK(world_vcpu[1][0].initialised);
    world_vcpu[1][0].initialised = false;
    world_domain[1].life = DOMAIN_DYING;
    CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, 1), -EINVAL);
    CHECK(!world_vcpu[1][0].initialised);
}
