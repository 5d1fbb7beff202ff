/* SPDX-License-Identifier: BSD-2-Clause */
/* From ticks to nanoseconds by one multiplication. */
#include "time/scale.h"

#define NS_PER_S 1000000000ULL

void scale_set_rate(struct time_scale *s, uint64_t hz)
{
    unsigned int left = 0, right = 0;

    /* A rate brought between 1 and 2 GHz gives `mul` its top bit, so all its bits are precision.
     * NS_PER_S << 34 is the most that fits 64 bits. */
    while (hz << left <= NS_PER_S)
        left++;
    while (right < 2 && hz > 2 * NS_PER_S << right)
        right++;
    s->shift = (int8_t)((int)left - (int)right);
    s->mul = (uint32_t)((NS_PER_S << 32 << right) / (hz << left));
    s->ticks_per_ns = (hz << SCALE_TICKS_SHIFT) / NS_PER_S + 1; /* rather late than early */
}
