/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Task switches.
 *
 * What is always true here: until enter() nothing of the CPU has changed, and what was written to
 * the old task's segment is what its registers are anyway. From there on faults are the new task's,
 * and its state is one that the processor can be entered with at every moment.
 */
#include "hvm/task.h"

#include <stddef.h>

#include "cpu/regs.h"
#include "lib/types.h"

/* SDM vol. 3, figure 7-2: what a switch saves, from EIP to GS, and what it only loads. */
struct tss32 {
    uint16_t link, reserved_2;
    uint32_t stacks[6];
    uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
    struct {
        uint16_t selector, reserved;
    } es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_map;
} packed;

/* Figure 7-10 */
struct tss16 {
    uint16_t link, stacks[6];
    uint16_t ip, flags, ax, cx, dx, bx, sp, bp, si, di;
    uint16_t es, cs, ss, ds, ldt;
} packed;

static_assert(sizeof(struct tss32) == 104, "SDM vol. 3, figure 7-2");
static_assert(sizeof(struct tss16) == 44, "SDM vol. 3, figure 7-10");

/* Rights in twelve bits: of a descriptor's bits 40-47 and 52-55 (3.4.5) */
#define TYPE        0x0fu
#define TYPE_LDT    2u
#define TYPE_TSS16  1u
#define TYPE_TSS32  9u
#define TSS_BUSY    2u
#define TSS_IS_32   8u
#define ACCESSED    1u
#define WRITABLE    2u /* data; of code: readable */
#define DOWN        4u /* data; of code: conforming */
#define CODE        8u
#define NOT_SYSTEM  0x10u
#define PRESENT     0x80u
#define BIG         0x400u
#define FLAT_CODE   0xc9bu
#define DPL(ar)     (((ar) >> 5) & 3)
#define RIGHTS_BYTE 5 /* of a descriptor */

#define SELECTOR_LDT 4u
#define RPL(sel)     ((sel)&3u)

#define RFLAGS_NT   0x4000u
#define DR7_LOCAL   0x155u /* L0 to L3 and LE are the task's (17.2.4) */
#define DR6_BT      (1u << 15)
#define VM86_RIGHTS 0xf3u

struct segment {
    uint64_t at; /* of its descriptor */
    uint64_t base;
    uint32_t selector, limit, ar;
};

static bool fault(struct task_cpu *c, uint8_t vector, uint32_t error)
{
    c->fault.valid = true;
    c->fault.has_error = vector != VEC_DB;
    c->fault.vector = vector;
    c->fault.error = (error & 0xfffc) | c->external;
    return false;
}

/* The descriptor of @selector; @vector if there is none. */
static bool find(struct task_cpu *c, uint16_t selector, uint8_t vector, struct segment *d)
{
    bool local = selector & SELECTOR_LDT;
    uint64_t table = local ? c->s.ldtr_base : c->s.gdtr_base, raw;
    uint32_t limit = local ? c->s.ldtr_limit : c->s.gdtr_limit;

    if (!(selector & 0xfffc) || (local && !(c->s.ldtr_arbytes & PRESENT)) ||
        (selector | 7u) > limit)
        return fault(c, vector, selector);
    d->at = table + (selector & 0xfff8);
    if (!c->access(c, (uint32_t)d->at, &raw, sizeof(raw), false))
        return false;
    d->selector = selector;
    d->base = (raw >> 16 & 0xffffff) | raw >> 56 << 24;
    d->ar = (uint32_t)((raw >> 40 & 0xff) | (raw >> 44 & 0xf00));
    d->limit = (uint32_t)((raw & 0xffff) | (raw >> 32 & 0xf0000));
    if (raw >> 55 & 1)
        d->limit = d->limit << 12 | 0xfff;
    return true;
}

static bool write_rights(struct task_cpu *c, const struct segment *d)
{
    uint8_t byte = (uint8_t)d->ar;

    return c->access(c, (uint32_t)d->at + RIGHTS_BYTE, &byte, 1, true);
}

/* ---- the old task ---- */

static bool save(struct task_cpu *c, uint32_t rflags)
{
    struct hvm_hw_cpu *s = &c->s;
    const struct tss32 t = {
        .eip = (uint32_t)s->rip, .eflags = rflags, .eax = (uint32_t)s->rax,
        .ecx = (uint32_t)s->rcx, .edx = (uint32_t)s->rdx, .ebx = (uint32_t)s->rbx,
        .esp = (uint32_t)s->rsp, .ebp = (uint32_t)s->rbp, .esi = (uint32_t)s->rsi,
        .edi = (uint32_t)s->rdi, .es.selector = (uint16_t)s->es_sel,
        .cs.selector = (uint16_t)s->cs_sel, .ss.selector = (uint16_t)s->ss_sel,
        .ds.selector = (uint16_t)s->ds_sel, .fs.selector = (uint16_t)s->fs_sel,
        .gs.selector = (uint16_t)s->gs_sel};
    const struct tss16 t16 = {
        .ip = (uint16_t)t.eip, .flags = (uint16_t)rflags, .ax = (uint16_t)t.eax,
        .cx = (uint16_t)t.ecx, .dx = (uint16_t)t.edx, .bx = (uint16_t)t.ebx,
        .sp = (uint16_t)t.esp, .bp = (uint16_t)t.ebp, .si = (uint16_t)t.esi,
        .di = (uint16_t)t.edi, .es = t.es.selector, .cs = t.cs.selector, .ss = t.ss.selector,
        .ds = t.ds.selector};
    bool is_32 = s->tr_arbytes & TSS_IS_32;
    const void *data = is_32 ? (const void *)&t.eip : (const void *)&t16.ip;
    uint32_t from = is_32 ? offsetof(struct tss32, eip) : offsetof(struct tss16, ip);
    uint32_t to = is_32 ? offsetof(struct tss32, ldt) : offsetof(struct tss16, ldt);

    if (to - 1 > s->tr_limit)
        return fault(c, VEC_TS, s->tr_sel);
    return c->access(c, (uint32_t)s->tr_base + from, (void *)data, to - from, true);
}

/* Who is busy, and the way back. */
static bool mark(struct task_cpu *c, enum task_source source, struct segment *tss)
{
    bool nested = source == TASK_CALL || source == TASK_GATE;
    uint16_t link = (uint16_t)c->s.tr_sel;
    struct segment old;

    if (nested && !c->access(c, (uint32_t)tss->base, &link, sizeof(link), true))
        return false;
    tss->ar |= TSS_BUSY;
    if (source != TASK_IRET && !write_rights(c, tss))
        return false;
    if (nested)
        return true;
    if (!find(c, (uint16_t)c->s.tr_sel, VEC_TS, &old))
        return false;
    old.ar &= ~TSS_BUSY;
    return write_rights(c, &old);
}

/* ---- the new one ---- */

static bool read_tss(struct task_cpu *c, const struct segment *d, struct tss32 *t)
{
    struct tss16 t16;

    if (d->ar & TSS_IS_32)
        return c->access(c, (uint32_t)d->base, t, sizeof(*t), false);
    if (!c->access(c, (uint32_t)d->base, &t16, sizeof(t16), false))
        return false;
    *t = (struct tss32){
        .link = t16.link, .cr3 = (uint32_t)c->s.cr3, .eip = t16.ip, .eflags = t16.flags,
        .eax = t16.ax, .ecx = t16.cx, .edx = t16.dx, .ebx = t16.bx, .esp = t16.sp, .ebp = t16.bp,
        .esi = t16.si, .edi = t16.di, .es.selector = t16.es, .cs.selector = t16.cs,
        .ss.selector = t16.ss, .ds.selector = t16.ds, .ldt.selector = t16.ldt};
    return true;
}

/* Registers; segments have a selector and nothing behind it yet. */
static void enter(struct task_cpu *c, const struct segment *d, const struct tss32 *t, bool nested)
{
    struct hvm_hw_cpu *s = &c->s;
    uint32_t cpl = t->eflags & X86_VM ? 3 : RPL(t->cs.selector), none = cpl << 5;

    s->rip = t->eip;
    s->rflags = (t->eflags & 0x3f7fd5) | 2 | (nested ? RFLAGS_NT : 0);
    s->rax = t->eax, s->rcx = t->ecx, s->rdx = t->edx, s->rbx = t->ebx;
    s->rsp = t->esp, s->rbp = t->ebp, s->rsi = t->esi, s->rdi = t->edi;
    s->cr0 |= CR0_TS;
    s->dr7 &= ~(uint64_t)DR7_LOCAL;
    s->tr_sel = d->selector, s->tr_base = d->base, s->tr_limit = d->limit, s->tr_arbytes = d->ar;
    s->ldtr_sel = t->ldt.selector, s->ldtr_arbytes = 0;
    s->cs_sel = t->cs.selector, s->cs_base = 0, s->cs_limit = ~0u, s->cs_arbytes = FLAT_CODE | none;
    s->ss_sel = t->ss.selector, s->ss_arbytes = none;
    s->ds_sel = t->ds.selector, s->ds_arbytes = 0;
    s->es_sel = t->es.selector, s->es_arbytes = 0;
    s->fs_sel = t->fs.selector, s->fs_arbytes = 0;
    s->gs_sel = t->gs.selector, s->gs_arbytes = 0;
}

static bool read_ldtr(struct task_cpu *c)
{
    uint16_t selector = (uint16_t)c->s.ldtr_sel;
    struct segment d;

    if (!(selector & 0xfffc))
        return true;
    if (selector & SELECTOR_LDT)
        return fault(c, VEC_TS, selector);
    if (!find(c, selector, VEC_TS, &d))
        return false;
    if ((d.ar & (NOT_SYSTEM | TYPE)) != TYPE_LDT || !(d.ar & PRESENT))
        return fault(c, VEC_TS, selector);
    c->s.ldtr_base = d.base, c->s.ldtr_limit = d.limit, c->s.ldtr_arbytes = d.ar;
    return true;
}

enum use { FOR_CODE, FOR_STACK, FOR_DATA };

/* Section 7.3, table 7-1 */
static bool fits(uint32_t ar, uint32_t rpl, uint32_t cpl, enum use use)
{
    bool code = ar & CODE, conforming = code && (ar & DOWN);

    if (!(ar & NOT_SYSTEM))
        return false;
    switch (use) {
    case FOR_CODE:
        return code && (conforming ? DPL(ar) <= cpl : DPL(ar) == cpl);
    case FOR_STACK:
        return !code && (ar & WRITABLE) && DPL(ar) == cpl && rpl == cpl;
    default:
        return (!code || (ar & WRITABLE)) && (conforming || DPL(ar) >= max(cpl, rpl));
    }
}

static bool load(struct task_cpu *c, uint16_t selector, enum use use, uint64_t *base,
                 uint32_t *limit, uint32_t *ar)
{
    struct segment d;

    if (c->s.rflags & X86_VM) {
        *base = (uint64_t)selector << 4, *limit = 0xffff, *ar = VM86_RIGHTS;
        return true;
    }
    if (use == FOR_DATA && !(selector & 0xfffc))
        return true;
    if (!find(c, selector, VEC_TS, &d))
        return false;
    if (!fits(d.ar, RPL(selector), RPL(c->s.cs_sel), use))
        return fault(c, VEC_TS, selector);
    if (!(d.ar & PRESENT))
        return fault(c, use == FOR_STACK ? VEC_SS : VEC_NP, selector);
    if (!(d.ar & ACCESSED)) {
        d.ar |= ACCESSED;
        if (!write_rights(c, &d))
            return false;
    }
    *base = d.base, *limit = d.limit, *ar = d.ar;
    return true;
}

#define LOAD(name, use)                                                                            \
    load(c, (uint16_t)s->name##_sel, use, &s->name##_base, &s->name##_limit, &s->name##_arbytes)

static bool load_segments(struct task_cpu *c)
{
    struct hvm_hw_cpu *s = &c->s;

    return read_ldtr(c) && LOAD(cs, FOR_CODE) && LOAD(ss, FOR_STACK) && LOAD(ds, FOR_DATA) &&
           LOAD(es, FOR_DATA) && LOAD(fs, FOR_DATA) && LOAD(gs, FOR_DATA);
}

static bool push(struct task_cpu *c, uint32_t value, unsigned int bytes)
{
    struct hvm_hw_cpu *s = &c->s;
    uint32_t mask = s->ss_arbytes & BIG ? ~0u : 0xffff, sp = ((uint32_t)s->rsp - bytes) & mask;
    bool fit = s->ss_arbytes & DOWN ? sp > s->ss_limit && sp + bytes - 1 <= mask :
                                      sp + bytes - 1 <= s->ss_limit;

    if (!fit || sp + bytes - 1 < sp)
        return fault(c, VEC_SS, 0);
    if (!c->access(c, (uint32_t)s->ss_base + sp, &value, bytes, true))
        return false;
    s->rsp = (s->rsp & ~(uint64_t)mask) | sp;
    return true;
}

bool task_switch(struct task_cpu *c, enum task_source source, uint16_t selector,
                 const uint32_t *error)
{
    bool nested = source == TASK_CALL || source == TASK_GATE, is_32;
    uint8_t bad = source == TASK_CALL || source == TASK_JMP ? VEC_GP : VEC_TS;
    uint32_t rflags = (uint32_t)c->s.rflags & ~(source == TASK_IRET ? RFLAGS_NT : 0);
    struct segment d;
    struct tss32 t;

    if (selector & SELECTOR_LDT)
        return fault(c, bad, selector);
    if (!find(c, selector, bad, &d))
        return false;
    is_32 = d.ar & TSS_IS_32;
    if ((d.ar & (NOT_SYSTEM | (TYPE & ~TSS_IS_32))) !=
        (TYPE_TSS16 | (source == TASK_IRET ? TSS_BUSY : 0)))
        return fault(c, bad, selector);
    if (!(d.ar & PRESENT))
        return fault(c, VEC_NP, selector);
    if (d.limit < (is_32 ? sizeof(struct tss32) : sizeof(struct tss16)) - 1)
        return fault(c, VEC_TS, selector);
    if (!read_tss(c, &d, &t) || !save(c, rflags) || !mark(c, source, &d))
        return false;
    enter(c, &d, &t, nested);
    if (is_32 && (c->s.cr0 & CR0_PG)) {
        c->s.cr3 = t.cr3;
        if (!c->paging(c)) {
            (void)fault(c, VEC_GP, 0);
            return true;
        }
    }
    if (!load_segments(c) || (error && !push(c, *error, is_32 ? 4 : 2)))
        return true;
    if (c->s.rip > c->s.cs_limit) {
        (void)fault(c, VEC_GP, 0);
    } else if (is_32 && (t.trap & 1)) {
        c->s.dr6 |= DR6_BT;
        (void)fault(c, VEC_DB, 0);
    }
    return true;
}
