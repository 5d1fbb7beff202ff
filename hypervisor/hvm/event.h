/* SPDX-License-Identifier: BSD-2-Clause */
/* An event on its way into a guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* How the processor tells events apart: SVM's and VMX's numbers are the same, the last two are
 * VMX's own (SDM vol. 3, 24.8.3). */
enum hvm_event_type {
    HVM_EVENT_INTERRUPT = 0,
    HVM_EVENT_NMI = 2,
    HVM_EVENT_EXCEPTION = 3,
    HVM_EVENT_SOFTWARE = 4,
    HVM_EVENT_PRIVILEGED_SOFTWARE = 5, /* INT1 */
    HVM_EVENT_SOFTWARE_EXCEPTION = 6,  /* INT3, INTO */
};

/* An event to be delivered when the guest is entered next. */
struct hvm_event {
    bool valid;
    bool has_error;
    uint8_t vector;
    uint8_t type;   /* enum hvm_event_type */
    uint8_t length; /* of the instruction that made it; VMX */
    uint32_t error;
};
