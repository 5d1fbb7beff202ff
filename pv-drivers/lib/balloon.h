/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that the guest gives back to the host and takes again, as `xl mem-set` wants. What moves
 * is the spare memory (pv_guest.spare): a kernel that uses it itself starts no balloon. PV:
 * these frames are not in the initial page tables.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

struct pv_balloon {
    uint64_t start_kib;  /* memory/target when the guest had all that it was built with */
    uint64_t given;      /* pages that are with the host: the last ones before spare_end */
    uint32_t seen;       /* pv_xenstore_changes() when the target was read */
};

/* Watch the target. */
int pv_balloon_open(struct pv_balloon *balloon) PV_MUST_CHECK;

/* Go to the target if it has changed: how many pages moved, less than asked for when memory or the
 * host's patience ends. Call it when pv_event_wait() returns. */
int pv_balloon_adjust(struct pv_balloon *balloon) PV_MUST_CHECK;
