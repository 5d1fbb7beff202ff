/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * State records of a domain, in the toolstack's format: a descriptor and its structure, again and
 * again, from HEADER to END.
 *
 * What is always true here: a record's length is checked before its structure is looked at, and all
 * of a structure before any of it is taken over. What is loaded may be wrong, but it is nothing
 * that a guest could not have done to itself, so that it cannot make an instruction of ours fault.
 */
#include "hvm/save.h"

#include "abi/errno.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "cpu/xstate_record.h"
#include "domain/domain.h"
#include "hvm/cr.h"
#include "hvm/hvm.h"
#include "hvm/mtrr.h"
#include "hvm/vendor.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "p2m/walk.h"

#include <xen/hvm/save.h>

#define SAVE_MAGIC   0x54381286u /* xen/arch-x86/hvm/save.h, HVM_FILE_MAGIC */
#define SAVE_VERSION 1u

#define MSR_MISC_FEATURES 0x140

/* A record's structure: CPU_XSAVE and CPU_MSR have no fixed length. */
#define XSAVE_HEAD (2 * sizeof(uint64_t) + sizeof(uint64_t))
#define MSRS_MOST  1
#define RECORD_MOST 0x4000u /* more than any of them, extended state included */

#define MCG_CTL_P (1ULL << 8)

struct kind {
    uint16_t code;
    /* Bytes @v's record has at most now. */
    uint32_t (*most)(const struct vcpu *v);
    /* Write it; its bytes, 0: there is nothing to say. @tsc: the domain's when it all began. */
    uint32_t (*get)(struct vcpu *v, void *to, uint64_t tsc);
    /* Take @bytes of it over. */
    int (*set)(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc);
};

/* ---- CPU ---- */

static uint32_t most_cpu(const struct vcpu *v)
{
    (void)v;
    return sizeof(struct hvm_hw_cpu);
}

/* A vCPU that is down has none: whoever loads a record starts it. */
static uint32_t get_cpu(struct vcpu *v, void *to, uint64_t tsc)
{
    const struct hvm_event *e = &v->hvm->event;
    struct hvm_hw_cpu *c = to;

    if (READ_ONCE(v->down) & VPF_DOWN)
        return 0;
    vendor_state_get(v, c);
    c->tsc = tsc + v->tsc_offset;
    c->pending_valid = e->valid;
    if (e->valid) {
        c->pending_vector = e->vector;
        c->pending_type = e->type & 7;
        c->pending_error_valid = e->has_error;
        c->error_code = e->error;
    }
    return sizeof(*c);
}

static bool is_canonical(uint64_t va)
{
    int64_t top = (int64_t)va >> 47;

    return top == 0 || top == -1;
}

/* Could they be loaded into their registers? */
static bool addresses_fit(const struct hvm_hw_cpu *c)
{
    const uint64_t all[] = {c->fs_base,   c->gs_base,      c->shadow_gs,    c->msr_lstar,
                            c->msr_cstar, c->sysenter_eip, c->sysenter_esp, c->tr_base,
                            c->ldtr_base, c->gdtr_base,    c->idtr_base};

    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        if (!is_canonical(all[i]))
            return false;
    return !(c->msr_syscall_mask >> 32) && !(c->msr_tsc_aux >> 32);
}

/* Is what waits to be delivered one of the events that there are? */
static bool event_fits(const struct hvm_hw_cpu *c)
{
    if (!c->pending_valid)
        return true;
    if (c->pending_type == 1 || c->pending_type > HVM_EVENT_SOFTWARE || c->pending_reserved)
        return false;
    return c->pending_type != HVM_EVENT_EXCEPTION || c->pending_vector < 32;
}

static bool cpu_fits(const struct vcpu *v, const struct hvm_hw_cpu *c)
{
    const struct walk_mode mode = {
        .cr0 = c->cr0, .cr3 = c->cr3, .cr4 = c->cr4, .efer = c->msr_efer};

    return !c->pad0 && !(c->flags & ~XEN_X86_FPU_INITIALISED) && (c->cr0 & CR0_ET) &&
           hvm_registers_fit(v->domain->policy, &mode) && addresses_fit(c) && event_fits(c);
}

static int set_cpu(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    struct hvm_hw_cpu c;

    if (bytes != sizeof(c))
        return -EINVAL;
    memcpy(&c, from, sizeof(c));
    if (!cpu_fits(v, &c))
        return -EINVAL;
    hvm_registers_settle(&c);
    ioreq_abandon(v);
    vendor_state_set(v, &c);
    v->hvm->event = (struct hvm_event){.valid = c.pending_valid,
                                       .vector = c.pending_vector,
                                       .type = c.pending_type,
                                       .has_error = c.pending_error_valid,
                                       .error = c.error_code};
    hvm_set_tsc_offset(v, c.tsc - tsc);
    v->initialised = true;
    vcpu_bring_up(v);
    return 0;
}

/* ---- local APIC ---- */

static uint32_t most_lapic(const struct vcpu *v)
{
    (void)v;
    return sizeof(struct hvm_hw_lapic);
}

static uint32_t get_lapic(struct vcpu *v, void *to, uint64_t tsc)
{
    (void)tsc;
    vlapic_get(v, to);
    return sizeof(struct hvm_hw_lapic);
}

static int set_lapic(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    (void)tsc;
    /* earlier versions had less; the rest is zero */
    return bytes <= sizeof(struct hvm_hw_lapic) ? vlapic_set(v, from) : -EINVAL;
}

static uint32_t most_lapic_regs(const struct vcpu *v)
{
    (void)v;
    return sizeof(struct hvm_hw_lapic_regs);
}

static uint32_t get_lapic_regs(struct vcpu *v, void *to, uint64_t tsc)
{
    (void)tsc;
    vlapic_get_regs(v, to);
    return sizeof(struct hvm_hw_lapic_regs);
}

static int set_lapic_regs(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    (void)tsc;
    if (bytes != sizeof(struct hvm_hw_lapic_regs))
        return -EINVAL;
    vlapic_set_regs(v, from);
    return 0;
}

/* ---- memory types, machine checks, time ---- */

static uint32_t most_mtrr(const struct vcpu *v)
{
    (void)v;
    return sizeof(struct hvm_hw_mtrr);
}

static uint32_t get_mtrr(struct vcpu *v, void *to, uint64_t tsc)
{
    (void)tsc;
    memcpy(to, &v->hvm->mtrr, sizeof(v->hvm->mtrr));
    return sizeof(v->hvm->mtrr);
}

static int set_mtrr(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    struct hvm_hw_mtrr m;

    (void)tsc;
    if (bytes != sizeof(m))
        return -EINVAL;
    memcpy(&m, from, sizeof(m));
    if ((m.msr_mtrr_cap & 0xff) > MTRR_VCNT || !mtrr_is_valid(&m, v->hvm->gpa_bits))
        return -EINVAL;
    m.msr_mtrr_cap = v->hvm->mtrr.msr_mtrr_cap;
    v->hvm->mtrr = m;
    hvm_set_pat(v, m.msr_pat_cr);
    return 0;
}

static uint32_t most_vmce(const struct vcpu *v)
{
    (void)v;
    return sizeof(struct hvm_vmce_vcpu);
}

static uint32_t get_vmce(struct vcpu *v, void *to, uint64_t tsc)
{
    struct hvm_vmce_vcpu *c = to;
    uint64_t caps = HVM_MCE_BANKS;

    (void)v;
    (void)tsc;
    *c = (struct hvm_vmce_vcpu){.caps = caps};
    return sizeof(*c);
}

/* Banks have no state here; a guest that was promised more cannot run. */
static int set_vmce(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    const uint64_t known = 0xff | MCG_CTL_P;
    struct hvm_vmce_vcpu c;

    (void)v;
    (void)tsc;
    if (bytes != sizeof(c))
        return -EINVAL;
    memcpy(&c, from, sizeof(c));
    return c.caps & ~known ? -EPERM : 0;
}

static uint32_t most_tsc_adjust(const struct vcpu *v)
{
    (void)v;
    return sizeof(struct hvm_tsc_adjust);
}

static uint32_t get_tsc_adjust(struct vcpu *v, void *to, uint64_t tsc)
{
    (void)tsc;
    memcpy(to, &v->hvm->tsc_adjust, sizeof(v->hvm->tsc_adjust));
    return sizeof(struct hvm_tsc_adjust);
}

static int set_tsc_adjust(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    (void)tsc;
    if (bytes != sizeof(struct hvm_tsc_adjust))
        return -EINVAL;
    memcpy(&v->hvm->tsc_adjust, from, sizeof(v->hvm->tsc_adjust));
    return 0;
}

/* ---- extended state: the record of a PV guest's domctl behind one word ---- */

static uint32_t most_xsave(const struct vcpu *v)
{
    if (!cpu_features.xsave || v->xcr0_accum == XSTATE_X87) /* the CPU's record has it */
        return 0;
    return XSAVE_HEAD + cpu_policy_xsave_bytes(v->domain->policy, v->xcr0_accum);
}

static uint32_t get_xsave(struct vcpu *v, void *to, uint64_t tsc)
{
    uint64_t head[3] = {cpu_policy_xcr0(v->domain->policy), v->xcr0, v->xcr0_accum};
    uint32_t bytes = most_xsave(v);

    (void)tsc;
    if (!bytes)
        return 0;
    memcpy(to, head, sizeof(head));
    memcpy((char *)to + sizeof(head), v->xsave, bytes - sizeof(head));
    return bytes;
}

static int set_xsave(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    const struct xstate_record *record =
        (const void *)((const char *)from + offsetof(struct hvm_hw_cpu_xsave, xcr0));
    int rc;

    (void)tsc;
    if (!cpu_features.xsave)
        return -EOPNOTSUPP;
    if (bytes < XSAVE_HEAD)
        return -EINVAL;
    bytes -= offsetof(struct hvm_hw_cpu_xsave, xcr0);
    rc = xstate_record_check(record, bytes, cpu_policy_xcr0(v->domain->policy), xstate_bytes());
    if (!rc)
        xstate_set_record(v, record, bytes);
    return rc;
}

/* ---- MSRs that are neither in another record nor zero ---- */

static uint32_t most_msr(const struct vcpu *v)
{
    (void)v;
    return sizeof(struct hvm_msr) + MSRS_MOST * sizeof(struct hvm_one_msr);
}

static uint32_t get_msr(struct vcpu *v, void *to, uint64_t tsc)
{
    struct hvm_msr *m = to;

    (void)tsc;
    if (!v->hvm->cpuid_faults)
        return 0;
    m->count = 1;
    m->msr[0] = (struct hvm_one_msr){.index = MSR_MISC_FEATURES, .val = 1};
    return offsetof(struct hvm_msr, msr[1]);
}

static int set_msr(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    const struct hvm_msr *m = from;

    (void)tsc;
    if (bytes < offsetof(struct hvm_msr, msr[1]) ||
        (bytes - offsetof(struct hvm_msr, msr[0])) / sizeof(m->msr[0]) < m->count ||
        offsetof(struct hvm_msr, msr[0]) + m->count * sizeof(m->msr[0]) != bytes)
        return -EINVAL;
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->msr[i]._rsvd)
            return -EOPNOTSUPP;
        if (m->msr[i].index != MSR_MISC_FEATURES || (m->msr[i].val & ~1ULL) ||
            (m->msr[i].val && !v->domain->policy->platform_info))
            return -ENXIO;
        v->hvm->cpuid_faults = m->msr[i].val;
    }
    return 0;
}

/* ---- Viridian: the domain's goes with vCPU 0 ---- */

static uint32_t most_viridian(const struct vcpu *v)
{
    return viridian_mask(v->domain) ? sizeof(struct hvm_viridian_vcpu_context) : 0;
}

static uint32_t get_viridian_domain(struct vcpu *v, void *to, uint64_t tsc)
{
    (void)tsc;
    if (v->id || !viridian_mask(v->domain))
        return 0;
    viridian_get_domain(v->domain, to);
    return sizeof(struct hvm_viridian_domain_context);
}

static int set_viridian_domain(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    (void)tsc;
    if (v->id || bytes != sizeof(struct hvm_viridian_domain_context))
        return -EINVAL;
    viridian_set_domain(v->domain, from);
    return 0;
}

static uint32_t get_viridian(struct vcpu *v, void *to, uint64_t tsc)
{
    (void)tsc;
    if (!viridian_mask(v->domain))
        return 0;
    viridian_get_vcpu(v, to);
    return sizeof(struct hvm_viridian_vcpu_context);
}

static int set_viridian(struct vcpu *v, const void *from, uint32_t bytes, uint64_t tsc)
{
    (void)tsc;
    return bytes == sizeof(struct hvm_viridian_vcpu_context) ? viridian_set_vcpu(v, from) : -EINVAL;
}

/* One of each for every vCPU, in the order in which they are written and may be read. */
static const struct kind kinds[] = {
    {HVM_SAVE_CODE(CPU), most_cpu, get_cpu, set_cpu},
    {HVM_SAVE_CODE(LAPIC), most_lapic, get_lapic, set_lapic},
    {HVM_SAVE_CODE(LAPIC_REGS), most_lapic_regs, get_lapic_regs, set_lapic_regs},
    {HVM_SAVE_CODE(MTRR), most_mtrr, get_mtrr, set_mtrr},
    {HVM_SAVE_CODE(VIRIDIAN_DOMAIN), most_viridian, get_viridian_domain, set_viridian_domain},
    {HVM_SAVE_CODE(VIRIDIAN_VCPU), most_viridian, get_viridian, set_viridian},
    {HVM_SAVE_CODE(VMCE_VCPU), most_vmce, get_vmce, set_vmce},
    {HVM_SAVE_CODE(TSC_ADJUST), most_tsc_adjust, get_tsc_adjust, set_tsc_adjust},
    {CPU_XSAVE_CODE, most_xsave, get_xsave, set_xsave},
    {CPU_MSR_CODE, most_msr, get_msr, set_msr},
};

static const struct kind *kind_of(uint16_t code)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (kinds[i].code == code)
            return &kinds[i];
    return NULL;
}

/* ---- saving ---- */

/* Records of the board (hvm/dev/platform.c); of the PIC there are two. */
static const uint16_t board_codes[] = {
    HVM_SAVE_CODE(PIC),      HVM_SAVE_CODE(IOAPIC), HVM_SAVE_CODE(PCI_IRQ), HVM_SAVE_CODE(ISA_IRQ),
    HVM_SAVE_CODE(PCI_LINK), HVM_SAVE_CODE(PIT),    HVM_SAVE_CODE(RTC),     HVM_SAVE_CODE(HPET),
    HVM_SAVE_CODE(PMTIMER),
};
#define BOARD_RECORDS_MOST (ARRAY_SIZE(board_codes) + 1)

static bool is_of_board(uint32_t code)
{
    for (size_t i = 0; i < ARRAY_SIZE(board_codes); i++)
        if (board_codes[i] == code)
            return true;
    return false;
}

size_t hvm_save_bytes(const struct domain *d)
{
    size_t bytes = 2 * sizeof(struct hvm_save_descriptor) + sizeof(struct hvm_save_header) +
                   BOARD_RECORDS_MOST * (sizeof(struct hvm_save_descriptor) + PLATFORM_RECORD_MAX);
    struct vcpu *v;

    for_each_vcpu(d, v)
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
            bytes += sizeof(struct hvm_save_descriptor) + kinds[i].most(v);
    return bytes;
}

/* The descriptor at @at, then the record behind it; where the next begins. */
static char *put(char *at, uint16_t code, uint16_t instance, uint32_t bytes)
{
    struct hvm_save_descriptor head = {.typecode = code, .instance = instance, .length = bytes};

    memcpy(at, &head, sizeof(head));
    return at + sizeof(head) + bytes;
}

static char *put_header(const struct domain *d, char *at)
{
    const struct hvm_save_header header = {.magic = SAVE_MAGIC,
                                           .version = SAVE_VERSION,
                                           .cpuid = cpuid(1, 0).eax,
                                           .gtsc_khz = d->tsc.khz};

    memcpy(at + sizeof(struct hvm_save_descriptor), &header, sizeof(header));
    return put(at, HVM_SAVE_CODE(HEADER), 0, sizeof(header));
}

/* Before the local APICs: an interrupt that a device raises now is in their records then. */
static char *put_board(struct domain *d, char *at)
{
    struct platform *p = &d->hvm->board.platform;

    for (size_t i = 0; i < ARRAY_SIZE(board_codes); i++)
        for (uint16_t instance = 0;; instance++) {
            int n = platform_save(p, board_codes[i], instance,
                                  at + sizeof(struct hvm_save_descriptor));

            if (n < 0)
                break;
            at = put(at, board_codes[i], instance, (uint32_t)n);
        }
    return at;
}

long hvm_save(struct domain *d, void *buffer, size_t bytes)
{
    uint64_t tsc = guest_tsc_now(d);
    char *at = buffer;
    struct vcpu *v;

    if (bytes < hvm_save_bytes(d))
        return -ENOSPC;
    memset(buffer, 0, bytes);
    at = put_board(d, put_header(d, at));
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        for_each_vcpu(d, v)
        {
            uint32_t n = kinds[i].get(v, at + sizeof(struct hvm_save_descriptor), tsc);

            if (n)
                at = put(at, kinds[i].code, (uint16_t)v->id, n);
        }
    at = put(at, HVM_SAVE_CODE(END), 0, 0);
    return at - (char *)buffer;
}

long hvm_save_one(struct domain *d, uint32_t type, uint32_t instance, void *buffer, size_t bytes)
{
    const struct kind *k = type <= UINT16_MAX ? kind_of((uint16_t)type) : NULL;
    struct vcpu *v = domain_vcpu(d, instance);
    uint32_t n;

    if (type < HVM_SAVE_CODE(CPU) || type > CPU_MSR_CODE)
        return -EINVAL;
    if (is_of_board(type))
        return bytes < PLATFORM_RECORD_MAX
                   ? -ENOSPC
                   : platform_save(&d->hvm->board.platform, (uint16_t)type, (uint16_t)instance,
                                   buffer);
    if (!k || !v || (k->most == most_viridian && !most_viridian(v)))
        return -ENOENT;
    if (bytes < k->most(v))
        return -ENOSPC;
    memset(buffer, 0, bytes);
    n = k->get(v, buffer, guest_tsc_now(d));
    return n ? (long)n : -ENODATA;
}

/* ---- loading ---- */

/* The next record of the @*bytes at @*at, which it steps over. */
static int next(const char **at, size_t *bytes, struct hvm_save_descriptor *head, const char **body)
{
    if (*bytes < sizeof(*head))
        return -ENODATA;
    memcpy(head, *at, sizeof(*head));
    if (head->length > *bytes - sizeof(*head))
        return -EINVAL;
    *body = *at + sizeof(*head);
    *at = *body + head->length;
    *bytes -= sizeof(*head) + head->length;
    return 0;
}

static int load_header(const struct hvm_save_descriptor *head, const char *body)
{
    struct hvm_save_header header;

    if (head->typecode != HVM_SAVE_CODE(HEADER) || head->length != sizeof(header))
        return -ENODATA;
    memcpy(&header, body, sizeof(header));
    return header.magic == SAVE_MAGIC && header.version == SAVE_VERSION ? 0 : -EINVAL;
}

/* @body has no alignment, and a structure wants one. */
static int load_record(struct domain *d, const struct hvm_save_descriptor *head, const char *body,
                       void *scratch, uint64_t tsc)
{
    const struct kind *k = kind_of(head->typecode);
    struct vcpu *v = domain_vcpu(d, head->instance);

    if (head->length > RECORD_MOST)
        return -EINVAL;
    memset(scratch, 0, RECORD_MOST);
    memcpy(scratch, body, head->length);
    if (is_of_board(head->typecode))
        return platform_load(&d->hvm->board.platform, head->typecode, head->instance, scratch,
                             head->length);
    if (!k || !v)
        return -EINVAL;
    return k->set(v, scratch, head->length, tsc);
}

int hvm_load(struct domain *d, const void *buffer, size_t bytes)
{
    void *scratch = pool_alloc(RECORD_MOST);
    struct hvm_save_descriptor head;
    const char *at = buffer, *body;
    uint64_t tsc = guest_tsc_now(d);
    int rc = -ENOMEM;

    if (scratch)
        rc = next(&at, &bytes, &head, &body) ? -ENODATA : load_header(&head, body);
    while (!rc) {
        rc = next(&at, &bytes, &head, &body);
        if (!rc && head.typecode == HVM_SAVE_CODE(END))
            break;
        if (!rc)
            rc = load_record(d, &head, body, scratch, tsc);
    }
    platform_loaded(&d->hvm->board.platform);
    pool_free(scratch);
    return rc;
}
