/* SPDX-License-Identifier: BSD-2-Clause */
/* sources: hypervisor/cpu/policy_features.c hypervisor/cpu/policy_derive.c hypervisor/cpu/policy_leaves.c hypervisor/cpu/topology.c */
/* CPU policies: what guests see never exceeds what they may, whatever the host has. */
#include "check.h"

#include "abi/errno.h"
#include "cpu/policy.h"
#include "cpu/topology.h"

#define F(name) XEN_X86_FEATURE_##name
#define EXT 0x80000000u

/* What a PV kernel would act on from ring 3, to its harm. Named here once more on purpose. */
static const uint16_t never_pv[] = {
    F(VME), F(PSE), F(MTRR), F(PGE), F(PSE36), F(DS), F(TM1), F(DTES64), F(MONITOR), F(DSCPL),
    F(VMX), F(SMX), F(EIST), F(TM2), F(PDCM), F(PCID), F(X2APIC), F(TSC_DEADLINE), F(PAGE1GB),
    F(SVM), F(EXTAPIC), F(OSVW), F(IBS), F(SKINIT), F(WDT), F(LWP), F(NODEID_MSR), F(TOPOEXT),
    F(MONITORX), F(XSAVES), F(TSC_ADJUST), F(SGX), F(SMEP), F(INVPCID), F(PQM), F(PQE), F(SMAP),
    F(PROC_TRACE), F(UMIP), F(PKU), F(OSPKE), F(CET_SS), F(ENQCMD), F(HW_PSTATE), F(CPB), F(EFRO),
    F(IBRS), F(IBRSB), F(STIBP), F(SSBD), F(AMD_STIBP), F(AMD_SSBD), F(VIRT_SSBD), F(CET_IBT),
    F(L1D_FLUSH), F(CORE_CAPS), F(HYBRID), F(TSX_FORCE_ABORT), F(APIC), F(HTT), F(CMP_LEGACY),
    F(CR8_LEGACY), F(MPX), F(TSX_CTRL), F(EIBRS), F(DBEXT),
};

/* Two features of which the first makes no sense without the second. */
static const uint16_t needs[][2] = {
    {F(AVX), F(XSAVE)}, {F(AVX2), F(AVX)}, {F(FMA), F(AVX)}, {F(F16C), F(AVX)}, {F(XOP), F(AVX)},
    {F(VAES), F(AVX)}, {F(AVX512F), F(AVX2)}, {F(AVX512BW), F(AVX512F)},
    {F(AVX512_VBMI), F(AVX512F)}, {F(XSAVEC), F(XSAVE)}, {F(XSAVEOPT), F(XSAVE)},
    {F(SSE2), F(SSE)}, {F(LM), F(SSE2)}, {F(CX16), F(LM)}, {F(FSGSBASE), F(LM)},
};

static struct cpu_policy raw, host, guest, other;

static void set_vendor(struct cpu_policy *p, const char *name)
{
    memcpy(&p->basic[0].ebx, name, 4);
    memcpy(&p->basic[0].edx, name + 4, 4);
    memcpy(&p->basic[0].ecx, name + 8, 4);
}

/* Component layouts as on real CPUs. */
static void set_layout(struct cpu_policy *p)
{
    p->xstate[2] = (struct cpuid_regs){256, 576, 0, 0};
    p->xstate[5] = (struct cpuid_regs){64, 1088, 0, 0};
    p->xstate[6] = (struct cpuid_regs){512, 1152, 0, 0};
    p->xstate[7] = (struct cpuid_regs){1024, 1664, 0, 0};
    p->xstate[9] = (struct cpuid_regs){8, 2688, 2, 0};
}

static void random_raw(unsigned int sparsity)
{
    static const char *const vendors[] = {"GenuineIntel", "AuthenticAMD", "HygonGenuine"};
    uint32_t *words = (uint32_t *)&raw;

    for (size_t i = 0; i < sizeof(raw) / 4; i++) {
        words[i] = (uint32_t)check_random();
        for (unsigned int n = 0; n < sparsity; n++)
            words[i] |= (uint32_t)check_random();
    }
    set_vendor(&raw, vendors[check_random_below(3)]);
    raw.basic[0].eax = (uint32_t)check_random_below(0x1f) + 1;
    raw.feat[0].eax = (uint32_t)check_random_below(4);
    raw.ext[0].eax = EXT + (uint32_t)check_random_below(0x30);
    raw.basic[4] = raw.basic[7] = raw.basic[0xb] = raw.basic[0xd] = (struct cpuid_regs){0};
    set_layout(&raw);
    raw.platform_info = check_random();
    raw.hv_limit = raw.hv2_limit = 0;
}

static struct cpu_policy_host random_use(void)
{
    static const uint64_t xcr0[] = {0, 3, 7, 0xe7, 0x2e7};
    uint64_t bits = check_random();

    return (struct cpu_policy_host){
        .xcr0 = xcr0[check_random_below(5)], .fsgsbase = bits & 1, .hvm = bits & 2,
        .xsavec = bits & 4};
}

static void check_subset(const struct cpu_policy *p, const struct cpu_policy *of)
{
    uint32_t a[CPU_FEATURE_WORDS], b[CPU_FEATURE_WORDS];

    cpu_policy_features(p, a);
    cpu_policy_features(of, b);
    b[1] |= 1u << (F(HYPERVISOR) % 32);
    a[2] &= ~0x0183f3ffu; /* AMD's repeats of leaf 1 */
    for (unsigned int i = 0; i < CPU_FEATURE_WORDS; i++)
        CHECK_EQ(a[i] & ~b[i], 0);
}

static void check_pv(const struct cpu_policy *p, const struct cpu_policy_host *use)
{
    for (size_t i = 0; i < ARRAY_SIZE(never_pv); i++)
        if (cpu_policy_has(p, never_pv[i]))
            CHECK_FAIL("PV guest sees feature %u*32+%u", never_pv[i] / 32, never_pv[i] % 32);
    for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
        CHECK(!cpu_policy_has(p, needs[i][0]) || cpu_policy_has(p, needs[i][1]));
    CHECK(cpu_policy_has(p, F(HYPERVISOR)));
    CHECK(!cpu_policy_has(p, F(FSGSBASE)) || use->fsgsbase);
    CHECK(!cpu_policy_has(p, F(XSAVEC)) || use->xsavec);
    CHECK_EQ(cpu_policy_xcr0(p) & ~use->xcr0, 0);
    CHECK(!(cpu_policy_xcr0(p) & 0x200)); /* PKRU */
    CHECK_EQ(cpu_policy_has(p, F(AVX)), (cpu_policy_xcr0(p) & 4) != 0);
    CHECK_EQ(cpu_policy_has(p, F(XSAVE)), cpu_policy_xcr0(p) != 0);
    CHECK_EQ(p->ext[8].eax >> 16, 0);
    CHECK((p->ext[8].eax >> 8 & 0xff) <= 48);
    CHECK_EQ(p->ext[1].edx >> 26 & 1, 0); /* 1 GiB pages */
    CHECK_EQ(p->basic[5].eax | p->basic[6].ecx | p->basic[0xa].eax, 0);
    CHECK_EQ(p->platform_info, 0);
    CHECK(p->basic[0].eax < CPU_POLICY_BASIC);
    CHECK(p->ext[0].eax - EXT < CPU_POLICY_EXT);
}

TEST(hidden_features_never_leak)
{
    for (unsigned int round = 0; round < 3000; round++) {
        struct cpu_policy_host use = random_use();

        random_raw(round % 5);
        cpu_policy_derive_host(&host, &raw, &use);
        for (unsigned int by_default = 0; by_default < 2; by_default++) {
            cpu_policy_derive_guest(&guest, &host, false, by_default, &use);
            check_pv(&guest, &use);
            check_subset(&guest, &host);
        }
        CHECK(!cpu_policy_has(&guest, F(ITSC)));
    }
}

/* Whatever the toolstack writes, the result stays within the bound, and confining again changes
 * nothing. */
TEST(toolstack_cannot_exceed_the_bound)
{
    for (unsigned int round = 0; round < 3000; round++) {
        struct cpu_policy_host use = random_use();

        random_raw(round % 5);
        cpu_policy_derive_host(&host, &raw, &use);
        cpu_policy_derive_guest(&guest, &host, false, false, &use);
        random_raw(4);
        other = raw;
        cpu_policy_confine(&other, &guest, false);
        check_pv(&other, &use);
        check_subset(&other, &guest);
        raw = other;
        cpu_policy_confine(&raw, &guest, false);
        CHECK(!memcmp(&raw, &other, sizeof(raw)));
    }
}

TEST(serialised_form_is_complete)
{
    for (unsigned int round = 0; round < 1000; round++) {
        struct cpu_policy_host use = random_use();
        unsigned int at = 0, count = 0;
        uint32_t leaf, subleaf, msr;
        xen_cpuid_leaf_t one;

        random_raw(round % 5);
        cpu_policy_derive_host(&host, &raw, &use);
        cpu_policy_derive_guest(&guest, &host, false, true, &use);
        memset(&other, 0, sizeof(other));
        while (cpu_policy_leaf_next(&guest, &at, &one)) {
            CHECK_EQ(cpu_policy_leaf_put(&other, &one), 0);
            count++;
        }
        for (unsigned int i = 0; i < CPU_POLICY_MSRS; i++) {
            xen_msr_entry_t entry = cpu_policy_msr_at(&guest, i);

            CHECK_EQ(cpu_policy_msr_put(&other, &entry), 0);
        }
        CHECK(count <= cpu_policy_leaf_limit());
        CHECK(!memcmp(&other, &guest, sizeof(other)));
        CHECK_EQ(cpu_policy_check(&other, &guest, &leaf, &subleaf, &msr), 0);
    }
}

TEST(bad_entries_are_refused)
{
    static const xen_cpuid_leaf_t bad[] = {
        {.leaf = 0xe, .subleaf = XEN_CPUID_NO_SUBLEAF},
        {.leaf = 1, .subleaf = 0},
        {.leaf = 7, .subleaf = XEN_CPUID_NO_SUBLEAF},
        {.leaf = 7, .subleaf = CPU_POLICY_FEAT},
        {.leaf = 0xd, .subleaf = CPU_POLICY_XSTATE},
        {.leaf = EXT + CPU_POLICY_EXT, .subleaf = XEN_CPUID_NO_SUBLEAF},
        {.leaf = 0x40000001, .subleaf = XEN_CPUID_NO_SUBLEAF},
        {.leaf = 0x40000000, .subleaf = XEN_CPUID_NO_SUBLEAF, .a = 0x100},
        {.leaf = 0xffffffff, .subleaf = 0xffffffff},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        CHECK_EQ(cpu_policy_leaf_put(&other, &bad[i]), -ERANGE);
    CHECK_EQ(cpu_policy_msr_put(&other, &(xen_msr_entry_t){.idx = 0x10}), -ERANGE);
    CHECK_EQ(cpu_policy_msr_put(&other, &(xen_msr_entry_t){.idx = 0xce, .flags = 1}), -EINVAL);
    CHECK_EQ(cpu_policy_msr_put(&other, &(xen_msr_entry_t){.idx = 0xce, .val = 1}), -EOVERFLOW);
}

TEST(offenders_are_named)
{
    struct cpu_policy_host use = {.xcr0 = 7};
    uint32_t leaf, subleaf, msr;

    random_raw(3);
    raw.basic[0].eax = 0xd;
    raw.feat[0].eax = 1;
    cpu_policy_derive_host(&host, &raw, &use);
    cpu_policy_derive_guest(&guest, &host, false, true, &use);
    other = guest;
    other.basic[0].eax++;
    CHECK_EQ(cpu_policy_check(&other, &guest, &leaf, &subleaf, &msr), -EINVAL);
    CHECK_EQ(leaf, 0);
    other = guest;
    other.feat[0].eax++;
    CHECK_EQ(cpu_policy_check(&other, &guest, &leaf, &subleaf, &msr), -EINVAL);
    CHECK_EQ(leaf, 7);
    other = guest;
    other.platform_info = 1ULL << 31;
    CHECK_EQ(cpu_policy_check(&other, &guest, &leaf, &subleaf, &msr), -EINVAL);
    CHECK_EQ(msr, 0xce);
}

TEST(xsave_sizes)
{
    memset(&host, 0, sizeof(host));
    set_layout(&host);
    CHECK_EQ(cpu_policy_xsave_bytes(&host, 1), 576);
    CHECK_EQ(cpu_policy_xsave_bytes(&host, 7), 832);
    CHECK_EQ(cpu_policy_xsavec_bytes(&host, 7), 832);
    CHECK_EQ(cpu_policy_xsave_bytes(&host, 0xe7), 2688);
    CHECK_EQ(cpu_policy_xsavec_bytes(&host, 0xe7), 576 + 256 + 64 + 512 + 1024);
    CHECK_EQ(cpu_policy_xsavec_bytes(&host, 0x207), 832 + 8);
    host.xstate[2].eax = 250; /* the next component is aligned */
    CHECK_EQ(cpu_policy_xsavec_bytes(&host, 0x207), 832 + 8);
}

TEST(no_hvm_policy_without_hvm)
{
    struct cpu_policy_host use = {.xcr0 = 7};

    random_raw(4);
    raw.basic[0].eax = 0xd;
    cpu_policy_derive_host(&host, &raw, &use);
    cpu_policy_derive_guest(&guest, &host, true, false, &use);
    CHECK_EQ(guest.basic[0].eax, 0);
}

TEST(topology_of_known_cpus)
{
    struct cpu_topology t;

    memset(&raw, 0, sizeof(raw)); /* leaf 0xb: 2 threads, 8 threads in a package */
    raw.basic[0].eax = 0xd;
    raw.topo[0] = (struct cpuid_regs){1, 2, 0x100, 0};
    raw.topo[1] = (struct cpuid_regs){3, 8, 0x201, 0};
    t = cpu_topology_of(&raw);
    CHECK_EQ(cpu_topology_core(t, 13), 2);
    CHECK_EQ(cpu_topology_package(t, 13), 1);

    memset(&raw, 0, sizeof(raw)); /* AMD without 0xb: 4 cores */
    set_vendor(&raw, "AuthenticAMD");
    raw.basic[0].eax = 0xa;
    raw.ext[0].eax = EXT + 8;
    raw.ext[8].ecx = 2 << 12 | 3;
    t = cpu_topology_of(&raw);
    CHECK_EQ(cpu_topology_core(t, 6), 2);
    CHECK_EQ(cpu_topology_package(t, 6), 1);

    memset(&raw, 0, sizeof(raw)); /* one old CPU */
    t = cpu_topology_of(&raw);
    CHECK_EQ(cpu_topology_core(t, 5), 0);
    CHECK_EQ(cpu_topology_package(t, 5), 5);
}
