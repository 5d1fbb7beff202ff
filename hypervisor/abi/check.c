/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layouts guests and tools rely on, stated as numbers and compared with the headers we compile
 * against. Nothing here makes code: another libxen-dev, another compiler or a wrong feature macro
 * stops the build instead of shifting a field. The numbers are those seen by Debian 12's kernel.
 */
#include "abi/xen.h"

#include <xen/callback.h>
#include <xen/domctl.h>
#include <xen/elfnote.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/hvm/save.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/arch-x86/xen-mca.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define AT(type, field, offset) \
    _Static_assert(__builtin_offsetof(type, field) == (offset), #type "." #field)
#define SAME(constant, value) _Static_assert((constant) == (value), #constant)

/* What a PV kernel finds at its start. */
SIZE(start_info_t, 1168);
AT(start_info_t, nr_pages, 0x20);
AT(start_info_t, shared_info, 0x28);
AT(start_info_t, flags, 0x30);
AT(start_info_t, store_mfn, 0x38);
AT(start_info_t, store_evtchn, 0x40);
AT(start_info_t, console.domU.mfn, 0x48);
AT(start_info_t, console.domU.evtchn, 0x50);
AT(start_info_t, console.dom0.info_off, 0x48);
AT(start_info_t, console.dom0.info_size, 0x4c);
AT(start_info_t, pt_base, 0x58);
AT(start_info_t, nr_pt_frames, 0x60);
AT(start_info_t, mfn_list, 0x68);
AT(start_info_t, mod_start, 0x70);
AT(start_info_t, mod_len, 0x78);
AT(start_info_t, cmd_line, 0x80);
AT(start_info_t, first_p2m_pfn, 0x480);
AT(start_info_t, nr_p2m_frames, 0x488);

/* The page every domain shares with us. */
SIZE(shared_info_t, 3136);
AT(shared_info_t, vcpu_info, 0);
AT(shared_info_t, evtchn_pending, 0x800);
AT(shared_info_t, evtchn_mask, 0xa00);
AT(shared_info_t, wc_version, 0xc00);
AT(shared_info_t, wc_sec, 0xc04);
AT(shared_info_t, wc_nsec, 0xc08);
AT(shared_info_t, wc_sec_hi, 0xc0c);
AT(shared_info_t, arch, 0xc10);
AT(struct arch_shared_info, pfn_to_mfn_frame_list_list, 8);
AT(struct arch_shared_info, nmi_reason, 16);
AT(struct arch_shared_info, p2m_cr3, 24);
AT(struct arch_shared_info, p2m_vaddr, 32);
AT(struct arch_shared_info, p2m_generation, 40);

SIZE(vcpu_info_t, 64);
AT(vcpu_info_t, evtchn_upcall_pending, 0);
AT(vcpu_info_t, evtchn_upcall_mask, 1);
AT(vcpu_info_t, evtchn_pending_sel, 8);
AT(vcpu_info_t, arch.cr2, 16);
AT(vcpu_info_t, time, 32);
SIZE(vcpu_time_info_t, 32);
AT(vcpu_time_info_t, tsc_timestamp, 8);
AT(vcpu_time_info_t, system_time, 16);
AT(vcpu_time_info_t, tsc_to_system_mul, 24);
AT(vcpu_time_info_t, tsc_shift, 28);
AT(vcpu_time_info_t, flags, 29);

/* A vCPU's registers, as VCPUOP_initialise and the toolstack pass them. */
SIZE(vcpu_guest_context_t, 5168);
AT(vcpu_guest_context_t, flags, 0x200);
AT(vcpu_guest_context_t, user_regs, 0x208);
AT(vcpu_guest_context_t, trap_ctxt, 0x2d0);
AT(vcpu_guest_context_t, ldt_base, 0x12d0);
AT(vcpu_guest_context_t, ldt_ents, 0x12d8);
AT(vcpu_guest_context_t, gdt_frames, 0x12e0);
AT(vcpu_guest_context_t, gdt_ents, 0x1360);
AT(vcpu_guest_context_t, kernel_ss, 0x1368);
AT(vcpu_guest_context_t, kernel_sp, 0x1370);
AT(vcpu_guest_context_t, ctrlreg, 0x1378);
AT(vcpu_guest_context_t, debugreg, 0x13b8);
AT(vcpu_guest_context_t, event_callback_eip, 0x13f8);
AT(vcpu_guest_context_t, failsafe_callback_eip, 0x1400);
AT(vcpu_guest_context_t, syscall_callback_eip, 0x1408);
AT(vcpu_guest_context_t, vm_assist, 0x1410);
AT(vcpu_guest_context_t, fs_base, 0x1418);
AT(vcpu_guest_context_t, gs_base_kernel, 0x1420);
AT(vcpu_guest_context_t, gs_base_user, 0x1428);

SIZE(cpu_user_regs_t, 200);
AT(cpu_user_regs_t, rax, 0x50);
AT(cpu_user_regs_t, error_code, 0x78);
AT(cpu_user_regs_t, entry_vector, 0x7c);
AT(cpu_user_regs_t, rip, 0x80);
AT(cpu_user_regs_t, cs, 0x88);
AT(cpu_user_regs_t, saved_upcall_mask, 0x8c);
AT(cpu_user_regs_t, rflags, 0x90);
AT(cpu_user_regs_t, rsp, 0x98);
AT(cpu_user_regs_t, ss, 0xa0);
AT(cpu_user_regs_t, es, 0xa8);
AT(cpu_user_regs_t, ds, 0xb0);
AT(cpu_user_regs_t, fs, 0xb8);
AT(cpu_user_regs_t, gs, 0xc0);
SIZE(trap_info_t, 16);
AT(trap_info_t, flags, 1);
AT(trap_info_t, cs, 2);
AT(trap_info_t, address, 8);
SIZE(struct iret_context, 72);
AT(struct iret_context, rip, 32);
AT(struct iret_context, ss, 64);

/* Arguments of the calls about memory. */
SIZE(multicall_entry_t, 64);
AT(multicall_entry_t, result, 8);
AT(multicall_entry_t, args, 16);
SIZE(mmu_update_t, 16);
SIZE(struct mmuext_op, 24);
AT(struct mmuext_op, arg1, 8);
AT(struct mmuext_op, arg2, 16);
SIZE(struct callback_register, 16);
AT(struct callback_register, address, 8);
SIZE(struct xen_memory_map, 16);
AT(struct xen_memory_map, buffer, 8);
SIZE(struct xen_machphys_mapping, 24);
SIZE(struct xen_memory_reservation, 32);
AT(struct xen_memory_reservation, nr_extents, 8);
AT(struct xen_memory_reservation, extent_order, 16);
AT(struct xen_memory_reservation, mem_flags, 20);
AT(struct xen_memory_reservation, domid, 24);
SIZE(struct xen_memory_exchange, 72);
AT(struct xen_memory_exchange, out, 32);
AT(struct xen_memory_exchange, nr_exchanged, 64);
SIZE(struct xen_add_to_physmap, 24);
AT(struct xen_add_to_physmap, size, 2);
AT(struct xen_add_to_physmap, space, 4);
AT(struct xen_add_to_physmap, idx, 8);
AT(struct xen_add_to_physmap, gpfn, 16);
SIZE(struct xen_add_to_physmap_batch, 32);
AT(struct xen_add_to_physmap_batch, space, 2);
AT(struct xen_add_to_physmap_batch, size, 4);
AT(struct xen_add_to_physmap_batch, u.foreign_domid, 6);
AT(struct xen_add_to_physmap_batch, idxs, 8);
AT(struct xen_add_to_physmap_batch, gpfns, 16);
AT(struct xen_add_to_physmap_batch, errs, 24);
SIZE(struct xen_remove_from_physmap, 16);
AT(struct xen_remove_from_physmap, gpfn, 8);
SIZE(struct xen_mem_acquire_resource, 32);
AT(struct xen_mem_acquire_resource, type, 2);
AT(struct xen_mem_acquire_resource, id, 4);
AT(struct xen_mem_acquire_resource, nr_frames, 8);
AT(struct xen_mem_acquire_resource, frame, 16);
AT(struct xen_mem_acquire_resource, frame_list, 24);

/* PVH start. */
SIZE(struct hvm_start_info, 56);
AT(struct hvm_start_info, modlist_paddr, 16);
AT(struct hvm_start_info, cmdline_paddr, 24);
AT(struct hvm_start_info, rsdp_paddr, 32);
AT(struct hvm_start_info, memmap_paddr, 40);
AT(struct hvm_start_info, memmap_entries, 48);
SIZE(struct hvm_modlist_entry, 32);
SIZE(struct hvm_memmap_table_entry, 24);

/* Event channels. */
SIZE(struct evtchn_alloc_unbound, 8);
SIZE(struct evtchn_bind_interdomain, 12);
SIZE(struct evtchn_bind_virq, 12);
SIZE(struct evtchn_bind_pirq, 12);
SIZE(struct evtchn_bind_ipi, 8);
SIZE(struct evtchn_close, 4);
SIZE(struct evtchn_send, 4);
SIZE(struct evtchn_unmask, 4);
SIZE(struct evtchn_status, 24);
AT(struct evtchn_status, port, 4);
AT(struct evtchn_status, status, 8);
AT(struct evtchn_status, vcpu, 12);
AT(struct evtchn_status, u, 16);
SIZE(struct evtchn_bind_vcpu, 8);
SIZE(struct evtchn_init_control, 24);
SIZE(struct evtchn_expand_array, 8);
SIZE(struct evtchn_set_priority, 8);
SIZE(struct evtchn_fifo_control_block, 72);

/* vCPUs and scheduling. */
SIZE(struct vcpu_runstate_info, 48);
AT(struct vcpu_runstate_info, state_entry_time, 8);
AT(struct vcpu_runstate_info, time, 16);
SIZE(struct vcpu_register_vcpu_info, 16);
AT(struct vcpu_register_vcpu_info, offset, 8);
SIZE(struct vcpu_set_singleshot_timer, 16);
AT(struct vcpu_set_singleshot_timer, flags, 8);
SIZE(struct vcpu_register_runstate_memory_area, 8);
SIZE(struct vcpu_register_time_memory_area, 8);
SIZE(struct sched_poll, 24);
AT(struct sched_poll, nr_ports, 8);
AT(struct sched_poll, timeout, 16);
SIZE(struct sched_shutdown, 4);
SIZE(struct sched_pin_override, 4);
SIZE(struct sched_watchdog, 8);

/* Devices. */
SIZE(struct physdev_eoi, 4);
SIZE(struct physdev_pirq_eoi_gmfn, 8);
SIZE(struct physdev_irq_status_query, 8);
SIZE(struct physdev_set_iopl, 4);
SIZE(struct physdev_set_iobitmap, 16);
SIZE(struct physdev_apic, 16);
SIZE(struct physdev_irq, 8);
SIZE(struct physdev_map_pirq, 40);
AT(struct physdev_map_pirq, type, 4);
AT(struct physdev_map_pirq, index, 8);
AT(struct physdev_map_pirq, pirq, 12);
AT(struct physdev_map_pirq, bus, 16);
AT(struct physdev_map_pirq, devfn, 20);
AT(struct physdev_map_pirq, entry_nr, 24);
AT(struct physdev_map_pirq, table_base, 32);
SIZE(struct physdev_unmap_pirq, 8);
SIZE(struct physdev_setup_gsi, 8);
SIZE(struct physdev_pci_mmcfg_reserved, 16);
AT(struct physdev_pci_device_add, optarr, 12);
SIZE(struct physdev_pci_device, 4);
SIZE(struct physdev_manage_pci, 2);
SIZE(struct physdev_manage_pci_ext, 16);
SIZE(struct physdev_get_free_pirq, 8);
SIZE(dom0_vga_console_info_t, 40);

/* Grants. */
SIZE(grant_entry_v1_t, 8);
SIZE(grant_entry_v2_t, 16);
SIZE(struct gnttab_setup_table, 24);
AT(struct gnttab_setup_table, status, 8);
AT(struct gnttab_setup_table, frame_list, 16);
SIZE(struct gnttab_query_size, 16);
AT(struct gnttab_query_size, status, 12);
SIZE(gnttab_set_version_t, 4);
SIZE(gnttab_get_status_frames_t, 16);
SIZE(struct gnttab_map_grant_ref, 32);
AT(struct gnttab_map_grant_ref, flags, 8);
AT(struct gnttab_map_grant_ref, ref, 12);
AT(struct gnttab_map_grant_ref, dom, 16);
AT(struct gnttab_map_grant_ref, status, 18);
AT(struct gnttab_map_grant_ref, handle, 20);
AT(struct gnttab_map_grant_ref, dev_bus_addr, 24);
SIZE(struct gnttab_unmap_grant_ref, 24);
AT(struct gnttab_unmap_grant_ref, handle, 16);
AT(struct gnttab_unmap_grant_ref, status, 20);
SIZE(struct gnttab_copy, 40);
AT(struct gnttab_copy, dest, 16);
AT(struct gnttab_copy, len, 32);
AT(struct gnttab_copy, flags, 34);
AT(struct gnttab_copy, status, 36);

/* The multiplexed calls of the control domain, and their versions. */
SIZE(struct xen_platform_op, 136);
AT(struct xen_platform_op, interface_version, 4);
AT(struct xen_platform_op, u, 8);
SIZE(struct xenpf_pcpuinfo, 20);
AT(struct xen_domctl, domain, 8);
AT(struct xen_domctl, u, 16);
SIZE(struct xen_domctl, 16 + 128);
AT(struct xen_sysctl, u, 8);
SIZE(struct xen_sysctl, 8 + 128);
SAME(XENPF_INTERFACE_VERSION, 0x03000001);
SAME(XEN_DOMCTL_INTERFACE_VERSION, 0x15);
SAME(XEN_SYSCTL_INTERFACE_VERSION, 0x15);

/* HVM parameters. */
SIZE(struct xen_hvm_param, 16);
AT(struct xen_hvm_param, index, 4);
AT(struct xen_hvm_param, value, 8);
SIZE(struct xen_hvm_evtchn_upcall_vector, 8);
SIZE(struct xen_hvm_pagetable_dying, 16);

/* Save records of platform devices. */
SIZE(struct hvm_hw_vpic, 8);
SIZE(struct hvm_hw_vioapic, 400);
AT(struct hvm_hw_vioapic, redirtbl, 16);
SIZE(struct hvm_hw_pci_irqs, 16);
SIZE(struct hvm_hw_isa_irqs, 8);
SIZE(struct hvm_hw_pci_link, 8);
SIZE(struct hvm_hw_pit, 56);
AT(struct hvm_hw_pit, channels[1].mode, 29);
SIZE(struct hvm_hw_rtc, 24);
AT(struct hvm_hw_rtc, rtc_offset, 16);
SIZE(struct hvm_hw_hpet, 1048);
AT(struct hvm_hw_hpet, timers[1].cmp, 0x128);
AT(struct hvm_hw_hpet, period, 0x400);
SIZE(struct hvm_hw_pmtimer, 8);

/* Rings whose pages we set up for dom0's daemons. */
AT(struct xencons_interface, out, 0x400);
AT(struct xencons_interface, in_cons, 0xc00);
AT(struct xencons_interface, in_prod, 0xc04);
AT(struct xencons_interface, out_cons, 0xc08);
AT(struct xencons_interface, out_prod, 0xc0c);
AT(struct xenstore_domain_interface, rsp, 0x400);
AT(struct xenstore_domain_interface, req_cons, 0x800);
AT(struct xenstore_domain_interface, req_prod, 0x804);
AT(struct xenstore_domain_interface, rsp_cons, 0x808);
AT(struct xenstore_domain_interface, rsp_prod, 0x80c);
AT(struct xenstore_domain_interface, server_features, 0x810);
AT(struct xenstore_domain_interface, connection, 0x814);
AT(struct xenstore_domain_interface, error, 0x818);

/* Numbers that have no structure. */
SAME(__HYPERVISOR_iret, 23);
SAME(__HYPERVISOR_event_channel_op, 32);
SAME(__HYPERVISOR_sysctl, 35);
SAME(__HYPERVISOR_domctl, 36);
SAME(__HYPERVISOR_dm_op, 41);
SAME(__HYPERVISOR_mca, 48);
SIZE(struct xen_mc, 152);
SAME(DOMID_SELF, 0x7ff0);
SAME(DOMID_IO, 0x7ff1);
SAME(DOMID_XEN, 0x7ff2);
SAME(DOMID_INVALID, 0x7ff4);
SAME(DOMID_IDLE, 0x7fff);
SAME(FLAT_RING3_CS64, 0xe033);
SAME(FLAT_RING3_SS64, 0xe02b);
SAME(FLAT_RING3_CS32, 0xe023);
SAME(HYPERVISOR_VIRT_START, 0xffff800000000000);
SAME(VIRQ_CON_RING, 8);
SAME(VIRQ_ARCH_0, 16);
SAME(SIF_PRIVILEGED | SIF_INITDOMAIN, 3);
SAME(XEN_ELFNOTE_PHYS32_ENTRY, 18);
SAME(CONSOLEIO_read, 1);
