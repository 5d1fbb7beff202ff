/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timer interrupts of a guest, and what becomes of those it was too late for.
 *
 * The modes of HVM_PARAM_TIMER_MODE as they are here, where sources never stop while a vCPU waits:
 * with delay_for_missed_ticks and no_delay_for_missed_ticks missed ticks are counted and raised one
 * by one as the guest takes them; the first also holds guest time back meanwhile. With the two
 * others the tick in flight stands for all that were missed.
 *
 * A tick is raised again when the next is due even if the guest seems not to have taken it: where
 * it still waits that changes nothing, and where it was lost (the guest reset its local APIC) the
 * source goes on.
 */
#include "hvm/dev/vtick.h"

#include "abi/xen.h"
#include "lib/muldiv.h"
#include "lib/types.h"

#include <xen/hvm/params.h>

uint64_t vtick_clock(uint64_t hz, uint64_t ns)
{
    return muldiv(ns, hz, VTICK_NS_PER_S);
}

uint64_t vtick_ns(uint64_t hz, uint64_t clock)
{
    return muldiv_up(clock, VTICK_NS_PER_S, hz); /* never stays never, as hz is at most 1 GHz */
}

void vtick_start(struct vtick *t, uint64_t hz, uint64_t due, uint64_t period)
{
    *t = (struct vtick){.hz = hz, .period = period, .due = due, .deadline = vtick_ns(hz, due)};
}

void vtick_stop(struct vtick *t)
{
    *t = (struct vtick){.hz = 1, .due = VTICK_NEVER, .deadline = VTICK_NEVER};
}

static bool holds_missed(const struct vtick_policy *policy)
{
    return policy->mode == HVMPTM_delay_for_missed_ticks ||
           policy->mode == HVMPTM_no_delay_for_missed_ticks;
}

bool vtick_expire(struct vtick *t, const struct vtick_policy *policy, uint64_t now)
{
    uint64_t clock = vtick_clock(t->hz, now), missed;

    if (t->due == VTICK_NEVER || clock < t->due)
        return false;
    if (!t->period) {
        t->due = t->deadline = VTICK_NEVER;
        return true;
    }
    missed = (clock - t->due) / t->period;
    if (__builtin_add_overflow(t->due + missed * t->period, t->period, &t->due))
        t->due = VTICK_NEVER;
    t->deadline = max(vtick_ns(t->hz, t->due), now + VTICK_FLOOR_NS);
    missed = min(missed + t->in_flight, (uint64_t)VTICK_OWED_MAX);
    if (holds_missed(policy))
        t->owed = min(t->owed + (uint32_t)missed, (uint32_t)VTICK_OWED_MAX);
    return true;
}

void vtick_raised(struct vtick *t, bool accepted)
{
    t->in_flight = accepted && t->period;
    if (!t->in_flight)
        t->owed = 0;
}

bool vtick_taken(struct vtick *t, struct vtick_policy *policy, uint64_t now)
{
    uint64_t time;

    if (!t->in_flight)
        return false;
    t->in_flight = false;
    time = vtick_ns(t->hz, t->due - (t->owed + 1) * t->period); /* when this tick was due */
    policy->lag = min(policy->lag, now - min(time, now));
    if (!t->owed)
        return false;
    t->owed--;
    return true;
}

void vtick_preempted(struct vtick_policy *policy, uint64_t ns)
{
    if (policy->mode == HVMPTM_delay_for_missed_ticks &&
        __builtin_add_overflow(policy->lag, ns, &policy->lag))
        policy->lag = UINT64_MAX;
}

uint64_t vtick_guest_time(struct vtick_policy *policy, uint64_t now)
{
    uint64_t time = now - min(policy->lag, now);

    policy->last = max(policy->last, time);
    return policy->last;
}
