/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for cpu/percpu.h: the test program defines fake_percpu[] and fake_cpu. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct sched_cpu;
struct timer_cpu;
struct irq_cpu;
struct time_cpu;

#define CPU_MAX 4096

struct percpu {
    struct vcpu *current;
    struct vcpu *idle;
    uint32_t id;
    uint32_t apic_id;
    uint32_t acpi_id;
    uint32_t softirq_pending;
    uint32_t irq_depth;
    uint64_t tlb_stamp;
    uint64_t cr3;
    uint64_t cr4;
    uint16_t last_domain;
    uint32_t tsc_aux;
    struct sched_cpu *sched;
    struct timer_cpu *timer;
    struct time_cpu *time;
    struct irq_cpu *irq;
    struct page *page_limbo;
    uint32_t page_limbo_count;
    bool online;
    bool in_console;
    struct lock_trace *locks;
};

extern struct percpu fake_percpu[];
extern unsigned int fake_cpu;

static inline struct percpu *cpu_self(void)
{
    return &fake_percpu[fake_cpu];
}
static inline struct percpu *cpu_of(unsigned int cpu)
{
    return &fake_percpu[cpu];
}
static inline unsigned int cpu_id(void)
{
    return fake_cpu;
}
static inline struct vcpu *vcpu_current(void)
{
    return fake_percpu[fake_cpu].current;
}
