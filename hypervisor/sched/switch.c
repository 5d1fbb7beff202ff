/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaving one vCPU for another on a CPU.
 *
 * What is always true here: nothing of the vCPU that is left stays in the CPU only (no lazy state),
 * so once this returns any CPU may load it. The stack is the CPU's and goes on being used; only
 * what hardware and entry code reach through `current` changes.
 */
#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/runstate.h"
#include "mm/hvmap.h"
#include "mm/tlb.h"
#include "sched/sched.h"
#include "time/time.h"

/* The address space of the guest goes away under an idle vCPU: its tables may be freed. */
static void load_idle_space(struct percpu *cpu)
{
    uint64_t cr3 = mfn_paddr(hvmap_idle_l4()).a;

    if (cpu->cr3 != cr3)
        tlb_load_cr3(cr3);
}

/* This CPU's TLB may hold translations of @d from now on. */
static void note_dirty(struct domain *d, unsigned int cpu)
{
    if (d->dirty_cpus && !cpumask_test(d->dirty_cpus, cpu))
        cpumask_set_atomic(d->dirty_cpus, cpu);
}

/* Both switching in and the idle address space load CR3, which drops what guests' page tables put
 * into the TLB. */
static void note_clean(struct vcpu *prev, struct vcpu *next, unsigned int cpu)
{
    struct domain *d = prev->domain;

    WRITE_ONCE(prev->dirty_cpu, CPU_NONE);
    if (d != next->domain && d->dirty_cpus)
        cpumask_clear_atomic(d->dirty_cpus, cpu);
}

void sched_switch(struct vcpu *prev, struct vcpu *next)
{
    struct percpu *cpu = cpu_self();

    if (!prev->is_idle) {
        runstate_publish(prev);
        prev->kind->switch_out(prev);
        /* The guest's GDT is reached through its address space, which goes now. */
        descriptor_load_host_gdt();
    }
    cpu->current = next;
    next->host_stack = (uint64_t)cpu + PERCPU_STACK_TOP;
    if (next->is_idle) {
        load_idle_space(cpu);
    } else {
        cpu_set_entry_stack(next);
        WRITE_ONCE(next->dirty_cpu, cpu->id);
        note_dirty(next->domain, cpu->id);
        next->kind->switch_in(next);
    }
    if (!prev->is_idle)
        note_clean(prev, next, cpu->id);
    if (!next->is_idle) {
        time_vcpu_here(next);
        time_publish(next);
        runstate_publish(next);
    }
}
