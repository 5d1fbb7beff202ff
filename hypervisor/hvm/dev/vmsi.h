/* SPDX-License-Identifier: BSD-2-Clause */
/* An interrupt on its way to local APICs, and the memory write that stands for one. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Where messages are written to, 1 MiB (SDM vol. 3, 11.11.1) */
#define VMSI_WINDOW      0xfee00000u
#define VMSI_WINDOW_SIZE 0x100000u

/* Delivery modes (82093AA 3.2.4; SDM vol. 3, 11.11.2); 3 and 6 do not exist. */
enum vmsi_delivery {
    VMSI_FIXED = 0,
    VMSI_LOWEST = 1,
    VMSI_SMI = 2,
    VMSI_NMI = 4,
    VMSI_INIT = 5,
    VMSI_EXTINT = 7,
};

struct vmsi_message {
    uint8_t vector;
    uint8_t delivery; /* enum vmsi_delivery */
    bool logical;     /* else a physical APIC id */
    bool level;       /* else edge */
    uint32_t dest;
};

/*
 * What a device's write of @data to @address means. Vector 0 stands for a pirq of ours that the
 * guest bound to an event channel (XENFEAT_hvm_pirqs): its number, whose upper bits are in address
 * bits 63:40, is in dest. -EINVAL: not an interrupt.
 */
int vmsi_decode(uint64_t address, uint32_t data, struct vmsi_message *m);
