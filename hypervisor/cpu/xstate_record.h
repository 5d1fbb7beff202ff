/* SPDX-License-Identifier: BSD-2-Clause */
/* Extended state of a vCPU as the toolstack carries it: XCR0, every XCR0 it had, the XSAVE area. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

struct xstate_record {
    uint64_t xcr0, xcr0_accum;
    uint8_t area[];
};

/*
 * Can @record of @bytes be loaded without a fault on a CPU that allows the components @allowed and
 * whose areas take @limit bytes at most? -EINVAL otherwise (SDM vol. 1, 13.3, 13.4, 13.8.1).
 */
int must_check xstate_record_check(const struct xstate_record *record, uint64_t bytes,
                                   uint64_t allowed, uint64_t limit);
