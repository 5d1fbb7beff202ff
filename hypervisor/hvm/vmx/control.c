/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The choice of control bits.
 *
 * What is always true here: a bit is set only if the processor says that it may be, or must be; a
 * bit that must be set and that we do not know means an exit nobody handles, so it is refused.
 */
#include "hvm/vmx/control.h"

#include "hvm/vmx/vmcs.h"

#include "cpu/regs.h"

/* IA32_VMX_BASIC (SDM vol. 3, A.1) */
#define BASIC_BYTES(b)       (((b) >> 32) & 0x1fff)
#define BASIC_MEMORY_TYPE(b) (((b) >> 50) & 15)
#define BASIC_WRITE_BACK     6

/* IA32_VMX_EPT_VPID_CAP (A.10) */
#define EPT_FOUR_LEVELS    (1ULL << 6)
#define EPT_WRITE_BACK     (1ULL << 14)
#define EPT_2M             (1ULL << 16)
#define EPT_1G             (1ULL << 17)
#define EPT_INVEPT         (1ULL << 20)
#define EPT_ACCESSED_DIRTY (1ULL << 21)
#define EPT_INVEPT_SINGLE  (1ULL << 25)
#define EPT_INVEPT_ALL     (1ULL << 26)
#define VPID_INVVPID_ALL   (1ULL << 32 | 1ULL << 42)
#define EPT_NEEDED         (EPT_FOUR_LEVELS | EPT_WRITE_BACK | EPT_2M | EPT_INVEPT)

/* Bits that are always set and mean nothing to us (A.2): the "default1" classes less what the
 * "true" MSRs let go. */
#define PIN_RESERVED   0x16u
#define CPU_RESERVED   0x04006172u
#define EXIT_RESERVED  0x36dfbu
#define ENTRY_RESERVED 0x11fbu

struct wish {
    const char *name;
    uint64_t allowed;
    uint32_t need; /* without them nothing works */
    uint32_t want; /* taken where they are */
    uint32_t reserved;
};

static bool choose(const struct wish *w, uint32_t *out, struct vmx_lack *lack)
{
    uint32_t must = (uint32_t)w->allowed, may = (uint32_t)(w->allowed >> 32);

    *lack = (struct vmx_lack){.what = w->name, .bits = w->need & ~may};
    if (!lack->bits)
        lack->bits = must & ~(w->need | w->want | w->reserved);
    *out = must | w->need | (w->want & may);
    return !lack->bits;
}

static bool choose_words(const struct vmx_capability *c, struct vmx_controls *out,
                         struct vmx_lack *lack)
{
    const struct wish pin = {"pin-based controls", c->pin,
                             PIN_INTERRUPT | PIN_NMI | PIN_VIRTUAL_NMI, PIN_TIMER, PIN_RESERVED};
    const struct wish cpu = {"processor-based controls", c->cpu,
                             CPU_INTERRUPT_WINDOW | CPU_NMI_WINDOW | CPU_TSC_OFFSET | CPU_HLT |
                                 CPU_RDPMC | CPU_RDTSC | CPU_CR8_LOAD | CPU_CR8_STORE |
                                 CPU_MOV_DR | CPU_IO | CPU_MSR_BITMAPS | CPU_SECONDARY,
                             CPU_MWAIT | CPU_MONITOR | CPU_TPR_SHADOW, CPU_RESERVED};
    const struct wish cpu2 = {"secondary controls", c->cpu2, CPU2_EPT | CPU2_UNRESTRICTED,
                              CPU2_APIC_ACCESSES | CPU2_X2APIC | CPU2_RDTSCP | CPU2_VPID |
                                  CPU2_WBINVD | CPU2_APIC_REGISTERS | CPU2_VIRTUAL_INTERRUPTS |
                                  CPU2_PAUSE_LOOP | CPU2_INVPCID | CPU2_ENCLS | CPU2_PML |
                                  CPU2_XSAVES | CPU2_TSC_SCALING,
                              0};
    const struct wish exit = {"exit controls", c->exit,
                              EXIT_SAVE_DEBUG | EXIT_HOST_64 | EXIT_ACK_INTERRUPT | EXIT_SAVE_PAT |
                                  EXIT_LOAD_PAT | EXIT_SAVE_EFER | EXIT_LOAD_EFER,
                              0, EXIT_RESERVED};
    const struct wish entry = {"entry controls", c->entry,
                               ENTRY_LOAD_DEBUG | ENTRY_IA32E | ENTRY_LOAD_PAT | ENTRY_LOAD_EFER,
                               0, ENTRY_RESERVED};

    if (!choose(&pin, &out->pin, lack) || !choose(&cpu, &out->cpu, lack) ||
        !choose(&cpu2, &out->cpu2, lack) || !choose(&exit, &out->exit, lack) ||
        !choose(&entry, &out->entry, lack))
        return false;
    /* these are switched on only while they are needed */
    out->cpu &= ~(CPU_INTERRUPT_WINDOW | CPU_NMI_WINDOW | CPU_RDTSC);
    out->entry &= ~ENTRY_IA32E;
    out->tsc_scaling = out->cpu2 & CPU2_TSC_SCALING;
    out->cpu2 &= ~CPU2_TSC_SCALING;
    return true;
}

static void choose_apic(struct vmx_controls *out)
{
    const uint32_t apic = CPU2_X2APIC | CPU2_APIC_REGISTERS | CPU2_VIRTUAL_INTERRUPTS;

    out->tpr_shadow = out->cpu & CPU_TPR_SHADOW;
    if (!out->tpr_shadow) /* the others stand on it (26.2.1.1) */
        out->cpu2 &= ~apic;
    else /* CR8 is the processor's */
        out->cpu &= ~(CPU_CR8_LOAD | CPU_CR8_STORE);
    out->x2apic_mode = out->cpu2 & CPU2_X2APIC;
    out->apic_registers = out->cpu2 & CPU2_APIC_REGISTERS;
    out->virtual_interrupts = out->cpu2 & CPU2_VIRTUAL_INTERRUPTS;
    out->apic_page = (out->cpu2 & CPU2_APIC_ACCESSES) && out->apic_registers &&
                     out->virtual_interrupts;
    /* set while the guest's APIC is in the mode for it */
    out->cpu2 &= ~(CPU2_APIC_ACCESSES | CPU2_X2APIC | CPU2_APIC_REGISTERS);
}

bool vmx_choose_controls(const struct vmx_capability *c, struct vmx_controls *out,
                         struct vmx_lack *lack)
{
    *out = (struct vmx_controls){.revision = c->basic & 0x7fffffff,
                                 /* an unrestricted guest may be in real mode */
                                 .cr0_fixed = c->cr0_fixed0 & ~(CR0_PE | CR0_PG),
                                 .cr4_fixed = c->cr4_fixed0,
                                 .cr4_allowed = c->cr4_fixed1,
                                 .timer_shift = c->misc & 0x1f}; /* A.6 */
    *lack = (struct vmx_lack){"control structures of 4 KiB in write-back memory", c->basic};
    if (BASIC_BYTES(c->basic) > 4096 || BASIC_MEMORY_TYPE(c->basic) != BASIC_WRITE_BACK)
        return false;
    if (!choose_words(c, out, lack))
        return false;
    *lack = (struct vmx_lack){"EPT of four levels, write-back, 2 MiB pages, INVEPT",
                              EPT_NEEDED & ~c->ept_vpid};
    if (lack->bits)
        return false;
    lack->bits = EPT_INVEPT_SINGLE | EPT_INVEPT_ALL;
    if (!(c->ept_vpid & lack->bits))
        return false;
    out->ept_1g = c->ept_vpid & EPT_1G;
    out->pml = (out->cpu2 & CPU2_PML) && (c->ept_vpid & EPT_ACCESSED_DIRTY);
    out->cpu2 &= ~CPU2_PML;
    out->invept_type = c->ept_vpid & EPT_INVEPT_SINGLE ? INV_CONTEXT : INV_ALL;
    if ((c->ept_vpid & VPID_INVVPID_ALL) != VPID_INVVPID_ALL) /* tags could not be used again */
        out->cpu2 &= ~CPU2_VPID;
    choose_apic(out);
    return true;
}

static bool fits(uint32_t word, uint32_t sometimes, uint64_t allowed)
{
    return !((word | sometimes) & ~(uint32_t)(allowed >> 32)) && !((uint32_t)allowed & ~word);
}

bool vmx_controls_fit(const struct vmx_controls *chosen, const struct vmx_capability *c)
{
    uint32_t apic = (chosen->apic_page ? CPU2_APIC_ACCESSES : 0) |
                    (chosen->x2apic_mode ? CPU2_X2APIC : 0) |
                    (chosen->apic_registers ? CPU2_APIC_REGISTERS : 0);
    uint32_t scaling = chosen->tsc_scaling ? CPU2_TSC_SCALING : 0;
    uint32_t pml = chosen->pml ? CPU2_PML : 0;
    struct vmx_controls own;
    struct vmx_lack lack;

    if (!vmx_choose_controls(c, &own, &lack) || own.revision != chosen->revision ||
        own.cr0_fixed != chosen->cr0_fixed || own.cr4_fixed != chosen->cr4_fixed ||
        (chosen->cr4_allowed & ~own.cr4_allowed))
        return false;
    if ((chosen->cpu2 & ~own.cpu2 & CPU2_VPID) || own.invept_type > chosen->invept_type ||
        (chosen->ept_1g && !own.ept_1g) || (chosen->pml && !own.pml))
        return false;
    return fits(chosen->pin, 0, c->pin) &&
           fits(chosen->cpu, CPU_INTERRUPT_WINDOW | CPU_NMI_WINDOW | CPU_RDTSC, c->cpu) &&
           fits(chosen->cpu2, apic | scaling | pml, c->cpu2) && fits(chosen->exit, 0, c->exit) &&
           fits(chosen->entry, ENTRY_IA32E, c->entry);
}
