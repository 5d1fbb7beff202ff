/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine whose memory above DEVICE, and whose ports, answer only when asked again. For the tests
 * of the executor; after tests/unit/check.h. */
#pragma once

#include "cpu/regs.h"
#include "insn/execute.h"

#define DEVICE 0x8000u /* physical addresses from here on are a device: it answers later */
#define MEMORY 0x10000u
#define ANY 0x893      /* a segment of data, 16 bits: present, writable, accessed; limit in bytes */

struct event {
    char kind; /* r w x i o b p */
    uint64_t at, value;
    unsigned int bytes;
};

static struct machine {
    struct insn_cpu cpu;
    struct insn_replay replay;
    struct cpu_user_regs regs;
    struct insn_segment_state segment[6];
    uint8_t memory[MEMORY]; /* linear is physical */
    struct event log[256];  /* what was done, once each */
    unsigned int logged;
    bool asked; /* the device has the question */
    bool batches, changes, fault_page_2;
    uint64_t reg[33], base[2], linear;
    uint16_t limit[2];
    uint16_t loaded[6];
    unsigned int allowed;
    uint8_t vectors[16][32];
} m;

static void note(char kind, uint64_t at, unsigned int bytes, uint64_t value)
{
    if (m.logged < ARRAY_SIZE(m.log))
        m.log[m.logged++] = (struct event){kind, at, value, bytes};
}

static bool waits(uint64_t physical)
{
    m.asked = physical >= DEVICE && !m.asked;
    return m.asked;
}

static enum insn_result translate(struct insn_cpu *c, uint64_t linear, bool write,
                                  uint64_t *physical)
{
    *physical = linear;
    if (linear >> 12 == 0xfffff) /* the last page of 32-bit addresses is that of the first 64 KiB */
        *physical = linear &= MEMORY - 1;
    if (linear < MEMORY && !(m.fault_page_2 && linear >> 12 == 2))
        return INSN_OK;
    return insn_page_fault(c, linear, write ? 2 : 0);
}

static enum insn_result on_read(struct insn_cpu *c, uint64_t at, unsigned int bytes,
                                uint64_t *value)
{
    (void)c;
    if (waits(at))
        return INSN_RETRY;
    memcpy(value, m.memory + at, bytes);
    note('r', at, bytes, *value);
    if (at >= DEVICE) /* reading has an effect */
        m.memory[at]++;
    return INSN_OK;
}

static enum insn_result on_write(struct insn_cpu *c, uint64_t at, unsigned int bytes,
                                 uint64_t value)
{
    (void)c;
    if (waits(at))
        return INSN_RETRY;
    memcpy(m.memory + at, &value, bytes);
    note('w', at, bytes, value);
    return INSN_OK;
}

static enum insn_result compare_exchange(struct insn_cpu *c, uint64_t at, unsigned int bytes,
                                         const void *old, const void *new)
{
    uint64_t value = 0;

    (void)c;
    if (at >= DEVICE)
        return INSN_PLAIN;
    if (m.changes || memcmp(m.memory + at, old, bytes)) {
        m.changes = false;
        return INSN_AGAIN;
    }
    memcpy(m.memory + at, new, bytes);
    memcpy(&value, new, min(bytes, 8u));
    note('x', at, bytes, value);
    return INSN_OK;
}

static enum insn_result port_in(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                uint64_t *value)
{
    (void)c;
    if (waits(DEVICE))
        return INSN_RETRY;
    *value = 0xa0a1a2a3 + m.logged;
    note('i', port, bytes, *value);
    return INSN_OK;
}

static enum insn_result port_out(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                 uint64_t value)
{
    (void)c;
    if (waits(DEVICE))
        return INSN_RETRY;
    note('o', port, bytes, value);
    return INSN_OK;
}

static enum insn_result port_allowed(struct insn_cpu *c, uint16_t port, unsigned int bytes)
{
    m.allowed++;
    return port + bytes <= 0x80 ? INSN_OK : insn_fault(c, VEC_GP, 0);
}

static enum insn_result batch(struct insn_cpu *c, struct insn_batch *b)
{
    (void)c;
    if (!m.batches)
        return INSN_PLAIN;
    if (waits(DEVICE))
        return INSN_RETRY;
    note(b->down ? 'B' : 'b', b->memory, b->count, b->source);
    return INSN_OK;
}

static void segment_read(struct insn_cpu *c, enum insn_segment s, struct insn_segment_state *out)
{
    (void)c;
    *out = m.segment[s];
}

static enum insn_result segment_load(struct insn_cpu *c, enum insn_segment s, uint16_t selector)
{
    if (selector == 0xffff)
        return insn_fault(c, VEC_NP, selector);
    m.loaded[s] = selector;
    return INSN_OK;
}

static void table_read(struct insn_cpu *c, bool idt, uint16_t *limit, uint64_t *base)
{
    (void)c;
    *limit = m.limit[idt];
    *base = m.base[idt];
}

static void table_write(struct insn_cpu *c, bool idt, uint16_t limit, uint64_t base)
{
    (void)c;
    m.limit[idt] = limit;
    m.base[idt] = base;
}

static enum insn_result register_read(struct insn_cpu *c, unsigned int r, uint64_t *value)
{
    (void)c;
    *value = m.reg[r];
    return INSN_OK;
}

static enum insn_result register_write(struct insn_cpu *c, unsigned int r, uint64_t value)
{
    (void)c;
    m.reg[r] = value;
    return INSN_OK;
}

static enum insn_result invlpg(struct insn_cpu *c, uint64_t linear)
{
    (void)c;
    m.linear = linear;
    return INSN_OK;
}

static void vector_read(struct insn_cpu *c, unsigned int reg, uint8_t data[32])
{
    (void)c;
    memcpy(data, m.vectors[reg], 32);
}

static void vector_write(struct insn_cpu *c, unsigned int reg, const uint8_t *data,
                         unsigned int bytes)
{
    (void)c;
    memcpy(m.vectors[reg], data, bytes);
}

static const struct insn_ops ops = {
    translate, on_read, on_write, compare_exchange, port_in, port_out, port_allowed, batch,
    segment_read, segment_load, table_read, table_write, register_read, register_write, invlpg,
    vector_read, vector_write,
};

static void start(enum insn_mode mode)
{
    memset(&m, 0, sizeof(m));
    m.cpu = (struct insn_cpu){.regs = &m.regs, .ops = &ops, .replay = &m.replay,
                              .mode = (uint8_t)mode};
    for (unsigned int s = 0; s < 6; s++)
        m.segment[s] = (struct insn_segment_state){
            .limit = mode == INSN_PROTECTED ? 0xffffffff : 0xffff,
            .attributes = ANY | (mode == INSN_PROTECTED ? INSN_SEGMENT_BIG : 0)};
    for (unsigned int n = 0; n < MEMORY; n++)
        m.memory[n] = (uint8_t)(n * 7 + (n >> 8));
    m.regs.rip = 0x100;
    m.regs.rflags = 2;
    m.regs.rsp = 0x1800;
}

static struct insn decoded(unsigned int bits, const char *hex)
{
    uint8_t bytes[INSN_MAX_BYTES];
    unsigned int count = 0, byte;
    struct insn i;
    int used;

    for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used)
        bytes[count++] = (uint8_t)byte;
    CHECK_EQ(insn_decode(bytes, count, bits, &i), INSN_OK);
    return i;
}

/* One call. */
static enum insn_result once(unsigned int bits, const char *hex)
{
    struct insn i = decoded(bits, hex);

    return insn_execute(&i, &m.cpu);
}

/* Until the device has answered everything. */
static enum insn_result run(unsigned int bits, const char *hex)
{
    struct insn i = decoded(bits, hex);
    enum insn_result result;

    m.logged = 0;
    do {
        struct cpu_user_regs before = m.regs;

        result = insn_execute(&i, &m.cpu);
        if (result == INSN_RETRY && !i.repeat)
            CHECK(!memcmp(&before, &m.regs, sizeof(before)));
    } while (result == INSN_RETRY);
    CHECK_EQ(m.replay.count, 0);
    return result;
}

static void check_fault(enum insn_result result, unsigned int vector, bool has_error)
{
    CHECK_EQ(result, INSN_FAULT);
    CHECK_EQ(m.cpu.fault.vector, vector);
    CHECK_EQ(m.cpu.fault.has_error, has_error);
    CHECK_EQ(m.replay.count, 0);
}

static void check_event(unsigned int n, char kind, uint64_t at, unsigned int bytes)
{
    CHECK(n < m.logged);
    CHECK_EQ(m.log[n].kind, kind);
    CHECK_EQ(m.log[n].at, at);
    CHECK_EQ(m.log[n].bytes, bytes);
}
