/* SPDX-License-Identifier: BSD-2-Clause */
/* An interrupt on its way to local APICs, and the memory write that stands for one. */
#include "hvm/dev/vmsi.h"

#include "abi/errno.h"

/* SDM vol. 3, 11.11.1 and 11.11.2 */
#define ADDRESS_DEST(address) ((uint32_t)((address) >> 12) & 0xff)
#define ADDRESS_LOGICAL (1u << 2) /* destination mode; bit 3, one of several, is left to the mode */
#define DATA_DELIVERY(data) ((data) >> 8 & 7)
#define DATA_LEVEL (1u << 15)

int vmsi_decode(uint64_t address, uint32_t data, struct vmsi_message *m)
{
    *m = (struct vmsi_message){
        .vector = (uint8_t)data,
        .delivery = DATA_DELIVERY(data),
        .logical = address & ADDRESS_LOGICAL,
        .level = data & DATA_LEVEL,
        .dest = ADDRESS_DEST(address),
    };
    if ((uint32_t)address - VMSI_WINDOW >= VMSI_WINDOW_SIZE)
        return -EINVAL;
    if (!m->vector) {
        m->dest |= (uint32_t)(address >> 32) & ~0xffu;
        return 0;
    }
    if (address >> 32 || m->delivery == 3 || m->delivery == 6)
        return -EINVAL;
    return 0;
}
