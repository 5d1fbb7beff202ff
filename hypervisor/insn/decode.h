/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86 instructions with a memory, port or system register operand, from bytes to a record. Pure:
 * no state, no memory. docs/design/insn.md says which instructions these are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

#define INSN_MAX_BYTES 15 /* SDM vol. 2, 2.3.11 */

enum insn_op {
    INSN_NONE,
    /* These compute one value from two operands: insn_is_simple(). */
    INSN_ADD, INSN_OR, INSN_ADC, INSN_SBB, INSN_AND, INSN_SUB, INSN_XOR, INSN_CMP,
    INSN_ROL, INSN_ROR, INSN_RCL, INSN_RCR, INSN_SHL, INSN_SHR, INSN_SAR, INSN_SHLD, INSN_SHRD,
    INSN_BT, INSN_BTS, INSN_BTR, INSN_BTC,
    INSN_TEST, INSN_NOT, INSN_NEG, INSN_INC, INSN_DEC, INSN_BSWAP, INSN_IMUL,
    /* these do not need to know what is at their destination (reads_to() in execute.c) */
    INSN_IMUL_IMM, INSN_MOV, INSN_MOVZX, INSN_MOVSX, INSN_MOVBE, INSN_SETCC,
    INSN_CMOV, INSN_XCHG, INSN_XADD, INSN_CMPXCHG,
    /* And these do not. */
    INSN_CMPXCHG_PAIR, /* CMPXCHG8B, CMPXCHG16B */
    INSN_MUL, INSN_IMUL_WIDE /* rDX:rAX */, INSN_DIV, INSN_IDIV,
    INSN_LEA, INSN_PUSH, INSN_POP,
    INSN_MOVS, INSN_CMPS, INSN_STOS, INSN_LODS, INSN_SCAS, INSN_INS, INSN_OUTS,
    INSN_IN, INSN_OUT,
    INSN_MOV_FROM_SEG, INSN_MOV_TO_SEG,
    INSN_MOV_FROM_CR, INSN_MOV_TO_CR, INSN_MOV_FROM_DR, INSN_MOV_TO_DR,
    INSN_SGDT, INSN_SIDT, INSN_LGDT, INSN_LIDT, INSN_SMSW, INSN_LMSW, INSN_INVLPG, INSN_CLTS,
    INSN_VECTOR_LOAD, INSN_VECTOR_STORE,
    INSN_NOP, /* prefetches, cache line flushes, long NOPs */
};

/* As the reg field of MOV to and from a segment register numbers them. */
enum insn_segment {
    INSN_ES, INSN_CS, INSN_SS, INSN_DS, INSN_FS, INSN_GS,
};

enum insn_operand {
    INSN_NOTHING,
    INSN_RM,  /* what ModRM (or the moffs of MOV) names: memory or register rm */
    INSN_REG, /* register reg */
    INSN_IMM,
};

/* Repeat prefix; F2 is also INSN_REPNE where it means REP. */
enum insn_repeat { INSN_ONCE, INSN_REPNE, INSN_REP };

#define INSN_NO_REG 0xff

/* Registers are numbered as in SDM vol. 2 table 2-2; with operands of one byte and without REX 4-7
 * are AH, CH, DH, BH (insn_reg_get() knows). */
struct insn {
    uint8_t op;            /* enum insn_op */
    uint8_t length;        /* of the whole instruction */
    uint8_t bits;          /* of the code: 16, 32, 64 */
    uint8_t width;         /* operand size in bytes: 1, 2, 4, 8; vectors also 16, 32 */
    uint8_t from_width;    /* the same of the source: it differs with MOVZX and its like */
    uint8_t address_bytes; /* 2, 4, 8 */
    uint8_t segment;       /* enum insn_segment: of the memory operand, of a string's source */
    uint8_t to, from;      /* enum insn_operand */
    uint8_t reg, rm;
    uint8_t base, index;   /* registers of the address, INSN_NO_REG: none */
    uint8_t scale;         /* shift of the index: 0-3 */
    uint8_t repeat;        /* enum insn_repeat, of string instructions */
    uint8_t condition;     /* low four bits of the opcode of SETcc and CMOVcc */
    bool memory;           /* RM is memory */
    bool rip_relative;     /* base is the next instruction's address */
    bool lock;             /* F0 prefix */
    bool rex;              /* some REX prefix */
    bool by_cl;            /* the count of a shift, the port of IN and OUT: CL, DX instead of imm */
    bool vex;              /* VEX-encoded: clears the register above what it loads */
    bool aligned;          /* the memory operand must be, or #GP */
    int64_t disp;
    uint64_t imm;          /* sign-extended to 64 bits */
};

enum insn_result {
    INSN_OK,
    /* of insn_decode() */
    INSN_SHORT,       /* valid so far, but longer than what was given */
    INSN_UNSUPPORTED, /* not one of ours (also of insn_execute()) */
    INSN_UNDEFINED,   /* #UD by the manual */
    INSN_TOO_LONG,    /* #GP(0): more than INSN_MAX_BYTES */
    /* of insn_execute() */
    INSN_FAULT,       /* inject what struct insn_cpu's `fault` says */
    INSN_RETRY,       /* a device was asked: execute once more when it has answered */
    INSN_AGAIN,       /* memory changed meanwhile, nothing was done: just run it again */
    INSN_PLAIN,       /* only of an operation of the caller: not this way, use the simple ones */
};

static inline bool insn_is_simple(const struct insn *i)
{
    return i->op <= INSN_CMPXCHG;
}

/* Decode what starts at @bytes, of which @count (at most INSN_MAX_BYTES matter) may be read, as
 * code of @bits (16, 32, 64). @out is complete only with INSN_OK. */
enum insn_result insn_decode(const uint8_t *bytes, unsigned int count, unsigned int bits,
                             struct insn *out);
