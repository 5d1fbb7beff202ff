/* SPDX-License-Identifier: BSD-2-Clause */
/* Port I/O of PV guests that the hardware did not let through. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct cpu_user_regs;

/* A privileged instruction, taken apart. */
struct pv_insn {
    uint8_t opcode, modrm, rex, imm8, segment;
    bool two_byte, prefix_66, prefix_67, rep, is_64bit;
    unsigned int length; /* bytes */
};

/* IN, OUT, INS, OUTS? */
bool pv_is_port_insn(const struct pv_insn *i);

/* Carry it out, or some iterations of it; false: the guest may not use the port (#GP). */
bool pv_port_insn(struct vcpu *v, const struct pv_insn *i);

/* General register @number in encoding order. */
uint64_t *pv_gpr(struct cpu_user_regs *r, unsigned int number);
