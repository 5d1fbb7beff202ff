/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instruction decoder: prefixes, then an opcode's row, then what its shape asks for. Bytes are
 * taken through one cursor, which notes when they do not suffice; what was read as zero then does
 * no harm, because nobody sees the record.
 */
#include "insn/decode.h"

#include "insn/opcodes.h"

#define REX_W 8
#define REX_R 4
#define REX_X 2
#define REX_B 1

/* Bytes not read yet, and what the prefixes said. */
struct cursor {
    const uint8_t *at, *end;
    bool short_of;
    bool size_prefix, address_prefix;
    uint8_t rex;      /* 0: none; also what VEX says of these bits */
    uint8_t repeat;   /* f2, f3, 0: none */
    uint8_t override; /* enum insn_segment, INSN_NO_REG: none */
};

static uint64_t take(struct cursor *c, unsigned int bytes)
{
    uint64_t value = 0;

    if ((unsigned int)(c->end - c->at) < bytes) {
        c->short_of = true;
        c->at = c->end;
        return 0;
    }
    for (unsigned int i = 0; i < bytes; i++)
        value |= (uint64_t)*c->at++ << (8 * i);
    return value;
}

static uint8_t take_byte(struct cursor *c)
{
    if (c->at < c->end)
        return *c->at++;
    c->short_of = true;
    return 0;
}

/* The same, sign-extended; @bytes is not 0. */
static int64_t take_signed(struct cursor *c, unsigned int bytes)
{
    unsigned int unused_bits = 64 - 8 * bytes;

    if (bytes == 1)
        return (int8_t)take_byte(c);
    return (int64_t)(take(c, bytes) << unused_bits) >> unused_bits;
}

/* Is @byte a legacy prefix? Note what it says. */
static bool legacy_prefix(struct cursor *c, struct insn *out, uint8_t byte)
{
    switch (byte) {
    case 0xf0:
        out->lock = true;
        return true;
    case 0x66:
        c->size_prefix = true;
        return true;
    case 0x67:
        c->address_prefix = true;
        return true;
    case 0x64:
    case 0x65:
        c->override = INSN_FS + (byte & 1);
        return true;
    case 0x26: /* without effect in 64-bit code, also on an earlier FS or GS */
    case 0x2e:
    case 0x36:
    case 0x3e:
        if (out->bits != 64)
            c->override = (byte >> 3) & 3;
        return true;
    case 0xf2:
    case 0xf3:
        c->repeat = byte;
        return true;
    default:
        return false;
    }
}

/* Prefixes up to the opcode, which is returned. REX counts only right before it. */
static uint8_t take_prefixes(struct cursor *c, struct insn *out)
{
    for (;;) {
        uint8_t byte = take_byte(c);

        if (insn_one_byte[byte]) /* soon said of most bytes */
            return byte;
        if (out->bits == 64 && (byte & 0xf0) == 0x40)
            c->rex = byte;
        else if (!c->short_of && legacy_prefix(c, out, byte))
            c->rex = 0;
        else
            return byte;
    }
}

/* Address forms of 16-bit code (SDM vol. 2, table 2-1); @rm 6 without displacement is handled
 * before. */
static void take_address16(struct cursor *c, struct insn *out, unsigned int mod)
{
    static const uint8_t base[8] = {3, 3, 5, 5, 6, 7, 5, 3}; /* BX BX BP BP SI DI BP BX */
    static const uint8_t index[4] = {6, 7, 6, 7};            /* SI DI SI DI */

    if (mod == 0 && out->rm == 6) {
        out->disp = take_signed(c, 2);
        return;
    }
    out->base = base[out->rm];
    if (out->rm < 4)
        out->index = index[out->rm];
    if (mod)
        out->disp = take_signed(c, mod);
}

static void take_sib(struct cursor *c, struct insn *out, unsigned int mod)
{
    uint8_t sib = take_byte(c);
    uint8_t index = ((sib >> 3) & 7) | (c->rex & REX_X) << 2;

    out->scale = sib >> 6;
    if (index != 4)
        out->index = index;
    if ((sib & 7) == 5 && mod == 0)
        out->disp = take_signed(c, 4);
    else
        out->base = (sib & 7) | (c->rex & REX_B) << 3;
}

static inline void take_address(struct cursor *c, struct insn *out, unsigned int mod)
{
    if (out->address_bytes == 2) {
        take_address16(c, out, mod);
    } else if (out->rm == 4) {
        take_sib(c, out, mod);
    } else if (out->rm == 5 && mod == 0) {
        out->rip_relative = out->bits == 64;
        out->disp = take_signed(c, 4);
    } else {
        out->base = out->rm | (c->rex & REX_B) << 3;
    }
    if (out->address_bytes != 2 && mod)
        out->disp = take_signed(c, mod == 1 ? 1 : 4);
    if (c->override != INSN_NO_REG)
        out->segment = c->override;
    else if (out->base == 5 || (out->base == 4 && out->address_bytes != 2))
        out->segment = INSN_SS;
}

/* ModRM, which is already read, and the address that belongs to it. */
static inline void take_operands(struct cursor *c, struct insn *out, uint8_t modrm, uint32_t row)
{
    unsigned int mod = row & ROW_SYSTEM ? 3 : modrm >> 6;

    out->reg = ((modrm >> 3) & 7) | (c->rex & REX_R) << 1;
    out->rm = modrm & 7;
    out->memory = mod != 3;
    if (out->memory)
        take_address(c, out, mod);
    out->rm |= (c->rex & REX_B) << 3;
    out->to = ROW_TO(row);
    out->from = ROW_FROM(row);
}

static void take_moffs(struct cursor *c, struct insn *out, uint32_t row)
{
    out->memory = true;
    out->disp = (int64_t)take(c, out->address_bytes);
    out->to = ROW_TO(row);
    out->from = ROW_FROM(row);
    if (c->override != INSN_NO_REG)
        out->segment = c->override;
}

static void take_immediate(struct cursor *c, struct insn *out, uint32_t row)
{
    if (row & ROW_ONE)
        out->imm = 1;
    else if (row & ROW_IMM8)
        out->imm = (uint64_t)take_signed(c, 1);
    else if (row & ROW_IMM)
        out->imm = (uint64_t)take_signed(c, min(out->width, 4));
    out->by_cl = row & ROW_CL;
    if (out->from == INSN_NOTHING)
        out->from = INSN_IMM;
}

static void set_widths(const struct cursor *c, struct insn *out, uint32_t row)
{
    bool size16 = (out->bits == 16) != c->size_prefix;

    if (row & ROW_BYTE)
        out->width = 1;
    else if (row & ROW_SYSTEM)
        out->width = out->bits == 64 ? 8 : 4;
    else if (c->rex & REX_W)
        out->width = row & ROW_NARROW ? 4 : 8;
    else if (size16 && !(row & ROW_NOT16))
        out->width = 2;
    else
        out->width = row & ROW_WIDE && out->bits == 64 ? 8 : 4;
    out->from_width = out->width;
    if (row & (ROW_FROM8 | ROW_FROM16 | ROW_FROM32))
        out->from_width = row & ROW_FROM8 ? 1 : row & ROW_FROM16 ? 2 : min(out->width, 4);
}

/* Sizes that do not follow from prefixes alone. */
static void fix_widths(struct insn *out)
{
    switch ((enum insn_op)out->op) {
    case INSN_MOV_FROM_SEG:
    case INSN_SMSW:
        if (out->memory)
            out->width = out->from_width = 2;
        break;
    case INSN_CMPXCHG_PAIR:
        out->width = out->from_width = out->width == 8 ? 16 : 8;
        out->aligned = out->width == 16;
        break;
    case INSN_SGDT:
    case INSN_SIDT:
        out->width = out->from_width = out->bits == 64 ? 10 : 6;
        break;
    case INSN_LGDT: /* width stays: with 2 bytes the base has three */
    case INSN_LIDT:
        out->from_width = out->bits == 64 ? 10 : 6;
        break;
    default:
        break;
    }
}

/* What the reg field may not be; LOCK only on a read-modify-write of memory (SDM vol. 2, LOCK). */
static bool is_undefined(const struct insn *i, uint32_t row)
{
    if ((i->lock && !(row & ROW_LOCK && i->memory)) || (row & ROW_MEMORY && !i->memory))
        return true;
    switch ((enum insn_op)i->op) {
    case INSN_MOV_FROM_SEG:
        return (i->reg & 7) > INSN_GS;
    case INSN_MOV_TO_SEG:
        return (i->reg & 7) > INSN_GS || (i->reg & 7) == INSN_CS;
    case INSN_MOV_FROM_CR:
    case INSN_MOV_TO_CR:
        return !(BIT(i->reg) & (BIT(0) | BIT(2) | BIT(3) | BIT(4) | BIT(8)));
    case INSN_MOV_FROM_DR:
    case INSN_MOV_TO_DR:
        return i->reg > 7;
    default:
        return false;
    }
}

/* What only some rows have, behind ModRM. */
static enum insn_result take_rest(struct cursor *c, struct insn *out, uint32_t row, uint8_t opcode)
{
    if (row & ROW_MOFFS)
        take_moffs(c, out, row);
    if (row & (ROW_ONE | ROW_IMM8 | ROW_IMM | ROW_CL))
        take_immediate(c, out, row);
    if (out->op == INSN_BSWAP) {
        out->rm = (opcode & 7) | (c->rex & REX_B) << 3;
        out->to = INSN_RM;
    }
    if (row & ROW_STRING) {
        out->repeat = c->repeat ? c->repeat - 0xf1 : INSN_ONCE;
        if (c->override != INSN_NO_REG)
            out->segment = c->override;
    }
    fix_widths(out);
    if (row & ROW_64 && out->bits != 64)
        return INSN_UNSUPPORTED;
    if (row & ROW_MAYBE && !out->memory)
        return INSN_UNSUPPORTED;
    return is_undefined(out, row) ? INSN_UNDEFINED : INSN_OK;
}

static enum insn_result take_general(struct cursor *c, struct insn *out, uint32_t row,
                                     uint8_t opcode)
{
    uint8_t modrm = 0;

    if (row & (ROW_MODRM | ROW_GROUP))
        modrm = take_byte(c);
    if (row & ROW_GROUP)
        row = insn_groups[row & ROW_OP][(modrm >> 3) & 7] | (row & ~(ROW_OP | ROW_GROUP));
    out->op = row & ROW_OP;
    if (out->op == INSN_NONE)
        return INSN_UNSUPPORTED;
    set_widths(c, out, row);
    if (row & ROW_MODRM)
        take_operands(c, out, modrm, row);
    if (row & ROW_RARE || !(row & ROW_MODRM) || !insn_is_simple(out))
        return take_rest(c, out, row, opcode);
    return out->lock && !(row & ROW_LOCK && out->memory) ? INSN_UNDEFINED : INSN_OK;
}

/* A move of vector register and memory; @vector_bytes: of the register, 0: its VEX is wrong. */
static enum insn_result take_vector(struct cursor *c, struct insn *out,
                                    const struct insn_vector *v, unsigned int vector_bytes)
{
    uint8_t modrm = take_byte(c);

    out->op = v->store ? INSN_VECTOR_STORE : INSN_VECTOR_LOAD;
    out->width = v->bytes == 0   ? vector_bytes
                 : v->bytes == 1 ? (c->rex & REX_W && out->bits == 64 ? 8 : 4)
                                 : v->bytes;
    out->from_width = out->width;
    out->aligned = v->aligned;
    take_operands(c, out, modrm, v->store ? ROW_TO_RM | ROW_FROM_REG : ROW_TO_REG | ROW_FROM_RM);
    if (!out->memory && !v->memory_only)
        return INSN_UNSUPPORTED;
    return out->lock || !out->memory || !vector_bytes ? INSN_UNDEFINED : INSN_OK;
}

/* After c4 or c5 (SDM vol. 2, 2.3.5): @first is the byte behind. */
static enum insn_result take_vex(struct cursor *c, struct insn *out, uint8_t opcode, uint8_t first)
{
    uint8_t last = opcode == 0xc4 ? take_byte(c) : first;
    unsigned int map = opcode == 0xc4 ? first & 0x1f : 1;
    const struct insn_vector *v;
    bool wrong;

    if (c->rex || c->size_prefix || c->repeat || out->lock)
        return INSN_UNDEFINED;
    out->vex = true;
    if (out->bits == 64) {
        c->rex |= first & 0x80 ? 0 : REX_R;
        if (opcode == 0xc4)
            c->rex |= (first & 0x40 ? 0 : REX_X) | (first & 0x20 ? 0 : REX_B) |
                      (last & 0x80 ? REX_W : 0);
    }
    v = insn_vector_find(map, take_byte(c), last & 3);
    if (!v)
        return INSN_UNSUPPORTED;
    /* vvvv would be another source; MOVD and MOVQ have no 32-byte form, MOVSS and MOVSD ignore L */
    wrong = (last & 0x78) != 0x78 || (last & 4 && v->bytes && v->opcode > 0x11);
    return take_vector(c, out, v, wrong ? 0 : last & 4 ? 32 : 16);
}

/* Opcodes after 0f; @repeat is a prefix of some and makes all others different instructions. */
static enum insn_result take_two_byte(struct cursor *c, struct insn *out)
{
    uint8_t opcode = take_byte(c);
    unsigned int map = 1;
    unsigned int prefix = c->repeat ? (c->repeat == 0xf3 ? 2 : 3) : c->size_prefix ? 1 : 0;
    const struct insn_vector *v;

    if (opcode == 0x38) {
        map = 2;
        opcode = take_byte(c);
    }
    v = map == 1 && insn_two_byte[opcode] ? NULL : insn_vector_find(map, opcode, prefix);
    if (v)
        return take_vector(c, out, v, 16);
    if (c->repeat)
        return INSN_UNSUPPORTED;
    if (map == 2)
        return opcode == 0xf0   ? take_general(c, out, INSN_MOVBE | ROW_TO_REG | ROW_FROM_RM |
                                                           ROW_MEMORY, opcode)
               : opcode == 0xf1 ? take_general(c, out, INSN_MOVBE | ROW_TO_RM | ROW_FROM_REG |
                                                           ROW_MEMORY, opcode)
                                : INSN_UNSUPPORTED;
    out->condition = opcode & 15;
    if (opcode == 0xc3 && c->size_prefix)
        return INSN_UNSUPPORTED; /* MOVNTI has no 16-bit form */
    return take_general(c, out, insn_two_byte[opcode], opcode);
}

enum insn_result insn_decode(const uint8_t *bytes, unsigned int count, unsigned int bits,
                             struct insn *out)
{
    struct cursor c = {.at = bytes, .end = bytes + min(count, (unsigned int)INSN_MAX_BYTES),
                       .override = INSN_NO_REG};
    enum insn_result result;
    uint8_t opcode;

    *out = (struct insn){.bits = (uint8_t)bits, .base = INSN_NO_REG, .index = INSN_NO_REG,
                         .segment = INSN_DS};
    opcode = take_prefixes(&c, out);
    out->rex = c.rex != 0;
    out->address_bytes = bits == 64 ? (c.address_prefix ? 4 : 8)
                                    : ((bits == 16) != c.address_prefix ? 2 : 4);
    if ((opcode == 0xc4 || opcode == 0xc5) && !c.short_of) {
        uint8_t first = take_byte(&c);

        /* in other code than 64-bit, LDS and LES have these opcodes too, but only with memory */
        result = bits == 64 || first >= 0xc0 ? take_vex(&c, out, opcode, first) : INSN_UNSUPPORTED;
    } else if (opcode == 0x0f) {
        result = take_two_byte(&c, out);
    } else {
        result = take_general(&c, out, insn_one_byte[opcode], opcode);
    }
    if (c.short_of)
        return count >= INSN_MAX_BYTES ? INSN_TOO_LONG : INSN_SHORT;
    out->length = (uint8_t)(c.at - bytes);
    return result;
}
