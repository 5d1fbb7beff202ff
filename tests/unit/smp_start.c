/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting CPUs, here threads: those in time, those that never come, and those that come late. */
/* sources: hypervisor/start/smp_start.c hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c */
/* cflags: -Itests/unit/fake_smp -Itests/unit/fake_threads -DPERCPU_STACK_TOP=0x5000 */
/* libs: -lpthread */
#include "tests/unit/check.h"

#include <pthread.h>

#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/entry.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/machine_check.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "mm/ram.h"
#include "mm/tlb.h"
#include "time/time.h"

#define CPUS 5 /* the last one is out of reach */

/* A trampoline of 256 bytes with its places to be filled in; none of it is run. */
__asm__(".pushsection .rodata\n.globl trampoline_start, trampoline_end, trampoline_gdt_base\n"
        ".globl trampoline_far32, trampoline_far64, trampoline_cr3, trampoline_efer\n"
        ".globl trampoline_cpus, trampoline_cpu_count, trampoline_entry\n"
        "trampoline_start: .fill 64, 1, 0\n"
        "trampoline_gdt_base: .quad 0\ntrampoline_far32: .quad 0\ntrampoline_far64: .quad 0\n"
        "trampoline_cr3: .quad 0\ntrampoline_efer: .quad 0\ntrampoline_cpus: .quad 0\n"
        "trampoline_cpu_count: .quad 0\ntrampoline_entry: .quad 0\ntrampoline_end:\n.popsection\n");

struct percpu fake_percpu[CPUS];
__thread unsigned int fake_cpu;
unsigned int cpu_count = 1;
struct cpumask cpus_online = {.bits = {1}};
struct cpu_features cpu_features = {.is_intel = true, .family = 6, .model = 0x5e};

enum how { IN_TIME, NEVER, LATE_AT_FIRST, LATE_AT_LAST, AFTER_LEAPS };
static enum how how[CPUS];
static pthread_t threads[CPUS];
static bool started[CPUS];
static unsigned int inits[CPUS], halted, errors;
static uint32_t let_late_go;
static uint64_t clock_ns;
static uint32_t leaps; /* how often the clock will jump, each time by more than any CPU has */
static uint8_t low_page[4096];
static struct acpi_cpu cpus[CPUS] = {{0, 0, true}, {2, 1, true}, {4, 2, true}, {6, 3, true},
                                     {0x102, 4, true}};
static struct acpi_madt madt = {.cpus = cpus, .cpu_count = CPUS};

/* ---- the machine ---- */

const struct acpi_madt *acpi_madt(void)
{
    return &madt;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)format;
    __atomic_fetch_add(&errors, level == LOG_ERR, __ATOMIC_SEQ_CST);
}

void *pool_alloc(size_t bytes)
{
    static uint64_t store[64];

    return bytes <= sizeof(store) ? store : NULL;
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

uint32_t ram_trampoline_page(void)
{
    return 0x8000;
}

void *direct_va(paddr_t p)
{
    return p.a == 0x8000 ? low_page : NULL;
}

mfn_t hvmap_idle_l4(void)
{
    return MFN(1);
}

paddr_t hvmap_trampoline_cr3(void)
{
    return PADDR(0x1000);
}

void tlb_load_cr3(uint64_t cr3)
{
    (void)cr3;
}

/* Time passes for who looks at it, so that waits end; the threads get their turns. */
uint64_t time_now_ns(void)
{
    sched_yield();
    if (__atomic_load_n(&leaps, __ATOMIC_SEQ_CST)) { /* one thread looks meanwhile */
        __atomic_fetch_sub(&leaps, 1, __ATOMIC_SEQ_CST);
        return __atomic_add_fetch(&clock_ns, 60000000000, __ATOMIC_SEQ_CST);
    }
    return __atomic_add_fetch(&clock_ns, 20000, __ATOMIC_SEQ_CST);
}

void time_delay_us(uint64_t us)
{
    (void)us;
}

void time_sync_serve(void)
{
}

int percpu_create(unsigned int cpu, uint32_t apic_id, uint32_t acpi_id)
{
    (void)acpi_id;
    fake_percpu[cpu] = (struct percpu){.id = cpu, .apic_id = apic_id};
    return 0;
}

int smp_cpu_prepare(unsigned int cpu)
{
    (void)cpu;
    return 0;
}

static void wait_until_let_go(void)
{
    while (!__atomic_load_n(&let_late_go, __ATOMIC_SEQ_CST))
        sched_yield();
}

static void *cpu_main(void *data)
{
    fake_cpu = (unsigned int)(uintptr_t)data;
    if (how[fake_cpu] == LATE_AT_FIRST)
        wait_until_let_go();
    while (how[fake_cpu] == AFTER_LEAPS && __atomic_load_n(&leaps, __ATOMIC_SEQ_CST))
        sched_yield();
    smp_ap_main();
}

bool lapic_is_x2apic(void)
{
    return false;
}

void lapic_send(uint32_t apic_id, enum lapic_delivery delivery, unsigned int vector)
{
    unsigned int cpu = (apic_id & 0xff) / 2; /* all that an IPI can say */

    if (delivery == LAPIC_INIT) {
        inits[cpu]++;
        return;
    }
    CHECK_EQ(vector, 8);
    if (started[cpu] || how[cpu] == NEVER)
        return;
    started[cpu] = true;
    __atomic_store_n(&leaps, how[cpu] == AFTER_LEAPS ? 20 : 0, __ATOMIC_SEQ_CST);
    pthread_create(&threads[cpu], NULL, cpu_main, (void *)(uintptr_t)cpu);
}

void cpu_init_secondary(void)
{
    if (how[fake_cpu] == LATE_AT_LAST)
        wait_until_let_go();
}

void irq_cpu_init(void)
{
}

int time_cpu_init(void)
{
    return 0;
}

void machine_check_cpu_init(void)
{
}

void idle_restart(void)
{
    pthread_exit(NULL);
}

void halt(void)
{
    __atomic_fetch_add(&halted, 1, __ATOMIC_SEQ_CST);
    pthread_exit(NULL);
}

/* ---- the tests ---- */

static void boot(enum how second, enum how third)
{
    memset(started, 0, sizeof(started));
    memset(inits, 0, sizeof(inits));
    halted = errors = 0;
    let_late_go = 0;
    cpu_count = 1;
    cpus_online = (struct cpumask){.bits = {1}};
    how[1] = IN_TIME, how[2] = second, how[3] = third;
    smp_boot();
}

static void let_go(void)
{
    __atomic_store_n(&let_late_go, 1, __ATOMIC_SEQ_CST);
    for (unsigned int cpu = 1; cpu < CPUS; cpu++)
        if (started[cpu])
            pthread_join(threads[cpu], NULL);
}

TEST(all_come)
{
    boot(IN_TIME, IN_TIME);
    let_go();
    CHECK_EQ(cpus_online.bits[0], 15);
    CHECK_EQ(errors, 0);
    CHECK_EQ(inits[3], 1);
    CHECK_EQ(inits[1], 1); /* not taken for the one whose number ends alike */
}

/* As of a virtual machine that was paused: nobody had the time that the clock says. */
TEST(a_leap_of_the_clock_costs_no_cpu)
{
    boot(AFTER_LEAPS, IN_TIME);
    let_go();
    CHECK_EQ(leaps, 0);
    CHECK_EQ(cpus_online.bits[0], 15);
    CHECK_EQ(errors, 0);
}

TEST(one_never_comes)
{
    boot(NEVER, IN_TIME);
    let_go();
    CHECK_EQ(cpus_online.bits[0], 11);
    CHECK_EQ(errors, 1);
    CHECK_EQ(cpu_count, 4); /* it keeps its number */
    CHECK_EQ(inits[2], 2);  /* and is told to stop wherever it is */
}

TEST(who_comes_late_stays_out)
{
    for (enum how late = LATE_AT_FIRST; late <= LATE_AT_LAST; late++) {
        boot(late, IN_TIME);
        CHECK_EQ(cpus_online.bits[0], 11);
        let_go();
        CHECK_EQ(cpus_online.bits[0], 11);
        CHECK(!fake_percpu[2].online);
        CHECK_EQ(halted, 1);
        CHECK_EQ(errors, 1);
    }
}
