/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting the other CPUs.
 *
 * Always true here: a CPU's block, run queue and idle vCPU exist before its start-up IPI is sent;
 * it enters cpus_online itself, last, when it can take any interrupt. CPUs that fail to appear in
 * time keep their number and never enter, however late they come.
 */
#include "cpu/smp.h"

#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/entry.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/machine_check.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "mm/ram.h"
#include "mm/tlb.h"
#include "time/time.h"

extern const char trampoline_start[], trampoline_end[];
extern const char trampoline_gdt_base[], trampoline_far32[], trampoline_far64[], trampoline_cr3[];
extern const char trampoline_efer[], trampoline_cpus[], trampoline_cpu_count[], trampoline_entry[];

/* As trampoline.S reads it. */
struct start_entry {
    uint32_t apic_id;
    uint32_t reserved;
    uint64_t stack_top;
};

#define MOST_NS_A_LOOK 1000000UL
#define XAPIC_IDS 255 /* the last of eight bits means all CPUs */

unsigned int smp_max_cpus;
bool smp_use_threads = true;

static struct cpumask alive; /* (a) CPUs that reached smp_ap_main() */

/* The CPU that is waited for. It takes its number out when it is ready, the boot CPU when it has
 * waited long enough: who is first decides. */
#define NOBODY (~0u)
static uint32_t starting = NOBODY; /* (a) */

static bool decide(uint32_t cpu)
{
    return __atomic_compare_exchange_n(&starting, &cpu, NOBODY, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* Bits of the APIC ID that tell threads of one core apart (SDM vol. 2, CPUID leaf 0xB). */
static unsigned int thread_bits(void)
{
    struct cpuid_regs r;

    if (cpuid(0, 0).eax < 0xb)
        return 0;
    r = cpuid(0xb, 0);
    return ((r.ecx >> 8) & 0xff) == 1 ? r.eax & 0x1f : 0; /* level type 1: thread */
}

static bool cpu_wanted(const struct acpi_cpu *cpu)
{
    if (!cpu->enabled || cpu->apic_id == cpu_self()->apic_id)
        return false;
    return smp_use_threads || !(cpu->apic_id & ((1u << thread_bits()) - 1));
}

/* Without x2APIC an IPI names its target by 8 bits, 255 being all (SDM vol. 3, 11.6.2.1). */
static bool can_be_called(uint32_t apic_id)
{
    return lapic_is_x2apic() || apic_id < 255;
}

static unsigned int count_limit(void)
{
    return smp_max_cpus && smp_max_cpus < CPU_MAX ? smp_max_cpus : CPU_MAX;
}

unsigned int smp_count(void)
{
    const struct acpi_madt *madt = acpi_madt();
    unsigned int count = 1;

    for (size_t i = 0; i < madt->cpu_count && count < count_limit(); i++)
        if (cpu_wanted(&madt->cpus[i]))
            count++;
    cpumask_set_limit(count);
    return count;
}

/* Give numbers and blocks; the table for the trampoline. */
static struct start_entry *cpus_prepare(unsigned int wanted)
{
    const struct acpi_madt *madt = acpi_madt();
    struct start_entry *table = pool_array(struct start_entry, wanted);

    if (!table)
        return NULL;
    for (size_t i = 0; i < madt->cpu_count && cpu_count < wanted; i++) {
        const struct acpi_cpu *found = &madt->cpus[i];
        unsigned int cpu = cpu_count;

        if (!cpu_wanted(found) || !can_be_called(found->apic_id))
            continue;
        if (found->apic_id >= XAPIC_IDS && !lapic_is_x2apic()) {
            log_error("CPU with APIC ID %u is left out: it needs x2APIC mode", found->apic_id);
            continue;
        }
        if (percpu_create(cpu, found->apic_id, found->uid) || smp_cpu_prepare(cpu)) {
            log_error("No memory for CPU %u and those after it", cpu);
            break;
        }
        table[cpu] = (struct start_entry){.apic_id = found->apic_id,
                                          .stack_top = (uint64_t)cpu_of(cpu) + PERCPU_STACK_TOP};
        cpu_count++;
    }
    return table;
}

/* The copy of @label in the trampoline at @page. */
static void *in_copy(uint8_t *page, const char *label)
{
    return page + (label - trampoline_start);
}

static void add32(void *at, uint32_t value)
{
    uint32_t old;

    memcpy(&old, at, sizeof(old));
    old += value;
    memcpy(at, &old, sizeof(old));
}

static void put64(void *at, uint64_t value)
{
    memcpy(at, &value, sizeof(value));
}

static void trampoline_fill(uint32_t page_address, const struct start_entry *table)
{
    uint8_t *page = direct_va(PADDR(page_address));

    memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
    add32(in_copy(page, trampoline_gdt_base), page_address);
    add32(in_copy(page, trampoline_far32), page_address);
    add32(in_copy(page, trampoline_far64), page_address);
    add32(in_copy(page, trampoline_cr3), (uint32_t)hvmap_trampoline_cr3().a);
    add32(in_copy(page, trampoline_efer),
          (uint32_t)(EFER_SCE | EFER_LME | (cpu_features.nx ? EFER_NXE : 0)));
    put64(in_copy(page, trampoline_cpus), (uint64_t)&table[1]);
    put64(in_copy(page, trampoline_entry), (uint64_t)smp_ap_main);
    add32(in_copy(page, trampoline_cpu_count), cpu_count - 1);
}

/* Is @cpu in @mask within @us? A machine that was stopped as a whole (a paused VM) wakes up with a
 * leap of its clock: one look counts for no more than MOST_NS_A_LOOK. */
static bool wait_for(const struct cpumask *mask, unsigned int cpu, uint64_t us)
{
    uint64_t last = time_now_ns(), waited = 0;

    while (!cpumask_test(mask, cpu)) {
        uint64_t now = time_now_ns();

        waited += min(now - last, MOST_NS_A_LOOK);
        last = now;
        if (waited > us * 1000)
            return cpumask_test(mask, cpu);
        time_sync_serve(); /* it compares its TSC with ours on the way */
        cpu_relax();
    }
    return true;
}

/* The pause between INIT and start-up IPI that the first MP machines needed (SDM vol. 3, 8.4.4.1:
 * 10 ms). Intel since family 6 model 0xF and AMD since family 0xF start without. */
static bool needs_init_delay(void)
{
    if (cpu_features.is_intel)
        return cpu_features.family < 6 || (cpu_features.family == 6 && cpu_features.model < 0xf);
    return cpu_features.is_amd ? cpu_features.family < 0xf : false;
}

static void cpu_start(unsigned int cpu, uint32_t page)
{
    uint32_t apic_id = cpu_of(cpu)->apic_id;

    __atomic_store_n(&starting, cpu, __ATOMIC_SEQ_CST);
    lapic_send(apic_id, LAPIC_INIT, 0);
    if (needs_init_delay())
        time_delay_us(10000);
    lapic_send(apic_id, LAPIC_STARTUP, page >> PAGE_SHIFT);
    if (!wait_for(&alive, cpu, 10000)) /* a CPU that is running already ignores the second one */
        lapic_send(apic_id, LAPIC_STARTUP, page >> PAGE_SHIFT);
    if (wait_for(&alive, cpu, 10000000) && wait_for(&cpus_online, cpu, 5000000))
        return;
    if (decide(cpu)) {
        log_error("CPU %u (APIC ID %u) does not start", cpu, apic_id);
        lapic_send(apic_id, LAPIC_INIT, 0); /* wherever it is, there it stops */
    } else {
        while (!cpumask_test(&cpus_online, cpu)) /* it has just decided to come */
            cpu_relax();
    }
}

static void __attribute__((noreturn)) stay_out(void)
{
    for (;;) {
        irq_disable();
        halt();
    }
}

void smp_boot(void)
{
    unsigned int wanted = smp_count();
    uint32_t page = ram_trampoline_page();
    struct start_entry *table;

    if (wanted > 1 && !page) {
        log_error("No free page below 1 MiB: running on one CPU");
        return;
    }
    if (wanted > 1) {
        table = cpus_prepare(wanted);
        if (!table)
            return;
        trampoline_fill(page, table);
        for (unsigned int cpu = 1; cpu < cpu_count; cpu++)
            cpu_start(cpu, page);
        /* The table stays: a CPU that starts late must find itself, and then stays out. */
    }
    log_info("%u CPUs online", cpumask_weight(&cpus_online));
}

void smp_ap_main(void)
{
    struct percpu *self = cpu_self();

    tlb_load_cr3(mfn_paddr(hvmap_idle_l4()).a);
    if (__atomic_load_n(&starting, __ATOMIC_SEQ_CST) != self->id)
        stay_out();
    cpumask_set_atomic(&alive, self->id);
    cpu_init_secondary();
    irq_cpu_init();
    if (time_cpu_init()) {
        log_error("CPU %u: no memory for its clock: stopped", self->id);
        stay_out();
    }
    machine_check_cpu_init();
    if (!decide(self->id))
        stay_out();
    __atomic_store_n(&self->online, true, __ATOMIC_RELEASE);
    cpumask_set_atomic(&cpus_online, self->id);
    idle_restart();
}
