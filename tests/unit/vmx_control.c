/* SPDX-License-Identifier: BSD-2-Clause */
/* Control bits from capability MSRs: nothing that is not allowed or that nobody handles. */
/* sources: hypervisor/hvm/vmx/control.c */
#include "tests/unit/check.h"

#include "cpu/regs.h"
#include "hvm/vmx/control.h"
#include "hvm/vmx/vmcs.h"

#define ALLOWED(must, may) ((uint64_t)(may) << 32 | (must))
#define BASIC_GOOD         (0x12ULL | 4096ULL << 32 | 6ULL << 50 | 1ULL << 55)
#define EPT_GOOD           0x06314141ULL
#define VPID_GOOD          (0xf01ULL << 32)

/* A processor with everything; tests take away from it. */
static struct vmx_capability all(void)
{
    return (struct vmx_capability){.basic = BASIC_GOOD,
                                   .pin = ALLOWED(0x16, 0xff),
                                   .cpu = ALLOWED(0x04006172, 0xfff9fffe),
                                   .cpu2 = ALLOWED(0, 0x03ffffff),
                                   .exit = ALLOWED(0x36dfb, 0x01ffffff),
                                   .entry = ALLOWED(0x11fb, 0x3ffff),
                                   .cr0_fixed0 = CR0_PE | CR0_NE | CR0_PG,
                                   .cr4_fixed0 = 1u << 13,
                                   .cr4_fixed1 = 0x3727ff,
                                   .ept_vpid = EPT_GOOD | VPID_GOOD};
}

static bool is_within(uint32_t word, uint64_t allowed)
{
    return !(word & ~(uint32_t)(allowed >> 32)) && !((uint32_t)allowed & ~word);
}

TEST(a_full_processor_is_used_in_full)
{
    struct vmx_capability c = all();
    struct vmx_controls out;
    struct vmx_lack lack;

    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK_EQ(out.revision, 0x12);
    CHECK_EQ(out.cr0_fixed, CR0_NE); /* real mode is allowed: unrestricted */
    CHECK(out.tpr_shadow && out.x2apic_mode && out.apic_registers && out.virtual_interrupts);
    CHECK(out.apic_page && !(out.cpu2 & CPU2_APIC_ACCESSES)); /* while the APIC is in its mode */
    CHECK(out.cpu2 & CPU2_VPID);
    CHECK(!(out.cpu & (CPU_CR8_LOAD | CPU_CR8_STORE))); /* its own copy serves */
    CHECK(!(out.cpu & (CPU_INTERRUPT_WINDOW | CPU_NMI_WINDOW)));
    CHECK(!(out.entry & ENTRY_IA32E));
    CHECK(out.tsc_scaling && !(out.cpu2 & CPU2_TSC_SCALING)); /* for guests that need it */
    CHECK(!(out.cpu & CPU_RDTSC));
    CHECK_EQ(out.invept_type, INV_CONTEXT);
    CHECK(out.pml && !(out.cpu2 & CPU2_PML)); /* while somebody wants a log */
}

TEST(a_log_of_modified_pages_needs_dirty_bits)
{
    struct vmx_capability c = all(), less = all();
    struct vmx_controls out;
    struct vmx_lack lack;

    CHECK(vmx_choose_controls(&c, &out, &lack));
    less.ept_vpid &= ~(1ULL << 21);
    CHECK(!vmx_controls_fit(&out, &less)); /* a guest with a log may come to that CPU */
    CHECK(vmx_choose_controls(&less, &out, &lack));
    CHECK(!out.pml && vmx_controls_fit(&out, &c));
    less = all();
    less.cpu2 &= ~((uint64_t)CPU2_PML << 32);
    CHECK(vmx_choose_controls(&less, &out, &lack));
    CHECK(!out.pml);
}

/* Take every bit away, alone: either the rest is taken within what is allowed, or it is named. */
static unsigned int refusals_without(size_t word, uint32_t must)
{
    unsigned int refused = 0;

    for (unsigned int bit = 0; bit < 32; bit++) {
        struct vmx_capability c = all();
        uint64_t *w = &(&c.pin)[word];
        struct vmx_controls out;
        struct vmx_lack lack;

        if (must & 1u << bit) /* cannot be missing */
            continue;
        *w &= ~(1ULL << (32 + bit));
        if (!vmx_choose_controls(&c, &out, &lack)) {
            refused++;
            CHECK_EQ(lack.bits, 1u << bit);
            continue;
        }
        CHECK(is_within(out.pin, c.pin) && is_within(out.cpu, c.cpu) &&
              is_within(out.cpu2, c.cpu2) && is_within(out.exit, c.exit) &&
              is_within(out.entry, c.entry));
    }
    return refused;
}

TEST(each_missing_bit_is_done_without_or_named)
{
    CHECK_EQ(refusals_without(0, 0x16), 3);
    CHECK_EQ(refusals_without(1, 0x04006172), 12);
    CHECK_EQ(refusals_without(2, 0), 2);
    CHECK_EQ(refusals_without(3, 0x36dfb), 7);
    CHECK_EQ(refusals_without(4, 0x11fb), 4);
}

TEST(a_forced_bit_that_nobody_handles_is_refused)
{
    struct vmx_capability c = all();
    struct vmx_controls out;
    struct vmx_lack lack;

    c.cpu |= 1u << 15; /* exits at MOV to CR3: a processor without "true" MSRs */
    CHECK(!vmx_choose_controls(&c, &out, &lack));
    CHECK_EQ(lack.bits, 1u << 15);
    c = all();
    c.cpu |= CPU_HLT; /* one that we want anyway */
    CHECK(vmx_choose_controls(&c, &out, &lack));
}

TEST(without_the_shadow_of_the_priority_nothing_stands_on_it)
{
    struct vmx_capability c = all();
    struct vmx_controls out;
    struct vmx_lack lack;

    c.cpu &= ~((uint64_t)CPU_TPR_SHADOW << 32);
    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK(!out.tpr_shadow && !out.x2apic_mode && !out.apic_registers && !out.virtual_interrupts &&
          !out.apic_page);
    CHECK(!(out.cpu2 & (CPU2_X2APIC | CPU2_APIC_REGISTERS | CPU2_VIRTUAL_INTERRUPTS)));
    CHECK((out.cpu & CPU_CR8_LOAD) && (out.cpu & CPU_CR8_STORE));
}

TEST(the_page_needs_all_the_other_help)
{
    static const uint32_t bits[] = {CPU2_APIC_ACCESSES, CPU2_APIC_REGISTERS,
                                    CPU2_VIRTUAL_INTERRUPTS};

    for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
        struct vmx_capability c = all();
        struct vmx_controls out;
        struct vmx_lack lack;

        c.cpu2 &= ~((uint64_t)bits[i] << 32);
        CHECK(vmx_choose_controls(&c, &out, &lack));
        CHECK(!out.apic_page);
    }
}

TEST(flushing_must_be_possible)
{
    struct vmx_capability c = all();
    struct vmx_controls out;
    struct vmx_lack lack;

    c.ept_vpid &= ~(1ULL << 25); /* INVEPT of one context */
    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK_EQ(out.invept_type, INV_ALL);
    c.ept_vpid &= ~(1ULL << 26);
    CHECK(!vmx_choose_controls(&c, &out, &lack));
    c = all();
    c.ept_vpid &= ~(1ULL << 42); /* INVVPID of everything: tags cannot be used twice */
    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK(!(out.cpu2 & CPU2_VPID));
    c = all();
    c.ept_vpid |= 1ULL << 17; /* pages of 1 GiB: all processors have them, or none is used */
    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK(out.ept_1g && vmx_controls_fit(&out, &c));
    c.ept_vpid &= ~(1ULL << 17);
    CHECK(!vmx_controls_fit(&out, &c));
    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK(!out.ept_1g);
    c.ept_vpid &= ~(1ULL << 6);
    CHECK(!vmx_choose_controls(&c, &out, &lack));
    CHECK_EQ(lack.bits, 1u << 6);
}

/* Other CPUs of the machine may have more, but not less than what was chosen on the first. */
TEST(every_cpu_must_take_the_choice)
{
    struct vmx_capability c = all(), less = all();
    struct vmx_controls out;
    struct vmx_lack lack;

    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK(vmx_controls_fit(&out, &c));
    less.cpu2 &= ~((uint64_t)CPU2_APIC_REGISTERS << 32); /* used in one mode of the guest only */
    CHECK(!vmx_controls_fit(&out, &less));
    CHECK(vmx_choose_controls(&less, &out, &lack));
    CHECK(vmx_controls_fit(&out, &c)); /* more is fine */
    less = c;
    less.cpu2 &= ~((uint64_t)CPU2_TSC_SCALING << 32);
    CHECK(vmx_choose_controls(&c, &out, &lack));
    CHECK(!vmx_controls_fit(&out, &less));
    CHECK(vmx_choose_controls(&less, &out, &lack));
    CHECK(!out.tsc_scaling && vmx_controls_fit(&out, &c));
    less = c;
    less.ept_vpid &= ~(1ULL << 42);
    CHECK(!vmx_controls_fit(&out, &less));
    less = c;
    less.ept_vpid &= ~(1ULL << 25);
    CHECK(!vmx_controls_fit(&out, &less));
    less = c;
    less.basic++;
    CHECK(!vmx_controls_fit(&out, &less));
    less = c;
    less.cpu2 |= CPU2_WBINVD | 1; /* forced, and not in the choice */
    CHECK(!vmx_controls_fit(&out, &less));
}

TEST(structures_must_fit_a_page_of_ordinary_memory)
{
    struct vmx_capability c = all();
    struct vmx_controls out;
    struct vmx_lack lack;

    c.basic = (c.basic & ~(15ULL << 50));
    CHECK(!vmx_choose_controls(&c, &out, &lack));
    c = (struct vmx_capability){0}; /* no VMX at all */
    CHECK(!vmx_choose_controls(&c, &out, &lack));
}
