/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The executor with a caller that answers as it likes: what an instruction may do to registers and
 * how often it may ask are promises of insn/execute.h, whatever the answers.
 */
/* sources: hypervisor/insn/opcodes.c hypervisor/insn/decode.c hypervisor/insn/execute.c */
/* sources: hypervisor/insn/alu.c hypervisor/insn/memory.c hypervisor/insn/string.c */
/* sources: hypervisor/insn/system.c hypervisor/insn/vector.c */
#include <stdlib.h>
#include <string.h>

#include "insn/execute.h"
#include "lib/types.h"

/* Questions in one call: 64 elements of two operands with two translations and eight pieces each,
 * or fewer. */
#define QUESTIONS_MAX (64 * 20)

static const uint8_t *input;
static size_t left;
static unsigned int questions;

static uint64_t take(unsigned int bytes)
{
    uint64_t value = 0;

    if (left < bytes)
        return 0;
    memcpy(&value, input, bytes);
    input += bytes;
    left -= bytes;
    return value;
}

/* Mostly yes. */
static enum insn_result answer(struct insn_cpu *c)
{
    uint64_t byte = take(1);

    if (++questions > QUESTIONS_MAX)
        abort();
    switch (byte) {
    case 1:
        return INSN_RETRY;
    case 2:
        return insn_fault(c, 14, 0);
    case 3:
        return INSN_UNSUPPORTED;
    case 4:
        return INSN_AGAIN;
    default:
        return INSN_OK;
    }
}

static void check_piece(uint64_t physical, unsigned int bytes)
{
    if (!bytes || bytes > 8 || bytes & (bytes - 1) || physical % 4096 + bytes > 4096)
        abort();
}

static enum insn_result translate(struct insn_cpu *c, uint64_t linear, bool write,
                                  uint64_t *physical)
{
    (void)write;
    *physical = (take(2) << 12) | (linear & 4095);
    return answer(c);
}

static enum insn_result on_read(struct insn_cpu *c, uint64_t physical, unsigned int bytes,
                                uint64_t *value)
{
    check_piece(physical, bytes);
    *value = take(bytes);
    return answer(c);
}

static enum insn_result on_write(struct insn_cpu *c, uint64_t physical, unsigned int bytes,
                                 uint64_t value)
{
    (void)value;
    check_piece(physical, bytes);
    return answer(c);
}

static enum insn_result compare_exchange(struct insn_cpu *c, uint64_t physical,
                                         unsigned int bytes, const void *old, const void *new)
{
    static uint8_t sink[16];

    check_piece(physical, bytes == 16 ? 8 : bytes);
    memcpy(sink, old, bytes);
    memcpy(sink, new, bytes);
    return take(1) & 1 ? INSN_PLAIN : answer(c);
}

static enum insn_result port_in(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                uint64_t *value)
{
    check_piece(0, bytes);
    *value = port ^ take(bytes);
    return answer(c);
}

static enum insn_result port_out(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                 uint64_t value)
{
    (void)port;
    (void)value;
    check_piece(0, bytes);
    return answer(c);
}

static enum insn_result port_allowed(struct insn_cpu *c, uint16_t port, unsigned int bytes)
{
    (void)port;
    (void)bytes;
    return answer(c);
}

static enum insn_result batch(struct insn_cpu *c, struct insn_batch *b)
{
    uint64_t bytes = (uint64_t)b->count * b->width, at = b->memory % 4096;

    if (b->count < 2 || (b->down ? bytes > at + b->width : at + bytes > 4096))
        abort();
    b->count = take(1) & 7 ? 1 + (uint32_t)take(2) % b->count : (uint32_t)take(4);
    return take(1) & 1 ? INSN_PLAIN : answer(c);
}

static void segment_read(struct insn_cpu *c, enum insn_segment s, struct insn_segment_state *out)
{
    (void)c;
    if (s > INSN_GS)
        abort();
    *out = (struct insn_segment_state){.base = take(4), .selector = (uint16_t)take(2),
                                       .limit = take(1) & 1 ? 0xffffffff : (uint32_t)take(4),
                                       .attributes = (uint16_t)(0x93 | take(2))};
}

static enum insn_result segment_load(struct insn_cpu *c, enum insn_segment s, uint16_t selector)
{
    (void)selector;
    if (s > INSN_GS)
        abort();
    return answer(c);
}

static void table_read(struct insn_cpu *c, bool idt, uint16_t *limit, uint64_t *base)
{
    (void)c;
    (void)idt;
    *limit = (uint16_t)take(2);
    *base = take(8);
}

static void table_write(struct insn_cpu *c, bool idt, uint16_t limit, uint64_t base)
{
    (void)c;
    (void)idt;
    (void)limit;
    (void)base;
}

static enum insn_result register_read(struct insn_cpu *c, unsigned int r, uint64_t *value)
{
    (void)r;
    *value = take(4);
    return answer(c);
}

static enum insn_result register_write(struct insn_cpu *c, unsigned int r, uint64_t value)
{
    (void)r;
    (void)value;
    return answer(c);
}

static enum insn_result invlpg(struct insn_cpu *c, uint64_t linear)
{
    (void)linear;
    return answer(c);
}

static uint8_t vectors[16][32];

static void vector_read(struct insn_cpu *c, unsigned int reg, uint8_t data[32])
{
    (void)c;
    memcpy(data, vectors[reg], 32);
}

static void vector_write(struct insn_cpu *c, unsigned int reg, const uint8_t *data,
                         unsigned int bytes)
{
    (void)c;
    memcpy(vectors[reg], data, bytes);
}

static const struct insn_ops all_ops = {
    translate, on_read, on_write, compare_exchange, port_in, port_out, port_allowed, batch,
    segment_read, segment_load, table_read, table_write, register_read, register_write, invlpg,
    vector_read, vector_write,
};

static void check_result(const struct insn *i, const struct insn_cpu *c, enum insn_result result,
                         const struct cpu_user_regs *before)
{
    bool string = i->op >= INSN_MOVS && i->op <= INSN_OUTS;

    if (result == INSN_SHORT || result == INSN_UNDEFINED || result == INSN_TOO_LONG ||
        result == INSN_PLAIN)
        abort();
    if (result != INSN_OK && !string && memcmp(c->regs, before, sizeof(*before)))
        abort();
    if (result != INSN_OK && c->regs->rip != before->rip)
        abort();
    if (result != INSN_RETRY && c->replay && c->replay->count)
        abort();
    if (c->replay && c->replay->count > INSN_REPLAY_STEPS)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct insn_ops no_ops;
    struct cpu_user_regs regs, before;
    struct insn_replay replay = {0};
    struct insn_cpu c = {.regs = &regs, .ops = &all_ops};
    unsigned int bits, how, count;
    uint8_t bytes[INSN_MAX_BYTES];
    struct insn i;

    input = data;
    left = size;
    how = (unsigned int)take(1);
    bits = 16u << how % 3;
    c.mode = bits == 64 ? INSN_PROTECTED : (how >> 2) % 3;
    c.cpl = (uint8_t)(how >> 4 & 3);
    c.replay = how & 0x40 ? &replay : NULL;
    if (how == 0xff)
        c.ops = &no_ops;
    count = (unsigned int)min(left, sizeof(bytes));
    memcpy(bytes, input, count);
    input += count;
    left -= count;
    if (insn_decode(bytes, count, bits, &i) != INSN_OK)
        return 0;
    memset(&regs, 0, sizeof(regs));
    regs.rax = take(8), regs.rcx = take(2), regs.rdx = take(8), regs.rbx = take(8);
    regs.rsi = take(8), regs.rdi = take(8), regs.rsp = take(8), regs.rbp = take(8);
    regs.r8 = take(8), regs.r15 = take(8), regs.rflags = take(4);
    for (unsigned int round = 0; round < 16 && left; round++) {
        enum insn_result result;

        before = regs;
        questions = 0;
        result = insn_execute(&i, &c);
        check_result(&i, &c, result, &before);
        if (result != INSN_RETRY && result != INSN_AGAIN && (result != INSN_OK ||
                                                             regs.rip != before.rip))
            break;
    }
    return 0;
}
