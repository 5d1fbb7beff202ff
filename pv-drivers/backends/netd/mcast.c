/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "pv-drivers/backends/netd/engine.h"

static uint32_t where(const struct state *s, const uint8_t *address)
{
    uint32_t i = 0, count = s->mcast_count < STATE_MAX_MCAST ? s->mcast_count : STATE_MAX_MCAST;

    while (i < count && memcmp(s->mcast[i], address, ABI_MAC))
        i++;
    return i;
}

bool mcast_add(struct state *s, const uint8_t *address)
{
    uint32_t at = where(s, address);

    if (at < s->mcast_count)
        return true;
    if (at >= STATE_MAX_MCAST)
        return false;
    memcpy(s->mcast[at], address, ABI_MAC);
    in_order();
    s->mcast_count = at + 1;
    return true;
}

void mcast_remove(struct state *s, const uint8_t *address)
{
    uint32_t at = where(s, address);

    if (at >= s->mcast_count)
        return;
    memcpy(s->mcast[at], s->mcast[s->mcast_count - 1], ABI_MAC); /* (twice there is no harm) */
    in_order();
    s->mcast_count--;
}

bool mcast_passes(const struct state *s, const uint8_t *address)
{
    static const uint8_t all[ABI_MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    return !(address[0] & 1) || !memcmp(address, all, ABI_MAC) ||
           where(s, address) < s->mcast_count;
}
