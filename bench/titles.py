# SPDX-License-Identifier: BSD-2-Clause
"""What each figure is called, in the order of the tables: {name: title}."""

import re

PV = {
    "null_hypercall": "`XENVER_version`",
    "unknown_hypercall": "unknown number (`-ENOSYS`)",
    "multicall_16": "multicall of 16 `XENVER_version`",
    "yield": "`SCHEDOP_yield`, nobody waits",
    "fpu_taskswitch": "`fpu_taskswitch`",
    "stack_switch": "`stack_switch`",
    "set_segment_base": "`set_segment_base`",
    "mmu_update_1": "`mmu_update`, one entry",
    "mmu_update_32_toggle": "`mmu_update`, 32 entries, present bit toggled",
    "update_va_same": "`update_va_mapping`, same value",
    "update_va_toggle": "`update_va_mapping`, present bit toggled",
    "update_va_protect": "`update_va_mapping`, write bit toggled",
    "tlb_flush_local": "`MMUEXT_TLB_FLUSH_LOCAL`",
    "pin_unpin_l4": "pin and unpin a small address space",
    "address_space_switch": "`MMUEXT_NEW_BASEPTR` to another table and back",
    "int3_bounce_iret": "`int3` to the guest's handler and `iret`",
    "rdmsr_emulated": "emulated RDMSR",
    "cpuid_forced": "CPUID by forced emulation",
    "pte_write_emulated": "emulated write to a page table",
    "user_syscall_iret": "system call of a user program, and `iret`",
    "event_send_pending": "event send, already pending",
    "event_send_masked": "event send to self, upcalls masked",
    "event_send_upcall": "event send to self with its upcall",
    "event_send_interdomain": "event send between two ports",
    "grant_map_unmap": "grant map and unmap, one page",
    "grant_copy_64": "grant copy, 64 bytes",
    "grant_copy_4096": "grant copy, 4,096 bytes",
    "decrease_reservation_1": "`decrease_reservation`, one page",
    "populate_physmap_1": "`populate_physmap`, one page",
    "createdomain_max_vcpus": "create a PV domain with one vCPU",
    "destroydomain_call": "destroy it, first call",
    "pages_per_idle_domain": "pages such a domain costs",
    "yield_to_other_domain": "yield to another domain and back",
    "yield_to_other_vcpu": "yield to another vCPU and back",
    "event_round_trip": "event to another vCPU that polls for it, and back",
}

EXITS = {
    "hvm_cpuid": "CPUID, leaf 0",
    "hvm_rdmsr_apic_base": "RDMSR of IA32_APIC_BASE",
    "hvm_null_hypercall": "`XENVER_version`",
    "hvm_hypercall_4_bytes": "event send, already pending (an argument of 4 bytes)",
    "hvm_event_send_other_masked": "event send to another vCPU, masked",
    "hvm_out_no_device": "output to a port without a device",
    "hvm_in_no_device": "input from a port without a device",
    "board_pit_read": "input from the 8254",
    "hvm_mmio_no_device": "read of a hole in memory",
    "board_hpet_read": "read of the HPET",
    "hvm_decrease_reservation": "`decrease_reservation`, one page",
    "hvm_populate_physmap": "`populate_physmap`, one page",
    "hvm_x2apic_read_id": "x2APIC: number read",
    "hvm_x2apic_read_timer": "x2APIC: timer read",
    "hvm_x2apic_timer_set": "x2APIC: timer set",
    "hvm_x2apic_eoi": "x2APIC: end of interrupt",
    "board_x2apic_eoi": "the same, guest with a board",
    "hvm_x2apic_self_ipi": "x2APIC: interrupt to itself (SELF), with handler",
    "hvm_x2apic_icr_self": "x2APIC: interrupt to itself (ICR), with handler",
    "board_x2apic_icr_self": "the same, guest with a board",
    "board_xapic_read_id": "xAPIC: number read",
    "board_xapic_write_tpr": "xAPIC: task priority written",
    "board_xapic_eoi": "xAPIC: end of interrupt",
    "board_xapic_icr_self": "xAPIC: interrupt to itself (ICR), with handler",
    "hvm_event_round_trip": "event to another vCPU in HLT, and back",
    "hvm_ipi_round_trip": "interrupt to another vCPU in HLT, and back",
}

TOOLSTACK = {
    "hvm_createdomain_max_vcpus": "`createdomain` and `max_vcpus` of one",
    "hvm_pages_per_idle_domain": "pages such a domain costs",
    "hvm_destroydomain_call": "`destroydomain`, first call",
    "hvm_populate_4k": "`populate_physmap`, one page",
    "hvm_populate_2m": "the same, 2 MiB at once",
    "hvm_decrease_4k": "`decrease_reservation`, one page",
    "hvm_decrease_2m": "the same, 2 MiB at once",
    "hvm_promised_touch": "first touch of a promised page, seen by its guest (an EPT violation that populates)",
    "hvm_first_write_logged": "first write of a logged frame, seen by its guest",
    "hvm_log_clean_4096": "a look at the log of 4,096 frames, 64 of them written (`CLEAN`)",
}

SCALE = {
    "create": "create a PV domain",
    "destroy_call": "destroy it, first call",
    "yield": "`SCHEDOP_yield`, nobody waits",
    "getdomaininfo": "`getdomaininfo` of the youngest",
}
SCALE_MEMORY = SCALE | {
    "decrease_reservation": "`decrease_reservation`, one page",
    "populate_physmap": "`populate_physmap`, one page",
    "boot": "from power-on to dom0's first test, firmware and GRUB with it; million",
}
# A figure called WHAT_AXIS_COUNT is a point of a curve. {axis: (what is counted, counts, titles)}
AXES = {
    "beside": ("idle domains beside", (1, 4, 16, 64, 256), SCALE),
    "vcpus": ("vCPUs of that domain", (1, 4, 16, 64), SCALE),
    "mib": ("MiB of memory of the machine", (512, 32768, 1048576), SCALE_MEMORY),
    "depth": ("requests at a time", (), {}),  # as many as FIO names
}


def axis_of(name):
    """(what, axis, count) of a point of a curve, or None. What fio measures is called WHAT-DEPTH[.us]."""
    if fio := re.fullmatch(r"(randread|randwrite)-(\d+)((?:\.us)?)", name):
        return (fio[1] + fio[3], "depth", int(fio[2]))
    what, _, axis = name.rpartition("_")[0].rpartition("_")
    count = name.rpartition("_")[2]
    return (what, axis, int(count)) if axis in AXES and count.isdecimal() else None


OPLIST = {
    "syscall": "a system call (`getppid`)",
    "exception": "an exception: `ud2`, its signal handler, back",
    "fault": "a page touched for the first time",
    "mmap": "`mmap` of 64 KiB, populated, and `munmap`",
    "protect": "`mprotect` of 4 MiB, 1,024 entries of page tables",
    "fork": "`fork`, exit and `wait`",
    "exec": "`fork`, `exec` of a static program, exit and `wait`",
    "switch": "context switch to another process (futex)",
    "thread": "the same to another thread",
    "pipe": "a byte through pipes to another process and back",
    "pipe_other": "the same on another CPU",
    "ipi": "an interrupt to another CPU and its answer (`membarrier`)",
    "timer": "how late a sleeper is woken",
    "copy": "a copy of 1 MiB",
    "walk": "a word of a page that no TLB knows",
    "cpuid": "CPUID",
    "port": "output to port 0x80",
    "mmio": "read of the HPET",
    "hypercall": "`XENVER_version` by `/dev/xen/privcmd`",
    "yield": "`SCHEDOP_yield` by it",
    "event": "an event to oneself by `/dev/xen/evtchn`, taken",
    "event_pair": "an event to another process and one back",
    "grant_map": "a grant mapped by `/dev/xen/gntdev`, and unmapped",
    "grant_copy": "4,096 bytes of a grant copied by it",
    "compile": "2,000 small functions compiled (`tcc`)",
    "web": "a web server's pages of 4 KiB, eight at a time (`httpd` of busybox, `ab`)",
}

PACE = {
    "loop": "`loop`: a shell's loop, 100,000 rounds",
    "sha": "`sha`: SHA-256 of 2 MB from a pipe",
    "small": "`small`: 100,000 `read` and `write` of a byte",
    "large": "`large`: 131 MB of zeros in blocks of 64 KiB",
    "pipe": "`pipe`: 20 MB through a pipe",
    "pingpong": "`pingpong`: 2,000 lines to another process and back",
    "forks": "`forks`: 100 of a shell",
    "execs": "`execs`: 100 of a static program by the shell",
    "bashes": "`bashes`: 20 of a dynamic one",
    "tmpfs": "`tmpfs`: a file of 10 MB written and removed",
    "faults": "`faults`: 16,384 pages touched for the first time",
}

GUESTPACE = {
    "create": "`xl create -p`",
    "init": "`xl unpause` to the guest's `/init`",
    "sha": "`sha`: SHA-256 of 5 MB from a pipe",
    "small": "`small`: 200,000 `read` and `write` of a byte",
    "pipe": "`pipe`: 40 MB through a pipe",
    "forks": "`forks`: 200 of a shell",
    "execs": "`execs`: 200 of a static program",
    "faults": "`faults`: 128 MiB touched for the first time",
    "write": "12 MiB written to its disk",
    "read_": "12 MiB read from it",
    "send": "12 MiB sent over its network port",
    "receive": "12 MiB received over its network port",
}

LIFE = {  # of zendo-bench's guest
    "create": "`xl create -p`",
    "init": "`xl unpause` to the guest's first process",
    "destroy": "`xl destroy`",
}

LIFEPACE = {
    "create": "`xl create -p`, 512 MiB",
    "init": "`xl unpause` to the guest's `/init`",
    "save": "`xl save`",
    "restore": "`xl restore -p`",
    "destroy": "`xl destroy`",
}

FIO = {
    "randread-1": "4 KiB at random, read, one at a time",
    "randwrite-1": "the same, written",
    "randread-4": "4 KiB at random, read, 4 at a time",
    "randwrite-4": "the same, written",
    "randread-8": "4 KiB at random, read, 8 at a time",
    "randwrite-8": "the same, written",
    "randread-32": "4 KiB at random, read, 32 at a time",
    "randwrite-32": "the same, written",
    "read-1": "1 MiB in sequence, read, one at a time",
    "write-1": "the same, written",
    "read-32": "1 MiB in sequence, read, 32 at a time",
    "write-32": "the same, written",
}

NETPACE = {
    "a-dom0": "guest to dom0, Mbit/s",
    "dom0-a": "dom0 to guest, Mbit/s",
    "a-b": "guest to guest, Mbit/s",
    "b-a": "the same, other direction",
    "a-dom0-packets": "guest to dom0, packets of 64 bytes a second",
    "a-b-packets": "guest to guest, the same",
    "ping": "ping, guest to dom0, least of 100, us",
}

BOOT = {
    "wall": "wall",
    "processor": "processor",
}
