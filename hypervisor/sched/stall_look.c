/* SPDX-License-Identifier: BSD-2-Clause */
/* When a watched CPU counts as stuck. */
#include "sched/stall.h"

bool stall_look(uint64_t beats, uint64_t *seen, uint32_t *silent, uint32_t timeout)
{
    if (beats != *seen) {
        *seen = beats;
        *silent = 0;
        return false;
    }
    /* Looks are counted, not time: a machine that was stopped as a whole (a paused VM) wakes up
     * with a leap of its clock, but with one look. */
    return ++*silent > timeout;
}
