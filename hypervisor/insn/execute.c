/* SPDX-License-Identifier: BSD-2-Clause */
/* Read-modify-write instructions as functions of registers and one memory operand. */
#include "insn/execute.h"

#include "lib/bits.h"

#define FLAG_CF 0x001ULL
#define FLAG_PF 0x004ULL
#define FLAG_AF 0x010ULL
#define FLAG_ZF 0x040ULL
#define FLAG_SF 0x080ULL
#define FLAG_RF 0x10000ULL
#define FLAG_OF 0x800ULL
#define FLAGS_ARITHMETIC (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

#define REG_RAX 0

/* Where register @n (encoding order, SDM vol. 2 table 2-2) lies in the frame. */
static const uint8_t reg_offset[16] = {
    offsetof(struct cpu_user_regs, rax), offsetof(struct cpu_user_regs, rcx),
    offsetof(struct cpu_user_regs, rdx), offsetof(struct cpu_user_regs, rbx),
    offsetof(struct cpu_user_regs, rsp), offsetof(struct cpu_user_regs, rbp),
    offsetof(struct cpu_user_regs, rsi), offsetof(struct cpu_user_regs, rdi),
    offsetof(struct cpu_user_regs, r8),  offsetof(struct cpu_user_regs, r9),
    offsetof(struct cpu_user_regs, r10), offsetof(struct cpu_user_regs, r11),
    offsetof(struct cpu_user_regs, r12), offsetof(struct cpu_user_regs, r13),
    offsetof(struct cpu_user_regs, r14), offsetof(struct cpu_user_regs, r15),
};

static uint64_t reg_get(const struct cpu_user_regs *regs, unsigned int n)
{
    return *(const uint64_t *)((const char *)regs + reg_offset[n & 15]);
}

static uint64_t width_mask(unsigned int width)
{
    return bits_low(8 * width);
}

/* The source operand, in the low bits. */
static uint64_t source(const struct insn *i, const struct cpu_user_regs *regs)
{
    if (i->has_imm)
        return i->imm & width_mask(i->width);
    if (i->high_byte)
        return (reg_get(regs, i->reg - 4) >> 8) & 0xff;
    return reg_get(regs, i->reg) & width_mask(i->width);
}

static bool is_bit_op(const struct insn *i)
{
    return i->op == INSN_BTS || i->op == INSN_BTR || i->op == INSN_BTC;
}

uint64_t insn_address(const struct insn *i, const struct cpu_user_regs *regs,
                      uint64_t segment_base)
{
    uint64_t address = (uint64_t)i->disp;

    if (i->rip_relative)
        address += regs->rip + i->length;
    if (i->base != INSN_NO_REG)
        address += reg_get(regs, i->base);
    if (i->index != INSN_NO_REG)
        address += reg_get(regs, i->index) << i->scale;
    if (is_bit_op(i) && !i->has_imm) {
        unsigned int unused_bits = 64 - 8 * i->width;
        int64_t bit = (int64_t)(reg_get(regs, i->reg) << unused_bits) >> unused_bits;

        /* Whole operands between the address and the one the bit is in, as bytes. */
        address += (uint64_t)(bit >> ilog2(8 * i->width)) * i->width;
    }
    if (i->narrow_address)
        address &= 0xffffffff;
    return address + segment_base;
}

/* SF, ZF and PF of @value (SDM vol. 1, 3.4.3.1). */
static uint64_t result_flags(uint64_t value, unsigned int width)
{
    uint64_t flags = 0;

    if (!(value & width_mask(width)))
        flags |= FLAG_ZF;
    if (value >> (8 * width - 1) & 1)
        flags |= FLAG_SF;
    if (bit_count(value & 0xff) % 2 == 0)
        flags |= FLAG_PF;
    return flags;
}

/* Flags of @a - @b, as CMP sets them. */
static uint64_t compare_flags(uint64_t a, uint64_t b, unsigned int width)
{
    uint64_t difference = (a - b) & width_mask(width);
    uint64_t flags = result_flags(difference, width);

    if (a < b)
        flags |= FLAG_CF;
    if ((a ^ b ^ difference) & 0x10)
        flags |= FLAG_AF;
    if (((a ^ b) & (a ^ difference)) >> (8 * width - 1) & 1)
        flags |= FLAG_OF;
    return flags;
}

static void set_flags(struct insn_effect *e, uint64_t which, uint64_t flags)
{
    e->flags = (e->flags & ~which) | flags;
}

static void bit_op(const struct insn *i, uint64_t bit_number, uint64_t memory,
                   struct insn_effect *e)
{
    uint64_t bit = BIT(bit_number & (8 * i->width - 1));

    /* The other arithmetic flags are undefined or unchanged: leave them (SDM vol. 2, BTS). */
    set_flags(e, FLAG_CF, memory & bit ? FLAG_CF : 0);
    e->memory = i->op == INSN_BTS ? memory | bit : i->op == INSN_BTR ? memory & ~bit : memory ^ bit;
}

static void cmpxchg(const struct insn *i, uint64_t new_value, uint64_t accumulator,
                    uint64_t memory, struct insn_effect *e)
{
    set_flags(e, FLAGS_ARITHMETIC, compare_flags(accumulator, memory, i->width));
    if (accumulator == memory) {
        e->memory = new_value;
    } else {
        e->writes_memory = false;
        e->reg = REG_RAX;
        e->reg_value = memory;
    }
}

struct insn_effect insn_execute(const struct insn *i, const struct cpu_user_regs *regs,
                                uint64_t memory)
{
    uint64_t from = source(i, regs);
    struct insn_effect e = {
        .memory = from, .writes_memory = true, .flags = regs->rflags, .reg = INSN_NO_REG};

    memory &= width_mask(i->width);
    switch ((enum insn_op)i->op) {
    case INSN_NONE:
    case INSN_MOV:
        break;
    case INSN_XCHG:
        e.reg = i->reg;
        e.high_byte = i->high_byte;
        e.reg_value = memory;
        break;
    case INSN_CMPXCHG:
        cmpxchg(i, from, reg_get(regs, REG_RAX) & width_mask(i->width), memory, &e);
        break;
    case INSN_AND:
    case INSN_OR:
    case INSN_XOR:
        e.memory = i->op == INSN_AND ? memory & from : i->op == INSN_OR ? memory | from
                                                                        : memory ^ from;
        set_flags(&e, FLAGS_ARITHMETIC, result_flags(e.memory, i->width));
        break;
    case INSN_BTS:
    case INSN_BTR:
    case INSN_BTC:
        bit_op(i, from, memory, &e);
        break;
    }
    return e;
}

void insn_retire(const struct insn *i, const struct insn_effect *e, struct cpu_user_regs *regs)
{
    if (e->reg != INSN_NO_REG) {
        unsigned int n = e->high_byte ? e->reg - 4 : e->reg;
        uint64_t *reg = (uint64_t *)((char *)regs + reg_offset[n & 15]);

        if (e->high_byte)
            *reg = (*reg & ~0xff00ULL) | e->reg_value << 8;
        else if (i->width >= 4) /* a 32-bit result clears the upper half (SDM vol. 1, 3.4.1.1) */
            *reg = e->reg_value;
        else
            *reg = (*reg & ~width_mask(i->width)) | e->reg_value;
    }
    regs->rflags = e->flags & ~FLAG_RF;
    regs->rip += i->length;
}
