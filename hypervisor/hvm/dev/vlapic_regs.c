/* SPDX-License-Identifier: BSD-2-Clause */
/* What the registers of a local APIC can hold. */
#include "hvm/dev/vlapic_regs.h"

uint32_t vlapic_possible(bool x2apic, uint32_t id, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case ID:
        return x2apic ? id : value & 0xff000000;
    case VERSION:
        return VERSION_VALUE;
    case TPR:
        return value & 0xff;
    case LDR:
        return x2apic ? value : value & 0xff000000;
    case DFR:
        return value | 0x0fffffff;
    case SVR:
        return value & 0x1ff;
    case ISR:
        return value & 0xffff0000; /* no interrupt has a vector below 16 */
    case ISR + 0x10 ... ISR + 0x70:
    case TMR ... TMR + 0x70:
    case TIMER_INITIAL:
        return value;
    case ICR_LOW:
        return value & 0xcdfff;
    case ICR_HIGH:
        return x2apic ? value : value & 0xff000000;
    case LVT_TIMER ... LVT_ERROR:
        return value & 0x7ffff;
    case TIMER_DIVIDE:
        return value & 0xb;
    default:
        return 0;
    }
}
