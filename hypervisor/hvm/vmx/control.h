/* SPDX-License-Identifier: BSD-2-Clause */
/* Which control bits we use, from what the capability MSRs allow. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

/* The capability MSRs as read (SDM vol. 3, appendix A); the "true" ones of the four control MSRs
 * where there are such. */
struct vmx_capability {
    uint64_t basic;
    uint64_t pin, cpu, cpu2, exit, entry; /* low half: must be set; high half: may be set */
    uint64_t cr0_fixed0, cr4_fixed0;      /* must be set */
    uint64_t cr4_fixed1;                  /* may be set */
    uint64_t ept_vpid;
    uint64_t misc;
};

/* Control words that this machine takes and we use. */
struct vmx_controls {
    uint32_t revision; /* of VMCS and VMXON regions */
    uint32_t pin, cpu, cpu2, exit, entry;
    uint64_t cr0_fixed, cr4_fixed; /* must be set while a guest runs */
    uint64_t cr4_allowed;          /* may be set */
    uint8_t timer_shift;           /* the preemption timer counts TSC ticks divided by 2^this */
    bool ept_1g;                   /* EPT entries of 1 GiB exist */
    bool pml;                      /* what a guest writes can be logged; switched on for that */
    uint64_t invept_type;          /* single context, or all where that is not to be had */
    bool tsc_scaling; /* the guest's TSC may count at another rate */
    bool tpr_shadow;
    bool x2apic_mode;       /* the processor reads and writes registers in a guest's x2APIC mode */
    bool apic_registers;    /* ... all that can be read */
    bool virtual_interrupts; /* ... and delivers interrupts from IRR by itself */
    bool apic_page;         /* all of that also in xAPIC mode, by a page of guest memory */
};

/* What keeps us from using VMX: words for a person, and the bits in question. */
struct vmx_lack {
    const char *what;
    uint64_t bits;
};

/* Fill @out; false: @lack says why not. */
bool must_check vmx_choose_controls(const struct vmx_capability *c, struct vmx_controls *out,
                                    struct vmx_lack *lack);

/* Does a processor with @c take what was chosen on another? */
bool must_check vmx_controls_fit(const struct vmx_controls *chosen,
                                 const struct vmx_capability *c);
