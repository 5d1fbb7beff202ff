/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder's tables (SDM vol. 2, appendix A). What is not in them is refused. */
#include "insn/opcodes.h"

#define RM_REG (ROW_TO_RM | ROW_FROM_REG)
#define REG_RM (ROW_TO_REG | ROW_FROM_RM)

/* Four forms with ModRM of one operation at @n; CMP writes nothing, so has no LOCK. */
#define ARITHMETIC(n, op, lock)                    \
    [(n)] = (op) | RM_REG | ROW_BYTE | (lock),     \
    [(n) + 1] = (op) | RM_REG | (lock),            \
    [(n) + 2] = (op) | REG_RM | ROW_BYTE,          \
    [(n) + 3] = (op) | REG_RM

/* A form of one byte and, at the next opcode, one of the operand's size. */
#define BOTH(n, row) [(n)] = (row) | ROW_BYTE, [(n) + 1] = (row)

const uint32_t insn_one_byte[256] = {
    ARITHMETIC(0x00, INSN_ADD, ROW_LOCK),
    ARITHMETIC(0x08, INSN_OR, ROW_LOCK),
    ARITHMETIC(0x10, INSN_ADC, ROW_LOCK),
    ARITHMETIC(0x18, INSN_SBB, ROW_LOCK),
    ARITHMETIC(0x20, INSN_AND, ROW_LOCK),
    ARITHMETIC(0x28, INSN_SUB, ROW_LOCK),
    ARITHMETIC(0x30, INSN_XOR, ROW_LOCK),
    ARITHMETIC(0x38, INSN_CMP, 0),
    [0x63] = INSN_MOVSX | REG_RM | ROW_FROM32 | ROW_64,
    [0x69] = INSN_IMUL_IMM | REG_RM | ROW_IMM,
    [0x6b] = INSN_IMUL_IMM | REG_RM | ROW_IMM8,
    BOTH(0x6c, INSN_INS | ROW_STRING | ROW_NARROW),
    BOTH(0x6e, INSN_OUTS | ROW_STRING | ROW_NARROW),
    [0x80] = GROUP_ARITHMETIC | ROW_GROUP | ROW_IMM8 | ROW_BYTE,
    [0x81] = GROUP_ARITHMETIC | ROW_GROUP | ROW_IMM,
    [0x83] = GROUP_ARITHMETIC | ROW_GROUP | ROW_IMM8,
    BOTH(0x84, INSN_TEST | RM_REG),
    BOTH(0x86, INSN_XCHG | RM_REG | ROW_LOCK),
    BOTH(0x88, INSN_MOV | RM_REG),
    BOTH(0x8a, INSN_MOV | REG_RM),
    [0x8c] = INSN_MOV_FROM_SEG | ROW_TO_RM,
    [0x8d] = INSN_LEA | REG_RM | ROW_MEMORY,
    [0x8e] = INSN_MOV_TO_SEG | ROW_FROM_RM | ROW_FROM16,
    [0x8f] = GROUP_POP | ROW_GROUP,
    BOTH(0xa0, INSN_MOV | ROW_MOFFS | (REG_RM & ~ROW_MODRM)),
    BOTH(0xa2, INSN_MOV | ROW_MOFFS | (RM_REG & ~ROW_MODRM)),
    BOTH(0xa4, INSN_MOVS | ROW_STRING),
    BOTH(0xa6, INSN_CMPS | ROW_STRING),
    BOTH(0xaa, INSN_STOS | ROW_STRING),
    BOTH(0xac, INSN_LODS | ROW_STRING),
    BOTH(0xae, INSN_SCAS | ROW_STRING),
    BOTH(0xc0, GROUP_SHIFT | ROW_GROUP | ROW_IMM8),
    BOTH(0xc6, GROUP_MOV | ROW_GROUP | ROW_IMM),
    BOTH(0xd0, GROUP_SHIFT | ROW_GROUP | ROW_ONE),
    BOTH(0xd2, GROUP_SHIFT | ROW_GROUP | ROW_CL),
    BOTH(0xe4, INSN_IN | ROW_IMM8 | ROW_NARROW),
    BOTH(0xe6, INSN_OUT | ROW_IMM8 | ROW_NARROW),
    BOTH(0xec, INSN_IN | ROW_CL | ROW_NARROW),
    BOTH(0xee, INSN_OUT | ROW_CL | ROW_NARROW),
    BOTH(0xf6, GROUP_UNARY | ROW_GROUP),
    [0xfe] = GROUP_INC8 | ROW_GROUP | ROW_BYTE,
    [0xff] = GROUP_INC | ROW_GROUP,
};

const uint32_t insn_two_byte[256] = {
    [0x01] = GROUP_TABLES | ROW_GROUP,
    [0x06] = INSN_CLTS,
    [0x0d] = INSN_NOP | ROW_MODRM | ROW_MAYBE,
    [0x18] = INSN_NOP | ROW_MODRM | ROW_MAYBE,
    [0x1f] = INSN_NOP | ROW_MODRM,
    [0x20] = INSN_MOV_FROM_CR | RM_REG | ROW_SYSTEM | ROW_WIDE,
    [0x21] = INSN_MOV_FROM_DR | RM_REG | ROW_SYSTEM | ROW_WIDE,
    [0x22] = INSN_MOV_TO_CR | REG_RM | ROW_SYSTEM | ROW_WIDE,
    [0x23] = INSN_MOV_TO_DR | REG_RM | ROW_SYSTEM | ROW_WIDE,
    [0x40 ... 0x4f] = INSN_CMOV | REG_RM,
    [0x90 ... 0x9f] = INSN_SETCC | ROW_TO_RM | ROW_BYTE,
    [0xa3] = INSN_BT | RM_REG,
    [0xa4] = INSN_SHLD | RM_REG | ROW_IMM8,
    [0xa5] = INSN_SHLD | RM_REG | ROW_CL,
    [0xab] = INSN_BTS | RM_REG | ROW_LOCK,
    [0xac] = INSN_SHRD | RM_REG | ROW_IMM8,
    [0xad] = INSN_SHRD | RM_REG | ROW_CL,
    [0xae] = GROUP_CACHE | ROW_GROUP,
    [0xaf] = INSN_IMUL | REG_RM,
    BOTH(0xb0, INSN_CMPXCHG | RM_REG | ROW_LOCK),
    [0xb3] = INSN_BTR | RM_REG | ROW_LOCK,
    [0xb6] = INSN_MOVZX | REG_RM | ROW_FROM8,
    [0xb7] = INSN_MOVZX | REG_RM | ROW_FROM16,
    [0xba] = GROUP_BIT | ROW_GROUP | ROW_IMM8,
    [0xbb] = INSN_BTC | RM_REG | ROW_LOCK,
    [0xbe] = INSN_MOVSX | REG_RM | ROW_FROM8,
    [0xbf] = INSN_MOVSX | REG_RM | ROW_FROM16,
    BOTH(0xc0, INSN_XADD | RM_REG | ROW_LOCK),
    [0xc3] = INSN_MOV | RM_REG | ROW_MEMORY | ROW_NOT16, /* MOVNTI */
    [0xc7] = GROUP_PAIR | ROW_GROUP,
    [0xc8 ... 0xcf] = INSN_BSWAP,
};

#define UNARY(op) ((op) | ROW_TO_RM | ROW_LOCK)
#define WIDE(op) ((op) | ROW_FROM_RM)
#define TEST_IMM (INSN_TEST | ROW_TO_RM | ROW_IMM)

const uint32_t insn_groups[GROUP_COUNT][8] = {
    [GROUP_ARITHMETIC] = {UNARY(INSN_ADD), UNARY(INSN_OR), UNARY(INSN_ADC), UNARY(INSN_SBB),
                          UNARY(INSN_AND), UNARY(INSN_SUB), UNARY(INSN_XOR),
                          INSN_CMP | ROW_TO_RM},
    [GROUP_SHIFT] = {INSN_ROL | ROW_TO_RM, INSN_ROR | ROW_TO_RM, INSN_RCL | ROW_TO_RM,
                     INSN_RCR | ROW_TO_RM, INSN_SHL | ROW_TO_RM, INSN_SHR | ROW_TO_RM,
                     INSN_SHL | ROW_TO_RM, INSN_SAR | ROW_TO_RM},
    [GROUP_UNARY] = {TEST_IMM, TEST_IMM, UNARY(INSN_NOT), UNARY(INSN_NEG), WIDE(INSN_MUL),
                     WIDE(INSN_IMUL_WIDE), WIDE(INSN_DIV), WIDE(INSN_IDIV)},
    [GROUP_INC8] = {UNARY(INSN_INC), UNARY(INSN_DEC)},
    [GROUP_INC] = {UNARY(INSN_INC), UNARY(INSN_DEC), [6] = INSN_PUSH | ROW_FROM_RM | ROW_WIDE},
    [GROUP_TABLES] = {INSN_SGDT | ROW_TO_RM | ROW_MAYBE, INSN_SIDT | ROW_TO_RM | ROW_MAYBE,
                      INSN_LGDT | ROW_FROM_RM | ROW_MAYBE, INSN_LIDT | ROW_FROM_RM | ROW_MAYBE,
                      INSN_SMSW | ROW_TO_RM, [6] = INSN_LMSW | ROW_FROM_RM | ROW_FROM16,
                      [7] = INSN_INVLPG | ROW_TO_RM | ROW_MAYBE},
    [GROUP_BIT] = {[4] = INSN_BT | ROW_TO_RM, UNARY(INSN_BTS), UNARY(INSN_BTR), UNARY(INSN_BTC)},
    [GROUP_PAIR] = {[1] = INSN_CMPXCHG_PAIR | ROW_TO_RM | ROW_LOCK | ROW_MEMORY},
    [GROUP_CACHE] = {[7] = INSN_NOP | ROW_MODRM | ROW_MAYBE},
    [GROUP_MOV] = {INSN_MOV | ROW_TO_RM},
    [GROUP_POP] = {INSN_POP | ROW_TO_RM | ROW_WIDE},
};

/* MOVSS and MOVSD of two registers, and all others, are not about memory: not ours. */
static const struct insn_vector vectors[] = {
    {1, 0x10, 0, 0, false, false, false}, /* MOVUPS */
    {1, 0x11, 0, 0, true, false, false},
    {1, 0x10, 1, 0, false, false, false}, /* MOVUPD */
    {1, 0x11, 1, 0, true, false, false},
    {1, 0x10, 2, 4, false, false, false}, /* MOVSS */
    {1, 0x11, 2, 4, true, false, false},
    {1, 0x10, 3, 8, false, false, false}, /* MOVSD */
    {1, 0x11, 3, 8, true, false, false},
    {1, 0x28, 0, 0, false, true, false},  /* MOVAPS */
    {1, 0x29, 0, 0, true, true, false},
    {1, 0x28, 1, 0, false, true, false},  /* MOVAPD */
    {1, 0x29, 1, 0, true, true, false},
    {1, 0x2b, 0, 0, true, true, true},    /* MOVNTPS */
    {1, 0x2b, 1, 0, true, true, true},    /* MOVNTPD */
    {1, 0x6e, 1, 1, false, false, false}, /* MOVD, MOVQ */
    {1, 0x7e, 1, 1, true, false, false},
    {1, 0x7e, 2, 8, false, false, false}, /* MOVQ */
    {1, 0xd6, 1, 8, true, false, false},
    {1, 0x6f, 1, 0, false, true, false},  /* MOVDQA */
    {1, 0x7f, 1, 0, true, true, false},
    {1, 0x6f, 2, 0, false, false, false}, /* MOVDQU */
    {1, 0x7f, 2, 0, true, false, false},
    {1, 0xe7, 1, 0, true, true, true},    /* MOVNTDQ */
    {1, 0xf0, 3, 0, false, false, true},  /* LDDQU */
    {2, 0x2a, 1, 0, false, true, true},   /* MOVNTDQA */
};

const struct insn_vector *insn_vector_find(unsigned int map, uint8_t opcode, unsigned int prefix)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
        if (vectors[i].map == map && vectors[i].opcode == opcode && vectors[i].prefix == prefix)
            return &vectors[i];
    return NULL;
}
