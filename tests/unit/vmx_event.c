/* SPDX-License-Identifier: BSD-2-Clause */
/* Events across exits and entries, CR0 writes: the manual's rules, one by one. */
#include "tests/unit/check.h"

#include "hvm/vmx/cr0.h"
#include "hvm/vmx/event.h"

#define INFO(type, vector) (VMX_EVENT_VALID | (uint32_t)(type) << 8 | (vector))

TEST(what_was_cut_short_goes_in_again)
{
    struct hvm_event e = vmx_event_again(INFO(HVM_EVENT_INTERRUPT, 0x31), 7, 2);

    CHECK(e.valid && e.vector == 0x31 && e.type == HVM_EVENT_INTERRUPT);
    CHECK(!e.has_error && !e.error && !e.length);
    CHECK_EQ(vmx_entry_info(&e, true), INFO(HVM_EVENT_INTERRUPT, 0x31));
    CHECK(!vmx_event_again(0x31, 0, 0).valid);

    e = vmx_event_again(INFO(HVM_EVENT_EXCEPTION, VEC_PF) | VMX_EVENT_ERROR, 6, 3);
    CHECK(e.has_error && e.error == 6 && !e.length);
    CHECK_EQ(vmx_entry_info(&e, true), INFO(HVM_EVENT_EXCEPTION, VEC_PF) | VMX_EVENT_ERROR);
    /* no error codes in real mode */
    CHECK_EQ(vmx_entry_info(&e, false), INFO(HVM_EVENT_EXCEPTION, VEC_PF));
}

TEST(software_events_skip_their_instruction)
{
    static const uint8_t types[] = {HVM_EVENT_SOFTWARE, HVM_EVENT_PRIVILEGED_SOFTWARE,
                                    HVM_EVENT_SOFTWARE_EXCEPTION};

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct hvm_event e = vmx_event_again(INFO(types[i], 3), 0, 2);

        CHECK_EQ(e.length, 2);
        CHECK_EQ(e.type, types[i]);
        CHECK(vmx_event_is_software(e.type));
    }
    CHECK(!vmx_event_is_software(HVM_EVENT_NMI));
    CHECK(!vmx_event_is_software(HVM_EVENT_EXCEPTION));
    CHECK(!vmx_event_is_software(7));
}

TEST(an_iret_that_faulted_blocks_nmis_again)
{
    uint32_t pf = INFO(HVM_EVENT_EXCEPTION, VEC_PF) | VMX_EVENT_NMI_UNBLOCK;
    uint32_t df = INFO(HVM_EVENT_EXCEPTION, VEC_DF) | VMX_EVENT_NMI_UNBLOCK;
    uint32_t delivery = INFO(HVM_EVENT_NMI, 2);

    CHECK(vmx_blocks_nmi_again(VMX_EXIT_EXCEPTION, pf, 0, 0));
    CHECK(!vmx_blocks_nmi_again(VMX_EXIT_EXCEPTION, pf & ~VMX_EVENT_NMI_UNBLOCK, 1u << 12, 0));
    CHECK(!vmx_blocks_nmi_again(VMX_EXIT_EXCEPTION, pf, 0, delivery));
    CHECK(!vmx_blocks_nmi_again(VMX_EXIT_EXCEPTION, df, 0, 0));
    CHECK(vmx_blocks_nmi_again(VMX_EXIT_EPT_VIOLATION, 0, 1u << 12, 0));
    CHECK(!vmx_blocks_nmi_again(VMX_EXIT_EPT_VIOLATION, 0, 1u << 12, delivery));
    CHECK(vmx_blocks_nmi_again(VMX_EXIT_PML_FULL, 0, 1u << 12, 0));
    CHECK(!vmx_blocks_nmi_again(VMX_EXIT_PML_FULL, 0, 0, 0));
    CHECK(!vmx_blocks_nmi_again(VMX_EXIT_CPUID, pf, 1u << 12, 0));
}

TEST(when_events_get_in)
{
    CHECK(vmx_takes_interrupt(X86_IF, 0));
    CHECK(!vmx_takes_interrupt(0, 0));
    CHECK(!vmx_takes_interrupt(X86_IF, BLOCKED_STI));
    CHECK(!vmx_takes_interrupt(X86_IF, BLOCKED_SS));
    CHECK(vmx_takes_interrupt(X86_IF, BLOCKED_NMI));
    CHECK(vmx_takes_nmi(0));
    CHECK(!vmx_takes_nmi(BLOCKED_NMI));
    CHECK(!vmx_takes_nmi(BLOCKED_STI));
    CHECK(!vmx_takes_nmi(BLOCKED_SS));
}

TEST(only_some_exits_interrupt_a_delivery)
{
    CHECK(vmx_exit_may_interrupt_delivery(VMX_EXIT_EPT_VIOLATION));
    CHECK(vmx_exit_may_interrupt_delivery(VMX_EXIT_EXCEPTION));
    CHECK(vmx_exit_may_interrupt_delivery(VMX_EXIT_TASK_SWITCH));
    CHECK(vmx_exit_may_interrupt_delivery(VMX_EXIT_PML_FULL));
    CHECK(!vmx_exit_may_interrupt_delivery(VMX_EXIT_INTERRUPT));
    CHECK(!vmx_exit_may_interrupt_delivery(VMX_EXIT_VMCALL));
}

TEST(debug_status_collects)
{
    CHECK_EQ(vmx_dr6_after(0xffff0ff3, 1u << 14), 0xffff4ff0);     /* breakpoints are fresh */
    CHECK_EQ(vmx_dr6_after(0xffff4ff0, 0x2), 0xffff4ff2);          /* BS stays */
    CHECK_EQ(vmx_dr6_after(0xffff0ff0, 1u << 13 | 1), 0xffff2ff1); /* BD */
    CHECK_EQ(vmx_dr6_after(0xffff0ff0, 1u << 16), 0xfffe0ff0);     /* RTM is inverted */
}

TEST(cr0_writes)
{
    struct walk_mode s = {.cr0 = CR0_PE | CR0_ET};

    CHECK(cr0_may_become(&s, false, CR0_PE | CR0_PG));
    CHECK(!cr0_may_become(&s, false, CR0_PG));
    CHECK(!cr0_may_become(&s, false, CR0_NW));
    CHECK(cr0_may_become(&s, false, CR0_NW | CR0_CD));
    CHECK(!cr0_may_become(&s, false, 1ULL << 32));
    s.efer = EFER_LME; /* into IA-32e mode by way of PAE, from 32-bit code */
    CHECK(!cr0_may_become(&s, false, CR0_PE | CR0_PG));
    s.cr4 = CR4_PAE;
    CHECK(cr0_may_become(&s, false, CR0_PE | CR0_PG));
    CHECK(!cr0_may_become(&s, true, CR0_PE | CR0_PG));
    s = (struct walk_mode){.cr0 = CR0_PE | CR0_PG, .cr4 = CR4_PAE, .efer = EFER_LME | EFER_LMA};
    CHECK(cr0_may_become(&s, false, CR0_PE)); /* from compatibility mode */
    CHECK(!cr0_may_become(&s, true, CR0_PE));
    s = (struct walk_mode){.cr0 = CR0_PE | CR0_PG, .cr4 = CR4_PAE | CR4_PCIDE};
    CHECK(!cr0_may_become(&s, false, CR0_PE));
}

TEST(lma_follows_paging)
{
    CHECK_EQ(efer_with_cr0(EFER_LME, CR0_PG | CR0_PE), EFER_LME | EFER_LMA);
    CHECK_EQ(efer_with_cr0(EFER_LME | EFER_LMA, CR0_PE), EFER_LME);
    CHECK_EQ(efer_with_cr0(0, CR0_PG), 0);
    CHECK(cr_has_pdptes(CR0_PG, CR4_PAE, 0));
    CHECK(!cr_has_pdptes(CR0_PG, CR4_PAE, EFER_LMA));
    CHECK(!cr_has_pdptes(CR0_PG, 0, 0));
    CHECK(!cr_has_pdptes(0, CR4_PAE, 0));
}
