/* SPDX-License-Identifier: BSD-2-Clause */
/* Machine checks of a CPU that exists only here: which are fatal, which are told, and how. */
/* sources: hypervisor/cpu/machine_check.c */
/* cflags: -Itests/unit/fake_msr -Itests/unit/fake */
#include "tests/unit/check.h"

#include <setjmp.h>

#include "console/log.h"
#include "cpu/entry.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/machine_check.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"

#include "abi/xen.h"

#define BANKS 4
#define SER (1ULL << 24)
#define VALID (1ULL << 63)
#define UNCORRECTED (1ULL << 61)
#define CORRUPT (1ULL << 57)
#define SIGNALLED (1ULL << 56)

struct percpu fake_percpu[1] = {{.apic_id = 6}};
unsigned int fake_cpu;
struct cpumask cpus_online = {.bits = {1}};
struct cpu_features cpu_features = {.is_intel = true, .family = 6, .model = 0x55};

static uint64_t cap, mcg_status, bank[BANKS];
static bool told;
static jmp_buf after_panic;

struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
    (void)subleaf;
    return (struct cpuid_regs){.edx = leaf == 1 ? 1u << 7 | 1u << 14 : 0};
}

uint64_t rdmsr(uint32_t msr)
{
    if (msr == 0x179)
        return cap;
    if (msr == 0x17a)
        return mcg_status;
    return msr >= 0x400 && msr < 0x400 + 4 * BANKS && msr % 4 == 1 ? bank[(msr - 0x400) / 4] : 0;
}

void wrmsr(uint32_t msr, uint64_t value)
{
    if (msr == 0x17a)
        mcg_status = value;
    else if (msr >= 0x400 && msr < 0x400 + 4 * BANKS && msr % 4 == 1)
        bank[(msr - 0x400) / 4] = value;
}

void write_cr4(uint64_t value)
{
    (void)value;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)level, (void)format;
}

void panic_regs(const struct cpu_user_regs *regs, const char *format, ...)
{
    (void)regs, (void)format;
    longjmp(after_panic, 1);
}

void smp_call(const struct cpumask *mask, void (*run)(void *data), void *data)
{
    (void)mask;
    run(data);
}

static void start(uint64_t capabilities)
{
    struct mc_record r;
    uint64_t id;

    cap = capabilities | BANKS;
    mcg_status = 0;
    memset(bank, 0, sizeof(bank));
    machine_check_cpu_init();
    CHECK(machine_check_can_poll());
    while (machine_check_peek(&r, &id))
        CHECK(machine_check_ack(id));
}

/* Was the status in bank 1 told by the poll, and taken out of it? */
static bool polled(uint64_t status)
{
    struct mc_record r;
    uint64_t id;

    bank[1] = status;
    told = machine_check_poll();
    CHECK_EQ(machine_check_peek(&r, &id), told);
    if (!machine_check_peek(&r, &id))
        return false;
    CHECK(r.bank == 1 && r.status == status && r.polled && r.apic_id == 6);
    CHECK(machine_check_ack(id) && !machine_check_ack(id));
    CHECK_EQ(bank[1], 0);
    return true;
}

TEST(what_the_poll_finds)
{
    start(SER);
    CHECK(!polled(0));
    CHECK(polled(VALID));
    CHECK(polled(VALID | UNCORRECTED)); /* found by a patrol: no #MC ever comes */
    CHECK(!polled(VALID | UNCORRECTED | SIGNALLED));
    CHECK(!polled(VALID | UNCORRECTED | CORRUPT));
    start(0); /* where uncorrected always means #MC */
    CHECK(polled(VALID));
    CHECK(!polled(VALID | UNCORRECTED));
}

static bool fatal(uint64_t global, uint64_t status)
{
    static struct cpu_user_regs regs;

    mcg_status = global;
    bank[2] = status;
    if (setjmp(after_panic))
        return true;
    machine_check_handle(&regs);
    return false;
}

TEST(what_ends_the_machine)
{
    start(SER);
    CHECK(!fatal(1, VALID)); /* it can go on */
    CHECK_EQ(mcg_status, 0);
    CHECK_EQ(bank[2], 0);
    CHECK(fatal(0, VALID)); /* it cannot */
    CHECK(fatal(1, VALID | UNCORRECTED | SIGNALLED));
    CHECK(bank[2] != 0); /* kept for the firmware's log */
    CHECK(fatal(1, VALID | CORRUPT));
    CHECK(!fatal(5, 0)); /* broadcast, and another CPU's */
}

TEST(a_flood_keeps_the_oldest)
{
    struct mc_record r;
    uint64_t id, count = 0;

    start(SER);
    for (unsigned int i = 0; i < 100; i++) {
        bank[0] = VALID | i;
        CHECK(machine_check_poll());
    }
    while (machine_check_peek(&r, &id)) {
        CHECK_EQ(r.status, VALID | count);
        CHECK(machine_check_ack(id));
        count++;
    }
    CHECK_EQ(count, 32);
}
