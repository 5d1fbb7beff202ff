/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulation of privileged instructions: control and model-specific registers, CPUID, and the like;
 * port I/O is in pv/port_io.c.
 *
 * What is always true here: the instruction is fetched once into a private copy; nothing of the
 * guest's state changes unless the whole instruction is carried out; what is not understood is the
 * guest's own fault.
 */
#include "pv/privileged.h"

#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "p2m/copy.h"
#include "p2m/guest_word.h"
#include "pv/bounce.h"
#include "pv/port_io.h"
#include "pv/pv.h"
#include "sched/sched.h"

#define CR0_GUEST_FIXED (CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE)

/* Bits of CR4 a guest sees or may set (the rest is ignored on writing). */
#define CR4_GUEST_FIXED (CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT)
#define CR4_GUEST_FREE (CR4_TSD | CR4_DE | CR4_MCE | CR4_PCE)

uint64_t *pv_gpr(struct cpu_user_regs *r, unsigned int number)
{
    uint64_t *const table[16] = {&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp,
                                 &r->rsi, &r->rdi, &r->r8,  &r->r9,  &r->r10, &r->r11,
                                 &r->r12, &r->r13, &r->r14, &r->r15};

    return table[number & 15];
}

static void step(struct vcpu *v, const struct pv_insn *i)
{
    v->regs.rip += i->length;
    v->regs.rflags &= ~X86_RF;
}

static bool read_cr(struct vcpu *v, unsigned int cr, uint64_t *value)
{
    switch (cr) {
    case 0:
        *value = CR0_GUEST_FIXED | v->pv->cr0_ts;
        return true;
    case 2:
        *value = v->info->arch.cr2;
        return true;
    case 3:
        *value = v->pv->l4_kernel.n << PAGE_SHIFT;
        return true;
    case 4:
        *value = CR4_GUEST_FIXED | (v->pv->cr4 & CR4_GUEST_FREE) |
                 (cpu_features.xsave ? CR4_OSXSAVE : 0) |
                 (cpu_features.fsgsbase ? CR4_FSGSBASE : 0);
        return true;
    default:
        return false;
    }
}

static bool write_cr(struct vcpu *v, unsigned int cr, uint64_t value)
{
    switch (cr) {
    case 0: /* only TS is the guest's to change */
        if ((value ^ CR0_GUEST_FIXED) & ~CR0_TS)
            return false;
        pv_set_ts(v, value & CR0_TS);
        return true;
    case 2:
        v->info->arch.cr2 = value;
        return true;
    case 3:
        return pv_new_kernel_l4(v, MFN(value >> PAGE_SHIFT)) == 0;
    case 4:
        v->pv->cr4 = value & CR4_GUEST_FREE;
        pv_load_tsd(v);
        return true;
    default:
        return false;
    }
}

static bool read_msr(struct vcpu *v)
{
    struct cpu_user_regs *r = &v->regs;
    uint64_t value;

    switch ((uint32_t)r->rcx) {
    case MSR_FS_BASE:
        value = rdmsr(MSR_FS_BASE);
        break;
    case MSR_GS_BASE:
        value = rdmsr(MSR_GS_BASE);
        break;
    case MSR_KERNEL_GS_BASE:
        value = rdmsr(MSR_KERNEL_GS_BASE);
        break;
    case MSR_TSC:
        value = guest_tsc_now(v->domain);
        break;
    default:
        if (cpu_policy_rdmsr(v, (uint32_t)r->rcx, &value))
            return false;
    }
    r->rax = (uint32_t)value;
    r->rdx = value >> 32;
    return true;
}

static bool write_msr(struct vcpu *v)
{
    const struct cpu_user_regs *r = &v->regs;
    uint32_t msr = (uint32_t)r->rcx;
    uint64_t value = (uint32_t)r->rax | r->rdx << 32;

    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_KERNEL_GS_BASE:
        if (!is_canonical(value))
            return false;
        wrmsr(msr, value);
        return true;
    default:
        return cpu_policy_wrmsr(v, msr, value) == 0;
    }
}

static void do_cpuid(struct vcpu *v)
{
    struct cpu_user_regs *r = &v->regs;
    struct cpuid_regs out;

    cpu_policy_cpuid(v, (uint32_t)r->rax, (uint32_t)r->rcx, &out);
    r->rax = out.eax;
    r->rbx = out.ebx;
    r->rcx = out.ecx;
    r->rdx = out.edx;
}

static bool read_dr(const struct vcpu *v, unsigned int dr, uint64_t *value)
{
    if (dr == 4 || dr == 5)
        dr += 2; /* aliases while CR4.DE is clear (SDM vol. 3, 17.2.2) */
    *value = v->debugreg[dr];
    return true;
}

/* RDTSC, RDTSCP: they fault because the domain's TSC is emulated or its kernel hides it from
 * programs. */
static void read_tsc(struct vcpu *v, bool with_aux)
{
    uint64_t tsc = guest_tsc_now(v->domain);

    v->regs.rax = (uint32_t)tsc;
    v->regs.rdx = tsc >> 32;
    if (with_aux)
        v->regs.rcx = (uint32_t)v->tsc_aux;
}

static bool is_rdtscp(const struct pv_insn *i)
{
    return i->two_byte && i->opcode == 0x01 && i->modrm == 0xf9;
}

/* May the program that runs instead of its kernel have this one carried out? */
static bool is_unprivileged(const struct vcpu *v, const struct pv_insn *i)
{
    if (!i->two_byte)
        return false;
    return i->opcode == 0xa2 ||
           ((i->opcode == 0x31 || is_rdtscp(i)) && !(v->pv->cr4 & CR4_TSD));
}

static bool two_byte_modrm(struct vcpu *v, const struct pv_insn *i)
{
    unsigned int reg = (i->modrm >> 3 & 7) | (i->rex & 4 ? 8 : 0);
    uint64_t *rm = pv_gpr(&v->regs, (i->modrm & 7) | (i->rex & 1 ? 8 : 0));
    uint64_t value;

    switch (i->opcode) {
    case 0x20: /* MOV r64, CRn */
        if (!read_cr(v, reg, &value))
            return false;
        *rm = value;
        return true;
    case 0x21: /* MOV r64, DRn */
        if (reg > 7 || !read_dr(v, reg, &value))
            return false;
        *rm = value;
        return true;
    case 0x22: /* MOV CRn, r64 */
        return write_cr(v, reg, *rm);
    case 0x23: /* MOV DRn, r64 */
        return reg <= 7 && pv_set_debugreg(v, reg, *rm) == 0;
    default:
        return false;
    }
}

static bool two_byte(struct vcpu *v, const struct pv_insn *i)
{
    struct cpu_user_regs *r = &v->regs;

    switch (i->opcode) {
    case 0x01:
        if (is_rdtscp(i)) {
            read_tsc(v, true);
            return true;
        }
        if (i->modrm == 0xd1) /* XSETBV */
            return (uint32_t)r->rcx == 0 &&
                   !xstate_set_xcr0(v, (uint32_t)r->rax | r->rdx << 32);
        return false;
    case 0x06: /* CLTS */
        pv_set_ts(v, false);
        return true;
    case 0x09: /* WBINVD: matters only to domains with devices */
        if (v->domain->is_control)
            wbinvd();
        return true;
    case 0x30:
        return write_msr(v);
    case 0x31:
        read_tsc(v, false);
        return true;
    case 0x32:
        return read_msr(v);
    case 0xa2: /* CPUID where the CPU faults it */
        do_cpuid(v);
        return true;
    default:
        return two_byte_modrm(v, i);
    }
}

/* Fetch and take apart as much as the instructions handled here need. */
static bool decode(struct vcpu *v, struct pv_insn *i)
{
    uint8_t bytes[15];
    unsigned int have = sizeof(bytes), n = 0;
    uint64_t rip = v->regs.rip;

    memset(i, 0, sizeof(*i));
    if (copy_from_guest(bytes, rip, have)) {
        have = (unsigned int)(PAGE_BYTES - (rip & (PAGE_BYTES - 1)));
        if (have >= sizeof(bytes) || copy_from_guest(bytes, rip, have))
            return false;
    }
    i->is_64bit = v->regs.cs == PV_FLAT_CS64 || pv_is_64bit_code(v, v->regs.cs);
    for (; n < have; n++) {
        uint8_t b = bytes[n];

        if (b == 0x66)
            i->prefix_66 = true;
        else if (b == 0x67)
            i->prefix_67 = true;
        else if (b == 0xf2 || b == 0xf3)
            i->rep = true;
        else if (b == 0x64 || b == 0x65)
            i->segment = b;
        else if (b == 0x2e || b == 0x36 || b == 0x3e || b == 0x26)
            continue;
        else
            break;
    }
    if (i->is_64bit && n < have && (bytes[n] & 0xf0) == 0x40)
        i->rex = bytes[n++];
    if (n >= have)
        return false;
    i->opcode = bytes[n++];
    if (i->opcode == 0x0f) {
        i->two_byte = true;
        if (n >= have)
            return false;
        i->opcode = bytes[n++];
        if (i->opcode == 0x01 || (i->opcode >= 0x20 && i->opcode <= 0x23)) {
            if (n >= have)
                return false;
            i->modrm = bytes[n++];
        }
    } else if (i->opcode >= 0xe4 && i->opcode <= 0xe7) {
        if (n >= have)
            return false;
        i->imm8 = bytes[n++];
    }
    i->length = n;
    return true;
}

bool pv_emulate_privileged(struct vcpu *v)
{
    struct pv_insn i;

    if (!decode(v, &i))
        return false;
    if (pv_is_port_insn(&i)) /* user code may do this too, where its kernel lets it */
        return pv_port_insn(v, &i);
    if (!v->pv->in_kernel && !is_unprivileged(v, &i))
        return false;
    /* SVM's own: a CPU where it is switched on for others tells ring 3 of a #GP (APM vol. 3) */
    if (i.two_byte && i.opcode == 0x01 && i.modrm >= 0xd8 && i.modrm <= 0xdf) {
        pv_bounce_trap(v, VEC_UD, 0);
        return true;
    }
    if (i.two_byte) {
        uint64_t rip = v->regs.rip;

        if (!two_byte(v, &i))
            return false;
        if (v->regs.rip == rip)
            step(v, &i);
        return true;
    }
    switch (i.opcode) {
    case 0xf4: /* HLT */
        step(v, &i);
        sched_block(v);
        return true;
    case 0xfa: /* CLI, STI: left over in code that was not patched; the mask is what counts */
    case 0xfb:
        if (!v->pv->iopl)
            return false;
        step(v, &i);
        return true;
    default:
        return false;
    }
}

/* UD2, "xen", CPUID: the seven bytes in which a guest asks for the virtual CPUID. */
#define FORCED_BYTES 7
#define FORCED_CPUID 0xa20f6e65780b0fULL

/* The signature's bytes at @rip, which may be the last of a page. */
static bool fetch_forced(uint64_t rip, uint64_t *bytes)
{
    if (likely((rip & ~PAGE_MASK) <= PAGE_BYTES - sizeof(*bytes)))
        return guest_range_ok(rip, sizeof(*bytes)) && guest_get(bytes, rip);
    *bytes = 0;
    return copy_from_guest(bytes, rip, FORCED_BYTES) == 0;
}

bool pv_emulate_forced(struct vcpu *v)
{
    uint64_t bytes;

    if (!fetch_forced(v->regs.rip, &bytes) ||
        bytes << (64 - 8 * FORCED_BYTES) != FORCED_CPUID << (64 - 8 * FORCED_BYTES))
        return false;
    do_cpuid(v);
    v->regs.rip += FORCED_BYTES;
    return true;
}
