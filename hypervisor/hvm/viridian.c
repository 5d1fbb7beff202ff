/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Viridian: CPUID leaves, registers, time, and ends of interrupts.
 *
 * What is always true here: nothing of it exists for a guest whose HVM_PARAM_VIRIDIAN is 0, and
 * what that parameter leaves out is #GP. Pages are the guest's own: we write into them when it asks
 * and hold nothing of them in between, so that it may do with them what it likes.
 */
#include "hvm/viridian.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "domain/domain.h"
#include "hvm/dev/vlapic.h"
#include "hvm/dev/vlapic_regs.h"
#include "hvm/hvm.h"
#include "hvm/vendor.h"
#include "lib/muldiv.h"
#include "lib/string.h"
#include "p2m/guest_copy.h"
#include "time/time.h"

#include <xen/sched.h>

/* MSRs (TLFS, appendix F) */
enum {
    MSR_OS_ID = 0x40000000,
    MSR_HYPERCALL = 0x40000001,
    MSR_VP_INDEX = 0x40000002,
    MSR_TIME = 0x40000020,
    MSR_REFERENCE_TSC = 0x40000021,
    MSR_TSC_HZ = 0x40000022,
    MSR_APIC_HZ = 0x40000023,
    MSR_EOI = 0x40000070,
    MSR_ICR = 0x40000071,
    MSR_TPR = 0x40000072,
    MSR_ASSIST = 0x40000073,
    MSR_SYNIC_FIRST = 0x40000080,
    MSR_SYNIC_LAST = 0x4000009f,
    MSR_STIMER_FIRST = 0x400000b0,
    MSR_STIMER_LAST = 0x400000b7,
    MSR_CRASH_FIRST = 0x40000100,
    MSR_CRASH_CTL = MSR_CRASH_FIRST + VIRIDIAN_CRASH,
};
#define PAGE_ENABLED     1ULL /* bit 0 of each register that places a page */
#define HYPERCALL_LOCKED 2ULL
#define CRASH_NOTIFY     (1ULL << 63)
#define APIC_HZ          1000000000ULL /* hvm/dev/vlapic.c, TICK_NS */

/* Leaf 3: what a guest may do (TLFS, 2.4.4) */
#define ACCESS_TIME      (1u << 1)
#define ACCESS_SYNIC     (1u << 2)
#define ACCESS_STIMER    (1u << 3)
#define ACCESS_APIC      (1u << 4)
#define ACCESS_HYPERCALL (1u << 5)
#define ACCESS_VP_INDEX  (1u << 6)
#define ACCESS_TSC_PAGE  (1u << 9)
#define ACCESS_FREQUENCY (1u << 11)
#define HAS_HOTPLUG      (1u << 3) /* EDX */
#define HAS_FREQUENCY    (1u << 8)
#define HAS_CRASH        (1u << 10)
#define HAS_POLLING      (1u << 17)
/* Leaf 4: what it had better do */
#define ADVICE_FLUSH      (1u << 2)
#define ADVICE_APIC_MSRS  (1u << 3)
#define ADVICE_RELAXED    (1u << 5) /* no watchdog on its timers: it may be off its CPU for long */
#define ADVICE_NO_AUTO_EOI (1u << 9)
#define ADVICE_IPI        (1u << 10)
#define ADVICE_EX_MASKS   (1u << 11)
#define LEAVES_MAX        6u
#define SPIN_TRIES        2047 /* before HvNotifyLongSpinWait */
#define VPS_MOST          64   /* in a mask of one word */

uint64_t viridian_mask(const struct domain *d)
{
    return READ_ONCE(d->hvm->params[HVM_PARAM_VIRIDIAN]);
}

static bool has(const struct vcpu *v, uint64_t feature)
{
    return viridian_mask(v->domain) & feature;
}

static bool has_frequencies(const struct vcpu *v)
{
    return !has(v, HVMPV_no_freq);
}

/* ---- CPUID ---- */

static void features(const struct vcpu *v, struct cpuid_regs *out)
{
    out->eax = ACCESS_APIC | ACCESS_HYPERCALL | ACCESS_VP_INDEX |
               (has_frequencies(v) ? ACCESS_FREQUENCY : 0) |
               (has(v, HVMPV_time_ref_count) ? ACCESS_TIME : 0) |
               (has(v, HVMPV_reference_tsc) ? ACCESS_TSC_PAGE : 0) |
               (has(v, HVMPV_synic) ? ACCESS_SYNIC : 0) |
               (has(v, HVMPV_stimer) ? ACCESS_STIMER : 0);
    out->edx = (has_frequencies(v) ? HAS_FREQUENCY : 0) |
               (has(v, HVMPV_crash_ctl) ? HAS_CRASH : 0) |
               (has(v, HVMPV_synic) ? HAS_POLLING : 0) |
               (has(v, HVMPV_cpu_hotplug) ? HAS_HOTPLUG : 0);
}

static void advice(const struct vcpu *v, struct cpuid_regs *out)
{
    out->eax = ADVICE_RELAXED | ADVICE_NO_AUTO_EOI | ADVICE_APIC_MSRS |
               (has(v, HVMPV_hcall_remote_tlb_flush) ? ADVICE_FLUSH : 0) |
               (has(v, HVMPV_hcall_ipi) ? ADVICE_IPI : 0) |
               (has(v, HVMPV_ex_processor_masks) ? ADVICE_EX_MASKS : 0);
    out->ebx = SPIN_TRIES;
}

/* TLFS, 2.4. The versions are those of a Windows Server 2008, as Xen says by default. The toolstack
 * may cut them; but the first tells how many there are. */
static uint32_t leaf_max(const struct vcpu *v)
{
    uint32_t limit = v->domain->policy->hv_limit;

    return limit ? min(limit, LEAVES_MAX) : LEAVES_MAX;
}

static void leaf(const struct vcpu *v, uint32_t number, struct cpuid_regs *out)
{
    switch (number) {
    case 0:
        out->eax = VIRIDIAN_MSR_FIRST + leaf_max(v);
        memcpy(&out->ebx, "Micr", 4);
        memcpy(&out->ecx, "osof", 4);
        memcpy(&out->edx, "t Hv", 4);
        break;
    case 1:
        memcpy(&out->eax, "Hv#1", 4);
        break;
    case 2: /* who does not say who he is is not told */
        if (READ_ONCE(v->domain->hvm->viridian.os_id)) {
            out->eax = 0x1772;
            out->ebx = 6 << 16;
        }
        break;
    case 3:
        features(v, out);
        break;
    case 4:
        advice(v, out);
        break;
    case 5:
        out->eax = out->ebx = has(v, HVMPV_no_vp_limit) ? ~0u : VPS_MOST;
        break;
    case 6: /* MSR bitmaps and nested paging are in use; no help for the APIC is */
        out->eax = 1u << 1 | 1u << 3;
        break;
    }
}

/* The leaf that names the MSR of Xen's hypercall page, which has moved, too. */
#define XEN_LEAF_MAX  (VIRIDIAN_MSR_FIRST + VIRIDIAN_LEAVES)
#define XEN_LEAF_PAGE (XEN_LEAF_MAX + 2)

void viridian_cpuid(const struct vcpu *v, uint32_t number, uint32_t subleaf, struct cpuid_regs *out)
{
    *out = (struct cpuid_regs){0};
    if (number < VIRIDIAN_MSR_FIRST + VIRIDIAN_LEAVES) {
        if (number - VIRIDIAN_MSR_FIRST <= leaf_max(v))
            leaf(v, number - VIRIDIAN_MSR_FIRST, out);
        return;
    }
    cpu_policy_xen_leaf(v, number - VIRIDIAN_LEAVES, subleaf, v->domain->policy->hv2_limit, out);
    if (number == XEN_LEAF_MAX)
        out->eax += VIRIDIAN_LEAVES;
    else if (number == XEN_LEAF_PAGE && out->eax)
        out->ebx += VIRIDIAN_MSRS;
}

/* ---- time ---- */

static uint64_t time_at(const struct domain *d, uint64_t ns)
{
    return (ns + READ_ONCE(d->hvm->viridian.time_offset_ns)) / 100;
}

uint64_t viridian_now(const struct domain *d)
{
    return time_at(d, time_now_ns());
}

/* TLFS, 12.7.2: time is (tsc * scale >> 64) + offset, unless the sequence is 0. */
struct tsc_page {
    uint32_t sequence, reserved;
    uint64_t scale;
    int64_t offset;
};

static int write_tsc_page(struct vcpu *v)
{
    const struct domain *d = v->domain;
    uint64_t gpa = READ_ONCE(d->hvm->viridian.reference_tsc) & PAGE_MASK;
    struct tsc_page page = {0};
    struct time_scale s;
    uint64_t tsc;

    guest_tsc_scale(d, &s);
    if (!d->tsc.emulated && time_tsc_reliable() && s.shift < 32) {
        page.sequence = 1;
        page.scale = muldiv(s.mul, 1ULL << (32 + s.shift), 100);
        tsc = guest_tsc_now(d) + v->tsc_offset; /* read once: what passes until then is an error */
        page.offset = (int64_t)(time_at(d, guest_tsc_ns(v, tsc)) -
                                (uint64_t)((unsigned __int128)tsc * page.scale >> 64));
    }
    return guest_copy_physical(v->domain, &page, gpa, sizeof(page), GUEST_COPY_TO);
}

void viridian_tsc_changed(struct domain *d)
{
    struct vcpu *v = domain_vcpu(d, 0);

    if (v && (READ_ONCE(d->hvm->viridian.reference_tsc) & PAGE_ENABLED))
        (void)!write_tsc_page(v); /* a page that is gone is not read */
}

static int set_reference_tsc(struct vcpu *v, uint64_t value)
{
    struct viridian_domain *g = &v->domain->hvm->viridian;
    uint64_t old = READ_ONCE(g->reference_tsc);

    WRITE_ONCE(g->reference_tsc, value);
    if (!(value & PAGE_ENABLED) || !write_tsc_page(v))
        return 0;
    WRITE_ONCE(g->reference_tsc, old);
    return -EINVAL;
}

/* ---- the hypercall page ---- */

static int write_hypercall_page(struct vcpu *v, uint64_t gpa)
{
    /* or $0x80000000, %eax; the call; ret */
    uint8_t code[] = {0x0d, 0, 0, 0, 0x80, 0x0f, 0x01, hvm_is_vmx ? 0xc1 : 0xd9, 0xc3};

    return guest_copy_physical(v->domain, code, gpa, sizeof(code), GUEST_COPY_TO);
}

static int set_hypercall(struct vcpu *v, uint64_t value)
{
    struct viridian_domain *g = &v->domain->hvm->viridian;

    if (READ_ONCE(g->hypercall) & HYPERCALL_LOCKED)
        return 0;
    if (!READ_ONCE(g->os_id)) /* TLFS, 3.13: it stays off until the guest has said who it is */
        value &= ~PAGE_ENABLED;
    if ((value & PAGE_ENABLED) && write_hypercall_page(v, value & PAGE_MASK))
        return -EINVAL;
    WRITE_ONCE(g->hypercall, value);
    return 0;
}

static void set_os_id(struct vcpu *v, uint64_t value)
{
    struct viridian_domain *g = &v->domain->hvm->viridian;

    WRITE_ONCE(g->os_id, value);
    if (!value)
        WRITE_ONCE(g->hypercall, READ_ONCE(g->hypercall) & ~PAGE_ENABLED);
}

/* ---- ends of interrupts (TLFS, 10.3.5): bit 0 of the page says "no EOI required" ---- */

#define NO_EOI 1u

static int set_assist(struct vcpu *v, uint64_t value)
{
    struct viridian_vcpu *s = &v->hvm->viridian;

    viridian_assist_check(v, s); /* what it has ended silently has ended */
    if (s->assist_pending)
        viridian_assist_ended(v);
    if ((value & PAGE_ENABLED) &&
        guest_copy_physical(v->domain, NULL, value & PAGE_MASK, PAGE_BYTES, GUEST_COPY_CLEAR))
        return -EINVAL;
    s->assist = value;
    return 0;
}

static int assist_word(struct vcpu *v, uint32_t *word, enum guest_copy_way way)
{
    return guest_copy_physical(v->domain, word, v->hvm->viridian.assist & PAGE_MASK, sizeof(*word),
                               way);
}

/* May nobody care when @vector ends? Of a level-triggered one somebody does, and other interrupts,
 * in service or waiting, would wait for it too long. */
static bool may_end_silently(const struct vlapic *l, uint8_t vector)
{
    uint32_t other = l->page[(TMR + vector / 32 * 0x10) / 4] & 1u << vector % 32;

    for (uint32_t i = 0; i < 8; i++)
        other |= l->page[(ISR + i * 0x10) / 4];
    return !other && !vlapic_anything_waits(l);
}

bool viridian_taken(struct vcpu *v, uint8_t vector)
{
    struct viridian_vcpu *s = &v->hvm->viridian;
    uint32_t word;

    if (viridian_synic_ends_itself(v, vector))
        return true;
    if (s->assist_pending) { /* the one before is told of by its guest now */
        viridian_assist_ended(v);
        return false;
    }
    if (!(s->assist & PAGE_ENABLED) || !has(v, HVMPV_apic_assist) ||
        !may_end_silently(&v->hvm->lapic, vector) || assist_word(v, &word, GUEST_COPY_FROM))
        return false;
    word |= NO_EOI;
    s->assist_pending = !assist_word(v, &word, GUEST_COPY_TO);
    return false;
}

void viridian_assist_ended(struct vcpu *v)
{
    uint32_t word;

    v->hvm->viridian.assist_pending = false;
    if (assist_word(v, &word, GUEST_COPY_FROM) || !(word & NO_EOI))
        return;
    word &= ~NO_EOI;
    (void)!assist_word(v, &word, GUEST_COPY_TO); /* gone since the line above: its own loss */
}

void viridian_assist_look(struct vcpu *v)
{
    uint32_t word = 0;

    if (assist_word(v, &word, GUEST_COPY_FROM) || !(word & NO_EOI)) {
        v->hvm->viridian.assist_pending = false;
        vlapic_write(v, EOI, 0);
    } else if (vlapic_anything_waits(&v->hvm->lapic)) {
        viridian_assist_ended(v);
    }
}

/* ---- registers ---- */

static void set_icr(struct vcpu *v, uint64_t value)
{
    vlapic_write(v, ICR_HIGH, (uint32_t)(value >> 32));
    vlapic_write(v, ICR_LOW, (uint32_t)value);
}

/* What the guest tells of its crash goes to the log, and its end is one. */
static int set_crash_control(struct vcpu *v, uint64_t value)
{
    struct domain *d = v->domain;
    const uint64_t *p = d->hvm->viridian.crash;
    uint64_t flags;

    if (value & ~(CRASH_NOTIFY | CRASH_NOTIFY >> 1)) /* ... and a message, which is not read */
        return -EINVAL;
    if (!(value & CRASH_NOTIFY))
        return 0;
    flags = spin_lock_irqsave(&d->shutdown_lock);
    if (d->shutdown_code == -1)
        d->shutdown_code = SHUTDOWN_crash;
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    log_guest(LOG_WARN, "d%u: vCPU %u: the guest crashed: %#lx %#lx %#lx %#lx %#lx", d->id, v->id,
              p[0], p[1], p[2], p[3], p[4]);
    return 0;
}

int viridian_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct viridian_domain *g = &v->domain->hvm->viridian;

    *value = 0;
    switch (msr) {
    case MSR_OS_ID:
        *value = READ_ONCE(g->os_id);
        return 0;
    case MSR_HYPERCALL:
        *value = READ_ONCE(g->hypercall);
        return 0;
    case MSR_VP_INDEX:
        *value = v->id;
        return 0;
    case MSR_TIME:
        *value = viridian_now(v->domain);
        return has(v, HVMPV_time_ref_count) ? 0 : -EINVAL;
    case MSR_REFERENCE_TSC:
        *value = READ_ONCE(g->reference_tsc);
        return has(v, HVMPV_reference_tsc) ? 0 : -EINVAL;
    case MSR_TSC_HZ:
        *value = v->domain->tsc.khz * 1000ULL;
        return has_frequencies(v) ? 0 : -EINVAL;
    case MSR_APIC_HZ:
        *value = APIC_HZ;
        return has_frequencies(v) ? 0 : -EINVAL;
    case MSR_ICR:
        *value = vlapic_read(v, ICR_LOW) | (uint64_t)vlapic_read(v, ICR_HIGH) << 32;
        return 0;
    case MSR_TPR:
        *value = vlapic_read(v, TPR);
        return 0;
    case MSR_ASSIST:
        *value = v->hvm->viridian.assist;
        return 0;
    case MSR_SYNIC_FIRST ... MSR_SYNIC_LAST:
        return has(v, HVMPV_synic) ? viridian_synic_rdmsr(v, msr, value) : -EINVAL;
    case MSR_STIMER_FIRST ... MSR_STIMER_LAST:
        return has(v, HVMPV_stimer) ? viridian_synic_rdmsr(v, msr, value) : -EINVAL;
    case MSR_CRASH_FIRST ... MSR_CRASH_CTL - 1:
        *value = READ_ONCE(g->crash[msr - MSR_CRASH_FIRST]);
        return has(v, HVMPV_crash_ctl) ? 0 : -EINVAL;
    case MSR_CRASH_CTL:
        *value = CRASH_NOTIFY;
        return has(v, HVMPV_crash_ctl) ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}

int viridian_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_OS_ID:
        set_os_id(v, value);
        return 0;
    case MSR_HYPERCALL:
        return set_hypercall(v, value);
    case MSR_REFERENCE_TSC:
        return has(v, HVMPV_reference_tsc) ? set_reference_tsc(v, value) : -EINVAL;
    case MSR_EOI:
        vlapic_write(v, EOI, 0);
        return 0;
    case MSR_ICR:
        set_icr(v, value);
        return 0;
    case MSR_TPR:
        vlapic_write(v, TPR, (uint8_t)value);
        return 0;
    case MSR_ASSIST:
        return set_assist(v, value);
    case MSR_SYNIC_FIRST ... MSR_SYNIC_LAST:
        return has(v, HVMPV_synic) ? viridian_synic_wrmsr(v, msr, value) : -EINVAL;
    case MSR_STIMER_FIRST ... MSR_STIMER_LAST:
        return has(v, HVMPV_stimer) ? viridian_synic_wrmsr(v, msr, value) : -EINVAL;
    case MSR_CRASH_FIRST ... MSR_CRASH_CTL - 1:
        if (!has(v, HVMPV_crash_ctl))
            return -EINVAL;
        WRITE_ONCE(v->domain->hvm->viridian.crash[msr - MSR_CRASH_FIRST], value);
        return 0;
    case MSR_CRASH_CTL:
        return has(v, HVMPV_crash_ctl) ? set_crash_control(v, value) : -EINVAL;
    default: /* the others are told, or do not exist */
        return -EINVAL;
    }
}

/* ---- records ---- */

void viridian_get_domain(const struct domain *d, struct hvm_viridian_domain_context *c)
{
    const struct viridian_domain *g = &d->hvm->viridian;

    *c = (struct hvm_viridian_domain_context){.hypercall_gpa = g->hypercall,
                                              .guest_os_id = g->os_id,
                                              .time_ref_count = viridian_now(d),
                                              .reference_tsc = g->reference_tsc};
}

/* Pages are memory, which has its contents already; but the TSC may be another. */
void viridian_set_domain(struct domain *d, const struct hvm_viridian_domain_context *c)
{
    struct viridian_domain *g = &d->hvm->viridian;

    g->hypercall = c->hypercall_gpa;
    g->os_id = c->guest_os_id;
    g->reference_tsc = c->reference_tsc;
    g->time_offset_ns = c->time_ref_count * 100 - time_now_ns();
    viridian_tsc_changed(d);
}
