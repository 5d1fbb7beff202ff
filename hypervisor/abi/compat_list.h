/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structures whose layout is another one for 32-bit guests, field by field. Compiled twice: as
 * 32-bit code by compat_offsets.c, which turns it into compat_layout.h, and for us.
 *
 * F(structure, name, field): @name is the field without what cannot be in a name.
 */
#pragma once

#define COMPAT_MEMORY(F)                                  \
    F(xen_memory_reservation, extent_start, extent_start) \
    F(xen_memory_reservation, nr_extents, nr_extents)     \
    F(xen_memory_reservation, extent_order, extent_order) \
    F(xen_memory_reservation, mem_flags, mem_flags)       \
    F(xen_memory_reservation, domid, domid)               \
    F(xen_add_to_physmap, domid, domid)                   \
    F(xen_add_to_physmap, size, size)                     \
    F(xen_add_to_physmap, space, space)                   \
    F(xen_add_to_physmap, idx, idx)                       \
    F(xen_add_to_physmap, gpfn, gpfn)                     \
    F(xen_add_to_physmap_batch, domid, domid)             \
    F(xen_add_to_physmap_batch, space, space)             \
    F(xen_add_to_physmap_batch, size, size)               \
    F(xen_add_to_physmap_batch, foreign, u.foreign_domid) \
    F(xen_add_to_physmap_batch, idxs, idxs)               \
    F(xen_add_to_physmap_batch, gpfns, gpfns)             \
    F(xen_add_to_physmap_batch, errs, errs)               \
    F(xen_remove_from_physmap, domid, domid)              \
    F(xen_remove_from_physmap, gpfn, gpfn)                \
    F(xen_memory_map, nr_entries, nr_entries)             \
    F(xen_memory_map, buffer, buffer)

#define COMPAT_GRANT(F)                                 \
    F(gnttab_setup_table, dom, dom)                     \
    F(gnttab_setup_table, nr_frames, nr_frames)         \
    F(gnttab_setup_table, status, status)               \
    F(gnttab_setup_table, frame_list, frame_list)       \
    F(gnttab_get_status_frames, nr_frames, nr_frames)   \
    F(gnttab_get_status_frames, dom, dom)               \
    F(gnttab_get_status_frames, status, status)         \
    F(gnttab_get_status_frames, frame_list, frame_list) \
    F(gnttab_copy, source_frame, source.u.gmfn)         \
    F(gnttab_copy, source_domid, source.domid)          \
    F(gnttab_copy, source_offset, source.offset)        \
    F(gnttab_copy, dest_frame, dest.u.gmfn)             \
    F(gnttab_copy, dest_domid, dest.domid)              \
    F(gnttab_copy, dest_offset, dest.offset)            \
    F(gnttab_copy, len, len)                            \
    F(gnttab_copy, flags, flags)                        \
    F(gnttab_copy, status, status)                      \
    F(gnttab_transfer, mfn, mfn)                        \
    F(gnttab_transfer, domid, domid)                    \
    F(gnttab_transfer, ref, ref)                        \
    F(gnttab_transfer, status, status)

#define COMPAT_OTHERS(F)                                         \
    F(sched_poll, ports, ports)                                  \
    F(sched_poll, nr_ports, nr_ports)                            \
    F(sched_poll, timeout, timeout)                              \
    F(vcpu_set_singleshot_timer, timeout_abs_ns, timeout_abs_ns) \
    F(vcpu_set_singleshot_timer, flags, flags)                   \
    F(vcpu_register_runstate_memory_area, address, addr.v)       \
    F(vcpu_register_time_memory_area, address, addr.v)           \
    F(vcpu_runstate_info, state, state)                          \
    F(vcpu_runstate_info, state_entry_time, state_entry_time)    \
    F(vcpu_runstate_info, time0, time[0])                        \
    F(vcpu_runstate_info, time1, time[1])                        \
    F(vcpu_runstate_info, time2, time[2])                        \
    F(vcpu_runstate_info, time3, time[3])                        \
    F(xen_platform_parameters, virt_start, virt_start)           \
    F(physdev_map_pirq, domid, domid)                            \
    F(physdev_map_pirq, type, type)                              \
    F(physdev_map_pirq, index, index)                            \
    F(physdev_map_pirq, pirq, pirq)                              \
    F(physdev_map_pirq, bus, bus)                                \
    F(physdev_map_pirq, devfn, devfn)                            \
    F(physdev_map_pirq, entry_nr, entry_nr)                      \
    F(physdev_map_pirq, table_base, table_base)

/* S(structure) */
#define COMPAT_STRUCTS(S)                 \
    S(xen_memory_reservation)             \
    S(xen_add_to_physmap)                 \
    S(xen_add_to_physmap_batch)           \
    S(xen_remove_from_physmap)            \
    S(xen_memory_map)                     \
    S(gnttab_setup_table)                 \
    S(gnttab_get_status_frames)           \
    S(gnttab_copy)                        \
    S(gnttab_transfer)                    \
    S(sched_poll)                         \
    S(vcpu_set_singleshot_timer)          \
    S(vcpu_register_runstate_memory_area) \
    S(vcpu_register_time_memory_area)     \
    S(vcpu_runstate_info)                 \
    S(xen_platform_parameters)            \
    S(physdev_map_pirq)

#define COMPAT_FIELDS(F) COMPAT_MEMORY(F) COMPAT_GRANT(F) COMPAT_OTHERS(F)
