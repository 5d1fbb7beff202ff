/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB flushing and the TLB clock.
 *
 * What is always true here: the clock moves on before each full flush of a CPU, and the CPU notes
 * the new reading only after that flush. So a CPU whose note is newer than the reading taken when
 * a translation was removed has flushed after the removal. Comparisons are made modulo 2^32; every
 * 2^30 steps each CPU whose note is old flushes, so no note is ever 2^31 behind (a CPU that runs
 * one vCPU without ever loading CR3 would otherwise seem to have flushed what it has not).
 */
#include "mm/tlb.h"

#include "cpu/insn.h"
#include "cpu/ipi.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "cpu/smp.h"
#include "lib/types.h"
#include "sync/spinlock.h"

static uint32_t clock_now = 1;
static struct spinlock flush_lock = SPINLOCK_INIT(LOCK_TLB_FLUSH);
static struct cpumask flush_waiting; /* CPUs that have not acknowledged the request yet */
static enum tlb_flush_kind flush_kind;
static uint64_t flush_va;

uint32_t tlb_clock(void)
{
    return __atomic_load_n(&clock_now, __ATOMIC_ACQUIRE);
}

#define CLOCK_ROUND (1U << 30)

static uint32_t clock_advance(void)
{
    uint32_t now = __atomic_add_fetch(&clock_now, 1, __ATOMIC_ACQ_REL);

    if (unlikely(now % CLOCK_ROUND == 0))
        irq_send_ipi_mask(&cpus_online, VECTOR_FLUSH); /* no request: who is behind flushes */
    return now;
}

static void flush_full(bool globals)
{
    uint32_t stamp = clock_advance();
    struct percpu *cpu = cpu_self();

    if (globals && (cpu->cr4 & CR4_PGE)) {
        uint64_t flags = irq_save();

        write_cr4(cpu->cr4 & ~CR4_PGE);
        write_cr4(cpu->cr4);
        irq_restore(flags);
    } else {
        write_cr3(cpu->cr3);
    }
    __atomic_store_n(&cpu->tlb_stamp, stamp, __ATOMIC_RELEASE);
}

void tlb_load_cr3(uint64_t cr3)
{
    struct percpu *cpu = cpu_self();
    uint32_t stamp = clock_advance();

    cpu->cr3 = cr3;
    write_cr3(cr3);
    __atomic_store_n(&cpu->tlb_stamp, stamp, __ATOMIC_RELEASE);
}

void tlb_flush_local(enum tlb_flush_kind kind, uint64_t va)
{
    switch (kind) {
    case TLB_FLUSH_PAGE:
        invlpg(va);
        break;
    case TLB_FLUSH_GUEST:
        flush_full(false);
        break;
    case TLB_FLUSH_ALL:
        flush_full(true);
        break;
    case TLB_FLUSH_CACHE:
        flush_full(false);
        wbinvd();
        break;
    }
}

void tlb_flush_interrupt(void)
{
    unsigned int cpu = cpu_id();

    if (cpumask_test(&flush_waiting, cpu)) {
        tlb_flush_local(flush_kind, flush_va);
        __atomic_thread_fence(__ATOMIC_RELEASE);
        cpumask_clear_atomic(&flush_waiting, cpu);
    }
    /* Asked for with the above or by an interrupt of its own; half a round: none is missed. */
    if (tlb_clock() - (uint32_t)cpu_self()->tlb_stamp > CLOCK_ROUND / 2)
        flush_full(false);
}

static off_path void flush_others(const struct cpumask *mask, enum tlb_flush_kind kind, uint64_t va)
{
    unsigned int self = cpu_id();
    unsigned int cpu;

    lock_check_wait();
    while (!spin_trylock(&flush_lock))
        cpu_relax(); /* interrupts are on: requests of others are served meanwhile */
    flush_kind = kind;
    flush_va = va;
    for_each_cpu(cpu, mask)
        if (cpu != self && cpumask_test(&cpus_online, cpu))
            cpumask_set_atomic(&flush_waiting, cpu);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    /* Not by @mask again: it is live, and a CPU that left it meanwhile would be awaited forever. */
    for_each_cpu(cpu, &flush_waiting)
        irq_send_ipi(cpu, VECTOR_FLUSH);
    while (!cpumask_empty(&flush_waiting))
        cpu_relax();
    spin_unlock(&flush_lock);
}

void tlb_flush_mask(const struct cpumask *mask, enum tlb_flush_kind kind, uint64_t va)
{
    unsigned int self = cpu_id();

    if (cpumask_test(mask, self))
        tlb_flush_local(kind, va);
    if (cpumask_intersects_beside(mask, &cpus_online, self))
        flush_others(mask, kind, va);
}

bool tlb_is_stale(unsigned int cpu, uint32_t stamp)
{
    uint32_t flushed = (uint32_t)__atomic_load_n(&cpu_of(cpu)->tlb_stamp, __ATOMIC_ACQUIRE);

    return (int32_t)(flushed - stamp) <= 0;
}

void tlb_flush_stale(const struct cpumask *mask, uint32_t stamp)
{
    unsigned int self = cpu_id();
    unsigned int cpu;
    bool others = false;

    if (cpumask_test(mask, self) && tlb_is_stale(self, stamp))
        tlb_flush_local(TLB_FLUSH_GUEST, 0);
    if (!cpumask_intersects_beside(mask, &cpus_online, self))
        return;
    for_each_cpu(cpu, mask)
        others |= cpu != self && tlb_is_stale(cpu, stamp);
    if (others)
        tlb_flush_mask(mask, TLB_FLUSH_GUEST, 0);
}
