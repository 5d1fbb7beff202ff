/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The executor: instructions on general registers and one memory operand. Each function reads what
 * it needs, computes, writes memory, and only then registers, so that any result but INSN_OK finds
 * them as they were.
 */
#include "insn/execute.h"

#include "insn/private.h"

/* Where register @n lies in the frame. */
const uint8_t insn_reg_offset[16] = {
    offsetof(struct cpu_user_regs, rax), offsetof(struct cpu_user_regs, rcx),
    offsetof(struct cpu_user_regs, rdx), offsetof(struct cpu_user_regs, rbx),
    offsetof(struct cpu_user_regs, rsp), offsetof(struct cpu_user_regs, rbp),
    offsetof(struct cpu_user_regs, rsi), offsetof(struct cpu_user_regs, rdi),
    offsetof(struct cpu_user_regs, r8),  offsetof(struct cpu_user_regs, r9),
    offsetof(struct cpu_user_regs, r10), offsetof(struct cpu_user_regs, r11),
    offsetof(struct cpu_user_regs, r12), offsetof(struct cpu_user_regs, r13),
    offsetof(struct cpu_user_regs, r14), offsetof(struct cpu_user_regs, r15),
};

/* AH, CH, DH, BH? */
static bool is_high_byte(const struct insn *i, unsigned int n, unsigned int width)
{
    return width == 1 && !i->rex && n >= 4;
}

uint64_t insn_reg_get(const struct insn *i, const struct cpu_user_regs *regs, unsigned int n,
                      unsigned int width)
{
    if (is_high_byte(i, n, width))
        return insn_reg(regs, n & 3) >> 8 & 0xff;
    return insn_reg(regs, n) & bits_low(8 * width);
}

void insn_reg_set(const struct insn *i, struct cpu_user_regs *regs, unsigned int n,
                  unsigned int width, uint64_t value)
{
    bool high = is_high_byte(i, n, width);
    uint64_t *at = (uint64_t *)((char *)regs + insn_reg_offset[high ? n & 3 : n & 15]);
    uint64_t mask = bits_low(width == 4 ? 64 : 8 * width) << (high ? 8 : 0);

    value &= bits_low(8 * width);
    *at = (*at & ~mask) | (value << (high ? 8 : 0));
}

static uint64_t sign_extend(uint64_t value, unsigned int width)
{
    unsigned int unused_bits = 64 - 8 * width;

    return (uint64_t)((int64_t)(value << unused_bits) >> unused_bits);
}

/* The memory operand of @i, of @bytes. */
static enum insn_result locate(const struct insn *i, struct insn_cpu *c, unsigned int bytes,
                               bool write, struct insn_place *place)
{
    return insn_locate(c, i, i->segment, insn_offset(i, c->regs), bytes, write, place);
}

/* Operand RM, of @bytes; @place is set if it is memory. */
static enum insn_result rm_get(const struct insn *i, struct insn_cpu *c, unsigned int bytes,
                               bool write, struct insn_place *place, uint64_t *value)
{
    enum insn_result result;

    *value = 0;
    if (!i->memory) {
        *value = insn_reg_get(i, c->regs, i->rm, bytes);
        return INSN_OK;
    }
    result = locate(i, c, bytes, write, place);
    return result == INSN_OK ? insn_read(c, place, value) : result;
}

static uint64_t immediate(const struct insn *i, const struct cpu_user_regs *regs)
{
    return i->by_cl ? regs->rcx & 0xff : i->imm;
}

/* Does the result depend on what is in the destination? */
static bool reads_to(enum insn_op op)
{
    return op <= INSN_IMUL || op >= INSN_CMOV;
}

static bool writes_to(enum insn_op op)
{
    return op != INSN_CMP && op != INSN_TEST && op != INSN_BT;
}

/* What insn_alu() wants besides: an immediate beside two operands, or a condition code. */
static uint64_t extra(const struct insn *i, const struct cpu_user_regs *regs)
{
    return i->op == INSN_SETCC || i->op == INSN_CMOV ? i->condition : immediate(i, regs);
}

/* The accumulator is compared: RM gets the register, or the accumulator gets RM. */
static void cmpxchg(const struct insn *i, const struct cpu_user_regs *regs, uint64_t rm,
                    struct insn_effect *e)
{
    uint64_t accumulator = insn_reg_get(i, regs, REG_RAX, i->width);

    insn_alu(INSN_CMP, i->width, accumulator, rm, 0, &e->flags);
    e->writes_rm = accumulator == rm;
    if (e->writes_rm) {
        e->rm = insn_reg_get(i, regs, i->reg, i->width);
    } else {
        e->reg = REG_RAX;
        e->reg_value = rm;
    }
}

void insn_compute(const struct insn *i, const struct cpu_user_regs *regs, uint64_t rm,
                  struct insn_effect *e)
{
    uint64_t from = rm, value;

    *e = (struct insn_effect){.flags = regs->rflags, .reg = INSN_NO_REG};
    if (i->op == INSN_CMPXCHG) {
        cmpxchg(i, regs, rm &= bits_low(8 * i->width), e);
        return;
    }
    if (i->from == INSN_IMM)
        from = immediate(i, regs);
    else if (i->from == INSN_REG)
        from = insn_reg_get(i, regs, i->reg, i->from_width);
    else if (i->op == INSN_MOVSX)
        from = sign_extend(rm, i->from_width);
    if (i->op == INSN_MOV && i->to == INSN_RM) { /* most page-table writes are this */
        e->rm = from;
        e->writes_rm = true;
        return;
    }
    if (i->to == INSN_REG) {
        e->reg = writes_to(i->op) ? i->reg : INSN_NO_REG;
        e->reg_value = insn_alu(i->op, i->width, insn_reg_get(i, regs, i->reg, i->width), from,
                                extra(i, regs), &e->flags);
        return;
    }
    value = insn_alu(i->op, i->width, rm & bits_low(8 * i->width), from, extra(i, regs),
                     &e->flags);
    e->rm = value;
    e->writes_rm = writes_to(i->op);
    if (i->op == INSN_XCHG || i->op == INSN_XADD) {
        e->reg = i->reg;
        e->reg_value = rm;
    }
}

static void step_over(const struct insn *i, struct cpu_user_regs *regs)
{
    regs->rip += i->length;
    if (i->bits != 64)
        regs->rip &= 0xffffffff;
    regs->rflags &= ~X86_RF;
}

void insn_retire(const struct insn *i, const struct insn_effect *e, struct cpu_user_regs *regs)
{
    if (e->reg != INSN_NO_REG)
        insn_reg_set(i, regs, e->reg, i->width, e->reg_value);
    if (e->writes_rm && !i->memory)
        insn_reg_set(i, regs, i->rm, i->width, e->rm);
    regs->rflags = e->flags;
    step_over(i, regs);
}

/* to = to op from: the operations insn_compute() knows */
static enum insn_result simple(const struct insn *i, struct insn_cpu *c)
{
    bool rm_is_to = i->to == INSN_RM, reads = !rm_is_to || reads_to(i->op);
    bool writes = rm_is_to && writes_to(i->op);
    unsigned int bytes = rm_is_to ? i->width : i->from_width;
    enum insn_result result = INSN_OK;
    struct insn_place place;
    struct insn_effect e;
    uint64_t rm = 0;

    if (reads)
        result = rm_get(i, c, bytes, writes, &place, &rm);
    else if (i->memory)
        result = locate(i, c, bytes, writes, &place);
    if (result != INSN_OK)
        return result;
    insn_compute(i, c->regs, rm, &e);
    if (e.writes_rm && i->memory)
        result = reads ? insn_exchange(c, &place, &rm, &e.rm) : insn_write(c, &place, &e.rm);
    if (result == INSN_OK)
        insn_retire(i, &e, c->regs);
    return result;
}

/* CMPXCHG8B, CMPXCHG16B: two registers each, and only ZF. */
static enum insn_result cmpxchg_pair(const struct insn *i, struct insn_cpu *c)
{
    struct cpu_user_regs *regs = c->regs;
    unsigned int half = i->width / 2;
    uint64_t rax = insn_reg_get(i, regs, REG_RAX, half), rdx = insn_reg_get(i, regs, REG_RDX, half);
    uint64_t rbx = insn_reg_get(i, regs, REG_RBX, half), rcx = insn_reg_get(i, regs, REG_RCX, half);
    uint64_t old[2] = {0}, new[2] = {rbx, rcx}, low, high;
    enum insn_result result;
    struct insn_place place;

    if (half == 4)
        new[0] = rcx << 32 | rbx;
    result = locate(i, c, i->width, true, &place);
    if (result == INSN_OK)
        result = insn_read(c, &place, old);
    if (result != INSN_OK)
        return result;
    low = old[0] & bits_low(8 * half);
    high = half == 4 ? old[0] >> 32 : old[1];
    if (low == rax && high == rdx) {
        result = insn_exchange(c, &place, old, new);
        if (result == INSN_OK)
            regs->rflags |= X86_ZF;
        return result;
    }
    insn_reg_set(i, regs, REG_RAX, half, low);
    insn_reg_set(i, regs, REG_RDX, half, high);
    regs->rflags &= ~X86_ZF;
    return INSN_OK;
}

/* MUL, IMUL, DIV, IDIV with rDX:rAX, or AX for bytes. */
static enum insn_result wide(const struct insn *i, struct insn_cpu *c)
{
    struct cpu_user_regs *regs = c->regs;
    uint64_t rm, low = insn_reg_get(i, regs, REG_RAX, i->width), high, flags = regs->rflags;
    enum insn_result result;
    struct insn_place place;

    result = rm_get(i, c, i->width, false, &place, &rm);
    if (result != INSN_OK)
        return result;
    if (i->op == INSN_MUL || i->op == INSN_IMUL_WIDE) {
        low = insn_multiply(i->op, i->width, low, rm, &high, &flags);
    } else {
        high = i->width == 1 ? (regs->rax >> 8) & 0xff
                             : insn_reg_get(i, regs, REG_RDX, i->width);
        if (!insn_divide(i->op, i->width, &high, &low, rm))
            return insn_fault(c, VEC_DE, 0);
    }
    if (i->width == 1) {
        insn_reg_set(i, regs, REG_RAX, 2, high << 8 | low);
    } else {
        insn_reg_set(i, regs, REG_RAX, i->width, low);
        insn_reg_set(i, regs, REG_RDX, i->width, high);
    }
    regs->rflags = flags;
    return INSN_OK;
}

/* PUSH and POP of RM. */
static enum insn_result stack(const struct insn *i, struct insn_cpu *c)
{
    struct insn_segment_state ss = {0};
    struct insn_place rm, top;
    unsigned int pointer_bytes = 8;
    enum insn_result result = INSN_OK;
    uint64_t value = 0, rsp;
    bool push = i->op == INSN_PUSH;

    if (i->bits != 64) {
        if (!c->ops->segment_read)
            return INSN_UNSUPPORTED;
        c->ops->segment_read(c, INSN_SS, &ss);
        pointer_bytes = ss.attributes & INSN_SEGMENT_BIG ? 4 : 2;
    }
    rsp = insn_reg_get(i, c->regs, REG_RSP, pointer_bytes);
    if (push)
        rsp = (rsp - i->width) & bits_low(8 * pointer_bytes);
    if (i->memory)
        result = locate(i, c, i->width, !push, &rm);
    if (result == INSN_OK)
        result = insn_locate(c, i, INSN_SS, rsp, i->width, push, &top);
    if (!i->memory && push)
        value = insn_reg_get(i, c->regs, i->rm, i->width);
    if (result == INSN_OK && (i->memory || !push))
        result = insn_read(c, push ? &rm : &top, &value);
    if (result == INSN_OK && (i->memory || push))
        result = insn_write(c, push ? &top : &rm, &value);
    if (result != INSN_OK)
        return result;
    insn_reg_set(i, c->regs, REG_RSP, pointer_bytes, push ? rsp : rsp + i->width);
    if (!push && !i->memory)
        insn_reg_set(i, c->regs, i->rm, i->width, value);
    return INSN_OK;
}

static enum insn_result others(const struct insn *i, struct insn_cpu *c, bool *done)
{
    switch ((enum insn_op)i->op) {
    case INSN_NOP:
        return INSN_OK;
    case INSN_LEA:
        insn_reg_set(i, c->regs, i->reg, i->width, insn_offset(i, c->regs));
        return INSN_OK;
    case INSN_CMPXCHG_PAIR:
        return cmpxchg_pair(i, c);
    case INSN_MUL ... INSN_IDIV:
        return wide(i, c);
    case INSN_PUSH:
    case INSN_POP:
        return stack(i, c);
    case INSN_MOVS ... INSN_OUTS:
        return insn_string(i, c, done);
    case INSN_IN:
    case INSN_OUT:
        return insn_in_out(i, c);
    case INSN_VECTOR_LOAD:
    case INSN_VECTOR_STORE:
        return insn_vector(i, c);
    default:
        return insn_system(i, c);
    }
}

enum insn_result insn_execute(const struct insn *i, struct insn_cpu *c)
{
    enum insn_result result;
    bool done = true;

    c->step = 0;
    result = insn_is_simple(i) ? simple(i, c) : others(i, c, &done);
    if (result != INSN_RETRY)
        insn_forget(c);
    if (result == INSN_OK && done && !insn_is_simple(i))
        step_over(i, c->regs);
    return result;
}
