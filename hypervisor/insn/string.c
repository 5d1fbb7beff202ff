/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * String instructions, and ports. An element is an instruction of its own as far as registers are
 * concerned: they are up to date after each, so that a repetition can stop and go on anywhere.
 */
#include "insn/private.h"

#define PAGE 4096u

/* Elements in one call, so that a repetition cannot hold a CPU for long. */
#define ELEMENTS_MAX 64

static uint64_t index_get(const struct insn *i, const struct insn_cpu *c, unsigned int reg)
{
    return insn_reg_get(i, c->regs, reg, i->address_bytes);
}

static bool goes_down(const struct insn_cpu *c)
{
    return c->regs->rflags & X86_DF;
}

static bool uses(const struct insn *i, unsigned int reg)
{
    return reg == REG_RSI ? i->op == INSN_MOVS || i->op == INSN_CMPS || i->op == INSN_LODS ||
                                i->op == INSN_OUTS
                          : i->op != INSN_LODS && i->op != INSN_OUTS;
}

/* @count elements are done: move the index registers, and rCX if the instruction repeats. */
static void advance(const struct insn *i, struct insn_cpu *c, uint64_t count)
{
    uint64_t by = goes_down(c) ? -(count * i->width) : count * i->width;

    if (uses(i, REG_RSI))
        insn_reg_set(i, c->regs, REG_RSI, i->address_bytes, index_get(i, c, REG_RSI) + by);
    if (uses(i, REG_RDI))
        insn_reg_set(i, c->regs, REG_RDI, i->address_bytes, index_get(i, c, REG_RDI) + by);
    if (i->repeat != INSN_ONCE)
        insn_reg_set(i, c->regs, REG_RCX, i->address_bytes, index_get(i, c, REG_RCX) - count);
}

/* Locate both memory operands before anything happens: MOVS and its like read at rSI in a segment
 * of choice, the others are at ES:rDI. */
static enum insn_result locate(const struct insn *i, struct insn_cpu *c, struct insn_place *from,
                               struct insn_place *to)
{
    enum insn_result result = INSN_OK;

    if (uses(i, REG_RSI))
        result = insn_locate(c, i, i->segment, index_get(i, c, REG_RSI), i->width, false, from);
    if (result == INSN_OK && uses(i, REG_RDI))
        result = insn_locate(c, i, INSN_ES, index_get(i, c, REG_RDI), i->width,
                             i->op != INSN_CMPS && i->op != INSN_SCAS, to);
    return result;
}

/* One element, registers but for the index registers. */
static enum insn_result element(const struct insn *i, struct insn_cpu *c)
{
    uint64_t a = 0, b = 0, flags = c->regs->rflags;
    struct insn_place from, to;
    uint16_t port = (uint16_t)c->regs->rdx;
    enum insn_result result = locate(i, c, &from, &to);

    if (result != INSN_OK)
        return result;
    if (uses(i, REG_RSI))
        result = insn_read(c, &from, &a);
    else if (i->op == INSN_INS)
        result = insn_port(c, false, port, i->width, &a);
    else
        a = insn_reg_get(i, c->regs, REG_RAX, i->width);
    if (result != INSN_OK)
        return result;
    switch ((enum insn_op)i->op) {
    case INSN_LODS:
        insn_reg_set(i, c->regs, REG_RAX, i->width, a);
        return INSN_OK;
    case INSN_OUTS:
        return insn_port(c, true, port, i->width, &a);
    case INSN_CMPS:
    case INSN_SCAS:
        result = insn_read(c, &to, &b);
        insn_alu(INSN_CMP, i->width, a, b, 0, &flags);
        if (result == INSN_OK)
            c->regs->rflags = flags;
        return result;
    default:
        return insn_write(c, &to, &a);
    }
}

/* How many of @count elements from @offset on neither leave the page nor wrap around; the first
 * one's linear address is @linear. 0: that one does. */
static uint64_t room(const struct insn *i, bool down, uint64_t linear, uint64_t offset,
                     uint64_t count)
{
    unsigned int at = linear & (PAGE - 1);
    uint64_t behind = bits_low(8 * i->address_bytes) - offset; /* offset may still grow by that */

    if (at + i->width > PAGE || behind < i->width - 1u)
        return 0;
    if (down)
        return min(count, min((uint64_t)at, offset) / i->width + 1);
    count = min(count, (uint64_t)((PAGE - at) / i->width));
    return min(count, (behind - (i->width - 1)) / i->width + 1);
}

/* Reduce *count to what can be done at once at @segment:rN, and translate its first element. */
static enum insn_result span(const struct insn *i, struct insn_cpu *c, unsigned int segment,
                             unsigned int reg, bool write, uint64_t *count, uint64_t *physical)
{
    uint64_t offset = index_get(i, c, reg), linear, lowest, ignored;
    bool down = goes_down(c);
    enum insn_result result = insn_linear(c, i, segment, offset, i->width, write, &linear);

    if (result != INSN_OK)
        return result;
    *count = room(i, down, linear, offset, *count);
    if (*count < 2)
        return INSN_PLAIN;
    lowest = down ? offset - (*count - 1) * i->width : offset;
    if (insn_linear(c, i, segment, lowest, (unsigned int)*count * i->width, write, &ignored) !=
        INSN_OK)
        return INSN_PLAIN; /* not all of them are within the limit: some may be */
    return c->ops->translate(c, linear, write, physical);
}

/* Several elements by one operation. INSN_PLAIN: one at a time, then. */
static enum insn_result batch(const struct insn *i, struct insn_cpu *c, uint64_t count,
                              uint64_t *done)
{
    struct insn_batch b = {.op = i->op, .width = i->width, .down = goes_down(c),
                           .port = (uint16_t)c->regs->rdx, .value = c->regs->rax};
    enum insn_result result = INSN_OK;

    if (!c->ops->batch || !c->ops->translate || count < 2 || c->regs->rflags & X86_TF ||
        (i->op != INSN_MOVS && i->op != INSN_STOS && i->op != INSN_INS && i->op != INSN_OUTS))
        return INSN_PLAIN;
    if (c->replay && c->replay->count)
        return INSN_PLAIN; /* the first of these elements is under way by itself */
    if (uses(i, REG_RSI))
        result = span(i, c, i->segment, REG_RSI, false, &count,
                      i->op == INSN_MOVS ? &b.source : &b.memory);
    if (result == INSN_OK && uses(i, REG_RDI))
        result = span(i, c, INSN_ES, REG_RDI, true, &count, &b.memory);
    if (result != INSN_OK)
        return result;
    b.count = (uint32_t)count;
    result = c->ops->batch(c, &b);
    if (result == INSN_OK && (b.count == 0 || b.count > count))
        return INSN_UNSUPPORTED;
    *done = b.count;
    return result;
}

/* Does the repetition end with the element just done? */
static bool ends(const struct insn *i, const struct insn_cpu *c)
{
    bool equal = c->regs->rflags & X86_ZF;

    if (i->repeat == INSN_ONCE || index_get(i, c, REG_RCX) == 0)
        return true;
    return (i->op == INSN_CMPS || i->op == INSN_SCAS) && equal == (i->repeat == INSN_REPNE);
}

enum insn_result insn_string(const struct insn *i, struct insn_cpu *c, bool *done)
{
    unsigned int limit = c->regs->rflags & X86_TF ? 1 : ELEMENTS_MAX;
    bool repeats = i->repeat != INSN_ONCE;
    enum insn_result result = INSN_OK;
    uint64_t at_once;

    if (i->op == INSN_INS || i->op == INSN_OUTS) /* also if there is nothing to do */
        result = insn_port_check(c, (uint16_t)c->regs->rdx, i->width);
    if (result != INSN_OK || (repeats && index_get(i, c, REG_RCX) == 0))
        return result;
    *done = false;
    result = repeats ? batch(i, c, index_get(i, c, REG_RCX), &at_once) : INSN_PLAIN;
    if (result == INSN_OK) {
        advance(i, c, at_once);
        *done = ends(i, c);
    }
    if (result != INSN_PLAIN)
        return result;
    while (!*done && limit--) {
        result = element(i, c);
        if (result != INSN_OK)
            return result;
        insn_forget(c);
        advance(i, c, 1);
        *done = ends(i, c);
    }
    return INSN_OK;
}

enum insn_result insn_in_out(const struct insn *i, struct insn_cpu *c)
{
    uint16_t port = i->by_cl ? (uint16_t)c->regs->rdx : (uint16_t)(i->imm & 0xff);
    uint64_t value = insn_reg_get(i, c->regs, REG_RAX, i->width);
    enum insn_result result = insn_port_check(c, port, i->width);

    if (result == INSN_OK)
        result = insn_port(c, i->op == INSN_OUT, port, i->width, &value);
    if (result == INSN_OK && i->op == INSN_IN)
        insn_reg_set(i, c->regs, REG_RAX, i->width, value);
    return result;
}
