/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/common/limit.h"

#define BILLION 1000000000ll
/* Saved in a quiet moment, so that short bursts are not held up. */
#define SAVED (BILLION / 10)

/* One resource earns; how long until it has something left? */
static uint64_t earn(int64_t *left, uint64_t rate, uint64_t saved, uint64_t passed)
{
    __int128 most, now;

    if (!rate)
        return 0;
    /* at least one request's worth can always be saved */
    most = (__int128)rate * saved > BILLION ? (__int128)rate * saved : BILLION;
    now = *left + (__int128)passed * rate;
    *left = now < most ? now : most;
    return *left > 0 ? 0 : (uint64_t)-*left / rate + 1;
}

uint64_t limit_wait(struct limit *l, uint64_t now)
{
    uint64_t saved = l->saved ? l->saved : SAVED, passed = l->last ? now - l->last : saved;
    uint64_t requests = earn(&l->requests_left, l->iops, saved, passed);
    uint64_t bytes = earn(&l->bytes_left, l->bytes, saved, passed);

    l->last = now;
    return requests > bytes ? requests : bytes;
}

void limit_charge(struct limit *l, uint64_t bytes)
{
    if (l->iops)
        l->requests_left -= BILLION;
    if (l->bytes)
        l->bytes_left -= (int64_t)bytes * BILLION;
}
