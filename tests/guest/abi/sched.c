/* SPDX-License-Identifier: BSD-2-Clause */
/* sched_op, vcpu_op, multicall, physdev_op, and the small ones few use. */
#include "tests/guest/lib/rows.h"

static void sched(void)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = 1};
    struct sched_remote_shutdown remote = {.domain_id = 7000, .reason = 0};
    struct sched_shutdown shutdown = {.reason = 0};
    struct sched_watchdog dog = {.id = 0, .timeout = 0};
    struct sched_pin_override pin = {.pcpu = 0};
    evtchn_port_t ports[4] = {0};

    set_xen_guest_handle(poll.ports, ports);
    POINTERS("poll", __HYPERVISOR_sched_op, SCHEDOP_poll, poll);
    SWEEP("poll.port", (void)0, ({
              ports[0] = (evtchn_port_t)v;
              hc_sched_op(SCHEDOP_poll, &poll);
          }), 0, 1, 900, 1023, 1024, 4095, 4096, 0x20000, 0xffffffff);
    ports[0] = 900;
    SWEEP("poll.count", (void)0, ({
              poll.nr_ports = (unsigned int)v;
              set_xen_guest_handle(poll.ports, v > 4 ? (evtchn_port_t *)BAD_POINTER : ports);
              hc_sched_op(SCHEDOP_poll, &poll);
          }), 0, 1, 2, 128, 129, 0x80000000, 0xffffffff);
    DOMIDS("remote_shutdown.domid", (void)0, ({
               remote.domain_id = v == DOMID_SELF || v == env.domid ? 7000 : v;
               remote.reason = 77;
               hc_sched_op(SCHEDOP_remote_shutdown, &remote);
           }));
    POINTERS("remote_shutdown", __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, remote);
    pointers("shutdown", &(const struct shape){__HYPERVISOR_sched_op, 1, {SCHEDOP_shutdown}},
             &shutdown, sizeof(shutdown), false);
    pointers("shutdown_code",
             &(const struct shape){__HYPERVISOR_sched_op, 1, {SCHEDOP_shutdown_code}}, &shutdown,
             sizeof(shutdown), false);
    SWEEP("watchdog.id", (void)0, ({
              dog.id = (uint32_t)v;
              hc_sched_op(SCHEDOP_watchdog, &dog);
          }), 1, 2, 3, 16, 0x80000000, 0xffffffff);
    SWEEP("watchdog.id_timeout", (void)0, ({
              dog.id = (uint32_t)v;
              dog.timeout = 1000;
              hc_sched_op(SCHEDOP_watchdog, &dog);
          }), 1, 2, 3, 16, 0x80000000, 0xffffffff);
    row("watchdog.new");
    for (unsigned int i = 0; i < 4; i++) {
        dog.id = 0;
        dog.timeout = 1000;
        row_at(i, hc_sched_op(SCHEDOP_watchdog, &dog));
    }
    row_end();
    for (dog.id = 1, dog.timeout = 0; dog.id < 3; dog.id++)
        (void)hc_sched_op(SCHEDOP_watchdog, &dog);
    POINTERS("watchdog", __HYPERVISOR_sched_op, SCHEDOP_watchdog, dog);
    SWEEP("pin_override", (void)0, ({
              pin.pcpu = (int32_t)v;
              hc_sched_op(SCHEDOP_pin_override, &pin);
          }), 0, 1, 2, 127, 128, 0x7fffffff, 0xffffffff, 0x80000000, 0xffffffff);
    POINTERS("pin_override", __HYPERVISOR_sched_op, SCHEDOP_pin_override, pin);
    SWEEP("yield", (void)0, hc_sched_op(SCHEDOP_yield, v), 0, BAD_POINTER);
    SWEEP("sched_op.high", (void)0, hypercall(__HYPERVISOR_sched_op, v, 0, 0, 0, 0), 8, 1UL << 31,
          1UL << 32, (1UL << 32) + 8);
}

#define VCPU_BAD 2, 3, 127, 128, 8191, 8192, 0x7fffffff, 0x80000000, 0xffffffff

static void vcpu(void)
{
    struct vcpu_set_periodic_timer p = {.period_ns = 1000};
    struct vcpu_set_singleshot_timer s = {.timeout_abs_ns = 1};
    char *page = page_alloc();
    char key[32];

    for (uint32_t cmd = 0; cmd < 16; cmd++) {
        if (cmd == VCPUOP_initialise || cmd == VCPUOP_send_nmi)
            continue;
        format_append(key, sizeof(key), 0, "vcpu_op_%u.vcpu", cmd);
        SWEEP(key, (void)0, hc_vcpu_op(cmd, v, BAD_POINTER), VCPU_BAD);
    }
    row("is_up");
    row_result("0", hc_vcpu_op(VCPUOP_is_up, 0, NULL));
    row_result("1", hc_vcpu_op(VCPUOP_is_up, 1, NULL));
    row_end();
    ROW("up", "0", hc_vcpu_op(VCPUOP_up, 0, NULL));
    for (uint32_t cmd = VCPUOP_get_runstate_info; cmd < 14; cmd++) {
        if (cmd == VCPUOP_send_nmi || cmd == VCPUOP_stop_periodic_timer)
            continue;
        memset(page, 0, PAGE_BYTES);
        format_append(key, sizeof(key), 0, "vcpu_op_%u", cmd);
        if (cmd != VCPUOP_register_runstate_memory_area && cmd != VCPUOP_register_vcpu_info &&
            cmd != VCPUOP_register_vcpu_time_memory_area)
            pointers(key, &(const struct shape){__HYPERVISOR_vcpu_op, 2, {cmd, 0}}, page, 8,
                     false);
    }
    SWEEP("periodic.ns", (void)0, ({
              p.period_ns = v;
              hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p);
          }), 0, 1, 999999, 1000000, 0x7fffffffffffffff, 1UL << 63, ~0UL, 1UL << 62);
    SWEEP("stop_periodic", (void)0, hc_vcpu_op(VCPUOP_stop_periodic_timer, v, NULL), 0, 1);
    SWEEP("singleshot.when", (void)0, ({
              s.timeout_abs_ns = v;
              s.flags = 0;
              hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s);
          }), 0, 1, 0x7fffffffffffffff, 1UL << 63, ~0UL);
    SWEEP("singleshot.past", (void)0, ({
              s.timeout_abs_ns = v;
              s.flags = VCPU_SSHOTTMR_future;
              hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s);
          }), 0, 1, 0x7fffffffffffffff, 1UL << 63, ~0UL);
    SWEEP("singleshot.flags", (void)0, ({
              s.timeout_abs_ns = 1UL << 62;
              s.flags = (uint32_t)v;
              hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s);
          }), 0, 1, 2, 3, 0xffffffff);
    SWEEP("singleshot.other", (void)0, hc_vcpu_op(VCPUOP_set_singleshot_timer, v, &s), 1);
    SWEEP("stop_singleshot", (void)0, hc_vcpu_op(VCPUOP_stop_singleshot_timer, v, NULL), 0, 1);
}

static void vcpu_state(void)
{
    struct vcpu_register_vcpu_info info = {.mfn = 0};
    static struct vcpu_guest_context context;
    static char page[PAGE_BYTES] aligned(PAGE_BYTES); /* remains in use as such */

    SWEEP("vcpu_info.offset", (void)0, ({
              info.mfn = va_mfn(page);
              info.offset = (uint32_t)v;
              hc_vcpu_op(VCPUOP_register_vcpu_info, 1, &info);
          }), 4033, 4040, 4095, 4096, 0xffffffff, 1, 8, 0);
    SWEEP("vcpu_info.mfn", (void)0, ({
              info.mfn = v;
              info.offset = 0;
              hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &info);
          }), 0x7fffffff, 1UL << 40, ~0UL - 1);
    ROW("vcpu_info.mfn", "table", ({
            info.mfn = va_mfn((void *)env.l4_va);
            hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &info);
        }));
    SWEEP("initialise.rip", (void)0, ({
              memset(&context, 0, sizeof(context));
              context.user_regs.rip = v;
              context.ctrlreg[3] = 0x7fffffff000;
              hc_vcpu_op(VCPUOP_initialise, 1, &context);
          }), 0, NONCANONICAL, HV_POINTER);
    SWEEP("initialise.flags", (void)0, ({
              memset(&context, 0, sizeof(context));
              context.flags = v;
              context.ctrlreg[3] = 0x7fffffff000;
              hc_vcpu_op(VCPUOP_initialise, 1, &context);
          }), 0, 4, 5, ~0UL);
    SWEEP("initialise.vcpu", (void)0, hc_vcpu_op(VCPUOP_initialise, v, &context), 0, VCPU_BAD);
    SWEEP("up", (void)0, hc_vcpu_op(VCPUOP_up, v, NULL), 1);
    SWEEP("down", (void)0, hc_vcpu_op(VCPUOP_down, v, NULL), 1);
}

static void batches(void)
{
    static multicall_entry_t list[4];

    SWEEP("multicall.count", (void)0, hc_multicall(BAD_POINTER, v), 0, 1, 0x7fffffff, 0x80000000,
          0xffffffff, 1UL << 32);
    SWEEP("multicall.op", (void)0, ({
              list[0] = (multicall_entry_t){.op = v};
              hc_multicall(list, 1) ?: (long)list[0].result;
          }), 13, 17, 11, 43, 56, 64, 255, 1UL << 32, (1UL << 32) + 17, ~0UL);
    {
        char *page = page_alloc();
        multicall_entry_t *entry = (multicall_entry_t *)page;

        entry->op = __HYPERVISOR_xen_version;
        (void)page_protect(page, PTE_RO_FLAGS);
        ROW("multicall", "readonly", hc_multicall(entry, 1));
        (void)page_protect(page, PTE_RW_FLAGS);
        entry = (multicall_entry_t *)(page + 1);
        *entry = (multicall_entry_t){.op = __HYPERVISOR_xen_version};
        ROW("multicall", "odd", hc_multicall(entry, 1));
    }
    pointers("multicall", &(const struct shape){__HYPERVISOR_multicall, 0, {0, 1}}, list,
             sizeof(list[0]), false);
}

static long physdev(unsigned int cmd, const void *text, size_t bytes)
{
    static uint64_t buffer[16];

    memset(buffer, 0, sizeof(buffer));
    memcpy(buffer, text, bytes);
    return hc_physdev_op(cmd, buffer);
}
#define PHYSDEV(cmd, type, ...)                                                                    \
    ({                                                                                             \
        const struct type op_ = {__VA_ARGS__};                                                     \
        physdev(cmd, &op_, sizeof(op_));                                                           \
    })

static void physdevs(void)
{
    static const uint64_t zero[16];
    char key[32];

    for (unsigned int cmd = 0; cmd < 34; cmd++) {
        format_append(key, sizeof(key), 0, "physdev_%u", cmd);
        if (cmd != PHYSDEVOP_pci_device_remove && cmd != PHYSDEVOP_manage_pci_remove)
            pointers(key, &(const struct shape){__HYPERVISOR_physdev_op, 1, {cmd}}, zero, 4, false);
    }
#define IRQS 0, 2, 7, 15, 16, 23, 24, 47, 48, 255, 256, 1023, 0x7fffffff, 0x80000000, 0xffffffff
    SWEEP("eoi", (void)0, PHYSDEV(PHYSDEVOP_eoi, physdev_eoi, (uint32_t)v), IRQS);
    SWEEP("irq_status", (void)0,
          PHYSDEV(PHYSDEVOP_irq_status_query, physdev_irq_status_query, .irq = (uint32_t)v), IRQS);
    SWEEP("alloc_irq_vector", (void)0,
          PHYSDEV(PHYSDEVOP_alloc_irq_vector, physdev_irq, .irq = (uint32_t)v), IRQS);
    SWEEP("free_irq_vector", (void)0,
          PHYSDEV(PHYSDEVOP_free_irq_vector, physdev_irq, .irq = (uint32_t)v), 7);
    SWEEP("apic_read", (void)0,
          PHYSDEV(PHYSDEVOP_apic_read, physdev_apic, .apic_physbase = 1, .reg = (uint32_t)v), 0);
    SWEEP("apic_write", (void)0,
          PHYSDEV(PHYSDEVOP_apic_write, physdev_apic, .apic_physbase = 1, .reg = (uint32_t)v), 0);
    SWEEP("set_iopl", (void)0, PHYSDEV(PHYSDEVOP_set_iopl, physdev_set_iopl, (uint32_t)v), 1, 2, 3,
          4, 0x80000000, 0xffffffff, 0);
    SWEEP("iobitmap.ports", (void)0,
          PHYSDEV(PHYSDEVOP_set_iobitmap, physdev_set_iobitmap, .nr_ports = (uint32_t)v), 0, 1,
          65536, 65537, 0xffffffff, 0);
    SWEEP("setup_gsi", (void)0, PHYSDEV(PHYSDEVOP_setup_gsi, physdev_setup_gsi, .gsi = (int)v), 7,
          15, 24, 255, 0x7fffffff, 0xffffffff);
    SWEEP("get_free_pirq.type", (void)0,
          PHYSDEV(PHYSDEVOP_get_free_pirq, physdev_get_free_pirq, .type = (int)v), 0, 1, 2, 3, 4,
          0xffffffff);
    DOMIDS("map_pirq.domid", (void)0,
           PHYSDEV(PHYSDEVOP_map_pirq, physdev_map_pirq, .domid = v, .type = 99));
    SWEEP("map_pirq.type", (void)0,
          PHYSDEV(PHYSDEVOP_map_pirq, physdev_map_pirq, .domid = DOMID_SELF, .type = (int)v,
                  .index = 300, .pirq = -1, .bus = 0xff),
          0, 1, 2, 3, 4, 5, 0x7fffffff, 0xffffffff);
    SWEEP("map_pirq.gsi", (void)0,
          PHYSDEV(PHYSDEVOP_map_pirq, physdev_map_pirq, .domid = DOMID_SELF,
                  .type = MAP_PIRQ_TYPE_GSI, .index = (int)v, .pirq = -1),
          48, 255, 0x7fffffff, 0xffffffff);
    DOMIDS("unmap_pirq.domid", (void)0,
           PHYSDEV(PHYSDEVOP_unmap_pirq, physdev_unmap_pirq, .domid = v, .pirq = 250));
    SWEEP("unmap_pirq.pirq", (void)0,
          PHYSDEV(PHYSDEVOP_unmap_pirq, physdev_unmap_pirq, .domid = DOMID_SELF, .pirq = (int)v),
          200, 255, 0x7fffffff, 0xffffffff, 0x80000000);
    SWEEP("pci_device_add.seg", (void)0, PHYSDEV(PHYSDEVOP_pci_device_add, physdev_pci_device_add,
                                                 .seg = (uint16_t)v), 0xffff);
    SWEEP("mmcfg.flags", (void)0, PHYSDEV(PHYSDEVOP_pci_mmcfg_reserved, physdev_pci_mmcfg_reserved,
                                          .flags = (uint32_t)v, .segment = 77), 0, 1, 2);
    SWEEP("prepare_msix", (void)0,
          PHYSDEV(PHYSDEVOP_prepare_msix, physdev_pci_device, .bus = (uint8_t)v), 0xff);
    SWEEP("eoi_gmfn", (void)0, PHYSDEV(PHYSDEVOP_pirq_eoi_gmfn_v2, physdev_pirq_eoi_gmfn, v),
          0x7fffffff, ~0UL);
    SWEEP("dbgp", (void)0, PHYSDEV(PHYSDEVOP_dbgp_op, physdev_dbgp_op, .op = (uint8_t)v), 0, 1, 2,
          3);
}

TEST(abi, sched)
{
    NEED(cast_begin());
    sched();
    cast_end();
    vcpu();
    vcpu_state();
    batches();
    physdevs();
}

static void sched_child(void *arg unused)
{
    sched();
    batches();
    physdevs();
    vcpu();
    vcpu_state();
}

TEST(abi, sched_of_child)
{
    struct child_options o = {.vcpus = 2};

    child_run_with(sched_child, &o, SHUTDOWN_poweroff);
}
