/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables of the hardware: GDT, IDT, TSS, SYSCALL stubs. */
#pragma once

#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"

struct vcpu;
struct percpu;

/* Hardware task state (SDM vol. 3, 8.7) and, behind it, the I/O permission bitmap. */
struct packed tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map_base;
};

#define IST_NMI 1
#define IST_FAULT 2
#define IST_DEBUG 3
#define IST_MC 4

#define TSS_BITMAP_OFFSET 128
#define TSS_BITMAP_BYTES (8192 + 1)
#define TSS_BYTES (TSS_BITMAP_OFFSET + TSS_BITMAP_BYTES)
#define TSS_NO_BITMAP 0xffff /* beyond the limit: every port faults at CPL 3 */

/* Build the IDT and the page of descriptors shared by all CPUs. Boot CPU, once. */
void descriptor_init(void);

/* Load GDT, IDT and TSS of the calling CPU and its SYSCALL and SYSENTER entries. */
void descriptor_load(void);

/* Frame of the descriptor page, which follows the 14 guest pages in every PV vCPU's GDT. */
mfn_t descriptor_page(void);

/* Make hardware entries from ring 3 land in @v's registers; @v must be (becoming) current. */
void cpu_set_entry_stack(struct vcpu *v);

/* The hypervisor's own GDT, when no PV vCPU's is loaded. */
void descriptor_load_host_gdt(void);

/* Load GDTR with @base and room for 14 guest pages and ours. */
void descriptor_load_gdt(uint64_t base);

/* Use this CPU's I/O bitmap (true) or none for the code at CPL 3 that runs next. */
void descriptor_allow_ports(bool allowed);

/* Write this CPU's SYSCALL and SYSENTER entries to its MSRs. */
void descriptor_load_syscall(void);

/* A VMX guest has run here: its SYSCALL registers go. The processor has cut the TSS short at each
 * exit (SDM vol. 3, 27.5.2); it gets its I/O bitmap back when that is needed. */
void descriptor_after_guest(void);
