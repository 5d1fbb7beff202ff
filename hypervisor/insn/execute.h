/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a decoded instruction does, with everything outside the general registers behind the
 * caller's operations. One call does at most one instruction, or a bounded piece of a repeated
 * one. Registers change only when all that can fail has been done.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "insn/decode.h"

/* A segment register with its hidden part. */
struct insn_segment_state {
    uint64_t base;
    uint32_t limit;      /* of the last byte */
    uint16_t selector;
    uint16_t attributes; /* INSN_SEGMENT_*, bits 0-7 and 12-15 of bytes 5-6 of a descriptor */
};

/* Packed as in a VMCB (APM vol. 2, 15.5.1); VMX's "unusable" is not present. */
#define INSN_SEGMENT_WRITABLE (1u << 1) /* data; of code: readable */
#define INSN_SEGMENT_DOWN (1u << 2)     /* data that grows downwards */
#define INSN_SEGMENT_CODE (1u << 3)
#define INSN_SEGMENT_PRESENT (1u << 7)
#define INSN_SEGMENT_BIG (1u << 10)     /* 32-bit stack; limit of data that grows downwards */

/* For the operations on system registers: control and debug registers, XCR0. */
enum insn_register { INSN_CR0 = 0, INSN_CR4 = 4, INSN_CR8 = 8, INSN_DR0 = 16, INSN_XCR0 = 32 };

/* Several elements of a repeated string instruction, all of them in one page (each, for MOVS). */
struct insn_batch {
    uint8_t op;       /* INSN_INS, INSN_OUTS, INSN_MOVS, INSN_STOS */
    uint8_t width;    /* bytes of an element */
    bool down;        /* each at the next lower address */
    uint16_t port;
    uint32_t count;   /* in: at most so many, at least 2; out: so many were done, not 0 */
    uint64_t memory;  /* physical address of the first element read or, if there are two, written */
    uint64_t source;  /* MOVS: of the first element read */
    uint64_t value;   /* STOS */
};

struct insn_cpu;

/*
 * Operations of the caller; one that is NULL makes what needs it INSN_UNSUPPORTED. Any result but
 * INSN_OK ends the instruction and becomes the result of insn_execute(); before INSN_FAULT,
 * insn_fault() says which. After INSN_RETRY the same operation comes again with the same arguments
 * and then takes its answer; it checks that the answer is to this question.
 * @physical is whatever translate() gave, plus an offset in that page. @bytes is 1, 2, 4 or 8 and
 * does not cross a page, except as said.
 */
struct insn_ops {
    /* Where @linear is for an access at this CPL; the offset in the page stays. A @write may also
     * read. */
    enum insn_result (*translate)(struct insn_cpu *c, uint64_t linear, bool write,
                                  uint64_t *physical);
    enum insn_result (*read)(struct insn_cpu *c, uint64_t physical, unsigned int bytes,
                             uint64_t *value);
    enum insn_result (*write)(struct insn_cpu *c, uint64_t physical, unsigned int bytes,
                              uint64_t value);
    /* Replace @old by @new atomically; INSN_AGAIN: something else is there. INSN_PLAIN: not
     * atomically here (a device), read() and write() must do. @bytes also 16. May be NULL. */
    enum insn_result (*compare_exchange)(struct insn_cpu *c, uint64_t physical,
                                         unsigned int bytes, const void *old, const void *new);
    enum insn_result (*port_in)(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                uint64_t *value);
    enum insn_result (*port_out)(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                 uint64_t value);
    /* Asked when CPL is above IOPL, and in virtual 8086 mode: the task's I/O bitmap. NULL: #GP. */
    enum insn_result (*port_allowed)(struct insn_cpu *c, uint16_t port, unsigned int bytes);
    /* @b, or the first of it. INSN_PLAIN: element by element. May be NULL. */
    enum insn_result (*batch)(struct insn_cpu *c, struct insn_batch *b);
    /* Not called in 64-bit code but for FS and GS. */
    void (*segment_read)(struct insn_cpu *c, enum insn_segment s, struct insn_segment_state *out);
    /* Load a selector with all checks of the mode (and the shadow after SS). */
    enum insn_result (*segment_load)(struct insn_cpu *c, enum insn_segment s, uint16_t selector);
    /* GDTR, or IDTR. */
    void (*table_read)(struct insn_cpu *c, bool idt, uint16_t *limit, uint64_t *base);
    void (*table_write)(struct insn_cpu *c, bool idt, uint16_t limit, uint64_t base);
    /* @r is a number of enum insn_register, or one counted from its CR0 or DR0. CPL is checked;
     * reserved bits, DR7.GD, CR4.DE and all that a value causes is the operation's. */
    enum insn_result (*register_read)(struct insn_cpu *c, unsigned int r, uint64_t *value);
    enum insn_result (*register_write)(struct insn_cpu *c, unsigned int r, uint64_t value);
    enum insn_result (*invlpg)(struct insn_cpu *c, uint64_t linear);
    /* The low 32 bytes of a vector register. Writing 16 of them keeps what is above, writing 32
     * clears what is above (AVX-512). */
    void (*vector_read)(struct insn_cpu *c, unsigned int reg, uint8_t data[32]);
    void (*vector_write)(struct insn_cpu *c, unsigned int reg, const uint8_t *data,
                         unsigned int bytes);
};

struct insn_fault {
    uint8_t vector;
    bool has_error; /* false in real mode, whatever the vector */
    uint32_t error;
    uint64_t cr2;   /* of a page fault */
};

/* What an instruction that was interrupted by INSN_RETRY has done, so that it is done once: at most
 * four pieces of each of two memory operands. All zero when nothing is under way; the caller clears
 * it when it gives up an instruction (a reset, new registers). */
#define INSN_REPLAY_STEPS 8
struct insn_replay {
    uint32_t count;
    uint64_t value[INSN_REPLAY_STEPS]; /* what was read */
};

enum insn_mode { INSN_REAL, INSN_VIRTUAL_8086, INSN_PROTECTED /* and all of long mode */ };

/* A CPU for the time of one insn_execute(); the caller's own data around it (container_of). */
struct insn_cpu {
    struct cpu_user_regs *regs; /* general registers, RSP, RIP and RFLAGS */
    const struct insn_ops *ops;
    struct insn_replay *replay; /* NULL: no operation answers INSN_RETRY */
    uint8_t mode;               /* enum insn_mode */
    uint8_t cpl;
    struct insn_fault fault;    /* valid after INSN_FAULT */
    uint32_t step;              /* private */
};

/*
 * Carry out @i. INSN_OK: done, RIP is behind it; or, if RIP has not moved, a piece of a repeated
 * string instruction, and RIP, rCX, rSI and rDI are right for an interrupt or for the next piece.
 * Whoever calls ends the interrupt shadow and raises #DB if TF was set, after each piece too.
 * With any other result no register has changed, but for completed elements of a string.
 */
enum insn_result insn_execute(const struct insn *i, struct insn_cpu *c) must_check;

/* What a simple instruction (insn_is_simple()) does: for a caller that has its memory at hand. */
struct insn_effect {
    uint64_t rm;        /* new value of operand RM, its low bytes */
    uint64_t reg_value;
    uint64_t flags;     /* new RFLAGS */
    uint8_t reg;        /* another register that changes, INSN_NO_REG: none */
    bool writes_rm;     /* false also of a CMPXCHG that found another value */
};

/* The effect of @i with @rm in operand RM, and no more than its bytes are looked at. */
void insn_compute(const struct insn *i, const struct cpu_user_regs *regs, uint64_t rm,
                  struct insn_effect *e);

/* Apply the register part of @e and step over the instruction. */
void insn_retire(const struct insn *i, const struct insn_effect *e, struct cpu_user_regs *regs);

/* For operations: note an exception with this error code (where its vector has one) and return
 * INSN_FAULT. */
enum insn_result insn_fault(struct insn_cpu *c, unsigned int vector, uint32_t error) must_check;
enum insn_result insn_page_fault(struct insn_cpu *c, uint64_t linear, uint32_t error) must_check;

/* The offset of @i's memory operand in its segment, truncated to the address size; bit operations
 * with a register reach beyond what ModRM says, that is included. */
uint64_t insn_offset(const struct insn *i, const struct cpu_user_regs *regs);
