/* SPDX-License-Identifier: BSD-2-Clause */
/* Segment, control, debug and descriptor-table registers. Privilege is checked here, because these
 * bytes need not be those that the processor saw; what a value means is for the caller to say. */
#include "insn/private.h"

#include "lib/string.h"

#define CR0_OF_LMSW (CR0_PE | CR0_MP | CR0_EM | CR0_TS)

/* A virtual 8086 task has CPL 3, real mode 0. */
static enum insn_result privileged(struct insn_cpu *c)
{
    return c->mode == INSN_VIRTUAL_8086 || c->cpl ? insn_fault(c, VEC_GP, 0) : INSN_OK;
}

static enum insn_result register_read(struct insn_cpu *c, unsigned int r, uint64_t *value)
{
    return c->ops->register_read ? c->ops->register_read(c, r, value) : INSN_UNSUPPORTED;
}

static enum insn_result register_write(struct insn_cpu *c, unsigned int r, uint64_t value)
{
    return c->ops->register_write ? c->ops->register_write(c, r, value) : INSN_UNSUPPORTED;
}

/* SGDT, SIDT, SMSW are open to all unless CR4.UMIP closes them (SDM vol. 3, 2.5). */
static enum insn_result umip(struct insn_cpu *c)
{
    uint64_t cr4 = 0;
    enum insn_result result = INSN_OK;

    if (privileged(c) == INSN_OK)
        return INSN_OK;
    result = register_read(c, INSN_CR4, &cr4);
    return result == INSN_OK && cr4 & CR4_UMIP ? insn_fault(c, VEC_GP, 0) : result;
}

/* The memory operand at @i's address: read into, or written from, @data. */
static enum insn_result memory(const struct insn *i, struct insn_cpu *c, unsigned int bytes,
                               bool write, void *data)
{
    struct insn_place place;
    enum insn_result result = insn_locate(c, i, i->segment, insn_offset(i, c->regs), bytes, write,
                                          &place);

    if (result != INSN_OK)
        return result;
    return write ? insn_write(c, &place, data) : insn_read(c, &place, data);
}

/* SGDT, SIDT, LGDT, LIDT: two bytes of limit, then the base. */
static enum insn_result table(const struct insn *i, struct insn_cpu *c)
{
    bool store = i->op == INSN_SGDT || i->op == INSN_SIDT;
    bool idt = i->op == INSN_SIDT || i->op == INSN_LIDT;
    enum insn_result result = store ? umip(c) : privileged(c);
    uint8_t data[10] = {0};
    uint64_t base = 0;
    uint16_t limit = 0;

    if (result != INSN_OK)
        return result;
    if (!c->ops->table_read || !c->ops->table_write)
        return INSN_UNSUPPORTED;
    if (store) {
        c->ops->table_read(c, idt, &limit, &base);
        memcpy(data, &limit, sizeof(limit));
        memcpy(data + sizeof(limit), &base, sizeof(base));
        return memory(i, c, i->from_width, true, data);
    }
    result = memory(i, c, i->from_width, false, data);
    if (result != INSN_OK)
        return result;
    memcpy(&limit, data, sizeof(limit));
    memcpy(&base, data + sizeof(limit), sizeof(base));
    if (i->bits != 64 && i->width == 2)
        base &= 0xffffff; /* three bytes, as on a 286 (SDM vol. 2, LGDT) */
    if (i->bits == 64 && (uint64_t)((int64_t)(base << 16) >> 16) != base)
        return insn_fault(c, VEC_GP, 0);
    c->ops->table_write(c, idt, limit, base);
    return INSN_OK;
}

static enum insn_result smsw(const struct insn *i, struct insn_cpu *c)
{
    uint64_t cr0 = 0;
    enum insn_result result = umip(c);

    if (result == INSN_OK)
        result = register_read(c, INSN_CR0, &cr0);
    if (result != INSN_OK)
        return result;
    if (i->memory)
        return memory(i, c, 2, true, &cr0);
    insn_reg_set(i, c->regs, i->rm, i->width, cr0);
    return INSN_OK;
}

/* LMSW, CLTS: parts of CR0. */
static enum insn_result part_of_cr0(const struct insn *i, struct insn_cpu *c)
{
    enum insn_result result = privileged(c);
    uint64_t cr0 = 0, word = 0;

    if (result == INSN_OK && i->op == INSN_LMSW && i->memory)
        result = memory(i, c, 2, false, &word);
    else if (i->op == INSN_LMSW)
        word = insn_reg_get(i, c->regs, i->rm, 2);
    if (result == INSN_OK)
        result = register_read(c, INSN_CR0, &cr0);
    if (result != INSN_OK)
        return result;
    if (i->op == INSN_CLTS)
        cr0 &= ~CR0_TS;
    else /* cannot leave protected mode */
        cr0 = (cr0 & ~(CR0_OF_LMSW & ~CR0_PE)) | (word & CR0_OF_LMSW);
    return register_write(c, INSN_CR0, cr0);
}

/* MOV to and from control and debug registers; reg is the special one, rm the general one. */
static enum insn_result special(const struct insn *i, struct insn_cpu *c)
{
    bool debug = i->op == INSN_MOV_FROM_DR || i->op == INSN_MOV_TO_DR;
    unsigned int r = i->reg + (debug ? INSN_DR0 : INSN_CR0);
    enum insn_result result = privileged(c);
    uint64_t value = 0;

    if (result != INSN_OK)
        return result;
    if (i->op == INSN_MOV_TO_CR || i->op == INSN_MOV_TO_DR)
        return register_write(c, r, insn_reg_get(i, c->regs, i->rm, i->width));
    result = register_read(c, r, &value);
    if (result == INSN_OK)
        insn_reg_set(i, c->regs, i->rm, i->width, value);
    return result;
}

static enum insn_result mov_segment(const struct insn *i, struct insn_cpu *c)
{
    struct insn_segment_state s = {0};
    enum insn_segment number = i->reg & 7;
    enum insn_result result = INSN_OK;
    uint64_t selector = 0;

    if (i->op == INSN_MOV_TO_SEG) {
        if (!c->ops->segment_load)
            return INSN_UNSUPPORTED;
        if (i->memory)
            result = memory(i, c, 2, false, &selector);
        else
            selector = insn_reg_get(i, c->regs, i->rm, 2);
        return result == INSN_OK ? c->ops->segment_load(c, number, (uint16_t)selector) : result;
    }
    if (!c->ops->segment_read)
        return INSN_UNSUPPORTED;
    c->ops->segment_read(c, number, &s);
    selector = s.selector;
    if (i->memory)
        return memory(i, c, 2, true, &selector);
    insn_reg_set(i, c->regs, i->rm, i->width, selector);
    return INSN_OK;
}

static enum insn_result invlpg(const struct insn *i, struct insn_cpu *c)
{
    enum insn_result result = privileged(c);
    struct insn_segment_state s = {0};

    if (result != INSN_OK)
        return result;
    if (!c->ops->invlpg || !c->ops->segment_read)
        return INSN_UNSUPPORTED;
    if (i->bits != 64 || i->segment >= INSN_FS)
        c->ops->segment_read(c, i->segment, &s);
    /* No check: an address that is not one has no translation to drop. */
    return c->ops->invlpg(c, (s.base + insn_offset(i, c->regs)) &
                                 (i->bits == 64 ? ~0ULL : 0xffffffff));
}

enum insn_result insn_system(const struct insn *i, struct insn_cpu *c)
{
    switch ((enum insn_op)i->op) {
    case INSN_SGDT ... INSN_LIDT:
        return table(i, c);
    case INSN_SMSW:
        return smsw(i, c);
    case INSN_LMSW:
    case INSN_CLTS:
        return part_of_cr0(i, c);
    case INSN_INVLPG:
        return invlpg(i, c);
    case INSN_MOV_FROM_SEG:
    case INSN_MOV_TO_SEG:
        return mov_segment(i, c);
    default:
        return special(i, c);
    }
}
