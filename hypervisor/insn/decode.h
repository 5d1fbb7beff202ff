/* SPDX-License-Identifier: BSD-2-Clause */
/* x86-64 instructions with one memory operand, from bytes to a record. Pure: no state, no
 * memory. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

#define INSN_MAX_BYTES 15 /* SDM vol. 2, 2.3.11 */

enum insn_op {
    INSN_NONE,
    INSN_MOV,
    INSN_XCHG,
    INSN_CMPXCHG,
    INSN_AND,
    INSN_OR,
    INSN_XOR,
    INSN_BTS,
    INSN_BTR,
    INSN_BTC,
};

enum insn_segment { INSN_SEG_FLAT, INSN_SEG_FS, INSN_SEG_GS };

#define INSN_NO_REG 0xff

/* The destination is always the ModRM operand (or the moffs of MOV): that is what these forms
 * are. */
struct insn {
    uint8_t op;          /* enum insn_op */
    uint8_t width;       /* operand size in bytes: 1, 2, 4, 8 */
    uint8_t length;      /* of the whole instruction */
    uint8_t segment;     /* enum insn_segment: what its base adds to the address */
    bool lock;           /* F0 prefix */
    bool to_memory;      /* false: both operands are registers */
    bool has_imm;        /* source is imm, else register reg */
    bool narrow_address; /* 67 prefix: the address is truncated to 32 bits */
    bool rip_relative;   /* base is the next instruction's address */
    bool high_byte;      /* reg 4-7 with width 1 and no REX: AH, CH, DH, BH */
    uint8_t reg;         /* source register 0-15 */
    uint8_t base, index; /* registers of the address, INSN_NO_REG: none */
    uint8_t scale;       /* shift of the index: 0-3 */
    int64_t disp;
    uint64_t imm;        /* sign-extended to 64 bits */
};

enum insn_result {
    INSN_OK,
    INSN_UNSUPPORTED, /* none of ours, or not valid */
    INSN_SHORT,       /* valid so far, but longer than what was given */
};

/* Decode what starts at @bytes, of which @count (at most INSN_MAX_BYTES matter) may be read, as
 * 64-bit code. @out is complete only with INSN_OK. */
enum insn_result insn_decode(const uint8_t *bytes, unsigned int count, struct insn *out);
