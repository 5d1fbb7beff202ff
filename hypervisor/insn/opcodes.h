/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder's tables: what an opcode is, and what follows it. */
#pragma once

#include <stdint.h>

#include "insn/decode.h"

/* A row is an operation in its low byte, or a row of `insn_groups`, and a shape. */
#define ROW_OP 0xffu
#define ROW_MODRM (1u << 8)
#define ROW_TO_RM (1u << 9 | ROW_MODRM)
#define ROW_TO_REG (1u << 10 | ROW_MODRM)
#define ROW_FROM_RM (1u << 11 | ROW_MODRM)
#define ROW_FROM_REG (1u << 12 | ROW_MODRM)
#define ROW_TO(row) ((row) >> 9 & 3)    /* enum insn_operand: INSN_RM, INSN_REG */
#define ROW_FROM(row) ((row) >> 11 & 3)
#define ROW_IMM8 (1u << 13)
#define ROW_IMM (1u << 14)      /* operand size, 4 at most, sign-extended */
#define ROW_ONE (1u << 15)      /* a shift's count, without a byte for it */
#define ROW_CL (1u << 16)       /* a shift's count is CL, a port's number DX */
#define ROW_BYTE (1u << 17)     /* operands of one byte whatever the prefixes say */
#define ROW_LOCK (1u << 18)     /* LOCK is allowed if the operand is memory */
#define ROW_MEMORY (1u << 19)   /* only with memory; otherwise undefined */
#define ROW_MAYBE (1u << 20)    /* only with memory; otherwise something that is not ours */
#define ROW_WIDE (1u << 21)     /* 8 bytes in 64-bit code without REX.W: stack, CR, DR */
#define ROW_NARROW (1u << 22)   /* 4 bytes at most: ports */
#define ROW_64 (1u << 23)       /* in 64-bit code only */
#define ROW_FROM8 (1u << 24)    /* source of one byte */
#define ROW_FROM16 (1u << 25)   /* source of two bytes */
#define ROW_FROM32 (1u << 26)   /* source of four bytes */
#define ROW_MOFFS (1u << 27)    /* address instead of ModRM; the register is rAX */
#define ROW_GROUP (1u << 28)    /* ModRM's reg field picks the row of a group */
#define ROW_SYSTEM (1u << 29)   /* both fields of ModRM are registers whatever mod says */
#define ROW_STRING (1u << 30)   /* may repeat */

#define ROW_NOT16 (1u << 31)    /* 4 bytes where others have 2 */

/* More to do than operands by ModRM and LOCK. */
#define ROW_RARE                                                                                \
    (ROW_IMM8 | ROW_IMM | ROW_ONE | ROW_CL | ROW_MEMORY | ROW_MAYBE | ROW_64 | ROW_MOFFS |      \
     ROW_STRING)

enum insn_group {
    GROUP_ARITHMETIC, GROUP_SHIFT, GROUP_UNARY, GROUP_INC8, GROUP_INC, GROUP_TABLES, GROUP_BIT,
    GROUP_PAIR, GROUP_CACHE, GROUP_MOV, GROUP_POP, GROUP_COUNT,
};

extern const uint32_t insn_groups[GROUP_COUNT][8];
extern const uint32_t insn_one_byte[256];
extern const uint32_t insn_two_byte[256]; /* after 0f */

/* Moves of SSE and AVX between a vector register and memory. */
struct insn_vector {
    uint8_t map;    /* 1: 0f, 2: 0f 38 */
    uint8_t opcode;
    uint8_t prefix; /* as VEX.pp: 0 none, 1 66, 2 f3, 3 f2 */
    uint8_t bytes;  /* 0: the register, 1: a general register's */
    bool store, aligned, memory_only;
};

/* The row of that encoding, NULL: none. */
const struct insn_vector *insn_vector_find(unsigned int map, uint8_t opcode, unsigned int prefix);
