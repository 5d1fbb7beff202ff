/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine-to-guest table: which guest frame each machine frame is (ABI: readable by guests). */
#pragma once

#include <stdint.h>

#include "mm/frame.h"

#define M2P_INVALID (~0ULL)

/* Set the guest frame number of @m; @m < hvmap_max_mfn(). Any context. */
void m2p_set(mfn_t m, uint64_t pfn);
/* Guest frame number of @m, M2P_INVALID when unowned or out of range. */
uint64_t m2p_get(mfn_t m);
