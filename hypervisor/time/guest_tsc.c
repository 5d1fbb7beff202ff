/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a domain's TSC is the machine's, and what it reads otherwise. */
#include "time/guest_tsc.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "lib/muldiv.h"
#include "time/private.h"
#include "time/time.h"

struct guest_tsc_scaling guest_tsc_scaling; /* (c) */

/* How much faster than @host a TSC of rate @guest counts, for the processor; 0: it cannot. */
static uint64_t ratio_of(const struct time_scale *host, const struct time_scale *guest)
{
    unsigned int bits = guest_tsc_scaling.fraction + guest_tsc_scaling.whole;
    int up = guest_tsc_scaling.fraction + host->shift - guest->shift;
    uint64_t ratio;

    if (!bits || up < 0 || up > 63)
        return 0;
    ratio = muldiv(host->mul, 1ULL << up, guest->mul);
    return bits < 64 && ratio >> bits ? 0 : ratio;
}

/* Default: the machine's TSC where it is one clock and has the guest's rate, or can be made to. */
static void choose(const struct domain *d, struct guest_tsc *t)
{
    bool same = t->khz == time_tsc_khz();

    t->rate = cpu_self()->time->scale;
    if (!same)
        scale_set_rate(&t->rate, (uint64_t)t->khz * 1000);
    if (t->mode == GUEST_TSC_DEFAULT && !same && d->is_translated)
        t->ratio = ratio_of(&cpu_self()->time->scale, &t->rate);
    t->emulated = t->mode == GUEST_TSC_ALWAYS_EMULATE || !time_tsc_reliable() ||
                  (!same && !t->ratio);
    if (t->emulated)
        t->ratio = 0;
}

static void set(struct domain *d, const struct xen_domctl_tsc_info *info)
{
    struct guest_tsc t = {.mode = info->tsc_mode,
                          .khz = (uint32_t)time_tsc_khz(),
                          .incarnation = info->incarnation};
    struct vcpu *v;

    if (d->is_control) { /* whatever is asked for */
        t = (struct guest_tsc){.mode = GUEST_TSC_DEFAULT, .khz = t.khz};
    } else if (t.mode != GUEST_TSC_NEVER_EMULATE) {
        t.khz = info->gtsc_khz ? info->gtsc_khz : t.khz;
        t.start_ns = time_now_ns() - info->elapsed_nsec;
        choose(d, &t);
    }
    d->tsc = t;
    for_each_vcpu(d, v)
        time_publish_always(v);
}

int guest_tsc_set(struct domain *d, const struct xen_domctl_tsc_info *info)
{
    if (info->tsc_mode > GUEST_TSC_NEVER_EMULATE)
        return -EINVAL;
    set(d, info);
    return 0;
}

void guest_tsc_init(struct domain *d)
{
    const struct xen_domctl_tsc_info info = {.tsc_mode = GUEST_TSC_DEFAULT};

    set(d, &info);
}

/* What another machine needs to go on: the time that the TSC has counted. A mode without promises
 * has none. */
void guest_tsc_get(const struct domain *d, struct xen_domctl_tsc_info *info)
{
    const struct guest_tsc *t = &d->tsc;

    *info = (struct xen_domctl_tsc_info){.tsc_mode = t->mode, .incarnation = t->incarnation};
    if (t->mode == GUEST_TSC_NEVER_EMULATE)
        return;
    info->gtsc_khz = t->khz;
    info->elapsed_nsec = t->emulated ? time_now_ns() - t->start_ns
                                     : scale_delta(&cpu_self()->time->scale, rdtsc());
}

static uint64_t scaled(const struct guest_tsc *t, uint64_t tsc)
{
    return t->ratio ? (uint64_t)((unsigned __int128)tsc * t->ratio >> guest_tsc_scaling.fraction)
                    : tsc;
}

/* Ticks in @ns, the inverse of scale_delta(). */
static uint64_t ticks_in(const struct time_scale *s, uint64_t ns)
{
    uint64_t ticks = muldiv(ns, 1ULL << 32, s->mul);

    return s->shift < 0 ? ticks << -s->shift : ticks >> s->shift;
}

uint64_t guest_tsc_now(const struct domain *d)
{
    const struct guest_tsc *t = &d->tsc;

    return t->emulated ? ticks_in(&t->rate, time_now_ns() - t->start_ns) : scaled(t, rdtsc());
}

void guest_tsc_scale(const struct domain *d, struct time_scale *s)
{
    const struct guest_tsc *t = &d->tsc;

    *s = cpu_self()->time->scale;
    if (likely(!t->emulated && !t->ratio))
        return;
    s->mul = t->rate.mul;
    s->shift = t->rate.shift;
    s->tsc_base = scaled(t, s->tsc_base);
    if (t->emulated) {
        s->tsc_base = 0;
        s->ns_base = t->start_ns;
    }
}

uint64_t guest_tsc_ns(const struct vcpu *v, uint64_t tsc)
{
    struct time_scale s;

    guest_tsc_scale(v->domain, &s);
    return scale_to_ns(&s, tsc - v->tsc_offset);
}
