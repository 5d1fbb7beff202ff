/* SPDX-License-Identifier: BSD-2-Clause */
/* A control structure for a person to read: why did the processor refuse it? */
#include "console/log.h"
#include "domain/domain.h"
#include "hvm/vmx/vmx.h"

static const char *const segments[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};

static void dump_guest(void)
{
    log_error("  guest: CR0 %#lx CR3 %#lx CR4 %#lx EFER %#lx PAT %#lx", vmread(VMCS_GUEST_CR0),
              vmread(VMCS_GUEST_CR3), vmread(VMCS_GUEST_CR4), vmread(VMCS_GUEST_EFER),
              vmread(VMCS_GUEST_PAT));
    log_error("  RIP %#lx RSP %#lx RFLAGS %#lx DR7 %#lx DEBUGCTL %#lx", vmread(VMCS_GUEST_RIP),
              vmread(VMCS_GUEST_RSP), vmread(VMCS_GUEST_RFLAGS), vmread(VMCS_GUEST_DR7),
              vmread(VMCS_GUEST_DEBUGCTL));
    for (uint32_t n = 0; n < ARRAY_SIZE(segments); n++)
        log_error("  %s %04lx base %#lx limit %#lx rights %#lx", segments[n],
                  vmread(VMCS_GUEST_ES_SELECTOR + 2 * n), vmread(VMCS_GUEST_ES_BASE + 2 * n),
                  vmread(VMCS_GUEST_ES_LIMIT + 2 * n), vmread(VMCS_GUEST_ES_RIGHTS + 2 * n));
    log_error("  GDT %#lx limit %#lx, IDT %#lx limit %#lx, SYSENTER %#lx:%#lx:%#lx",
              vmread(VMCS_GUEST_GDTR_BASE), vmread(VMCS_GUEST_GDTR_LIMIT),
              vmread(VMCS_GUEST_IDTR_BASE), vmread(VMCS_GUEST_IDTR_LIMIT),
              vmread(VMCS_GUEST_SYSENTER_CS), vmread(VMCS_GUEST_SYSENTER_EIP),
              vmread(VMCS_GUEST_SYSENTER_ESP));
    log_error("  activity %#lx, interruptibility %#lx, pending debug %#lx, link %#lx",
              vmread(VMCS_GUEST_ACTIVITY), vmread(VMCS_GUEST_INTERRUPTIBILITY),
              vmread(VMCS_GUEST_PENDING_DEBUG), vmread(VMCS_LINK_POINTER));
}

static void dump_controls(void)
{
    log_error("  controls: pin %#lx cpu %#lx %#lx exit %#lx entry %#lx exceptions %#lx",
              vmread(VMCS_PIN_CONTROLS), vmread(VMCS_CPU_CONTROLS), vmread(VMCS_CPU_CONTROLS2),
              vmread(VMCS_EXIT_CONTROLS), vmread(VMCS_ENTRY_CONTROLS), vmread(VMCS_EXCEPTIONS));
    log_error("  CR0 mask %#lx shadow %#lx, CR4 mask %#lx shadow %#lx", vmread(VMCS_CR0_MASK),
              vmread(VMCS_CR0_SHADOW), vmread(VMCS_CR4_MASK), vmread(VMCS_CR4_SHADOW));
    log_error("  entry event %#lx error %#lx length %#lx; EPT %#lx, MSR map %#lx",
              vmread(VMCS_ENTRY_EVENT), vmread(VMCS_ENTRY_ERROR), vmread(VMCS_ENTRY_LENGTH),
              vmread(VMCS_EPT_POINTER), vmread(VMCS_MSR_BITMAP));
    log_error("  exit %#lx qualification %#lx event %#lx error %#lx, in delivery %#lx error %#lx",
              vmread(VMCS_EXIT_REASON), vmread(VMCS_QUALIFICATION), vmread(VMCS_EXIT_EVENT),
              vmread(VMCS_EXIT_EVENT_ERROR), vmread(VMCS_VECTORING_EVENT),
              vmread(VMCS_VECTORING_ERROR));
    log_error("  guest-physical %#lx linear %#lx, instruction length %#lx info %#lx",
              vmread(VMCS_GUEST_PHYSICAL), vmread(VMCS_GUEST_LINEAR), vmread(VMCS_EXIT_LENGTH),
              vmread(VMCS_INSTRUCTION_INFO));
}

static void dump_host(void)
{
    log_error("  host: CR0 %#lx CR3 %#lx CR4 %#lx EFER %#lx RSP %#lx RIP %#lx",
              vmread(VMCS_HOST_CR0), vmread(VMCS_HOST_CR3), vmread(VMCS_HOST_CR4),
              vmread(VMCS_HOST_EFER), vmread(VMCS_HOST_RSP), vmread(VMCS_HOST_RIP));
    log_error("  GDT %#lx IDT %#lx TR %#lx", vmread(VMCS_HOST_GDTR_BASE),
              vmread(VMCS_HOST_IDTR_BASE), vmread(VMCS_HOST_TR_BASE));
}

void vmx_dump(struct vcpu *v)
{
    log_error("d%u: vCPU %u: control structure at %#lx, error %lu", v->domain->id, v->id,
              v->hvm->vmx->address, vmread(VMCS_INSTRUCTION_ERROR));
    dump_guest();
    dump_controls();
    dump_host();
}
