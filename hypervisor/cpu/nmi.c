/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-maskable interrupts: stop requests, debug requests, and hardware with bad news. */
#include "cpu/nmi.h"

#include "console/log.h"
#include "cpu/entry.h"
#include "cpu/insn.h"
#include "cpu/ipi.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"

/* NMI status and control port of the PC (ICH9 data sheet, 13.7.1). */
enum {
    PORT_STATUS = 0x61,
    SERR = 1u << 7,
    IOCHK = 1u << 6,
    SERR_CLEAR = 1u << 2,
    IOCHK_CLEAR = 1u << 3
};

enum nmi_policy nmi_policy = NMI_REPORT;
bool (*nmi_counter)(const struct cpu_user_regs *regs);

static void (*requested)(const struct cpu_user_regs *regs); /* (a) */
static uint32_t request_cpu = ~0u;                          /* (a) whom it is for */
static uint32_t unknown_count;                              /* (a) */
static uint64_t taken_count;                                /* (a) */

bool nmi_run_on(unsigned int cpu, void (*run)(const struct cpu_user_regs *regs))
{
    requested = run;
    __atomic_store_n(&request_cpu, cpu, __ATOMIC_SEQ_CST);
    irq_send_nmi(cpu);
    for (uint32_t spins = 0; spins < 10000000; spins++) {
        if (__atomic_load_n(&request_cpu, __ATOMIC_ACQUIRE) != cpu)
            return true;
        cpu_relax();
    }
    __atomic_store_n(&request_cpu, ~0u, __ATOMIC_SEQ_CST);
    return false;
}

/* Was it asked for by nmi_run_on()? */
static bool serve_request(const struct cpu_user_regs *regs)
{
    if (__atomic_load_n(&request_cpu, __ATOMIC_ACQUIRE) != cpu_id())
        return false;
    requested(regs);
    __atomic_store_n(&request_cpu, ~0u, __ATOMIC_RELEASE);
    return true;
}

static void report(const struct cpu_user_regs *regs, const char *what)
{
    if (nmi_policy == NMI_FATAL)
        panic_regs(regs, "NMI: %s", what);
    log_error("CPU %u: NMI: %s", cpu_id(), what);
}

/* Signal lines of the chipset: report, then clear the latch so that the next one is seen. */
static bool serve_hardware(const struct cpu_user_regs *regs)
{
    uint8_t status = inb(PORT_STATUS);

    if (status == 0xff || !(status & (SERR | IOCHK)))
        return false;
    if (status & SERR) {
        outb(PORT_STATUS, (status & 0x0f) | SERR_CLEAR);
        report(regs, "system error (SERR#)");
    }
    if (status & IOCHK) {
        outb(PORT_STATUS, (status & 0x0f) | IOCHK_CLEAR);
        report(regs, "I/O channel check");
    }
    outb(PORT_STATUS, status & 0x03);
    return true;
}

void nmi_handle(struct cpu_user_regs *regs)
{
    smp_stop_if_asked();
    __atomic_fetch_add(&taken_count, 1, __ATOMIC_RELAXED);
    if (serve_request(regs) || (nmi_counter && nmi_counter(regs)))
        return;
    if (nmi_policy == NMI_IGNORE)
        return;
    if (cpu_id() == 0 && serve_hardware(regs))
        return;
    if (__atomic_fetch_add(&unknown_count, 1, __ATOMIC_RELAXED) < 10)
        report(regs, "of unknown origin");
}

void nmi_counts(uint64_t *taken, uint32_t *unknown)
{
    *taken = READ_ONCE(taken_count);
    *unknown = READ_ONCE(unknown_count);
}
