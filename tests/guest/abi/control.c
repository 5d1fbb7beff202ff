/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl, sysctl, platform_op: every operation with zeroes, every kind of domain, wrong
 * versions. */
#include "tests/guest/lib/rows.h"

static long domctl(uint32_t cmd, domid_t domid)
{
    struct xen_domctl op = {.cmd = cmd, .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .domain = domid};

    return hc_domctl(&op);
}

/* These change or end the domain they are for, whoever it is; dom0 is not to be among them. */
static bool is_harmful(uint32_t cmd)
{
    switch (cmd) {
    case XEN_DOMCTL_createdomain:
    case XEN_DOMCTL_destroydomain:
    case XEN_DOMCTL_soft_reset:
    case 23: /* its continuation */
        return true;
    default:
        return false;
    }
}

static void domctls(void)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 7000};
    char key[32];

    pointers("domctl", &(const struct shape){__HYPERVISOR_domctl, 0, {0}}, &op, sizeof(op), false);
    SWEEP("domctl.version", (void)0, ({
              op.interface_version = (uint32_t)v;
              hc_domctl(&op);
          }), 0, 0x14, 0x16, 0xffffffff);
    RANGE("domctl.none", 1, 100, (void)0, is_harmful((uint32_t)v) ? -1 : domctl((uint32_t)v, 7000));
    RANGE("domctl.idle", 2, 100, (void)0, domctl((uint32_t)v, DOMID_IDLE));
    RANGE("domctl.xen", 2, 100, (void)0, domctl((uint32_t)v, DOMID_XEN));
    RANGE("domctl.io", 2, 100, (void)0, domctl((uint32_t)v, DOMID_IO));
    RANGE("domctl.dying", 2, 100, (void)0,
          is_harmful((uint32_t)v) ? -1 : domctl((uint32_t)v, domid_kind(3)));
    RANGE("domctl.live", 2, 100, (void)0,
          is_harmful((uint32_t)v) || v == XEN_DOMCTL_unpausedomain || v == XEN_DOMCTL_resumedomain
              ? -1
              : domctl((uint32_t)v, domid_kind(2)));
    SWEEP("domctl.big", (void)0, domctl((uint32_t)v, 7000), 1000, 1001, 1002, 0x7fffffff,
          0x80000000, 0xffffffff);
    SWEEP("domctl.self", (void)0, domctl((uint32_t)v, DOMID_SELF), XEN_DOMCTL_pausedomain,
          XEN_DOMCTL_destroydomain, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_max_mem,
          XEN_DOMCTL_getvcpuinfo, XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_getvcpucontext);
    SWEEP("domctl.dom0", (void)0, domctl((uint32_t)v, 0), XEN_DOMCTL_pausedomain,
          XEN_DOMCTL_unpausedomain, XEN_DOMCTL_destroydomain, XEN_DOMCTL_resumedomain,
          XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_getvcpucontext, XEN_DOMCTL_max_vcpus,
          XEN_DOMCTL_set_address_size, XEN_DOMCTL_get_address_size, XEN_DOMCTL_soft_reset,
          XEN_DOMCTL_setdebugging, XEN_DOMCTL_settscinfo);
    (void)key;
}

#define LIVE(field_setup, cmd_)                                                                    \
    ({                                                                                             \
        struct xen_domctl op = {.cmd = 0};                                                         \
        field_setup;                                                                               \
        child_domctl(cast_live(), cmd_, &op);                                                      \
    })

static void domctl_fields(void)
{
    static const uint32_t values[] = {0, 1, 2, 127, 128, 8192, 0x7fffffff, 0xffffffff};

    for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
        uint32_t x = values[i];
        char name[24];

        format_append(name, sizeof(name), 0, "%u", x);
        ROW("max_vcpus", name, LIVE(op.u.max_vcpus.max = x, XEN_DOMCTL_max_vcpus));
        ROW("getvcpuinfo", name, LIVE(op.u.getvcpuinfo.vcpu = x, XEN_DOMCTL_getvcpuinfo));
        ROW("setvcpucontext", name, LIVE(op.u.vcpucontext.vcpu = x, XEN_DOMCTL_setvcpucontext));
        ROW("getvcpucontext", name, LIVE(op.u.vcpucontext.vcpu = x, XEN_DOMCTL_getvcpucontext));
        ROW("getvcpuaffinity", name, LIVE(op.u.vcpuaffinity.vcpu = x, XEN_DOMCTL_getvcpuaffinity));
        ROW("setvcpuaffinity", name, LIVE(op.u.vcpuaffinity.vcpu = x, XEN_DOMCTL_setvcpuaffinity));
        ROW("sendtrigger", name, LIVE(op.u.sendtrigger.vcpu = x, XEN_DOMCTL_sendtrigger));
        ROW("sendtrigger.kind", name, LIVE(op.u.sendtrigger.trigger = x, XEN_DOMCTL_sendtrigger));
        ROW("set_address_size", name,
            LIVE(op.u.address_size.size = x, XEN_DOMCTL_set_address_size));
        ROW("irq_permission", name, LIVE(op.u.irq_permission.pirq = (uint8_t)x,
                                         XEN_DOMCTL_irq_permission));
        ROW("ioport.first", name, LIVE(op.u.ioport_permission.first_port = x;
                                       op.u.ioport_permission.nr_ports = 1,
                                       XEN_DOMCTL_ioport_permission));
        ROW("ioport.count", name, LIVE(op.u.ioport_permission.first_port = 1;
                                       op.u.ioport_permission.nr_ports = x,
                                       XEN_DOMCTL_ioport_permission));
        ROW("iomem.first", name, LIVE(op.u.iomem_permission.first_mfn = x;
                                      op.u.iomem_permission.nr_mfns = 1,
                                      XEN_DOMCTL_iomem_permission));
        ROW("iomem.count", name, LIVE(op.u.iomem_permission.first_mfn = 1;
                                      op.u.iomem_permission.nr_mfns = x,
                                      XEN_DOMCTL_iomem_permission));
        ROW("scheduler.id", name, LIVE(op.u.scheduler_op.sched_id = x; op.u.scheduler_op.cmd = 1,
                                       XEN_DOMCTL_scheduler_op));
        ROW("scheduler.cmd", name, LIVE(op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
                                        op.u.scheduler_op.cmd = x, XEN_DOMCTL_scheduler_op));
        ROW("shadow_op", name, LIVE(op.u.shadow_op.op = x, XEN_DOMCTL_shadow_op));
        ROW("getpageframeinfo3", name, LIVE(op.u.getpageframeinfo3.num = x,
                                            XEN_DOMCTL_getpageframeinfo3));
        ROW("settscinfo", name, LIVE(op.u.tsc_info.tsc_mode = x, XEN_DOMCTL_settscinfo));
        ROW("hypercall_init", name, LIVE(op.u.hypercall_init.gmfn = x, XEN_DOMCTL_hypercall_init));
        ROW("max_mem", name, LIVE(op.u.max_mem.max_memkb = x ? x : 1UL << 40, XEN_DOMCTL_max_mem));
        ROW("ext_vcpucontext", name, LIVE(op.u.ext_vcpucontext.vcpu = x,
                                          XEN_DOMCTL_get_ext_vcpucontext));
        ROW("vcpuextstate", name, LIVE(op.u.vcpuextstate.vcpu = x, XEN_DOMCTL_getvcpuextstate));
        ROW("vcpu_msrs", name, LIVE(op.u.vcpu_msrs.vcpu = x, XEN_DOMCTL_get_vcpu_msrs));
        ROW("cpu_policy", name, LIVE(op.u.cpu_policy.nr_leaves = x, XEN_DOMCTL_get_cpu_policy));
    }
    ROW("unpause", "paused", domctl(XEN_DOMCTL_pausedomain, cast_live()->domid));
    ROW("unpause", "1", domctl(XEN_DOMCTL_unpausedomain, cast_live()->domid));
}

static void creations(void)
{
    struct xen_domctl op;

#define CREATE(key, name, change)                                                                  \
    do {                                                                                           \
        memset(&op, 0, sizeof(op));                                                                \
        op.cmd = XEN_DOMCTL_createdomain;                                                          \
        op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;                                       \
        op.u.createdomain.max_vcpus = 1;                                                           \
        op.u.createdomain.max_evtchn_port = 1023;                                                  \
        op.u.createdomain.max_grant_frames = 4;                                                    \
        op.u.createdomain.max_maptrack_frames = 4;                                                 \
        op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);                                \
        change;                                                                                    \
        row(key);                                                                                  \
        long rc_ = hc_domctl(&op);                                                                 \
        row_result(name, rc_);                                                                     \
        row_end();                                                                                 \
        if (!rc_)                                                                                  \
            (void)domctl(XEN_DOMCTL_destroydomain, op.domain);                                     \
    } while (0)
    for (unsigned int bit = 0; bit < 32; bit++) {
        char name[8];

        format_append(name, sizeof(name), 0, "%u", bit);
        if (bit && bit != 7 && bit != 1) /* HVM, HAP and nested are of another kind of guest */
            CREATE("create.flag", name, op.u.createdomain.flags = 1u << bit);
        CREATE("create.iommu", name, op.u.createdomain.iommu_opts = 1u << bit);
        CREATE("create.emulation", name, op.u.createdomain.arch.emulation_flags = 1u << bit);
        CREATE("create.misc", name, op.u.createdomain.arch.misc_flags = 1u << bit);
        CREATE("create.grant", name, op.u.createdomain.grant_opts = 1u << bit);
    }
    CREATE("create.vcpus", "0", op.u.createdomain.max_vcpus = 0);
    CREATE("create.vcpus", "8192", op.u.createdomain.max_vcpus = 8192);
    CREATE("create.vcpus", "8193", op.u.createdomain.max_vcpus = 8193);
    CREATE("create.ports", "0", op.u.createdomain.max_evtchn_port = 0);
    CREATE("create.ports", "4096", op.u.createdomain.max_evtchn_port = 4096);
    CREATE("create.ports", "ones", op.u.createdomain.max_evtchn_port = ~0u);
    CREATE("create.grants", "0", op.u.createdomain.max_grant_frames = 0);
    CREATE("create.grants", "minus1", op.u.createdomain.max_grant_frames = -1);
    CREATE("create.grants", "minus2", op.u.createdomain.max_grant_frames = -2);
    CREATE("create.grants", "65", op.u.createdomain.max_grant_frames = 65);
    CREATE("create.maptrack", "0", op.u.createdomain.max_maptrack_frames = 0);
    CREATE("create.maptrack", "minus1", op.u.createdomain.max_maptrack_frames = -1);
    CREATE("create.maptrack", "1025", op.u.createdomain.max_maptrack_frames = 1025);
    CREATE("create.pool", "7", op.u.createdomain.cpupool_id = 7);
    CREATE("create.pool", "ones", op.u.createdomain.cpupool_id = ~0u);
    CREATE("create.ssidref", "7", op.u.createdomain.ssidref = 7);
    CREATE("create.domid", "0", op.domain = 0);
    CREATE("create.domid", "taken", op.domain = cast_live()->domid);
    CREATE("create.domid", "6999", op.domain = 6999);
    CREATE("create.domid", "last", op.domain = DOMID_FIRST_RESERVED - 1);
    CREATE("create.vmtrace", "1", op.u.createdomain.vmtrace_size = 4096);
}

static long sysctl(uint32_t cmd)
{
    struct xen_sysctl op = {.cmd = cmd, .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    return hc_sysctl(&op);
}

static long platform(uint32_t cmd)
{
    struct xen_platform_op op = {.cmd = cmd, .interface_version = XENPF_INTERFACE_VERSION};

    return hc_platform_op(&op);
}

static void others(void)
{
    struct xen_sysctl s = {.cmd = XEN_SYSCTL_physinfo,
                           .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    struct xen_platform_op p = {.cmd = XENPF_get_cpuinfo,
                                .interface_version = XENPF_INTERFACE_VERSION};

    pointers("sysctl", &(const struct shape){__HYPERVISOR_sysctl, 0, {0}}, &s, sizeof(s), false);
    pointers("platform", &(const struct shape){__HYPERVISOR_platform_op, 0, {0}}, &p, sizeof(p),
             false);
    RANGE("sysctl.zeroes", 1, 40, (void)0, sysctl((uint32_t)v));
    RANGE("platform.zeroes", 1, 70, (void)0,
          v == XENPF_enter_acpi_sleep || v == XENPF_settime32 || v == XENPF_settime64
              ? -1
              : platform((uint32_t)v));
    SWEEP("sysctl.version", (void)0, ({
              s.interface_version = (uint32_t)v;
              hc_sysctl(&s);
          }), 0, 0x14, 0x16, 0xffffffff);
    SWEEP("platform.version", (void)0, ({
              p.interface_version = (uint32_t)v;
              hc_platform_op(&p);
          }), 0, 0x02000000, 0x03000001, 0xffffffff);
    SWEEP("platform.cpuinfo", (void)0, ({
              p = (struct xen_platform_op){.cmd = XENPF_get_cpuinfo,
                                           .interface_version = XENPF_INTERFACE_VERSION};
              p.u.pcpu_info.xen_cpuid = (uint32_t)v;
              hc_platform_op(&p) ?: (long)(p.u.pcpu_info.max_present * 100 + p.u.pcpu_info.flags);
          }), 0, 1, 2, 127, 128, 0xffffffff);
    SWEEP("platform.sleep", (void)0, ({
              p.cmd = XENPF_enter_acpi_sleep;
              memset(&p.u, 0, sizeof(p.u));
              p.u.enter_acpi_sleep.sleep_state = (uint32_t)v;
              p.u.enter_acpi_sleep.flags = 0x80;
              hc_platform_op(&p);
          }), 0, 5, 9);
    SWEEP("platform.settime", (void)0, ({
              p.cmd = XENPF_settime64;
              memset(&p.u, 0, sizeof(p.u));
              p.u.settime64.nsecs = 0;
              p.u.settime64.mbz = (uint32_t)v;
              v ? hc_platform_op(&p) : 0;
          }), 0, 1, 0xffffffff);
}

TEST(abi, control)
{
    NEED(cast_begin());
    domctls();
    cast_end();
    NEED(cast_begin());
    domctl_fields();
    creations();
    cast_end();
    others();
}

static void control_child(void *arg unused)
{
    struct xen_domctl d = {.cmd = XEN_DOMCTL_getdomaininfo, .interface_version = 7};
    struct xen_sysctl s = {.cmd = XEN_SYSCTL_physinfo, .interface_version = 7};
    struct xen_platform_op p = {.cmd = XENPF_get_cpuinfo, .interface_version = 7};

    ROW("version", "domctl", hc_domctl(&d));
    ROW("version", "sysctl", hc_sysctl(&s));
    ROW("version", "platform", hc_platform_op(&p));
    RANGE("domctl", 1, 100, (void)0, domctl((uint32_t)v, 0));
    RANGE("domctl.self", 2, 100, (void)0, domctl((uint32_t)v, DOMID_SELF));
    RANGE("domctl.none", 2, 100, (void)0, domctl((uint32_t)v, 7000));
    RANGE("sysctl", 1, 40, (void)0, sysctl((uint32_t)v));
    RANGE("platform", 1, 70, (void)0, platform((uint32_t)v));
}

TEST(abi, control_of_child)
{
    child_run(control_child, NULL, SHUTDOWN_poweroff);
}
