/* SPDX-License-Identifier: BSD-2-Clause */
/* Events across exits and entries: the rules of the manual, and nothing else. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/regs.h"
#include "hvm/event.h"
#include "hvm/vmx/reason.h"
#include "hvm/vmx/vmcs.h"

/* Bit 12 of exit qualifications of EPT violations and full logs, and of exit events: an IRET had
 * unblocked NMIs before it faulted (SDM vol. 3, 27.2.3). */
#define QUALIFICATION_NMI_UNBLOCK (1u << 12)

static inline uint8_t vmx_event_type(uint32_t info)
{
    return (info >> VMX_EVENT_TYPE_SHIFT) & 7;
}

/* Made by an instruction that is to be skipped when its event is delivered. */
static inline bool vmx_event_is_software(uint8_t type)
{
    return type >= HVM_EVENT_SOFTWARE && type <= HVM_EVENT_SOFTWARE_EXCEPTION;
}

/*
 * An exit cut the delivery of an event short: what must be delivered anew (27.2.4; 26.6.1.1 says
 * that the same fields do as for entry). @length is the exit's instruction length.
 */
static inline struct hvm_event vmx_event_again(uint32_t info, uint32_t error, uint32_t length)
{
    uint8_t type = vmx_event_type(info);

    if (!(info & VMX_EVENT_VALID))
        return (struct hvm_event){0};
    return (struct hvm_event){.valid = true,
                              .type = type,
                              .vector = info & 0xff,
                              .has_error = info & VMX_EVENT_ERROR,
                              .error = info & VMX_EVENT_ERROR ? error : 0,
                              .length = vmx_event_is_software(type) ? (uint8_t)length : 0};
}

/* The field for entry. An exception has no error code in real mode (26.2.1.3). */
static inline uint32_t vmx_entry_info(const struct hvm_event *e, bool protected_mode)
{
    bool error = e->has_error && e->type == HVM_EVENT_EXCEPTION && protected_mode;

    return VMX_EVENT_VALID | (uint32_t)e->type << VMX_EVENT_TYPE_SHIFT | e->vector |
           (error ? VMX_EVENT_ERROR : 0);
}

/*
 * Must NMIs be blocked again, because an IRET that unblocked them did not come to its end? Not when
 * the exit happened during an event's delivery (@vectoring), nor for a double fault, where the bit
 * says nothing (27.2.2).
 */
static inline bool vmx_blocks_nmi_again(uint32_t reason, uint32_t exit_event,
                                        uint64_t qualification, uint32_t vectoring)
{
    if (vectoring & VMX_EVENT_VALID)
        return false;
    if (reason == VMX_EXIT_EXCEPTION)
        return (exit_event & VMX_EVENT_NMI_UNBLOCK) && (exit_event & 0xff) != VEC_DF;
    return (reason == VMX_EXIT_EPT_VIOLATION || reason == VMX_EXIT_PML_FULL) &&
           (qualification & QUALIFICATION_NMI_UNBLOCK);
}

/* Can an exit of this reason cut the delivery of an event short (27.2.4)? */
static inline bool vmx_exit_may_interrupt_delivery(uint32_t reason)
{
    return reason == VMX_EXIT_EXCEPTION || reason == VMX_EXIT_TASK_SWITCH ||
           reason == VMX_EXIT_APIC_ACCESS ||
           reason == VMX_EXIT_EPT_VIOLATION || reason == VMX_EXIT_EPT_MISCONFIGURED ||
           reason == VMX_EXIT_PML_FULL;
}

/* May an event of @type be delivered now, with what the interruptibility state says? */
static inline bool vmx_takes_interrupt(uint64_t rflags, uint64_t blocked)
{
    return (rflags & X86_IF) && !(blocked & (BLOCKED_STI | BLOCKED_SS));
}

static inline bool vmx_takes_nmi(uint64_t blocked)
{
    return !(blocked & (BLOCKED_STI | BLOCKED_SS | BLOCKED_NMI));
}

/* DR6 after a debug exception whose exit told @qualification: B0-B3 anew, BD and BS added; RTM is
 * inverted (17.2.3, table 27-1). */
static inline uint64_t vmx_dr6_after(uint64_t dr6, uint64_t qualification)
{
    dr6 = (dr6 & ~0xfULL) | (qualification & 0x600f);
    return qualification & (1u << 16) ? dr6 & ~(1ULL << 16) : dr6;
}
