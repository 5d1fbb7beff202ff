/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the executor share. */
#pragma once

#include "cpu/regs.h"
#include "insn/execute.h"
#include "lib/bits.h"

#define REG_RAX 0
#define REG_RCX 1
#define REG_RDX 2
#define REG_RBX 3
#define REG_RSP 4
#define REG_RSI 6
#define REG_RDI 7

/* A memory operand that was checked and translated. */
struct insn_place {
    uint64_t physical[2]; /* of its first byte, and of the page it goes on in */
    uint8_t bytes, first; /* all, and those before that page; equal: there is none */
};

/* alu.c: the value @op computes from @to, @from and (SHLD, SHRD, IMUL, ADC...) @extra; SETcc and
 * CMOVcc have the condition there. Flags that the manual leaves undefined keep their values, but
 * for OF, which a shift sets as if its count were one. */
uint64_t insn_alu(enum insn_op op, unsigned int width, uint64_t to, uint64_t from, uint64_t extra,
                  uint64_t *flags);
/* MUL, IMUL_WIDE; the upper half of the product is returned through @high. */
uint64_t insn_multiply(enum insn_op op, unsigned int width, uint64_t a, uint64_t b,
                       uint64_t *high, uint64_t *flags);
/* DIV, IDIV of *high:*low; quotient to *low, remainder to *high. False: #DE. */
bool insn_divide(enum insn_op op, unsigned int width, uint64_t *high, uint64_t *low,
                 uint64_t divisor);

/* execute.c */
extern const uint8_t insn_reg_offset[16]; /* in the frame, of each register */

static inline uint64_t insn_reg(const struct cpu_user_regs *regs, unsigned int n)
{
    return *(const uint64_t *)((const char *)regs + insn_reg_offset[n & 15]);
}

uint64_t insn_reg_get(const struct insn *i, const struct cpu_user_regs *regs, unsigned int n,
                      unsigned int width);
/* As the processor does: 4 bytes clear the upper half, fewer keep all others. */
void insn_reg_set(const struct insn *i, struct cpu_user_regs *regs, unsigned int n,
                  unsigned int width, uint64_t value);

/* memory.c: accesses of one instruction, remembered for the case that it must be executed again */
enum insn_result insn_linear(struct insn_cpu *c, const struct insn *i, unsigned int segment,
                             uint64_t offset, unsigned int bytes, bool write, uint64_t *linear);
enum insn_result insn_locate(struct insn_cpu *c, const struct insn *i, unsigned int segment,
                             uint64_t offset, unsigned int bytes, bool write,
                             struct insn_place *place);
enum insn_result insn_read(struct insn_cpu *c, const struct insn_place *place, void *data);
enum insn_result insn_write(struct insn_cpu *c, const struct insn_place *place, const void *data);
/* Write @new where @old was read, atomically if that is possible. */
enum insn_result insn_exchange(struct insn_cpu *c, const struct insn_place *place,
                               const void *old, const void *new);
enum insn_result insn_port(struct insn_cpu *c, bool out, uint16_t port, unsigned int bytes,
                           uint64_t *value);
/* #GP unless this CPL may use all of @bytes ports from @port on. */
enum insn_result insn_port_check(struct insn_cpu *c, uint16_t port, unsigned int bytes);
/* An element of a string is done: what follows is not a repetition of it. */
void insn_forget(struct insn_cpu *c);

/* string.c, system.c, vector.c: their instructions; RIP is the caller's, but string.c tells in
 * *done whether it may move. */
enum insn_result insn_string(const struct insn *i, struct insn_cpu *c, bool *done);
enum insn_result insn_in_out(const struct insn *i, struct insn_cpu *c);
enum insn_result insn_system(const struct insn *i, struct insn_cpu *c);
enum insn_result insn_vector(const struct insn *i, struct insn_cpu *c);
