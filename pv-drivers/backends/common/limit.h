/* SPDX-License-Identifier: BSD-2-Clause */
/* How much a device may do in a second: requests and bytes, with what it saves in a quiet
 * moment. */
#pragma once

#include <stdint.h>

struct limit {
    uint64_t iops, bytes;    /* in a second; 0: no limit */
    int64_t requests_left, bytes_left; /* in billionths, so that a nanosecond's share is whole */
    uint64_t last;           /* ns */
    uint64_t saved;          /* how long it may save, ns; 0: a tenth of a second */
};

/* Nanoseconds until the next request may be taken, 0: now. `now` is a clock's that never goes
 * back. */
uint64_t limit_wait(struct limit *l, uint64_t now);

/* One was taken. It may cost more than is left: what follows waits for that. */
void limit_charge(struct limit *l, uint64_t bytes);
