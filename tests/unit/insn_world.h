/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small memory for random instructions, and our executor's operations on it. Four pages: two to
 * write, one to read, one that is not there. Operations ask for a second execution now and then, so
 * that what comes out must not depend on it.
 */
#pragma once

#include "cpu/regs.h"
#include "insn/execute.h"
#include "insn/opcodes.h"

#define WORLD_PAGE 4096u
#define WORLD_BYTES (3 * WORLD_PAGE) /* that are there */
#define WORLD_WRITABLE (2 * WORLD_PAGE)
#define WORLD_PHYSICAL 0x5000000000ULL

struct world {
    struct insn_cpu cpu;
    struct insn_replay replay;
    struct cpu_user_regs regs;
    uint64_t linear; /* of the first page */
    bool answered;   /* the next operation takes an answer */
    bool batches;
    uint64_t segment_base[6];
    uint16_t selector[6];
    uint8_t memory[WORLD_BYTES];
    uint8_t vectors[16][32];
    unsigned int operations, retries;
};

static struct world *world_of(struct insn_cpu *c)
{
    return container_of(c, struct world, cpu);
}

/* Is this the moment to let the instruction wait? Then the same question comes again. */
static bool world_waits(struct world *w)
{
    w->operations++;
    if (!w->answered && check_random_below(4) == 0) {
        w->answered = true;
        w->retries++;
        return true;
    }
    w->answered = false;
    return false;
}

static enum insn_result world_translate(struct insn_cpu *c, uint64_t linear, bool write,
                                        uint64_t *physical)
{
    struct world *w = world_of(c);
    uint64_t at = linear - w->linear;

    *physical = WORLD_PHYSICAL + at;
    if (at < WORLD_BYTES && (!write || at < WORLD_WRITABLE))
        return INSN_OK;
    return insn_page_fault(c, linear, 4 | (write ? 2 : 0) | (at < WORLD_BYTES ? 1 : 0));
}

static uint8_t *world_at(struct world *w, uint64_t physical, unsigned int bytes)
{
    uint64_t at = physical - WORLD_PHYSICAL;

    if (at >= WORLD_BYTES || at % WORLD_PAGE + bytes > WORLD_PAGE)
        abort();
    return w->memory + at;
}

static enum insn_result world_read(struct insn_cpu *c, uint64_t physical, unsigned int bytes,
                                   uint64_t *value)
{
    *value = 0;
    if (world_waits(world_of(c)))
        return INSN_RETRY;
    if (bytes > 8 || bytes & (bytes - 1))
        abort();
    memcpy(value, world_at(world_of(c), physical, bytes), bytes);
    return INSN_OK;
}

static enum insn_result world_write(struct insn_cpu *c, uint64_t physical, unsigned int bytes,
                                    uint64_t value)
{
    if (world_waits(world_of(c)))
        return INSN_RETRY;
    if (bytes > 8 || bytes & (bytes - 1))
        abort();
    memcpy(world_at(world_of(c), physical, bytes), &value, bytes);
    return INSN_OK;
}

/* Sometimes a device, whose answers are asked for by read and write. */
static enum insn_result world_compare_exchange(struct insn_cpu *c, uint64_t physical,
                                               unsigned int bytes, const void *old,
                                               const void *new)
{
    uint8_t *at = world_at(world_of(c), physical, bytes);

    if (physical & 64)
        return INSN_PLAIN;
    if (memcmp(at, old, bytes))
        return INSN_AGAIN;
    memcpy(at, new, bytes);
    return INSN_OK;
}

/* Elements in their order, as the processor does them when operands overlap; not all at once. */
static enum insn_result world_batch(struct insn_cpu *c, struct insn_batch *b)
{
    struct world *w = world_of(c);
    int64_t by = b->down ? -(int64_t)b->width : b->width;

    if (!w->batches || (b->op != INSN_MOVS && b->op != INSN_STOS))
        return INSN_PLAIN;
    if (world_waits(w))
        return INSN_RETRY;
    if (b->count < 2)
        abort();
    b->count = 1 + b->count / 2;
    for (uint32_t n = 0; n < b->count; n++) {
        uint64_t to = b->memory + (uint64_t)(by * n), from = b->source + (uint64_t)(by * n);

        memmove(world_at(w, to, b->width),
                b->op == INSN_MOVS ? world_at(w, from, b->width) : (uint8_t *)&b->value, b->width);
    }
    return INSN_OK;
}

static void world_segment(struct insn_cpu *c, enum insn_segment s, struct insn_segment_state *out)
{
    struct world *w = world_of(c);

    *out = (struct insn_segment_state){
        .base = w->segment_base[s], .selector = w->selector[s],
        .limit = c->mode == INSN_REAL ? 0xffff : 0xffffffff,
        .attributes = INSN_SEGMENT_PRESENT | INSN_SEGMENT_WRITABLE | 0x11 |
                      (c->mode == INSN_REAL ? 0 : INSN_SEGMENT_BIG)};
}

static enum insn_result world_register(struct insn_cpu *c, unsigned int r, uint64_t *value)
{
    (void)c;
    *value = r == INSN_CR4 ? CR4_OSFXSR | CR4_OSXSAVE : r == INSN_XCR0 ? 7 : CR0_PE;
    return INSN_OK;
}

static void world_vector_read(struct insn_cpu *c, unsigned int reg, uint8_t data[32])
{
    memcpy(data, world_of(c)->vectors[reg], 32);
}

static void world_vector_write(struct insn_cpu *c, unsigned int reg, const uint8_t *data,
                               unsigned int bytes)
{
    memcpy(world_of(c)->vectors[reg], data, bytes);
}

static const struct insn_ops world_ops = {
    .translate = world_translate,
    .read = world_read,
    .write = world_write,
    .compare_exchange = world_compare_exchange,
    .batch = world_batch,
    .segment_read = world_segment,
    .register_read = world_register,
    .vector_read = world_vector_read,
    .vector_write = world_vector_write,
};

/* The whole of @i, with all its repetitions and waits. */
static enum insn_result world_run(struct world *w, const struct insn_ops *ops,
                                  const struct insn *i)
{
    uint64_t rip = w->regs.rip;
    enum insn_result result;

    w->cpu.regs = &w->regs;
    w->cpu.ops = ops;
    w->cpu.replay = &w->replay;
    w->answered = false;
    do
        result = insn_execute(i, &w->cpu);
    while (result == INSN_RETRY || (result == INSN_OK && w->regs.rip == rip));
    if (w->replay.count)
        abort();
    return result;
}

static uint64_t *world_reg(struct cpu_user_regs *r, unsigned int n)
{
    uint64_t *const table[16] = {&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp,
                                 &r->rsi, &r->rdi, &r->r8,  &r->r9,  &r->r10, &r->r11,
                                 &r->r12, &r->r13, &r->r14, &r->r15};

    return table[n];
}

/* A random instruction of ours for code of @bits, into @bytes of INSN_MAX_BYTES. */
static void world_random_insn(uint8_t *bytes, unsigned int bits, struct insn *i)
{
    static const uint8_t segments[] = {0x64, 0x65, 0x3e, 0x36, 0x2e, 0x26};
    unsigned int n, map;

    do {
        n = 0;
        map = check_random_below(16);
        if (check_random_below(4) == 0)
            bytes[n++] = 0x66;
        if (check_random_below(8) == 0)
            bytes[n++] = 0x67;
        if (check_random_below(8) == 0)
            bytes[n++] = 0xf0;
        if (check_random_below(6) == 0)
            bytes[n++] = 0xf2 | (check_random() & 1);
        if (check_random_below(8) == 0)
            bytes[n++] = segments[check_random_below(6)];
        if (bits == 64 && check_random() & 1)
            bytes[n++] = 0x40 | (check_random() & 15);
        if (map >= 8)
            bytes[n++] = 0x0f;
        if (map == 15)
            bytes[n++] = 0x38;
        while (n < INSN_MAX_BYTES)
            bytes[n++] = (uint8_t)check_random();
        if (map == 7) {
            bytes[0] = 0xc5;
            bytes[1] |= 0x78;
        }
    } while (insn_decode(bytes, INSN_MAX_BYTES, bits, i) != INSN_OK);
}

/* Change the displacement in @bytes by @by, if it is one of a whole address: moffs, or 4 bytes. */
static void world_patch(uint8_t *bytes, const struct insn *i, uint64_t by)
{
    uint64_t to = (uint64_t)i->disp + by;
    unsigned int width = i->address_bytes;
    uint8_t *at = memmem(bytes, i->length, &i->disp, width);

    if (!at && width == 8)
        at = memmem(bytes, i->length, &i->disp, width = 4);
    if (at)
        memcpy(at, &to, width);
}

/* Let the memory operand of @i be at linear @target: by its base, index or displacement. False if
 * that is not possible. */
static bool world_aim(struct world *w, uint8_t *bytes, struct insn *i, uint64_t target)
{
    uint64_t base = i->bits != 64 || i->segment >= INSN_FS ? w->segment_base[i->segment] : 0;
    uint64_t mask = ~0ULL >> (64 - 8 * i->address_bytes), by;

    by = target - base - insn_offset(i, &w->regs);
    if (i->base != INSN_NO_REG)
        *world_reg(&w->regs, i->base) += by;
    else if (i->index != INSN_NO_REG)
        *world_reg(&w->regs, i->index) += (uint64_t)((int64_t)by >> i->scale);
    else
        world_patch(bytes, i, by);
    if (insn_decode(bytes, INSN_MAX_BYTES, i->bits, i) != INSN_OK)
        return false;
    by = target - base - insn_offset(i, &w->regs);
    return (by & mask) < 8; /* the low bits of a scaled index cannot be chosen */
}

/* Arithmetic flags that the manual defines after @i with @count in CL. */
static uint64_t world_flags(const struct insn *i, const struct cpu_user_regs *before)
{
    const uint64_t all = X86_CF | X86_PF | X86_AF | X86_ZF | X86_SF | X86_OF;
    unsigned int count = (i->by_cl ? before->rcx : i->imm) & (i->width == 8 ? 63 : 31);

    switch (i->op) {
    case INSN_AND:
    case INSN_OR:
    case INSN_XOR:
    case INSN_TEST:
        return all & ~X86_AF;
    case INSN_ROL ... INSN_RCR:
        return count <= 1 ? all : all & ~X86_OF;
    case INSN_SHL ... INSN_SHRD:
        return count == 0   ? all
               : count == 1 ? all & ~X86_AF
               : count >= 8u * i->width && i->op != INSN_SAR
                   ? all & ~(X86_AF | X86_OF | X86_CF)
                   : all & ~(X86_AF | X86_OF);
    case INSN_BT ... INSN_BTC:
        return X86_CF | X86_ZF;
    case INSN_MUL:
    case INSN_IMUL_WIDE:
    case INSN_IMUL:
    case INSN_IMUL_IMM:
        return X86_CF | X86_OF;
    case INSN_DIV:
    case INSN_IDIV:
        return 0;
    default:
        return all;
    }
}

static uint64_t world_value(void)
{
    static const uint64_t corners[] = {0, 1, ~0ULL, 0x80, 0x8000, 0x80000000, 1ULL << 63, 0x7f};

    return check_random() & 1 ? check_random() : corners[check_random_below(8)];
}
