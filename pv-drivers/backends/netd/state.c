/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/netd/state.h"

#define FIELD(name) {#name, offsetof(struct state_counters, name)}
const struct keep_counter state_fields[] = {
    FIELD(tx_packets), FIELD(tx_bytes),   FIELD(tx_errors),     FIELD(tx_dropped),
    FIELD(rx_packets), FIELD(rx_bytes),   FIELD(rx_errors),     FIELD(rx_dropped),
    FIELD(rx_filtered), FIELD(batches),   FIELD(copies),        FIELD(notifications),
    FIELD(limited),    FIELD(recoveries),
};
const unsigned int state_field_count = sizeof(state_fields) / sizeof(state_fields[0]);

_Static_assert(sizeof(state_fields) / sizeof(state_fields[0]) ==
                   sizeof(struct state_counters) / sizeof(uint64_t), "every counter has its name");
