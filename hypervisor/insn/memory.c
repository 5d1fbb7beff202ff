/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory operands: offset, segment, pages, pieces; and ports.
 *
 * All checks and translations of an operand come before its first access. Accesses are cut into
 * pieces that no caller need cut again: within a page, of 1, 2, 4 or 8 bytes. Each piece is a step
 * with a number. When a step has to wait for a device, the instruction is executed again from its
 * start, and steps before that one are answered from the replay record instead of being done twice.
 */
#include "insn/private.h"

#include "lib/string.h"

#define PAGE 4096u

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_IN, ACCESS_OUT };

enum insn_result insn_fault(struct insn_cpu *c, unsigned int vector, uint32_t error)
{
    bool coded = vector == VEC_DF || (vector >= VEC_TS && vector <= VEC_PF) || vector == VEC_AC;

    c->fault = (struct insn_fault){.vector = (uint8_t)vector, .error = error,
                                   .has_error = coded && c->mode != INSN_REAL};
    return INSN_FAULT;
}

enum insn_result insn_page_fault(struct insn_cpu *c, uint64_t linear, uint32_t error)
{
    enum insn_result result = insn_fault(c, VEC_PF, error);

    c->fault.cr2 = linear;
    return result;
}

/* Whole operands between the address and the one that bit number reg is in, as bytes. */
static uint64_t bit_displacement(const struct insn *i, const struct cpu_user_regs *regs)
{
    unsigned int unused_bits = 64 - 8 * i->width;
    uint64_t number = insn_reg_get(i, regs, i->reg, i->width);
    int64_t bit = (int64_t)(number << unused_bits) >> unused_bits;

    return (uint64_t)(bit >> ilog2(8 * i->width)) * i->width;
}

uint64_t insn_offset(const struct insn *i, const struct cpu_user_regs *regs)
{
    uint64_t offset = (uint64_t)i->disp;

    if (i->rip_relative)
        offset += regs->rip + i->length;
    if (i->base != INSN_NO_REG)
        offset += insn_reg(regs, i->base);
    if (i->index != INSN_NO_REG)
        offset += insn_reg(regs, i->index) << i->scale;
    if (i->op >= INSN_BT && i->op <= INSN_BTC && i->from == INSN_REG)
        offset += bit_displacement(i, regs);
    else if (i->op == INSN_POP && i->base == REG_RSP) /* after its own increment */
        offset += i->width;
    return offset & bits_low(8 * i->address_bytes);
}

/* Limit and type, by the manual (SDM vol. 3, 5.3 and 5.4); real mode has no types. */
static bool segment_allows(const struct insn_cpu *c, const struct insn_segment_state *s,
                           uint64_t offset, unsigned int bytes, bool write)
{
    uint64_t last = offset + bytes - 1;
    unsigned int a = s->attributes;

    if (c->mode == INSN_PROTECTED) {
        bool code = a & INSN_SEGMENT_CODE, second = a & INSN_SEGMENT_WRITABLE;

        if (!(a & INSN_SEGMENT_PRESENT) || (write && (code || !second)) || (code && !second))
            return false;
        if (!code && a & INSN_SEGMENT_DOWN)
            return offset > s->limit && last <= (a & INSN_SEGMENT_BIG ? 0xffffffff : 0xffff);
    }
    return last <= s->limit;
}

static bool is_canonical(uint64_t linear)
{
    return (uint64_t)((int64_t)(linear << 16) >> 16) == linear;
}

/* The linear address of @bytes at @segment:@offset, or #GP, or #SS. */
enum insn_result insn_linear(struct insn_cpu *c, const struct insn *i, unsigned int segment,
                             uint64_t offset, unsigned int bytes, bool write, uint64_t *linear)
{
    struct insn_segment_state s = {0};
    bool allowed;

    if (i->bits != 64 || segment >= INSN_FS) {
        if (!c->ops->segment_read)
            return INSN_UNSUPPORTED;
        c->ops->segment_read(c, segment, &s);
    }
    *linear = s.base + offset;
    if (i->bits == 64) {
        allowed = is_canonical(*linear) && is_canonical(*linear + bytes - 1);
    } else {
        *linear &= 0xffffffff;
        allowed = segment_allows(c, &s, offset, bytes, write);
    }
    return allowed ? INSN_OK : insn_fault(c, segment == INSN_SS ? VEC_SS : VEC_GP, 0);
}

enum insn_result insn_locate(struct insn_cpu *c, const struct insn *i, unsigned int segment,
                             uint64_t offset, unsigned int bytes, bool write,
                             struct insn_place *place)
{
    enum insn_result result;
    unsigned int first;
    uint64_t linear;

    if (!c->ops->translate)
        return INSN_UNSUPPORTED;
    result = insn_linear(c, i, segment, offset, bytes, write, &linear);
    if (result != INSN_UNSUPPORTED && i->aligned && linear & (bytes - 1)) /* before #SS */
        result = insn_fault(c, VEC_GP, 0);
    if (result != INSN_OK)
        return result;
    first = min(bytes, PAGE - (unsigned int)(linear & (PAGE - 1)));
    place->bytes = (uint8_t)bytes;
    place->first = (uint8_t)first;
    result = c->ops->translate(c, linear, write, &place->physical[0]);
    if (result != INSN_OK || first == bytes)
        return result;
    linear += first;
    if (i->bits != 64)
        linear &= 0xffffffff;
    return c->ops->translate(c, linear, write, &place->physical[1]);
}

static enum insn_result access(struct insn_cpu *c, enum access kind, uint64_t address,
                               unsigned int bytes, uint64_t *value)
{
    const struct insn_ops *ops = c->ops;

    switch (kind) {
    case ACCESS_READ:
        return ops->read ? ops->read(c, address, bytes, value) : INSN_UNSUPPORTED;
    case ACCESS_WRITE:
        return ops->write ? ops->write(c, address, bytes, *value) : INSN_UNSUPPORTED;
    case ACCESS_IN:
        return ops->port_in ? ops->port_in(c, (uint16_t)address, bytes, value) : INSN_UNSUPPORTED;
    default:
        return ops->port_out ? ops->port_out(c, (uint16_t)address, bytes, *value)
                             : INSN_UNSUPPORTED;
    }
}

/* One step: from the record if it was done before, else done and recorded. */
static enum insn_result step(struct insn_cpu *c, enum access kind, uint64_t address,
                             unsigned int bytes, uint64_t *value)
{
    struct insn_replay *r = c->replay;
    unsigned int n = c->step++;
    enum insn_result result;

    if (r && n >= INSN_REPLAY_STEPS)
        return INSN_UNSUPPORTED; /* not reached: two operands of 8 bytes have four pieces each */
    if (r && n < r->count) {
        *value = r->value[n];
        return INSN_OK;
    }
    result = access(c, kind, address, bytes, value);
    if (r && result == INSN_OK) {
        r->value[n] = *value;
        r->count = n + 1;
    }
    return result;
}

void insn_forget(struct insn_cpu *c)
{
    c->step = 0;
    if (c->replay)
        c->replay->count = 0;
}

static enum insn_result transfer(struct insn_cpu *c, enum access kind,
                                 const struct insn_place *place, uint8_t *data)
{
    unsigned int at = 0;

    while (at < place->bytes) {
        bool on_second = at >= place->first;
        unsigned int left = (on_second ? place->bytes : place->first) - at;
        unsigned int bytes = left >= 8 ? 8 : 1u << ilog2(left);
        uint64_t physical = on_second ? place->physical[1] + at - place->first
                                      : place->physical[0] + at;
        enum insn_result result;
        uint64_t value = 0;

        if (kind == ACCESS_WRITE)
            memcpy(&value, data + at, bytes);
        result = step(c, kind, physical, bytes, &value);
        if (result != INSN_OK)
            return result;
        if (kind == ACCESS_READ)
            memcpy(data + at, &value, bytes);
        at += bytes;
    }
    return INSN_OK;
}

enum insn_result insn_read(struct insn_cpu *c, const struct insn_place *place, void *data)
{
    return transfer(c, ACCESS_READ, place, data);
}

enum insn_result insn_write(struct insn_cpu *c, const struct insn_place *place, const void *data)
{
    uint8_t copy[32];

    memcpy(copy, data, place->bytes);
    return transfer(c, ACCESS_WRITE, place, copy);
}

enum insn_result insn_exchange(struct insn_cpu *c, const struct insn_place *place,
                               const void *old, const void *new)
{
    if (place->first == place->bytes && c->ops->compare_exchange) {
        enum insn_result result = c->ops->compare_exchange(c, place->physical[0], place->bytes,
                                                           old, new);

        if (result != INSN_PLAIN)
            return result;
    }
    return insn_write(c, place, new);
}

enum insn_result insn_port(struct insn_cpu *c, bool out, uint16_t port, unsigned int bytes,
                           uint64_t *value)
{
    return step(c, out ? ACCESS_OUT : ACCESS_IN, port, bytes, value);
}

/* Hardware has checked what exited, but these bytes may be others by now. */
enum insn_result insn_port_check(struct insn_cpu *c, uint16_t port, unsigned int bytes)
{
    unsigned int iopl = (c->regs->rflags & X86_IOPL) / (X86_IOPL & -X86_IOPL);

    if (c->mode == INSN_REAL || (c->mode == INSN_PROTECTED && c->cpl <= iopl))
        return INSN_OK;
    return c->ops->port_allowed ? c->ops->port_allowed(c, port, bytes)
                                : insn_fault(c, VEC_GP, 0);
}
