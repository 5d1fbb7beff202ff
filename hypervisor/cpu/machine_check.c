/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machine checks.
 *
 * Always true here: an error the hardware could not correct ends the machine (there is no way yet
 * to tell whose memory it was), unless nobody has used what is broken; such errors and corrected
 * ones are recorded, told to the log once and to dom0 on request. The ring of records is written
 * from #MC and from the poll: slots are claimed atomically and marked full last.
 */
#include "cpu/machine_check.h"

#include "console/log.h"
#include "cpu/entry.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "lib/types.h"

enum {
    MSR_MCG_CAP = 0x179,
    MSR_MCG_STATUS = 0x17a,
    MSR_MCG_CTL = 0x17b,
    MSR_MC0_CTL = 0x400, /* bank i: + 4 * i; then STATUS, ADDR, MISC */
    MCG_COUNT_MASK = 0xff,
    MCG_CTL_PRESENT = 1u << 8,
    MCG_SER_PRESENT = 1u << 24, /* STATUS_SIGNALLED means something (SDM vol. 3, 16.3.1.1) */
    MCG_RIPV = 1u << 0, /* the interrupted program can go on */
    MCG_IN_PROGRESS = 1u << 2,
    RING = 32,
};
#define STATUS_VALID           (1ULL << 63)
#define STATUS_OVERFLOW        (1ULL << 62)
#define STATUS_UNCORRECTED     (1ULL << 61)
#define STATUS_MISC_VALID      (1ULL << 59)
#define STATUS_ADDRESS_VALID   (1ULL << 58)
#define STATUS_CONTEXT_CORRUPT (1ULL << 57)
#define STATUS_SIGNALLED       (1ULL << 56)
#define CPUID1_EDX_MCE         (1u << 7)
#define CPUID1_EDX_MCA         (1u << 14)

struct slot {
    struct mc_record record;
    uint64_t id; /* (a) 1 + position in the stream once full */
};

static struct slot ring[RING];
static uint64_t ring_head; /* (a) positions claimed */
static uint64_t ring_tail; /* (a) positions taken */
static bool present; /* the CPUs have banks */


unsigned int machine_check_banks(void)
{
    return present ? (unsigned int)(rdmsr(MSR_MCG_CAP) & MCG_COUNT_MASK) : 0;
}

/* Keep a record; when the ring is full the newest is lost. */
static void record_add(const struct mc_record *r)
{
    uint64_t at = __atomic_load_n(&ring_head, __ATOMIC_RELAXED);

    do {
        if (at - __atomic_load_n(&ring_tail, __ATOMIC_ACQUIRE) >= RING)
            return;
    } while (!__atomic_compare_exchange_n(&ring_head, &at, at + 1, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
    ring[at % RING].record = *r;
    __atomic_store_n(&ring[at % RING].id, at + 1, __ATOMIC_RELEASE);
}

bool machine_check_peek(struct mc_record *out, uint64_t *id)
{
    uint64_t tail = __atomic_load_n(&ring_tail, __ATOMIC_ACQUIRE);
    const struct slot *s = &ring[tail % RING];

    if (__atomic_load_n(&s->id, __ATOMIC_ACQUIRE) != tail + 1)
        return false;
    *out = s->record;
    *id = tail + 1;
    return true;
}

bool machine_check_ack(uint64_t id)
{
    uint64_t tail = id - 1;

    return id && __atomic_load_n(&ring[tail % RING].id, __ATOMIC_ACQUIRE) == id &&
           __atomic_compare_exchange_n(&ring_tail, &tail, id, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

/* Read bank @i; false when it holds nothing. */
static bool bank_read(unsigned int i, struct mc_record *r)
{
    r->status = rdmsr(MSR_MC0_CTL + 4 * i + 1);
    if (!(r->status & STATUS_VALID))
        return false;
    r->cpu = cpu_id();
    r->apic_id = cpu_self()->apic_id;
    r->bank = i;
    r->mcg_status = rdmsr(MSR_MCG_STATUS);
    r->address = r->status & STATUS_ADDRESS_VALID ? rdmsr(MSR_MC0_CTL + 4 * i + 2) : 0;
    r->misc = r->status & STATUS_MISC_VALID ? rdmsr(MSR_MC0_CTL + 4 * i + 3) : 0;
    r->tsc = rdtsc();
    return true;
}

static void bank_clear(unsigned int i)
{
    wrmsr(MSR_MC0_CTL + 4 * i + 1, 0);
}

static void record_log(const struct mc_record *r)
{
    log_error("CPU %u: %s machine check, bank %u: status %#llx address %#llx misc %#llx", r->cpu,
              r->status & STATUS_UNCORRECTED ? "uncorrected" : "corrected", r->bank,
              (unsigned long long)r->status, (unsigned long long)r->address,
              (unsigned long long)r->misc);
}

/* Will there be, or was there, a #MC for this? Not for corrected errors, nor (SDM vol. 3, 16.6.3)
 * for uncorrected ones that nobody has used yet: memory found bad by a patrol. */
static bool comes_by_exception(uint64_t status)
{
    if (!(status & STATUS_UNCORRECTED))
        return false;
    return !(rdmsr(MSR_MCG_CAP) & MCG_SER_PRESENT) ||
           (status & (STATUS_SIGNALLED | STATUS_CONTEXT_CORRUPT));
}

/* Collect errors of this CPU that come without #MC. */
static void poll_here(void *data)
{
    unsigned int banks = machine_check_banks();
    bool *found = data;

    for (unsigned int i = 0; i < banks; i++) {
        struct mc_record r;

        if (!bank_read(i, &r) || comes_by_exception(r.status))
            continue;
        r.polled = true;
        bank_clear(i);
        record_log(&r);
        record_add(&r);
        __atomic_store_n(found, true, __ATOMIC_RELAXED);
    }
}

bool machine_check_poll(void)
{
    bool found = false;

    smp_call(&cpus_online, poll_here, &found);
    return found;
}

bool machine_check_can_poll(void)
{
    return present && machine_check_banks();
}

void machine_check_cpu_init(void)
{
    uint32_t edx = cpuid(1, 0).edx;
    struct mc_record r;
    uint64_t cap;

    if (!(edx & CPUID1_EDX_MCE))
        return;
    if (edx & CPUID1_EDX_MCA) {
        present = true;
        cap = rdmsr(MSR_MCG_CAP);
        if (cap & MCG_CTL_PRESENT)
            wrmsr(MSR_MCG_CTL, ~0ULL);
        for (unsigned int i = 0; i < (cap & MCG_COUNT_MASK); i++) {
            if (bank_read(i, &r)) { /* from before the last reset */
                record_log(&r);
                record_add(&r);
            }
            /* Bank 0 of early family 6 belongs to the firmware (SDM 16.5). */
            if (!(i == 0 && cpu_features.is_intel && cpu_features.family == 6 &&
                  cpu_features.model < 0x1a))
                wrmsr(MSR_MC0_CTL + 4 * i, ~0ULL);
            bank_clear(i);
        }
    }
    cpu_self()->cr4 |= CR4_MCE;
    write_cr4(cpu_self()->cr4);
}

void machine_check_handle(struct cpu_user_regs *regs)
{
    uint64_t status = present ? rdmsr(MSR_MCG_STATUS) : 0;
    bool fatal = !present || !(status & MCG_RIPV);

    for (unsigned int i = 0; i < machine_check_banks(); i++) {
        struct mc_record r = {0};

        if (!bank_read(i, &r))
            continue;
        record_log(&r);
        record_add(&r);
        if (r.status & (STATUS_UNCORRECTED | STATUS_CONTEXT_CORRUPT))
            fatal = true;
        else
            bank_clear(i);
    }
    if (fatal) /* the banks keep what they hold for the firmware's log */
        panic_regs(regs, "machine check, MCG_STATUS %#llx", (unsigned long long)status);
    wrmsr(MSR_MCG_STATUS, 0);
}
