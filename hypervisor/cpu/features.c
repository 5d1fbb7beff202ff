/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds out what the CPU can do, and sets its control registers accordingly. */
#include "cpu/features.h"

#include "cpu/extable.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "lib/string.h"
#include "lib/types.h"

struct cpu_features cpu_features;

static void read_identity(struct cpu_features *f)
{
    struct cpuid_regs r = cpuid(0, 0);
    uint32_t max_extended = cpuid(0x80000000, 0).eax;

    memcpy(f->vendor, &r.ebx, 4);
    memcpy(f->vendor + 4, &r.edx, 4);
    memcpy(f->vendor + 8, &r.ecx, 4);
    f->is_intel = !strcmp(f->vendor, "GenuineIntel");
    f->is_amd = !strcmp(f->vendor, "AuthenticAMD") || !strcmp(f->vendor, "HygonGenuine");

    r = cpuid(1, 0);
    f->family = r.eax >> 8 & 0xf;
    f->model = r.eax >> 4 & 0xf;
    f->stepping = r.eax & 0xf;
    if (f->family == 6 || f->family == 15)
        f->model |= (r.eax >> 16 & 0xf) << 4;
    if (f->family == 15)
        f->family += r.eax >> 20 & 0xff;
    if (max_extended >= 0x80000004)
        for (uint32_t leaf = 0; leaf < 3; leaf++) {
            r = cpuid(0x80000002 + leaf, 0);
            memcpy(f->brand + leaf * 16, &r, 16);
        }
    f->physical_bits = 36;
    f->linear_bits = 48;
    if (max_extended >= 0x80000008) {
        r = cpuid(0x80000008, 0);
        f->physical_bits = r.eax & 0xff;
        f->linear_bits = r.eax >> 8 & 0xff;
    }
}

static void read_xsave(struct cpu_features *f)
{
    struct cpuid_regs r;

    if (!f->xsave)
        return;
    r = cpuid(0xd, 0);
    /* x87, SSE, AVX, AVX-512 (SDM vol. 1, 13.1); PKRU is not for PV guests */
    f->xcr0_mask = (r.eax | (uint64_t)r.edx << 32) &
                   (XSTATE_X87 | XSTATE_SSE | XSTATE_AVX | XSTATE_AVX512);
    f->xsave_bytes = r.ecx;
    r = cpuid(0xd, 1);
    f->xsaveopt = r.eax & 1;
    f->xsavec = r.eax & 2;
}

/*
 * Gather data sampling: Intel's list of affected processors (Skylake to Tiger Lake, Rocket Lake),
 * unless the CPU says that it is not, or has the microcode whose default is to prevent it
 * (ARCH_CAPABILITIES.GDS_NO, GDS_CTRL: SDM vol. 4, table 2-2).
 */
static bool gather_leaks(const struct cpu_features *f, uint64_t caps)
{
    static const uint8_t models[] = {0x4e, 0x55, 0x5e, 0x6a, 0x6c, 0x7d, 0x7e, 0x8c,
                                     0x8d, 0x8e, 0x9e, 0xa5, 0xa6, 0xa7};

    if (!f->is_intel || f->family != 6 || (caps & (ARCH_CAPS_GDS_CTRL | ARCH_CAPS_GDS_NO)))
        return false;
    return memchr(models, (int)f->model, sizeof(models)) != NULL;
}

void features_init(void)
{
    struct cpu_features *f = &cpu_features;
    uint32_t max_leaf = cpuid(0, 0).eax;
    uint32_t max_extended = cpuid(0x80000000, 0).eax;
    struct cpuid_regs r;
    uint64_t caps = 0;

    read_identity(f);
    r = cpuid(1, 0);
    f->monitor = r.ecx & BIT(3);
    f->x2apic = r.ecx & BIT(21);
    f->tsc_deadline = r.ecx & BIT(24);
    f->xsave = r.ecx & BIT(26);
    f->pge = r.edx & BIT(13);
    if (max_leaf >= 7) {
        r = cpuid(7, 0);
        f->fsgsbase = r.ebx & BIT(0);
        f->smep = r.ebx & BIT(7);
        f->smap = r.ebx & BIT(20);
        f->umip = r.ecx & BIT(2);
        f->ibpb = r.edx & BIT(26);
        if (r.edx & BIT(29))
            caps = rdmsr(MSR_ARCH_CAPS);
        /* RDCL_NO, SKIP_L1DFL_VMENTRY (SDM vol. 4) */
        f->l1d_flush = (r.edx & BIT(28)) && !(caps & (BIT(0) | BIT(3)));
    }
    r = cpuid(0x80000001, 0);
    f->nx = r.edx & BIT(20);
    f->page_1g = r.edx & BIT(26);
    f->rdtscp = r.edx & BIT(27);
    if (max_extended >= 0x80000007)
        f->invariant_tsc = cpuid(0x80000007, 0).edx & BIT(8);
    if (max_extended >= 0x80000008)
        f->ibpb |= (cpuid(0x80000008, 0).ebx & BIT(12)) != 0;
    f->meltdown = !f->is_amd && !(caps & BIT(0)); /* ARCH_CAPABILITIES.RDCL_NO, SDM vol. 4 */
    f->gather_leaks = gather_leaks(f, caps);
    read_xsave(f);
}

uint64_t features_cr4(void)
{
    const struct cpu_features *f = &cpu_features;

    return CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_MCE | CR4_DE | (f->pge ? CR4_PGE : 0) |
           (f->xsave ? CR4_OSXSAVE : 0) | (f->fsgsbase ? CR4_FSGSBASE : 0) |
           (f->smep ? CR4_SMEP : 0);
}

void features_load(void)
{
    const struct cpu_features *f = &cpu_features;
    struct percpu *cpu = cpu_self();

    wrmsr(MSR_EFER, EFER_SCE | EFER_LME | EFER_LMA | (f->nx ? EFER_NXE : 0));
    wrmsr(MSR_PAT, PAT_VALUE);
    cpu->cr4 = features_cr4();
    write_cr4(cpu->cr4);
    write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG);
    __asm__ volatile("fninit");
    if (f->xsave)
        xsetbv(0, f->xcr0_mask);
}
