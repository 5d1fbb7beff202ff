/* SPDX-License-Identifier: BSD-2-Clause */
/* From ticks to nanoseconds by one multiplication, exactly as guests do it. Pure. */
#pragma once

#include <stdint.h>

/*
 * ns = ns_base + (((tsc - tsc_base) << shift) * mul >> 32); a negative shift shifts right. This is
 * the formula of struct vcpu_time_info in xen/xen.h, so that a guest that follows it gets what we
 * get, to the nanosecond.
 */
struct time_scale {
    uint64_t tsc_base;
    uint64_t ns_base;
    uint32_t mul;
    int8_t shift;
    uint64_t ticks_per_ns; /* with SCALE_TICKS_SHIFT fraction bits */
};

#define SCALE_TICKS_SHIFT 30

/* mul, shift and ticks_per_ns for a counter of @hz (1 kHz to 8 GHz). */
void scale_set_rate(struct time_scale *s, uint64_t hz);

static inline uint64_t scale_delta(const struct time_scale *s, uint64_t ticks)
{
    if (s->shift < 0)
        ticks >>= -s->shift;
    else
        ticks <<= s->shift;
    return (uint64_t)((unsigned __int128)ticks * s->mul >> 32);
}

/* System time at @tsc; ticks before the base count as the base. */
static inline uint64_t scale_to_ns(const struct time_scale *s, uint64_t tsc)
{
    uint64_t ticks = tsc - s->tsc_base;

    return s->ns_base + ((int64_t)ticks < 0 ? 0 : scale_delta(s, ticks));
}

/* Ticks that take @ns, to a few parts per billion. */
static inline uint64_t scale_to_ticks(const struct time_scale *s, uint64_t ns)
{
    return (uint64_t)((unsigned __int128)ns * s->ticks_per_ns >> SCALE_TICKS_SHIFT) + 1;
}
