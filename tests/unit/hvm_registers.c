/* SPDX-License-Identifier: BSD-2-Clause */
/* Which values control registers and memory type registers of an HVM guest may have. */
/* sources: hypervisor/hvm/cr.c hypervisor/hvm/mtrr.c hypervisor/cpu/policy_features.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "abi/errno.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "hvm/cr.h"
#include "hvm/mtrr.h"
#include "p2m/entry.h"
#include "p2m/walk.h"

#define F(name) XEN_X86_FEATURE_##name

TEST(cr4_has_the_bits_of_its_policy)
{
    struct cpu_policy p = {0};

    CHECK_EQ(hvm_cr4_bits(&p), CR4_PCE);
    cpu_policy_set_feature(&p, F(SMEP), true);
    cpu_policy_set_feature(&p, F(PAE), true);
    CHECK_EQ(hvm_cr4_bits(&p), CR4_PCE | CR4_SMEP | CR4_PAE);
    cpu_policy_set_feature(&p, F(SMEP), false);
    CHECK_EQ(hvm_cr4_bits(&p), CR4_PCE | CR4_PAE);
}

TEST(cr4_changes_by_the_rules)
{
    const struct walk_mode legacy = {.cr4 = CR4_PAE};
    const struct walk_mode long_mode = {.cr4 = CR4_PAE, .efer = EFER_LMA, .cr3 = 0x1000};
    const struct walk_mode with_pcid = {
        .cr4 = CR4_PAE | CR4_PCIDE, .efer = EFER_LMA, .cr3 = 0x1005};
    const struct walk_mode low_bits = {.cr4 = CR4_PAE, .efer = EFER_LMA, .cr3 = 0x1005};
    struct cpu_policy p = {0};

    cpu_policy_set_feature(&p, F(PAE), true);
    CHECK(hvm_cr4_may_become(&p, &legacy, 0));
    CHECK(!hvm_cr4_may_become(&p, &long_mode, 0)); /* PAE stays in long mode */
    CHECK(!hvm_cr4_may_become(&p, &long_mode, CR4_PAE | CR4_PCIDE)); /* no such feature */
    cpu_policy_set_feature(&p, F(PCID), true);
    CHECK(hvm_cr4_may_become(&p, &long_mode, CR4_PAE | CR4_PCIDE));
    CHECK(!hvm_cr4_may_become(&p, &legacy, CR4_PAE | CR4_PCIDE));
    CHECK(!hvm_cr4_may_become(&p, &low_bits, CR4_PAE | CR4_PCIDE));
    CHECK(hvm_cr4_may_become(&p, &with_pcid, CR4_PAE | CR4_PCIDE));
}

TEST(registers_fit_together)
{
    struct walk_mode m = {.cr0 = CR0_PE | CR0_PG | CR0_ET,
                          .cr4 = CR4_PAE,
                          .efer = EFER_LME | EFER_LMA};
    struct cpu_policy p = {0};

    cpu_policy_set_feature(&p, F(PAE), true);
    CHECK(!hvm_registers_fit(&p, &m)); /* no long mode */
    cpu_policy_set_feature(&p, F(LM), true);
    CHECK(hvm_registers_fit(&p, &m));
    m.efer = EFER_LME; /* LMA is what the others make it */
    CHECK(!hvm_registers_fit(&p, &m));
    m.efer |= EFER_LMA;
    m.cr4 = 0;
    CHECK(!hvm_registers_fit(&p, &m));
    m.cr4 = CR4_PAE;
    m.cr0 = CR0_PG | CR0_ET;
    CHECK(!hvm_registers_fit(&p, &m)); /* paging without protection */
    m.cr0 = CR0_PE | CR0_PG | CR0_NW;
    CHECK(!hvm_registers_fit(&p, &m));
    m.cr0 = CR0_PE | CR0_PG | CR0_NW | CR0_CD;
    CHECK(hvm_registers_fit(&p, &m));
    m.cr0 |= 1ULL << 40;
    CHECK(!hvm_registers_fit(&p, &m));
}

TEST(memory_types_are_those_there_are)
{
    struct hvm_hw_mtrr m;

    mtrr_init(&m);
    CHECK(mtrr_is_valid(&m, 36));
    CHECK_EQ(mtrr_write(&m, 0x200, 0xc0000006, 36), 0);
    CHECK_EQ(mtrr_read(&m, 0x200), 0xc0000006);
    CHECK_EQ(mtrr_write(&m, 0x200, 0xc0000002, 36), -EINVAL); /* no type 2 */
    CHECK_EQ(mtrr_write(&m, 0x200, 0xc0000106, 36), -EINVAL);
    CHECK_EQ(mtrr_write(&m, 0x200, 1ULL << 36, 36), -EINVAL);
    CHECK_EQ(mtrr_write(&m, 0x200, 1ULL << 36, 40), 0);
    CHECK_EQ(mtrr_write(&m, 0x201, 0xfc0000800, 36), 0);
    CHECK_EQ(mtrr_write(&m, 0x201, 0xfc0000801, 36), -EINVAL);
    CHECK_EQ(mtrr_write(&m, 0x250, 0x0606060606060606, 36), 0);
    CHECK_EQ(mtrr_write(&m, 0x26f, 0x0606060606060607, 36), -EINVAL);
    CHECK_EQ(mtrr_write(&m, 0x2ff, 0xc06, 36), 0);
    CHECK_EQ(mtrr_write(&m, 0x2ff, 0x1c06, 36), -EINVAL);
    CHECK_EQ(mtrr_write(&m, 0xfe, 0, 36), -EINVAL); /* read-only */
    CHECK_EQ(mtrr_read(&m, 0xfe), 0x508);
    CHECK(!mtrr_is_valid(&m, 36)); /* a base beyond 36 bits was taken above */
    CHECK(mtrr_is_valid(&m, 40));
    CHECK(mtrr_pat_is_valid(0x0007040600070406));
    CHECK(!mtrr_pat_is_valid(0x0007040600070402));
    CHECK(!mtrr_is_msr(0x210));
    CHECK(!mtrr_is_msr(0x25a));
    CHECK(mtrr_is_msr(0x259));
}

TEST(only_devices_make_memory_types_count)
{
    const uint64_t of_linux = 0x0407050600070106; /* WB WC UC- UC, WB WP UC- WT */

    CHECK_EQ(mtrr_pat_in_force(of_linux, true), of_linux);
    CHECK_EQ(mtrr_pat_in_force(PAT_RESET, false), PAT_ALL_WB);
    for (unsigned int type = 0; type < 8; type++) /* whichever entry a page table chooses */
        CHECK_EQ(mtrr_pat_in_force(of_linux, false) >> 8 * type & 0xff, P2M_CACHE_WB);
    CHECK(mtrr_pat_is_valid(PAT_ALL_WB));
}

TEST(what_no_guest_can_set_is_settled)
{
    struct hvm_hw_cpu c = {.rflags = ~0ULL, .dr6 = ~0ULL, .dr7 = ~0ULL};

    hvm_registers_settle(&c);
    CHECK_EQ(c.rflags, 0x3f7fd7);
    CHECK_EQ(c.dr6, 0xffffefff & (0xffff0ff0 | 0xe00f));
    CHECK_EQ(c.dr7, 0xffff27ff);
    c = (struct hvm_hw_cpu){.rflags = X86_VM, .msr_efer = EFER_LMA};
    hvm_registers_settle(&c);
    CHECK_EQ(c.rflags, 2); /* no virtual-8086 mode there */
    CHECK_EQ(c.dr6, 0xffff0ff0);
    CHECK_EQ(c.dr7, 0x400);
}
