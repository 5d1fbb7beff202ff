/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time as guests see it: the record from which they compute system time, and their timers.
 *
 * What is always true here: the record in a vCPU's vcpu_info is valid before the vCPU first runs,
 * and a guest that follows xen/xen.h computes exactly what time_now_ns() gives. The record depends
 * on the CPU only where TSCs differ, so it is rewritten when it changes, not at each switch.
 */
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "hypercall/table.h"
#include "p2m/copy.h"
#include "time/private.h"
#include "time/time.h"

/* Odd while the record is being written, even when it is whole. */
static void write_record(struct vcpu_time_info *to, const struct vcpu_time_info *from)
{
    __atomic_store_n(&to->version, from->version - 1, __ATOMIC_SEQ_CST);
    to->tsc_timestamp = from->tsc_timestamp;
    to->system_time = from->system_time;
    to->tsc_to_system_mul = from->tsc_to_system_mul;
    to->tsc_shift = from->tsc_shift;
    to->flags = from->flags;
    __atomic_store_n(&to->version, from->version, __ATOMIC_RELEASE);
}

/* The second record, for the guest's user space. It may be gone: then it stays as it is. */
static void write_second(uint64_t gva, const struct vcpu_time_info *from)
{
    struct vcpu_time_info record = *from;

    record.version--;
    if (copy_to_guest(gva, &record.version, sizeof(record.version)) ||
        copy_to_guest(gva, &record, sizeof(record)))
        return;
    record.version++;
    if (copy_to_guest(gva, &record.version, sizeof(record.version)))
        return;
}

void time_publish(struct vcpu *v)
{
    bool stable = v->domain->tsc.emulated || time_tsc_reliable();
    uint8_t flags = stable ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
    struct vcpu_time_info *t = &v->time;
    const struct time_scale *s = &cpu_self()->time->scale;
    struct time_scale own;
    uint64_t tsc;

    if (unlikely(v->domain->tsc.emulated || v->domain->tsc.ratio)) {
        guest_tsc_scale(v->domain, &own);
        s = &own;
    }
    tsc = s->tsc_base + v->tsc_offset;
    /* (hvmloader clears all of vcpu_info when it has done) */
    if (likely(t->tsc_timestamp == tsc && t->tsc_to_system_mul == s->mul && t->flags == flags &&
               !READ_ONCE(v->time_stale) && READ_ONCE(v->info->time.version) == t->version))
        return;
    WRITE_ONCE(v->time_stale, false);
    t->version = (t->version | 1) + 3; /* even, and one odd number skipped for the writing */
    t->tsc_timestamp = tsc;
    t->system_time = s->ns_base;
    t->tsc_to_system_mul = s->mul;
    t->tsc_shift = s->shift;
    t->flags = flags;
    write_record(&v->info->time, t);
    if (v->time_gva)
        write_second(v->time_gva, t);
}

void time_publish_always(struct vcpu *v)
{
    __atomic_store_n(&v->time_stale, true, __ATOMIC_RELEASE); /* the record is its CPU's to write */
    if (v == vcpu_current())
        time_publish(v);
}

static void singleshot_expired(void *data)
{
    event_raise_virq(data, VIRQ_TIMER);
}

static void periodic_expired(void *data)
{
    struct vcpu *v = data;
    uint64_t now = time_now_ns(), period = READ_ONCE(v->periodic_ns);

    if (!period)
        return;
    event_raise_virq(v, VIRQ_TIMER);
    /* Keep the phase; what was missed is one event. */
    timer_set(&v->periodic, now + period - (now - v->periodic.expires_ns) % period);
}

void time_vcpu_init(struct vcpu *v)
{
    timer_init(&v->singleshot, singleshot_expired, v, v->sched.cpu);
    timer_init(&v->periodic, periodic_expired, v, v->sched.cpu);
}

void time_vcpu_free(struct vcpu *v)
{
    timer_kill(&v->singleshot);
    timer_kill(&v->periodic);
}

/* (one that is not armed comes when it is set) */
static void bring_here(struct timer *t)
{
    if (READ_ONCE(t->active) && unlikely(READ_ONCE(t->cpu) != cpu_id()))
        timer_migrate(t, cpu_id());
}

void time_vcpu_here(struct vcpu *v)
{
    bring_here(&v->singleshot);
    bring_here(&v->periodic);
}

void time_set_singleshot(struct vcpu *v, uint64_t ns)
{
    if (ns)
        timer_set_here(&v->singleshot, ns);
    else
        timer_stop(&v->singleshot);
}

void time_set_periodic(struct vcpu *v, uint64_t ns)
{
    WRITE_ONCE(v->periodic_ns, ns);
    if (ns)
        timer_set_here(&v->periodic, time_now_ns() + ns);
    else
        timer_stop(&v->periodic);
}

/* xen/xen.h, set_timer_op: absolute ns, 0 cancels. A 64-bit guest passes all 64 bits in one
 * argument. */
long hc_set_timer_op(uint64_t a0)
{
    time_set_singleshot(vcpu_current(), a0);
    return 0;
}
