/* SPDX-License-Identifier: BSD-2-Clause */
/* What a decoded instruction does to registers, flags and its memory operand. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "insn/decode.h"

/* The linear address of @i's memory operand. @segment_base: of the segment it names, 0 if flat.
 * Bit operations with a register offset reach beyond the ModRM address; that is included. */
uint64_t insn_address(const struct insn *i, const struct cpu_user_regs *regs,
                      uint64_t segment_base);

/* Effects, to be applied together by whoever can also write the memory. */
struct insn_effect {
    uint64_t memory;    /* new value of the operand, its width's bits */
    bool writes_memory; /* false: CMPXCHG found another value */
    uint64_t flags;     /* new RFLAGS */
    uint8_t reg;        /* register that changes, INSN_NO_REG: none */
    bool high_byte;
    uint64_t reg_value;
};

/* The effect of @i with @memory in its memory operand and these registers. */
struct insn_effect insn_execute(const struct insn *i, const struct cpu_user_regs *regs,
                                uint64_t memory);

/* Apply the register part of @e and step over the instruction. */
void insn_retire(const struct insn *i, const struct insn_effect *e, struct cpu_user_regs *regs);
