/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instruction decoder: two tables of opcodes, each naming an operation and a form (SDM vol. 2,
 * appendix A). What is not in the tables is refused; a form says what follows the opcode.
 */
#include "insn/decode.h"

#include "lib/string.h"

enum form {
    FORM_NONE,
    FORM_RM_REG,    /* ModRM, source in its reg field */
    FORM_GROUP,     /* ModRM, its reg field picks the operation from a row of `groups`; immediate */
    FORM_MOFFS,     /* 64-bit (or 32-bit) address, source is the accumulator */
};

enum immediate { IMM_NONE, IMM_BYTE, IMM_WORD /* operand size, 4 at most */ };

struct opcode {
    uint8_t form;
    uint8_t op;  /* enum insn_op, or the row of `groups` */
    bool byte;   /* operand size is 1 whatever the prefixes say */
    uint8_t imm; /* enum immediate, with FORM_GROUP */
};

enum group { GROUP_ARITHMETIC, GROUP_MOV, GROUP_BIT };

static const uint8_t groups[][8] = {
    [GROUP_ARITHMETIC] = {[1] = INSN_OR, [4] = INSN_AND, [6] = INSN_XOR},
    [GROUP_MOV] = {[0] = INSN_MOV},
    [GROUP_BIT] = {[5] = INSN_BTS, [6] = INSN_BTR, [7] = INSN_BTC},
};

static const struct opcode one_byte[256] = {
    [0x08] = {FORM_RM_REG, INSN_OR, true, IMM_NONE},
    [0x09] = {FORM_RM_REG, INSN_OR, false, IMM_NONE},
    [0x20] = {FORM_RM_REG, INSN_AND, true, IMM_NONE},
    [0x21] = {FORM_RM_REG, INSN_AND, false, IMM_NONE},
    [0x30] = {FORM_RM_REG, INSN_XOR, true, IMM_NONE},
    [0x31] = {FORM_RM_REG, INSN_XOR, false, IMM_NONE},
    [0x80] = {FORM_GROUP, GROUP_ARITHMETIC, true, IMM_BYTE},
    [0x81] = {FORM_GROUP, GROUP_ARITHMETIC, false, IMM_WORD},
    [0x83] = {FORM_GROUP, GROUP_ARITHMETIC, false, IMM_BYTE},
    [0x86] = {FORM_RM_REG, INSN_XCHG, true, IMM_NONE},
    [0x87] = {FORM_RM_REG, INSN_XCHG, false, IMM_NONE},
    [0x88] = {FORM_RM_REG, INSN_MOV, true, IMM_NONE},
    [0x89] = {FORM_RM_REG, INSN_MOV, false, IMM_NONE},
    [0xa2] = {FORM_MOFFS, INSN_MOV, true, IMM_NONE},
    [0xa3] = {FORM_MOFFS, INSN_MOV, false, IMM_NONE},
    [0xc6] = {FORM_GROUP, GROUP_MOV, true, IMM_BYTE},
    [0xc7] = {FORM_GROUP, GROUP_MOV, false, IMM_WORD},
};

static const struct opcode two_byte[256] = {
    [0xab] = {FORM_RM_REG, INSN_BTS, false, IMM_NONE},
    [0xb0] = {FORM_RM_REG, INSN_CMPXCHG, true, IMM_NONE},
    [0xb1] = {FORM_RM_REG, INSN_CMPXCHG, false, IMM_NONE},
    [0xb3] = {FORM_RM_REG, INSN_BTR, false, IMM_NONE},
    [0xba] = {FORM_GROUP, GROUP_BIT, false, IMM_BYTE},
    [0xbb] = {FORM_RM_REG, INSN_BTC, false, IMM_NONE},
};

#define REX_W 8
#define REX_R 4
#define REX_X 2
#define REX_B 1

/* Bytes not read yet, and what the prefixes said. */
struct cursor {
    const uint8_t *at, *end;
    bool short_of;
    bool size16;
    uint8_t rex; /* 0: none */
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

/* The same, sign-extended. */
static int64_t take_signed(struct cursor *c, unsigned int bytes)
{
    unsigned int unused_bits = 64 - 8 * bytes;

    return (int64_t)(take(c, bytes) << unused_bits) >> unused_bits;
}

/* Prefixes up to the opcode, which is returned. REX counts only right before it. */
static uint8_t take_prefixes(struct cursor *c, struct insn *out, bool *supported)
{
    for (;;) {
        uint8_t byte = (uint8_t)take(c, 1);

        if ((byte & 0xf0) == 0x40) {
            c->rex = byte;
            continue;
        }
        switch (byte) {
        case 0xf0:
            out->lock = true;
            break;
        case 0x66:
            c->size16 = true;
            break;
        case 0x67:
            out->narrow_address = true;
            break;
        case 0x64:
            out->segment = INSN_SEG_FS;
            break;
        case 0x65:
            out->segment = INSN_SEG_GS;
            break;
        case 0x26: /* ES, CS, SS, DS: without effect in 64-bit mode, also on an earlier FS or GS */
        case 0x2e:
        case 0x36:
        case 0x3e:
            break;
        case 0xf2: /* repeat, or transactional hints: not with any of our instructions */
        case 0xf3:
            *supported = false;
            return 0;
        default:
            return byte;
        }
        if (c->short_of)
            return 0;
        c->rex = 0;
    }
}

static void take_sib(struct cursor *c, struct insn *out, unsigned int mod)
{
    uint8_t sib = (uint8_t)take(c, 1);
    uint8_t index = ((sib >> 3) & 7) | (c->rex & REX_X ? 8 : 0);

    out->scale = sib >> 6;
    if (index != 4)
        out->index = index;
    if ((sib & 7) == 5 && mod == 0)
        out->disp = take_signed(c, 4);
    else
        out->base = (sib & 7) | (c->rex & REX_B ? 8 : 0);
}

/* ModRM and what belongs to it; the reg field is returned, without REX. */
static unsigned int take_modrm(struct cursor *c, struct insn *out)
{
    uint8_t modrm = (uint8_t)take(c, 1);
    unsigned int mod = modrm >> 6, rm = modrm & 7;

    out->reg = ((modrm >> 3) & 7) | (c->rex & REX_R ? 8 : 0);
    out->high_byte = out->width == 1 && !c->rex && out->reg >= 4;
    out->to_memory = mod != 3;
    if (mod == 3)
        return (modrm >> 3) & 7;
    if (rm == 4) {
        take_sib(c, out, mod);
    } else if (rm == 5 && mod == 0) {
        out->rip_relative = true;
        out->disp = take_signed(c, 4);
    } else {
        out->base = rm | (c->rex & REX_B ? 8 : 0);
    }
    if (mod == 1)
        out->disp = take_signed(c, 1);
    else if (mod == 2)
        out->disp = take_signed(c, 4);
    return (modrm >> 3) & 7;
}

static void take_operands(struct cursor *c, const struct opcode *row, struct insn *out)
{
    unsigned int reg;

    switch ((enum form)row->form) {
    case FORM_RM_REG:
        take_modrm(c, out);
        out->op = row->op;
        break;
    case FORM_GROUP:
        reg = take_modrm(c, out);
        out->op = groups[row->op][reg];
        out->reg = 0;
        out->high_byte = false;
        out->has_imm = true;
        out->imm = (uint64_t)take_signed(c, row->imm == IMM_BYTE ? 1 : min(out->width, 4));
        break;
    case FORM_MOFFS:
        out->op = row->op;
        out->to_memory = true;
        out->disp = (int64_t)take(c, out->narrow_address ? 4 : 8);
        break;
    case FORM_NONE:
        break;
    }
}

/* LOCK is allowed on a read-modify-write of memory only (SDM vol. 2, LOCK). */
static bool lock_is_valid(const struct insn *i)
{
    return !i->lock || (i->to_memory && i->op != INSN_MOV);
}

enum insn_result insn_decode(const uint8_t *bytes, unsigned int count, struct insn *out)
{
    struct cursor c = {.at = bytes, .end = bytes + min(count, (unsigned int)INSN_MAX_BYTES)};
    const struct opcode *row;
    bool supported = true;
    uint8_t opcode;

    *out = (struct insn){.base = INSN_NO_REG, .index = INSN_NO_REG};
    opcode = take_prefixes(&c, out, &supported);
    row = &one_byte[opcode];
    if (opcode == 0x0f)
        row = &two_byte[take(&c, 1)];
    if (!c.short_of && supported && row->form != FORM_NONE) {
        out->width = row->byte ? 1 : c.rex & REX_W ? 8 : c.size16 ? 2 : 4;
        take_operands(&c, row, out);
    }
    if (supported && c.short_of)
        return count >= INSN_MAX_BYTES ? INSN_UNSUPPORTED : INSN_SHORT;
    if (out->op == INSN_NONE || !lock_is_valid(out))
        return INSN_UNSUPPORTED;
    out->length = (uint8_t)(c.at - bytes);
    return INSN_OK;
}
