/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields and control bits of a virtual machine control structure (SDM vol. 3, appendix B). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

enum vmcs_field {
    VMCS_VPID = 0x0000,
    VMCS_GUEST_ES_SELECTOR = 0x0800, /* then CS SS DS FS GS LDTR TR, 2 apart */
    VMCS_GUEST_INTERRUPT_STATUS = 0x0810, /* RVI, then SVI */
    VMCS_PML_INDEX = 0x0812,
    VMCS_HOST_ES_SELECTOR = 0x0c00,  /* then CS SS DS FS GS TR */
    VMCS_MSR_BITMAP = 0x2004,
    VMCS_PML_ADDRESS = 0x200e,
    VMCS_TSC_OFFSET = 0x2010,
    VMCS_VIRTUAL_APIC = 0x2012,
    VMCS_APIC_ACCESS = 0x2014,
    VMCS_EPT_POINTER = 0x201a,
    VMCS_EOI_EXITS = 0x201c, /* four of them, 2 apart */
    VMCS_XSS_EXITS = 0x202c,
    VMCS_ENCLS_EXITS = 0x202e,
    VMCS_TSC_MULTIPLIER = 0x2032,
    VMCS_GUEST_PHYSICAL = 0x2400,
    VMCS_LINK_POINTER = 0x2800,
    VMCS_GUEST_DEBUGCTL = 0x2802,
    VMCS_GUEST_PAT = 0x2804,
    VMCS_GUEST_EFER = 0x2806,
    VMCS_GUEST_PDPTE = 0x280a, /* four of them, 2 apart */
    VMCS_HOST_PAT = 0x2c00,
    VMCS_HOST_EFER = 0x2c02,
    VMCS_PIN_CONTROLS = 0x4000,
    VMCS_CPU_CONTROLS = 0x4002,
    VMCS_EXCEPTIONS = 0x4004,
    VMCS_PAGE_FAULT_MASK = 0x4006,
    VMCS_PAGE_FAULT_MATCH = 0x4008,
    VMCS_CR3_TARGETS = 0x400a,
    VMCS_EXIT_CONTROLS = 0x400c,
    VMCS_EXIT_MSR_STORES = 0x400e,
    VMCS_EXIT_MSR_LOADS = 0x4010,
    VMCS_ENTRY_CONTROLS = 0x4012,
    VMCS_ENTRY_MSR_LOADS = 0x4014,
    VMCS_ENTRY_EVENT = 0x4016,
    VMCS_ENTRY_ERROR = 0x4018,
    VMCS_ENTRY_LENGTH = 0x401a,
    VMCS_TPR_THRESHOLD = 0x401c,
    VMCS_CPU_CONTROLS2 = 0x401e,
    VMCS_PAUSE_GAP = 0x4020,
    VMCS_PAUSE_WINDOW = 0x4022,
    VMCS_INSTRUCTION_ERROR = 0x4400,
    VMCS_EXIT_REASON = 0x4402,
    VMCS_EXIT_EVENT = 0x4404,
    VMCS_EXIT_EVENT_ERROR = 0x4406,
    VMCS_VECTORING_EVENT = 0x4408,
    VMCS_VECTORING_ERROR = 0x440a,
    VMCS_EXIT_LENGTH = 0x440c,
    VMCS_INSTRUCTION_INFO = 0x440e,
    VMCS_GUEST_ES_LIMIT = 0x4800, /* then as the selectors, then GDTR, IDTR */
    VMCS_GUEST_GDTR_LIMIT = 0x4810,
    VMCS_GUEST_IDTR_LIMIT = 0x4812,
    VMCS_GUEST_ES_RIGHTS = 0x4814,
    VMCS_GUEST_INTERRUPTIBILITY = 0x4824,
    VMCS_GUEST_ACTIVITY = 0x4826,
    VMCS_GUEST_SYSENTER_CS = 0x482a,
    VMCS_TIMER = 0x482e,
    VMCS_HOST_SYSENTER_CS = 0x4c00,
    VMCS_CR0_MASK = 0x6000,
    VMCS_CR4_MASK = 0x6002,
    VMCS_CR0_SHADOW = 0x6004,
    VMCS_CR4_SHADOW = 0x6006,
    VMCS_QUALIFICATION = 0x6400,
    VMCS_GUEST_LINEAR = 0x640a,
    VMCS_GUEST_CR0 = 0x6800,
    VMCS_GUEST_CR3 = 0x6802,
    VMCS_GUEST_CR4 = 0x6804,
    VMCS_GUEST_ES_BASE = 0x6806,
    VMCS_GUEST_GDTR_BASE = 0x6816,
    VMCS_GUEST_IDTR_BASE = 0x6818,
    VMCS_GUEST_DR7 = 0x681a,
    VMCS_GUEST_RSP = 0x681c,
    VMCS_GUEST_RIP = 0x681e,
    VMCS_GUEST_RFLAGS = 0x6820,
    VMCS_GUEST_PENDING_DEBUG = 0x6822,
    VMCS_GUEST_SYSENTER_ESP = 0x6824,
    VMCS_GUEST_SYSENTER_EIP = 0x6826,
    VMCS_HOST_CR0 = 0x6c00,
    VMCS_HOST_CR3 = 0x6c02,
    VMCS_HOST_CR4 = 0x6c04,
    VMCS_HOST_FS_BASE = 0x6c06,
    VMCS_HOST_GS_BASE = 0x6c08,
    VMCS_HOST_TR_BASE = 0x6c0a,
    VMCS_HOST_GDTR_BASE = 0x6c0c,
    VMCS_HOST_IDTR_BASE = 0x6c0e,
    VMCS_HOST_SYSENTER_ESP = 0x6c10,
    VMCS_HOST_SYSENTER_EIP = 0x6c12,
    VMCS_HOST_RSP = 0x6c14,
    VMCS_HOST_RIP = 0x6c16,
};

/* Order of segments in selector, limit, rights and base fields. */
enum vmcs_segment { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR };

/* SDM vol. 3, tables 24-5 to 24-15 */
#define PIN_INTERRUPT           (1u << 0)
#define PIN_NMI                 (1u << 3)
#define PIN_VIRTUAL_NMI         (1u << 5)
#define PIN_TIMER               (1u << 6)
#define CPU_INTERRUPT_WINDOW    (1u << 2)
#define CPU_TSC_OFFSET          (1u << 3)
#define CPU_HLT                 (1u << 7)
#define CPU_MWAIT               (1u << 10)
#define CPU_RDPMC               (1u << 11)
#define CPU_RDTSC               (1u << 12)
#define CPU_CR8_LOAD            (1u << 19)
#define CPU_CR8_STORE           (1u << 20)
#define CPU_TPR_SHADOW          (1u << 21)
#define CPU_NMI_WINDOW          (1u << 22)
#define CPU_MOV_DR              (1u << 23)
#define CPU_IO                  (1u << 24)
#define CPU_MSR_BITMAPS         (1u << 28)
#define CPU_MONITOR             (1u << 29)
#define CPU_SECONDARY           (1u << 31)
#define CPU2_APIC_ACCESSES      (1u << 0)
#define CPU2_EPT                (1u << 1)
#define CPU2_RDTSCP             (1u << 3)
#define CPU2_X2APIC             (1u << 4)
#define CPU2_VPID               (1u << 5)
#define CPU2_WBINVD             (1u << 6)
#define CPU2_UNRESTRICTED       (1u << 7)
#define CPU2_APIC_REGISTERS     (1u << 8)
#define CPU2_VIRTUAL_INTERRUPTS (1u << 9)
#define CPU2_PAUSE_LOOP         (1u << 10)
#define CPU2_INVPCID            (1u << 12)
#define CPU2_ENCLS              (1u << 15)
#define CPU2_PML                (1u << 17)
#define CPU2_XSAVES             (1u << 20)
#define CPU2_TSC_SCALING        (1u << 25)
#define EXIT_SAVE_DEBUG         (1u << 2)
#define EXIT_HOST_64            (1u << 9)
#define EXIT_ACK_INTERRUPT      (1u << 15)
#define EXIT_SAVE_PAT           (1u << 18)
#define EXIT_LOAD_PAT           (1u << 19)
#define EXIT_SAVE_EFER          (1u << 20)
#define EXIT_LOAD_EFER          (1u << 21)
#define ENTRY_LOAD_DEBUG        (1u << 2)
#define ENTRY_IA32E             (1u << 9)
#define ENTRY_LOAD_PAT          (1u << 14)
#define ENTRY_LOAD_EFER         (1u << 15)

/* Interruptibility state (table 24-3) */
#define BLOCKED_STI (1u << 0)
#define BLOCKED_SS  (1u << 1)
#define BLOCKED_NMI (1u << 3)

#define PENDING_SINGLE_STEP (1ULL << 14) /* pending debug exceptions (table 24-4) */

/* INVEPT, INVVPID (SDM vol. 3, 30.3) */
#define INV_CONTEXT 1
#define INV_ALL     2

/* Access rights (table 24-2) */
#define RIGHTS_PRESENT  (1u << 7)
#define RIGHTS_LONG     (1u << 13)
#define RIGHTS_BIG      (1u << 14)
#define RIGHTS_UNUSABLE (1u << 16)

static inline uint64_t vmread(uint32_t field)
{
    uint64_t value;

    __asm__ volatile("vmread %1, %0" : "=r"(value) : "r"((uint64_t)field) : "cc");
    return value;
}

static inline void vmwrite(uint32_t field, uint64_t value)
{
    __asm__ volatile("vmwrite %1, %0" ::"r"((uint64_t)field), "r"(value) : "cc");
}
