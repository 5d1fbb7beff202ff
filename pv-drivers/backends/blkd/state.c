/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/blkd/state.h"

#define FIELD(name) {#name, offsetof(struct state_counters, name)}
const struct keep_counter state_fields[] = {
    FIELD(reads),        FIELD(read_sectors),  FIELD(writes),       FIELD(write_sectors),
    FIELD(flushes),      FIELD(barriers),      FIELD(discards),     FIELD(discard_sectors),
    FIELD(errors),       FIELD(refused),       FIELD(batches),      FIELD(notifications),
    FIELD(copied_pages), FIELD(mapped_grants), FIELD(recoveries),   FIELD(recovered_requests),
    FIELD(limited),      FIELD(inflight),      FIELD(max_inflight),
};
const unsigned int state_field_count = sizeof(state_fields) / sizeof(state_fields[0]);

_Static_assert(sizeof(state_fields) / sizeof(state_fields[0]) ==
                   sizeof(struct state_counters) / sizeof(uint64_t), "every counter has its name");
