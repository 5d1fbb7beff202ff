/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl, sysctl, platform_op, physdev_op: for dom0 with their errors, for others -EPERM. */
#include "tests/guest/lib/child.h"

TEST(control, domctl_errors)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_getdomaininfo, .interface_version = 1};

    CHECK_EQ(hc_domctl(BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_domctl(HV_POINTER), -EFAULT);
    CHECK_EQ(hc_domctl(&op), -EACCES);
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    CHECK_EQ(hc_domctl(&op), 0);
    CHECK_EQ(op.domain, 0);
    CHECK_EQ(op.u.getdomaininfo.tot_pages, 64 << 8);
    op.domain = 1234;
    CHECK_EQ(hc_domctl(&op), -ESRCH);
    op.cmd = 999;
    op.domain = 0;
    CHECK_EQ(hc_domctl(&op), -ENOSYS);
    op.cmd = XEN_DOMCTL_destroydomain;
    CHECK_EQ(hc_domctl(&op), -EINVAL); /* oneself */
    op.cmd = XEN_DOMCTL_pausedomain;
    CHECK_EQ(hc_domctl(&op), -EINVAL);
    op.domain = 1234;
    CHECK_EQ(hc_domctl(&op), -ESRCH);
    op.cmd = XEN_DOMCTL_destroydomain;
    CHECK_EQ(hc_domctl(&op), -ESRCH);
    op.domain = DOMID_XEN;
    CHECK(hc_domctl(&op) < 0);
    op.domain = DOMID_IO;
    CHECK(hc_domctl(&op) < 0);
    op.domain = DOMID_IDLE;
    CHECK(hc_domctl(&op) < 0);
}

TEST(control, create_errors)
{
    struct xen_domctl op;
    struct host_state before = host_state();

#define CREATE(change)                                                                             \
    ({                                                                                             \
        memset(&op, 0, sizeof(op));                                                                \
        op.cmd = XEN_DOMCTL_createdomain;                                                          \
        op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;                                       \
        op.u.createdomain.max_vcpus = 1;                                                           \
        op.u.createdomain.max_evtchn_port = 1023;                                                  \
        op.u.createdomain.max_grant_frames = 4;                                                    \
        op.u.createdomain.max_maptrack_frames = 4;                                                 \
        op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);                                \
        change;                                                                                    \
        hc_domctl(&op);                                                                            \
    })
    CHECK_EQ(CREATE(op.domain = 0; op.u.createdomain.flags = 0x80000000), -EINVAL);
    CHECK_EQ(CREATE(op.u.createdomain.max_vcpus = 0), -EINVAL);
    CHECK(CREATE(op.u.createdomain.max_vcpus = 100000) < 0);
    CHECK(CREATE(op.u.createdomain.max_vcpus = ~0u) < 0);
    CHECK_EQ(CREATE(op.u.createdomain.grant_opts = 9), -EINVAL);
    CHECK_EQ(CREATE(op.u.createdomain.arch.emulation_flags = ~0u), -EINVAL);
    CHECK_EQ(CREATE(op.u.createdomain.iommu_opts = ~0u), -EINVAL);
    CHECK_EQ(CREATE(op.u.createdomain.flags = XEN_DOMCTL_CDF_hap), -EINVAL);
    host_check(&before);
}

TEST(control, sysctl_errors)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo, .interface_version = 1};

    CHECK_EQ(hc_sysctl(BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_sysctl(&op), -EACCES);
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    CHECK_EQ(hc_sysctl(&op), 0);
    CHECK(op.u.physinfo.nr_cpus >= 1);
    CHECK(op.u.physinfo.total_pages > op.u.physinfo.free_pages);
    op.cmd = 999;
    CHECK_EQ(hc_sysctl(&op), -ENOSYS);
}

TEST(control, platform_errors)
{
    struct xen_platform_op op = {.cmd = XENPF_get_cpuinfo, .interface_version = 1};

    CHECK_EQ(hc_platform_op(BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_platform_op(&op), -EACCES);
    op.interface_version = XENPF_INTERFACE_VERSION;
    CHECK_EQ(hc_platform_op(&op), 0);
    CHECK_EQ(op.u.pcpu_info.flags & XEN_PCPU_FLAGS_ONLINE, XEN_PCPU_FLAGS_ONLINE);
    op.u.pcpu_info.xen_cpuid = 5000;
    CHECK(hc_platform_op(&op) == -EINVAL || (op.u.pcpu_info.flags & XEN_PCPU_FLAGS_INVALID));
    op.cmd = 999;
    CHECK_EQ(hc_platform_op(&op), -ENOSYS);
}

TEST(control, physdev_errors)
{
    struct physdev_eoi eoi = {.irq = 100000};
    struct physdev_irq_status_query q = {.irq = 100000};
    struct physdev_unmap_pirq u = {.domid = DOMID_SELF, .pirq = 100000};
    struct physdev_map_pirq m = {.domid = 1234, .type = MAP_PIRQ_TYPE_GSI, .index = 5, .pirq = 5};

    CHECK_EQ(hc_physdev_op(PHYSDEVOP_eoi, &eoi), -EINVAL);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_eoi, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_irq_status_query, &q), -EINVAL);
    CHECK(hc_physdev_op(PHYSDEVOP_unmap_pirq, &u) < 0);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_map_pirq, &m), -ESRCH);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_map_pirq, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_physdev_op(999, &m), -ENOSYS);
}

/* As the toolstack gives a guest an interrupt: first the mapping, then the right to it. */
TEST(control, pirq_of_a_child)
{
    static const struct child_options paused = {.paused = true};
    struct child *c = child_make(NULL, &paused);
    struct physdev_map_pirq m = {.type = MAP_PIRQ_TYPE_GSI, .index = 5, .pirq = 5};
    struct xen_domctl op = {.u.irq_permission = {.pirq = 5, .allow_access = 1}};
    struct physdev_unmap_pirq u;

    NEED(c);
    m.domid = c->domid;
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_map_pirq, &m), 0);
    CHECK_EQ(m.pirq, 5);
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_irq_permission, &op), 0);
    u = (struct physdev_unmap_pirq){.domid = c->domid, .pirq = m.pirq};
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_unmap_pirq, &u), 0);
    m.index = 100000;
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_map_pirq, &m), -EINVAL);
    child_end(c);
}

TEST(control, console)
{
    static const char text[] = "# a line by console_io\n";
    char page[8];

    CHECK_EQ(hc_console_io(CONSOLEIO_write, sizeof(text) - 1, text), 0);
    CHECK_EQ(hc_console_io(CONSOLEIO_write, 10, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_console_io(CONSOLEIO_write, 10, HV_POINTER), -EFAULT);
    CHECK_EQ(hc_console_io(CONSOLEIO_read, 0, page), 0);
    CHECK_EQ(hc_console_io(99, 1, page), -ENOSYS);
}

static void child_rights(void *arg unused)
{
    struct xen_domctl d = {.cmd = XEN_DOMCTL_getdomaininfo,
                           .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
    struct xen_sysctl s = {.cmd = XEN_SYSCTL_physinfo,
                           .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    struct xen_platform_op p = {.cmd = XENPF_get_cpuinfo,
                                .interface_version = XENPF_INTERFACE_VERSION};
    struct physdev_pci_device_add add = {.bus = 0};
    struct sched_remote_shutdown remote = {.domain_id = 0, .reason = SHUTDOWN_reboot};
    struct sched_pin_override pin = {.pcpu = 0};
    struct evtchn_alloc_unbound a = {.dom = 0, .remote_dom = DOMID_SELF};
    struct gnttab_setup_table g = {.dom = 0, .nr_frames = 1};
    struct evtchn_status status = {.dom = 0, .port = 1};

    for (uint32_t cmd = 0; cmd < 90; cmd++) {
        d.cmd = cmd;
        CHECK(hc_domctl(&d) < 0);
        s.cmd = cmd;
        CHECK(hc_sysctl(&s) < 0);
        p.cmd = cmd;
        CHECK(hc_platform_op(&p) < 0);
    }
    d.cmd = XEN_DOMCTL_destroydomain;
    CHECK_EQ(hc_domctl(&d), -EPERM);
    s.cmd = XEN_SYSCTL_physinfo;
    CHECK_EQ(hc_sysctl(&s), -EPERM);
    p.cmd = XENPF_get_cpuinfo;
    CHECK_EQ(hc_platform_op(&p), -EPERM);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_pci_device_add, &add), -EPERM);
    CHECK_EQ(hc_sched_op(SCHEDOP_remote_shutdown, &remote), -EPERM);
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, &pin), -EPERM);
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_alloc_unbound, &a), -EPERM);
    CHECK(hc_event_channel_op(EVTCHNOP_status, &status) < 0);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_setup_table, &g, 1), 0);
    CHECK_EQ(g.status, GNTST_permission_denied);
    CHECK(hc_hvm_op(0, BAD_POINTER) < 0);
    CHECK(hypercall(__HYPERVISOR_kexec_op, 0, 0, 0, 0, 0) < 0);
    CHECK(hypercall(__HYPERVISOR_arch_0, (uint64_t)&p, 0, 0, 0, 0) < 0);
}

TEST(control, child_rights)
{
    child_run(child_rights, NULL, SHUTDOWN_poweroff);
}

static void child_spins(void *arg unused)
{
    for (;;)
        box.value[0]++;
}

TEST(control, pause_unpause)
{
    struct child *c = child_make(child_spins, NULL);
    struct xen_domctl op = {.cmd = 0};
    struct xen_domctl_getdomaininfo info;
    uint64_t seen;

    NEED(c);
    for (unsigned int i = 0; i < 500 && c->box->value[0] == 0; i++)
        sleep_us(2000);
    CHECK(c->box->value[0] != 0);
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_pausedomain, &op), 0);
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_pausedomain, &op), 0);
    seen = c->box->value[0];
    sleep_us(20000);
    CHECK_EQ(c->box->value[0], seen);
    CHECK_EQ(child_info(c, &info), 0);
    CHECK(info.flags & XEN_DOMINF_paused);
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_unpausedomain, &op), 0);
    sleep_us(10000);
    CHECK_EQ(c->box->value[0], seen);
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_unpausedomain, &op), 0);
    for (unsigned int i = 0; i < 500 && c->box->value[0] == seen; i++)
        sleep_us(2000);
    CHECK(c->box->value[0] != seen);
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_unpausedomain, &op), -EINVAL);
}
