/* SPDX-License-Identifier: BSD-2-Clause */
/* Our decoder against Zydis' on the same bytes, in all modes. */
#pragma once

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "insn/decode.h"

/* Sources of the room, for `sources:` lines: opcodes decode execute alu memory string system
 * vector. */

static const struct {
    ZydisMnemonic theirs;
    uint8_t first, last; /* enum insn_op: a range */
} insn_names[] = {
    {ZYDIS_MNEMONIC_ADD, INSN_ADD, INSN_ADD},
    {ZYDIS_MNEMONIC_OR, INSN_OR, INSN_OR},
    {ZYDIS_MNEMONIC_ADC, INSN_ADC, INSN_ADC},
    {ZYDIS_MNEMONIC_SBB, INSN_SBB, INSN_SBB},
    {ZYDIS_MNEMONIC_AND, INSN_AND, INSN_AND},
    {ZYDIS_MNEMONIC_SUB, INSN_SUB, INSN_SUB},
    {ZYDIS_MNEMONIC_XOR, INSN_XOR, INSN_XOR},
    {ZYDIS_MNEMONIC_CMP, INSN_CMP, INSN_CMP},
    {ZYDIS_MNEMONIC_ROL, INSN_ROL, INSN_ROL},
    {ZYDIS_MNEMONIC_ROR, INSN_ROR, INSN_ROR},
    {ZYDIS_MNEMONIC_RCL, INSN_RCL, INSN_RCL},
    {ZYDIS_MNEMONIC_RCR, INSN_RCR, INSN_RCR},
    {ZYDIS_MNEMONIC_SHL, INSN_SHL, INSN_SHL},
    {ZYDIS_MNEMONIC_SHR, INSN_SHR, INSN_SHR},
    {ZYDIS_MNEMONIC_SAR, INSN_SAR, INSN_SAR},
    {ZYDIS_MNEMONIC_SHLD, INSN_SHLD, INSN_SHLD},
    {ZYDIS_MNEMONIC_SHRD, INSN_SHRD, INSN_SHRD},
    {ZYDIS_MNEMONIC_BT, INSN_BT, INSN_BT},
    {ZYDIS_MNEMONIC_BTS, INSN_BTS, INSN_BTS},
    {ZYDIS_MNEMONIC_BTR, INSN_BTR, INSN_BTR},
    {ZYDIS_MNEMONIC_BTC, INSN_BTC, INSN_BTC},
    {ZYDIS_MNEMONIC_TEST, INSN_TEST, INSN_TEST},
    {ZYDIS_MNEMONIC_NOT, INSN_NOT, INSN_NOT},
    {ZYDIS_MNEMONIC_NEG, INSN_NEG, INSN_NEG},
    {ZYDIS_MNEMONIC_INC, INSN_INC, INSN_INC},
    {ZYDIS_MNEMONIC_DEC, INSN_DEC, INSN_DEC},
    {ZYDIS_MNEMONIC_MUL, INSN_MUL, INSN_MUL},
    {ZYDIS_MNEMONIC_IMUL, INSN_IMUL_WIDE, INSN_IMUL_WIDE},
    {ZYDIS_MNEMONIC_IMUL, INSN_IMUL, INSN_IMUL_IMM},
    {ZYDIS_MNEMONIC_DIV, INSN_DIV, INSN_DIV},
    {ZYDIS_MNEMONIC_IDIV, INSN_IDIV, INSN_IDIV},
    {ZYDIS_MNEMONIC_MOV, INSN_MOV, INSN_MOV},
    {ZYDIS_MNEMONIC_MOV, INSN_MOV_FROM_SEG, INSN_MOV_TO_DR},
    {ZYDIS_MNEMONIC_MOVNTI, INSN_MOV, INSN_MOV},
    {ZYDIS_MNEMONIC_MOVZX, INSN_MOVZX, INSN_MOVZX},
    {ZYDIS_MNEMONIC_MOVSX, INSN_MOVSX, INSN_MOVSX},
    {ZYDIS_MNEMONIC_MOVSXD, INSN_MOVSX, INSN_MOVSX},
    {ZYDIS_MNEMONIC_MOVBE, INSN_MOVBE, INSN_MOVBE},
    {ZYDIS_MNEMONIC_BSWAP, INSN_BSWAP, INSN_BSWAP},
    {ZYDIS_MNEMONIC_LEA, INSN_LEA, INSN_LEA},
    {ZYDIS_MNEMONIC_XCHG, INSN_XCHG, INSN_XCHG},
    {ZYDIS_MNEMONIC_XADD, INSN_XADD, INSN_XADD},
    {ZYDIS_MNEMONIC_CMPXCHG, INSN_CMPXCHG, INSN_CMPXCHG},
    {ZYDIS_MNEMONIC_CMPXCHG8B, INSN_CMPXCHG_PAIR, INSN_CMPXCHG_PAIR},
    {ZYDIS_MNEMONIC_CMPXCHG16B, INSN_CMPXCHG_PAIR, INSN_CMPXCHG_PAIR},
    {ZYDIS_MNEMONIC_PUSH, INSN_PUSH, INSN_PUSH},
    {ZYDIS_MNEMONIC_POP, INSN_POP, INSN_POP},
    {ZYDIS_MNEMONIC_MOVSB, INSN_MOVS, INSN_MOVS},
    {ZYDIS_MNEMONIC_MOVSW, INSN_MOVS, INSN_MOVS},
    {ZYDIS_MNEMONIC_MOVSD, INSN_MOVS, INSN_MOVS},
    {ZYDIS_MNEMONIC_MOVSQ, INSN_MOVS, INSN_MOVS},
    {ZYDIS_MNEMONIC_CMPSB, INSN_CMPS, INSN_CMPS},
    {ZYDIS_MNEMONIC_CMPSW, INSN_CMPS, INSN_CMPS},
    {ZYDIS_MNEMONIC_CMPSD, INSN_CMPS, INSN_CMPS},
    {ZYDIS_MNEMONIC_CMPSQ, INSN_CMPS, INSN_CMPS},
    {ZYDIS_MNEMONIC_STOSB, INSN_STOS, INSN_STOS},
    {ZYDIS_MNEMONIC_STOSW, INSN_STOS, INSN_STOS},
    {ZYDIS_MNEMONIC_STOSD, INSN_STOS, INSN_STOS},
    {ZYDIS_MNEMONIC_STOSQ, INSN_STOS, INSN_STOS},
    {ZYDIS_MNEMONIC_LODSB, INSN_LODS, INSN_LODS},
    {ZYDIS_MNEMONIC_LODSW, INSN_LODS, INSN_LODS},
    {ZYDIS_MNEMONIC_LODSD, INSN_LODS, INSN_LODS},
    {ZYDIS_MNEMONIC_LODSQ, INSN_LODS, INSN_LODS},
    {ZYDIS_MNEMONIC_SCASB, INSN_SCAS, INSN_SCAS},
    {ZYDIS_MNEMONIC_SCASW, INSN_SCAS, INSN_SCAS},
    {ZYDIS_MNEMONIC_SCASD, INSN_SCAS, INSN_SCAS},
    {ZYDIS_MNEMONIC_SCASQ, INSN_SCAS, INSN_SCAS},
    {ZYDIS_MNEMONIC_INSB, INSN_INS, INSN_INS},
    {ZYDIS_MNEMONIC_INSW, INSN_INS, INSN_INS},
    {ZYDIS_MNEMONIC_INSD, INSN_INS, INSN_INS},
    {ZYDIS_MNEMONIC_OUTSB, INSN_OUTS, INSN_OUTS},
    {ZYDIS_MNEMONIC_OUTSW, INSN_OUTS, INSN_OUTS},
    {ZYDIS_MNEMONIC_OUTSD, INSN_OUTS, INSN_OUTS},
    {ZYDIS_MNEMONIC_IN, INSN_IN, INSN_IN},
    {ZYDIS_MNEMONIC_OUT, INSN_OUT, INSN_OUT},
    {ZYDIS_MNEMONIC_SGDT, INSN_SGDT, INSN_SGDT},
    {ZYDIS_MNEMONIC_SIDT, INSN_SIDT, INSN_SIDT},
    {ZYDIS_MNEMONIC_LGDT, INSN_LGDT, INSN_LGDT},
    {ZYDIS_MNEMONIC_LIDT, INSN_LIDT, INSN_LIDT},
    {ZYDIS_MNEMONIC_SMSW, INSN_SMSW, INSN_SMSW},
    {ZYDIS_MNEMONIC_LMSW, INSN_LMSW, INSN_LMSW},
    {ZYDIS_MNEMONIC_INVLPG, INSN_INVLPG, INSN_INVLPG},
    {ZYDIS_MNEMONIC_CLTS, INSN_CLTS, INSN_CLTS},
    {ZYDIS_MNEMONIC_NOP, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_CLFLUSH, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_CLFLUSHOPT, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_PREFETCH, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_PREFETCHNTA, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_PREFETCHT0, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_PREFETCHT1, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_PREFETCHT2, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_PREFETCHW, INSN_NOP, INSN_NOP},
    {ZYDIS_MNEMONIC_PREFETCHWT1, INSN_NOP, INSN_NOP},
};

/* Their names of moves between vector register and memory. */
static const ZydisMnemonic insn_vector_names[] = {
    ZYDIS_MNEMONIC_MOVUPS, ZYDIS_MNEMONIC_MOVUPD, ZYDIS_MNEMONIC_MOVSS, ZYDIS_MNEMONIC_MOVSD,
    ZYDIS_MNEMONIC_MOVAPS, ZYDIS_MNEMONIC_MOVAPD, ZYDIS_MNEMONIC_MOVNTPS, ZYDIS_MNEMONIC_MOVNTPD,
    ZYDIS_MNEMONIC_MOVD, ZYDIS_MNEMONIC_MOVQ, ZYDIS_MNEMONIC_MOVDQA, ZYDIS_MNEMONIC_MOVDQU,
    ZYDIS_MNEMONIC_MOVNTDQ, ZYDIS_MNEMONIC_LDDQU, ZYDIS_MNEMONIC_MOVNTDQA,
    ZYDIS_MNEMONIC_VMOVUPS, ZYDIS_MNEMONIC_VMOVUPD, ZYDIS_MNEMONIC_VMOVSS, ZYDIS_MNEMONIC_VMOVSD,
    ZYDIS_MNEMONIC_VMOVAPS, ZYDIS_MNEMONIC_VMOVAPD, ZYDIS_MNEMONIC_VMOVNTPS,
    ZYDIS_MNEMONIC_VMOVNTPD, ZYDIS_MNEMONIC_VMOVD, ZYDIS_MNEMONIC_VMOVQ, ZYDIS_MNEMONIC_VMOVDQA,
    ZYDIS_MNEMONIC_VMOVDQU, ZYDIS_MNEMONIC_VMOVNTDQ, ZYDIS_MNEMONIC_VLDDQU,
    ZYDIS_MNEMONIC_VMOVNTDQA,
};

struct insn_theirs {
    ZyanStatus status;
    ZydisDecodedInstruction i;
    ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
    const ZydisDecodedOperand *memory; /* first explicit or string operand in memory, or NULL */
};

static void insn_theirs(const uint8_t *bytes, unsigned int count, unsigned int bits,
                        struct insn_theirs *t)
{
    ZydisDecoder d;

    ZydisDecoderInit(&d,
                     bits == 64   ? ZYDIS_MACHINE_MODE_LONG_64
                     : bits == 32 ? ZYDIS_MACHINE_MODE_LEGACY_32
                                  : ZYDIS_MACHINE_MODE_LEGACY_16,
                     bits == 64   ? ZYDIS_STACK_WIDTH_64
                     : bits == 32 ? ZYDIS_STACK_WIDTH_32
                                  : ZYDIS_STACK_WIDTH_16);
    t->memory = NULL;
    t->status = ZydisDecoderDecodeFull(&d, bytes, count, &t->i, t->op);
    if (!ZYAN_SUCCESS(t->status))
        return;
    for (unsigned int n = 0; n < t->i.operand_count && !t->memory; n++)
        if (t->op[n].type == ZYDIS_OPERAND_TYPE_MEMORY)
            t->memory = &t->op[n];
}

static const char *insn_their_name(const struct insn_theirs *t)
{
    return ZYAN_SUCCESS(t->status) ? ZydisMnemonicGetString(t->i.mnemonic) : "-";
}

static bool insn_is_vector(const struct insn_theirs *t)
{
    for (unsigned int n = 0; n < ARRAY_SIZE(insn_vector_names); n++)
        if (insn_vector_names[n] == t->i.mnemonic && t->memory &&
            (t->i.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY ||
             t->i.encoding == ZYDIS_INSTRUCTION_ENCODING_VEX))
            return true;
    return false;
}

/* Forms we refuse by intent, of instructions that have our names: without an operand in memory, of
 * MMX, with F2 or F3 on an opcode of two bytes, hints that are not about prefetching. */
static bool insn_refused(const struct insn_theirs *t)
{
    bool visible = t->memory && t->memory->visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN;
    bool mmx = t->op[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
               ZydisRegisterGetClass(t->op[0].reg.value) == ZYDIS_REGCLASS_MMX;

    bool repeat = false;

    for (unsigned int n = 0; n < t->i.raw.prefix_count; n++)
        repeat |= (t->i.raw.prefixes[n].value & 0xfe) == 0xf2;
    if (t->op[1].type == ZYDIS_OPERAND_TYPE_REGISTER && t->i.operand_count > 1)
        mmx |= ZydisRegisterGetClass(t->op[1].reg.value) == ZYDIS_REGCLASS_MMX;
    return !visible || mmx || t->i.opcode == 0x82 ||
           t->i.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX ||
           (t->i.mnemonic == ZYDIS_MNEMONIC_NOP && t->i.opcode != 0x1f) ||
           (repeat && t->i.opcode_map != ZYDIS_OPCODE_MAP_DEFAULT);
}

/* Is their instruction ours by name? */
static bool insn_same_name(const struct insn_theirs *t, unsigned int op)
{
    const char *name = insn_their_name(t);

    if (op == INSN_SETCC)
        return !strncmp(name, "set", 3);
    if (op == INSN_CMOV)
        return !strncmp(name, "cmov", 4);
    if (op == INSN_VECTOR_LOAD || op == INSN_VECTOR_STORE)
        return insn_is_vector(t);
    for (unsigned int n = 0; n < ARRAY_SIZE(insn_names); n++)
        if (insn_names[n].theirs == t->i.mnemonic && op >= insn_names[n].first &&
            op <= insn_names[n].last)
            return true;
    return false;
}

/* The general register that is number @n of @width bytes, as they call it. */
static ZydisRegister insn_gpr(unsigned int n, unsigned int width, bool rex)
{
    switch (width) {
    case 1:
        return n < 4 || !rex ? ZYDIS_REGISTER_AL + n
               : n < 8       ? ZYDIS_REGISTER_SPL + n - 4
                             : ZYDIS_REGISTER_R8B + n - 8;
    case 2:
        return ZYDIS_REGISTER_AX + n;
    case 4:
        return ZYDIS_REGISTER_EAX + n;
    default:
        return ZYDIS_REGISTER_RAX + n;
    }
}

static const char *insn_compare_address(const struct insn *ours, const struct insn_theirs *t)
{
    const ZydisDecodedOperandMem *m = &t->memory->mem;
    ZydisRegister base = ours->base == INSN_NO_REG ? ZYDIS_REGISTER_NONE
                                                   : insn_gpr(ours->base, ours->address_bytes, 0);
    ZydisRegister index = ours->index == INSN_NO_REG
                              ? ZYDIS_REGISTER_NONE
                              : insn_gpr(ours->index, ours->address_bytes, 0);
    uint64_t mask = ~0ULL >> (64 - 8 * ours->address_bytes);

    if (ours->rip_relative)
        base = ours->address_bytes == 8 ? ZYDIS_REGISTER_RIP : ZYDIS_REGISTER_EIP;
    if (ours->address_bytes * 8 != t->i.address_width)
        return "address size";
    /* Zydis 4.0 reads 67 with REX.B and "no base" as R13D; REX.B does not count there */
    if (base == ZYDIS_REGISTER_NONE && m->base == ZYDIS_REGISTER_R13D)
        return NULL;
    if (m->base != base || m->index != index)
        return "address registers";
    if (index != ZYDIS_REGISTER_NONE && 1 << ours->scale != m->scale)
        return "scale";
    if ((((uint64_t)ours->disp ^ (uint64_t)m->disp.value) & mask) != 0)
        return "displacement";
    if (m->type == ZYDIS_MEMOP_TYPE_MEM && (int)m->segment != ZYDIS_REGISTER_ES + ours->segment)
        return "segment";
    return NULL;
}

/* Their operand @n against ours of kind @kind and @width. */
static const char *insn_compare_operand(const struct insn *ours, const ZydisDecodedOperand *o,
                                        unsigned int kind, unsigned int width)
{
    bool system = ours->op >= INSN_MOV_FROM_SEG && ours->op <= INSN_MOV_TO_DR;

    if (kind == INSN_RM && ours->memory)
        return o->type != ZYDIS_OPERAND_TYPE_MEMORY ? "memory or register"
               : o->size != 8 * width && ours->op != INSN_NOP && ours->op != INSN_INVLPG &&
                       ours->op != INSN_LEA &&
                       !(ours->op == INSN_MOVSX && width == 2) /* MOVSXD: it is in SDM vol. 2 */
                   ? "size of memory"
                   : NULL;
    if (kind == INSN_IMM) {
        if (ours->op >= INSN_ROL && ours->op <= INSN_BTC)
            width = 1; /* a count, a bit's number: what is beyond its byte does not matter */
        if (ours->by_cl)
            return o->type == ZYDIS_OPERAND_TYPE_REGISTER && o->reg.value == ZYDIS_REGISTER_CL
                       ? NULL
                       : "CL";
        return o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
                       ((o->imm.value.u ^ ours->imm) & (~0ULL >> (64 - 8 * width))) == 0
                   ? NULL
                   : "immediate";
    }
    if (o->type != ZYDIS_OPERAND_TYPE_REGISTER)
        return "register";
    if (kind == INSN_REG && (system || ours->op >= INSN_VECTOR_LOAD))
        return ZydisRegisterGetId(o->reg.value) == ours->reg ? NULL : "special register";
    return o->reg.value == insn_gpr(kind == INSN_REG ? ours->reg : ours->rm, width, ours->rex)
               ? NULL
               : "register number";
}

static const char *insn_compare_string(const struct insn *ours, const struct insn_theirs *t)
{
    bool rep = t->i.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE);
    bool repne = t->i.attributes & ZYDIS_ATTRIB_HAS_REPNE;
    ZydisRegister source = ZYDIS_REGISTER_ES + ours->segment;

    if (t->memory->size != ours->width * 8u || t->i.address_width != ours->address_bytes * 8u)
        return "size of string element or address";
    if (ours->repeat == INSN_REP ? !rep : ours->repeat == INSN_ONCE && (rep || repne))
        return "repeat prefix";
    if (ours->op == INSN_CMPS || ours->op == INSN_SCAS)
        if ((ours->repeat == INSN_REPNE) != repne)
            return "repeat condition";
    if (ours->op == INSN_MOVS || ours->op == INSN_OUTS || ours->op == INSN_LODS)
        if (t->op[1].type == ZYDIS_OPERAND_TYPE_MEMORY && t->op[1].mem.segment != source)
            return "segment of a string";
    return NULL;
}

static const char *insn_compare_operands(const struct insn *ours, const struct insn_theirs *t)
{
    const char *difference = NULL;
    unsigned int n = 0;

    if (ours->op >= INSN_MOVS && ours->op <= INSN_OUTS)
        return insn_compare_string(ours, t);
    if (ours->op == INSN_IN)
        return t->op[0].size == ours->width * 8u ? NULL : "size of port";
    if (ours->op == INSN_OUT)
        return t->op[1].size == ours->width * 8u ? NULL : "size of port";
    if (ours->op == INSN_NOP || ours->op == INSN_CLTS)
        return NULL;
    if (ours->op == INSN_MOV_TO_SEG) /* the register is one operand for them */
        return insn_compare_operand(ours, &t->op[1], INSN_RM, ours->from_width);
    if (ours->op == INSN_MOV_FROM_SEG)
        return insn_compare_operand(ours, &t->op[0], INSN_RM, ours->width);
    if (ours->to != INSN_NOTHING)
        difference = insn_compare_operand(ours, &t->op[n++], ours->to, ours->width);
    if (!difference && ours->from != INSN_NOTHING)
        difference = insn_compare_operand(ours, &t->op[n++], ours->from, ours->from_width);
    if (!difference && (ours->op == INSN_SHLD || ours->op == INSN_SHRD ||
                        ours->op == INSN_IMUL_IMM))
        difference = insn_compare_operand(ours, &t->op[n], INSN_IMM, ours->by_cl ? 1 : ours->width);
    return difference;
}

/* NULL if the two agree about @bytes, else what about. Refusing something that is not in our lists
 * is agreement; so is refusing forms without a memory operand, which need no decoder. */
static const char *insn_compare(const uint8_t *bytes, unsigned int count, unsigned int bits)
{
    struct insn ours;
    enum insn_result result = insn_decode(bytes, count, bits, &ours);
    static struct insn_theirs t;
    const char *difference = NULL;

    insn_theirs(bytes, count, bits, &t);
    if (result == INSN_OK) {
        if (!ZYAN_SUCCESS(t.status) || t.i.length != ours.length)
            difference = "length";
        else if (!insn_same_name(&t, ours.op))
            difference = "operation";
        else if (ours.memory)
            difference = t.memory ? insn_compare_address(&ours, &t) : "memory or register";
        if (!difference)
            difference = insn_compare_operands(&ours, &t);
    } else if (ZYAN_SUCCESS(t.status)) {
        if (result != INSN_UNSUPPORTED)
            difference = "validity";
        for (unsigned int op = INSN_ADD; !insn_refused(&t) &&
                                         op <= INSN_NOP && !difference; op++)
            if (insn_same_name(&t, op))
                difference = "support";
    }
    if (result == INSN_TOO_LONG && t.status != ZYDIS_STATUS_INSTRUCTION_TOO_LONG)
        difference = "length above 15";
    for (unsigned int n = 0; result == INSN_OK && n < ours.length && !difference; n++) {
        struct insn part;

        if (insn_decode(bytes, n, bits, &part) != INSN_SHORT)
            difference = "a part of it";
    }
    if (difference)
        fprintf(stderr, "%u bits: %s: %s\n", bits, insn_their_name(&t), difference);
    return difference;
}
