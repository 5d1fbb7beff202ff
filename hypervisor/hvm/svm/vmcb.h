/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual machine control block as the processor lays it out (APM vol. 2, appendix B). */
#pragma once

#include <stdint.h>

#include "lib/types.h"

struct vmcb_segment {
    uint16_t selector;
    uint16_t attributes; /* bits 7:0 of a descriptor's byte 5, then 11:8 of G, D, L, AVL */
    uint32_t limit;
    uint64_t base;
};

struct vmcb {
    /* control area, B.1 */
    uint16_t cr_read, cr_write; /* 0x000 intercepts, a bit per register */
    uint16_t dr_read, dr_write; /* 0x004 */
    uint32_t exceptions;        /* 0x008 a bit per vector */
    uint32_t intercepts1;       /* 0x00c SVM_I1_* */
    uint32_t intercepts2;       /* 0x010 SVM_I2_* */
    uint8_t reserved_14[0x3c - 0x14];
    uint16_t pause_threshold; /* 0x03c */
    uint16_t pause_count;     /* 0x03e */
    uint64_t io_map;          /* 0x040 physical address, 12 KiB */
    uint64_t msr_map;         /* 0x048 physical address, 8 KiB */
    uint64_t tsc_offset;      /* 0x050 */
    uint32_t asid;            /* 0x058 */
    uint8_t tlb_control;      /* 0x05c SVM_TLB_* */
    uint8_t reserved_5d[3];
    uint64_t virtual_interrupt; /* 0x060 SVM_V_* */
    uint64_t interrupt_shadow;  /* 0x068 bit 0 */
    uint64_t exit_code;         /* 0x070 */
    uint64_t exit_info1;        /* 0x078 */
    uint64_t exit_info2;        /* 0x080 */
    uint64_t exit_int_info;     /* 0x088 event that was being delivered */
    uint64_t nested_control;    /* 0x090 bit 0: nested paging */
    uint8_t reserved_98[0xa8 - 0x98];
    uint64_t event_inject; /* 0x0a8 */
    uint64_t nested_cr3;   /* 0x0b0 */
    uint64_t lbr_control;  /* 0x0b8 */
    uint32_t clean;        /* 0x0c0 what the processor may have cached */
    uint32_t reserved_c4;
    uint64_t next_rip; /* 0x0c8 */
    uint8_t fetched;   /* 0x0d0 bytes of the instruction that follow */
    uint8_t instruction[15];
    uint8_t reserved_e0[0x400 - 0xe0];

    /* state save area, B.2 */
    struct vmcb_segment es, cs, ss, ds, fs, gs; /* 0x400 */
    struct vmcb_segment gdtr, ldtr, idtr, tr;   /* 0x460 */
    uint8_t reserved_4a0[0x4cb - 0x4a0];
    uint8_t cpl; /* 0x4cb */
    uint32_t reserved_4cc;
    uint64_t efer; /* 0x4d0 */
    uint8_t reserved_4d8[0x548 - 0x4d8];
    uint64_t cr4, cr3, cr0; /* 0x548 */
    uint64_t dr7, dr6;      /* 0x560 */
    uint64_t rflags, rip;   /* 0x570 */
    uint8_t reserved_580[0x5d8 - 0x580];
    uint64_t rsp; /* 0x5d8 */
    uint8_t reserved_5e0[0x5f8 - 0x5e0];
    uint64_t rax;                                        /* 0x5f8 */
    uint64_t star, lstar, cstar, sfmask, kernel_gs_base; /* 0x600 */
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;    /* 0x628 */
    uint64_t cr2;                                        /* 0x640 */
    uint8_t reserved_648[0x668 - 0x648];
    uint64_t pat;      /* 0x668 */
    uint64_t debugctl; /* 0x670 */
    uint8_t reserved_678[0x1000 - 0x678];
};

static_assert(sizeof(struct vmcb) == 4096, "a VMCB is one page");
static_assert(offsetof(struct vmcb, event_inject) == 0xa8, "APM vol. 2, B.1");
static_assert(offsetof(struct vmcb, instruction) == 0xd1, "APM vol. 2, B.1");
static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "APM vol. 2, B.2");
static_assert(offsetof(struct vmcb, rax) == 0x5f8, "APM vol. 2, B.2");
static_assert(offsetof(struct vmcb, debugctl) == 0x670, "APM vol. 2, B.2");

enum {
    SVM_I1_INTR = 1u << 0,
    SVM_I1_NMI = 1u << 1,
    SVM_I1_SMI = 1u << 2,
    SVM_I1_INIT = 1u << 3,
    SVM_I1_VINTR = 1u << 4, /* the guest could take an interrupt now */
    SVM_I1_RDTSC = 1u << 14,
    SVM_I1_RDPMC = 1u << 15,
    SVM_I1_CPUID = 1u << 18,
    SVM_I1_IRET = 1u << 20,
    SVM_I1_INVD = 1u << 22,
    SVM_I1_PAUSE = 1u << 23,
    SVM_I1_HLT = 1u << 24,
    SVM_I1_INVLPGA = 1u << 26,
    SVM_I1_IO = 1u << 27,
    SVM_I1_MSR = 1u << 28,
    SVM_I1_FERR_FREEZE = 1u << 30,
    SVM_I1_SHUTDOWN = 1u << 31,

    SVM_I2_VMRUN = 1u << 0,
    SVM_I2_VMMCALL = 1u << 1,
    SVM_I2_VMLOAD = 1u << 2,
    SVM_I2_VMSAVE = 1u << 3,
    SVM_I2_STGI = 1u << 4,
    SVM_I2_CLGI = 1u << 5,
    SVM_I2_SKINIT = 1u << 6,
    SVM_I2_RDTSCP = 1u << 7,
    SVM_I2_ICEBP = 1u << 8,
    SVM_I2_WBINVD = 1u << 9,
    SVM_I2_MONITOR = 1u << 10,
    SVM_I2_MWAIT = 1u << 11,
    SVM_I2_XSETBV = 1u << 13,
};

#define SVM_TLB_NOTHING    0
#define SVM_TLB_FLUSH_ALL  1           /* all ASIDs */
#define SVM_V_IRQ          (1ULL << 8) /* an interrupt waits for the guest to take it */
#define SVM_V_PRIORITY     (0xfULL << 16)
#define SVM_V_IGNORE_TPR   (1ULL << 20)
#define SVM_V_VECTOR_SHIFT 32
#define SVM_V_VECTOR       (0xffULL << SVM_V_VECTOR_SHIFT)
#define SVM_V_INTR_MASKING (1ULL << 24) /* the guest's IF and TPR do not hold off ours */

/* EVENTINJ and EXITINTINFO (APM vol. 2, 15.20) */
#define SVM_EVENT_VALID      (1ULL << 31)
#define SVM_EVENT_ERROR      (1ULL << 11)
#define SVM_EVENT_TYPE_SHIFT 8
#define SVM_EVENT_VECTOR     0xffULL

/* Exit codes (APM vol. 2, appendix C) */
enum {
    SVM_EXIT_WRITE_CR4 = 0x14,
    SVM_EXIT_WRITE_CR8 = 0x18,
    SVM_EXIT_READ_DR = 0x20,
    SVM_EXIT_WRITE_DR_LAST = 0x3f,
    SVM_EXIT_EXCEPTION = 0x40, /* + vector */
    SVM_EXIT_INTR = 0x60,
    SVM_EXIT_NMI = 0x61,
    SVM_EXIT_SMI = 0x62,
    SVM_EXIT_INIT = 0x63,
    SVM_EXIT_VINTR = 0x64,
    SVM_EXIT_RDTSC = 0x6e,
    SVM_EXIT_RDPMC = 0x6f,
    SVM_EXIT_CPUID = 0x72,
    SVM_EXIT_IRET = 0x74,
    SVM_EXIT_INVD = 0x76,
    SVM_EXIT_PAUSE = 0x77,
    SVM_EXIT_HLT = 0x78,
    SVM_EXIT_INVLPGA = 0x7a,
    SVM_EXIT_IO = 0x7b,
    SVM_EXIT_MSR = 0x7c,
    SVM_EXIT_FERR_FREEZE = 0x7e,
    SVM_EXIT_SHUTDOWN = 0x7f,
    SVM_EXIT_VMRUN = 0x80,
    SVM_EXIT_VMMCALL = 0x81,
    SVM_EXIT_SKINIT = 0x86,
    SVM_EXIT_RDTSCP = 0x87,
    SVM_EXIT_ICEBP = 0x88,
    SVM_EXIT_WBINVD = 0x89,
    SVM_EXIT_MONITOR = 0x8a,
    SVM_EXIT_MWAIT = 0x8b,
    SVM_EXIT_XSETBV = 0x8d,
    SVM_EXIT_NESTED_FAULT = 0x400,
};
#define SVM_EXIT_INVALID (~0ULL)
