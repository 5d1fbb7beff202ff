/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the executor of insn/ needs from a hardware-assisted vCPU: its code, its page tables, memory
 * by physical address, devices.
 *
 * What is always true here: memory of the guest is touched under its frame table's lock, so a frame
 * does not leave meanwhile; what is no memory, or may not be written, is asked of hvm/io.c.
 */
#include "hvm/emulate.h"

#include "cpu/insn.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "domain/pod.h"
#include "hvm/hvm.h"
#include "hvm/io.h"
#include "hvm/vendor.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "p2m/copy.h"
#include "p2m/written.h"

struct emulator {
    struct insn_cpu cpu;
    struct vcpu *v;
    const struct exit_io *io;
    bool crashed; /* the domain is gone: nothing more to say */
};

static struct emulator *emulator_of(struct insn_cpu *c)
{
    return container_of(c, struct emulator, cpu);
}

/* ---- memory ---- */

enum access { ACCESS_DONE, ACCESS_DEVICE, ACCESS_CHANGED };

static bool is_memory(enum p2m_type type)
{
    return p2m_type_is_ram(type) || p2m_type_is_borrowed(type);
}

/* Replace @old by @new, of 1 to 16 bytes, if it is still there. */
static bool swap(void *at, unsigned int bytes, const void *old, const void *new)
{
    uint64_t a = 0, b = 0, c = 0, d = 0;
    bool done;

#define SWAP(type)                                                                                \
    __atomic_compare_exchange_n((type *)at, (type *)(void *)&a, (type)b, false, __ATOMIC_SEQ_CST, \
                                __ATOMIC_SEQ_CST)
    memcpy(&a, old, min(bytes, 8u));
    memcpy(&b, new, min(bytes, 8u));
    switch (bytes) {
    case 1:
        return SWAP(uint8_t);
    case 2:
        return SWAP(uint16_t);
    case 4:
        return SWAP(uint32_t);
    case 8:
        return SWAP(uint64_t);
    default:
        memcpy(&c, (const char *)old + 8, 8);
        memcpy(&d, (const char *)new + 8, 8);
        __asm__ volatile("lock cmpxchg16b %1"
                         : "=@ccz"(done), "+m"(*(char(*)[16])at), "+a"(a), "+d"(c)
                         : "b"(b), "c"(d)
                         : "memory");
        return done;
    }
#undef SWAP
}

/* Access memory of the guest: read to @to, write @from, or with @old replace that by @from. */
static enum access access_memory(struct domain *d, uint64_t gpa, unsigned int bytes, void *to,
                                 const void *from, const void *old)
{
    enum access result = ACCESS_DONE;
    struct p2m_entry e;
    char *map;

    if (unlikely(p2m_lookup(d->p2m, gpa >> PAGE_SHIFT).type == P2M_POD) &&
        !pod_populate(d, gpa >> PAGE_SHIFT))
        pod_crash(d, gpa >> PAGE_SHIFT);
    spin_lock(&d->p2m->lock);
    if (from)
        p2m_mark_written(d->p2m, gpa >> PAGE_SHIFT);
    e = p2m_lookup(d->p2m, gpa >> PAGE_SHIFT);
    if (!is_memory(e.type) || (from && !p2m_type_is_writable(e.type))) {
        spin_unlock(&d->p2m->lock);
        return ACCESS_DEVICE;
    }
    map = (char *)frame_map(e.mfn) + (gpa & ~PAGE_MASK);
    if (old)
        result = swap(map, bytes, old, from) ? ACCESS_DONE : ACCESS_CHANGED;
    else if (from)
        memcpy(map, from, bytes);
    else
        memcpy(to, map, bytes);
    frame_unmap(map);
    spin_unlock(&d->p2m->lock);
    return result;
}

static enum insn_result ask(struct emulator *m, struct ioreq *r)
{
    switch (hvm_io(m->v, r)) {
    case HVM_IO_DONE:
        return INSN_OK;
    case HVM_IO_LATER:
        return INSN_RETRY;
    case HVM_IO_SINGLE:
        return INSN_PLAIN;
    case HVM_IO_FAILED:
        m->crashed = true;
        break;
    }
    return INSN_UNSUPPORTED;
}

static enum insn_result read(struct insn_cpu *c, uint64_t gpa, unsigned int bytes, uint64_t *value)
{
    struct emulator *m = emulator_of(c);
    struct ioreq r = {
        .type = IOREQ_TYPE_COPY, .addr = gpa, .size = bytes, .count = 1, .dir = 1};
    enum insn_result result;

    *value = 0;
    if (access_memory(m->v->domain, gpa, bytes, value, NULL, NULL) == ACCESS_DONE)
        return INSN_OK;
    result = ask(m, &r);
    *value = r.data;
    return result;
}

static enum insn_result write(struct insn_cpu *c, uint64_t gpa, unsigned int bytes, uint64_t value)
{
    struct emulator *m = emulator_of(c);
    struct ioreq r = {
        .type = IOREQ_TYPE_COPY, .addr = gpa, .size = bytes, .count = 1, .data = value};

    if (access_memory(m->v->domain, gpa, bytes, NULL, &value, NULL) == ACCESS_DONE)
        return INSN_OK;
    return ask(m, &r);
}

static enum insn_result compare_exchange(struct insn_cpu *c, uint64_t gpa, unsigned int bytes,
                                         const void *old, const void *new)
{
    switch (access_memory(emulator_of(c)->v->domain, gpa, bytes, NULL, new, old)) {
    case ACCESS_DONE:
        return INSN_OK;
    case ACCESS_CHANGED:
        return INSN_AGAIN;
    case ACCESS_DEVICE:
        break;
    }
    return INSN_PLAIN;
}

static enum insn_result translate(struct insn_cpu *c, uint64_t linear, bool for_write,
                                  uint64_t *physical)
{
    struct vcpu *v = emulator_of(c)->v;
    unsigned int access = (for_write ? WALK_WRITE : WALK_READ) | (c->cpl == 3 ? WALK_USER : 0);
    struct walk_mode mode;
    struct walk w;

    vendor_walk_mode(v, &mode);
    if (c->cpl != 3) {
        uint64_t flags = irq_save();
        bool done = quick_translate(v, &mode, linear, for_write, physical);

        irq_restore(flags);
        if (done)
            return INSN_OK;
    }
    w = walk_tables(v, &mode, linear, access);
    *physical = w.gpa;
    switch (w.result) {
    case WALK_OK:
        return INSN_OK;
    case WALK_AGAIN:
        return INSN_AGAIN;
    case WALK_FAULT:
        return insn_page_fault(c, linear, w.error);
    case WALK_GPA_BAD:
        break;
    }
    return INSN_UNSUPPORTED;
}

/* ---- ports ---- */

static enum insn_result port(struct insn_cpu *c, uint16_t number, unsigned int bytes, bool in,
                             uint64_t *value)
{
    struct ioreq r = {.type = IOREQ_TYPE_PIO,
                      .addr = number,
                      .size = bytes,
                      .count = 1,
                      .dir = in,
                      .data = in ? 0 : *value};
    enum insn_result result = ask(emulator_of(c), &r);

    *value = r.data;
    return result;
}

static enum insn_result port_in(struct insn_cpu *c, uint16_t number, unsigned int bytes,
                                uint64_t *value)
{
    return port(c, number, bytes, true, value);
}

static enum insn_result port_out(struct insn_cpu *c, uint16_t number, unsigned int bytes,
                                 uint64_t value)
{
    return port(c, number, bytes, false, &value);
}

/* The processor has looked at the task's bitmap, for the access it told. */
static enum insn_result port_allowed(struct insn_cpu *c, uint16_t number, unsigned int bytes)
{
    const struct exit_io *io = emulator_of(c)->io;

    return io && io->port == number && io->bytes == bytes ? INSN_OK : insn_fault(c, VEC_GP, 0);
}

/* ---- several elements ---- */

static bool memory_at(const struct vcpu *v, uint64_t gpa)
{
    return is_memory(p2m_lookup(v->domain->p2m, gpa >> PAGE_SHIFT).type);
}

static enum insn_result batch(struct insn_cpu *c, struct insn_batch *b)
{
    struct emulator *m = emulator_of(c);
    bool to_memory = memory_at(m->v, b->memory);
    struct ioreq r = {.type = IOREQ_TYPE_COPY,
                      .addr = b->memory,
                      .data = b->source,
                      .size = b->width,
                      .count = b->count,
                      .df = b->down,
                      .data_is_ptr = 1};

    switch (b->op) {
    case INSN_INS:
    case INSN_OUTS:
        if (!to_memory)
            return INSN_PLAIN;
        r.type = IOREQ_TYPE_PIO;
        r.addr = b->port;
        r.data = b->memory;
        r.dir = b->op == INSN_INS;
        break;
    case INSN_STOS:
        if (to_memory)
            return INSN_PLAIN;
        r.data = b->value;
        r.data_is_ptr = 0;
        break;
    default: /* one side of it memory, the other a device */
        if (to_memory == memory_at(m->v, b->source))
            return INSN_PLAIN;
        r.dir = to_memory;
        r.addr = to_memory ? b->source : b->memory;
        r.data = to_memory ? b->memory : b->source;
        break;
    }
    return ask(m, &r);
}

static void segment_read(struct insn_cpu *c, enum insn_segment s, struct insn_segment_state *out)
{
    vendor_segment_read(emulator_of(c)->v, s, out);
}

static const struct insn_ops ops = {
    .translate = translate,
    .read = read,
    .write = write,
    .compare_exchange = compare_exchange,
    .port_in = port_in,
    .port_out = port_out,
    .port_allowed = port_allowed,
    .batch = batch,
    .segment_read = segment_read,
};

/* ---- an instruction ---- */

/* Its bytes, once. The next page only matters if it goes on there. */
static unsigned int fetch(struct vcpu *v, unsigned int bits, uint8_t *bytes)
{
    uint64_t gva = bits == 64 ? v->regs.rip
                              : (uint32_t)(vendor_segment_base(v, INSN_CS) + (uint32_t)v->regs.rip);
    unsigned int first =
        (unsigned int)min(PAGE_BYTES - (gva & ~PAGE_MASK), (uint64_t)INSN_MAX_BYTES);

    if (copy_from_guest(bytes, gva, first))
        return 0;
    if (first < INSN_MAX_BYTES &&
        copy_from_guest(bytes + first, gva + first, INSN_MAX_BYTES - first) == 0)
        return INSN_MAX_BYTES;
    return first;
}

static enum exit_verdict cannot(struct vcpu *v, const uint8_t *bytes)
{
    domain_crash(v->domain,
                 "vCPU %u: cannot carry out the instruction at %#lx: %02x %02x %02x %02x %02x",
                 v->id, v->regs.rip, bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
    return EXIT_CRASH;
}

static uint8_t mode_of(const struct vcpu *v)
{
    struct walk_mode mode;

    vendor_walk_mode(v, &mode);
    return !(mode.cr0 & CR0_PE) ? INSN_REAL
           : mode.rflags & X86_VM ? INSN_VIRTUAL_8086
                                  : INSN_PROTECTED;
}

static enum exit_verdict finish(struct vcpu *v, struct emulator *m, enum insn_result result)
{
    const struct insn_fault *f = &m->cpu.fault;

    switch (result) {
    case INSN_OK:
        vendor_retired(v);
        return EXIT_RESUME;
    case INSN_AGAIN:
        return EXIT_RESUME;
    case INSN_FAULT:
        if (f->vector == VEC_PF)
            vendor_set_cr2(v, f->cr2);
        hvm_inject_exception(v, f->vector, f->has_error, f->error);
        return EXIT_INJECTED;
    case INSN_UNDEFINED:
        return hvm_exit_undefined(v);
    case INSN_TOO_LONG:
        return hvm_exit_protection(v);
    default:
        return EXIT_CRASH;
    }
}

enum exit_verdict hvm_emulate(struct vcpu *v, const struct exit_io *io)
{
    struct hvm_emulation *e = &v->hvm->emulation;
    struct emulator m = {.v = v,
                         .io = io,
                         .cpu = {.regs = &v->regs,
                                 .ops = &ops,
                                 .replay = &e->replay,
                                 .mode = mode_of(v),
                                 .cpl = (uint8_t)vendor_cpl(v)}};
    uint8_t bytes[INSN_MAX_BYTES] = {0};
    enum insn_result result = INSN_OK;

    if (!e->kept) {
        unsigned int bits = vendor_code_bits(v), count = fetch(v, bits, bytes);

        if (!count)
            return EXIT_RESUME; /* its page has just gone: the processor says so */
        result = insn_decode(bytes, count, bits, &e->insn);
        if (result == INSN_SHORT)
            return EXIT_RESUME;
    }
    if (result == INSN_OK)
        result = insn_execute(&e->insn, &m.cpu);
    e->kept = result == INSN_RETRY;
    if (e->kept)
        return EXIT_RETRY_LATER;
    e->replay = (struct insn_replay){0};
    if (result == INSN_UNSUPPORTED && !m.crashed)
        return cannot(v, bytes);
    return finish(v, &m, result);
}
