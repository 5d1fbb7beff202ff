/* SPDX-License-Identifier: BSD-2-Clause */
/* The block of memory each CPU owns: its data at the bottom, its stacks above. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct sched_cpu;
struct timer_cpu;
struct irq_cpu;
struct time_cpu;
struct lock_trace;

/*
 * Layout of a block, from its base: page 0 struct percpu, page 1 never mapped (an overflowing main
 * stack faults), pages 2-4 main stack, pages 5, 6, 7 the stacks for NMI, double fault with machine
 * check, and debug exceptions. RSP rounded down to the block's size is the block, on all of them.
 */
#define PERCPU_BLOCK_BYTES 0x8000
#define PERCPU_BASE 0xffff828060000000ULL
#define PERCPU_STACK_TOP 0x5000
#define PERCPU_NMI_STACK_TOP 0x6000
#define PERCPU_FAULT_STACK_TOP 0x7000
#define PERCPU_DEBUG_STACK_TOP 0x8000

#define CPU_MAX 4096

struct percpu {
    struct vcpu *current;       /* (o) the vCPU whose context is loaded; never NULL after boot */
    struct vcpu *idle;          /* (c) this CPU's idle vCPU */
    uint64_t syscall_rsp;       /* (o) where the SYSCALL stub parks the guest's RSP */
    uint64_t syscall_frame_top; /* (o) &current->regs.es: where SYSCALL entry starts pushing */
    uint32_t id;                /* (c) CPU number, dense from 0 */
    uint32_t apic_id;           /* (c) */
    uint32_t acpi_id;           /* (c) ACPI processor UID */
    uint32_t softirq_pending;   /* (a) bit per enum softirq */
    uint32_t irq_depth;         /* (o) > 0 while an interrupt handler runs */
    struct lock_trace *locks;   /* (c) what it holds, in a checked build (sync/lock_check.h) */
    uint64_t tlb_stamp;         /* (a) TLB clock at this CPU's last full flush */
    uint64_t cr3;               /* (o) what CR3 holds */
    uint64_t cr4;               /* (o) what CR4 holds */
    uint64_t tsc_aux;           /* (o) what MSR_TSC_AUX holds */
    uint16_t last_domain;       /* (o) whose vCPU was loaded last (cpu/mitigation.c) */
    void *tss;                  /* (c) hardware task state */
    uint8_t *io_bitmap;         /* (c) the bitmap behind the TSS, 8 KiB + 1 */
    uint64_t io_bitmap_stamp;   /* (o) which domain's ports io_bitmap holds (pv/) */
    struct sched_cpu *sched;    /* (c) sched/ */
    struct timer_cpu *timer;    /* (c) time/timer.c */
    struct time_cpu *time;      /* (c) time/ */
    struct irq_cpu *irq;        /* (c) irq/ */
    void *hvm;                  /* (c) hvm/vmx, hvm/svm: struct vmx_cpu or svm_cpu; NULL: off */
    bool tss_is_cut;            /* (o) its limit ends before the I/O bitmap (cpu/descriptor.c) */
    struct page *page_limbo;    /* (o) mm/page.c: frames to be freed after a TLB flush */
    uint32_t page_limbo_count;  /* (o) about how many */
    uint64_t vector_irqs[4];    /* reserved for irq/: keep 32 bytes here */
    bool online;                /* (a) takes interrupts and runs vCPUs */
    bool in_console;            /* (o) holds the console's lock or waits for it */
};

/* The calling CPU's block. Any context; the answer holds until the caller may be moved, i.e. always
 * (a hypervisor stack belongs to one CPU). */
static inline struct percpu *cpu_self(void)
{
    uintptr_t rsp;

    __asm__("mov %%rsp, %0" : "=r"(rsp));
    return (struct percpu *)(rsp & ~(uintptr_t)(PERCPU_BLOCK_BYTES - 1));
}

/* The block of CPU @cpu, which must have been created. */
static inline struct percpu *cpu_of(unsigned int cpu)
{
    return (struct percpu *)(PERCPU_BASE + (uint64_t)cpu * PERCPU_BLOCK_BYTES);
}

static inline unsigned int cpu_id(void)
{
    return cpu_self()->id;
}

/* The vCPU whose context is loaded on this CPU: in a hypercall or trap, the caller. */
static inline struct vcpu *vcpu_current(void)
{
    return cpu_self()->current;
}
