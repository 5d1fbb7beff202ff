/* SPDX-License-Identifier: BSD-2-Clause */
/* State records of an HVM domain: which there are, and what is refused of those that are loaded. */
#include "tests/guest/lib/hvm.h"
#include "tests/guest/lib/rows.h"

static struct child *c;
static struct hvm_context x;

static void body(void *arg unused)
{
}

static long set(void)
{
    return hvm_context_set(c, &x, sizeof(x));
}

/* One field of a good context is @value. */
#define FIELD(key, field, ...)                                                                     \
    SWEEP(key, (void)0, ({                                                                         \
              hvm_context_fill(&x, c);                                                             \
              x.field = (__typeof__(x.field))v;                                                    \
              set();                                                                               \
          }),                                                                                      \
          __VA_ARGS__)
#define BITS(key, field)                                                                           \
    RANGE(key, 0, 63, (void)0, ({                                                                  \
              hvm_context_fill(&x, c);                                                             \
              x.field ^= 1UL << v;                                                                 \
              set();                                                                               \
          }))

static void headers(void)
{
    FIELD("magic", header.magic, 0, 0x54381286, 0x54381287);
    FIELD("version", header.version, 0, 1, 2, 0xffffffff);
    FIELD("first", header_head.typecode, 0, 1, 2);
    FIELD("header.length", header_head.length, 0, 1, sizeof(x.header) - 1, sizeof(x.header) + 1,
          0xffffffff);
    FIELD("type", cpu_head.typecode, 0, 1, 2, 4, 15, 21, 22, 99, 0xffff);
    FIELD("instance", cpu_head.instance, 0, 1, 127, 128, 0xffff);
    FIELD("length", cpu_head.length, 0, 1, sizeof(x.cpu) - 1, sizeof(x.cpu) + 1, 0xffffffff);
    hvm_context_fill(&x, c);
    SWEEP("size", (void)0, hvm_context_set(c, &x, (uint32_t)v), 0, 7, 8, sizeof(x) - 1, sizeof(x),
          sizeof(x) - sizeof(x.end), 0xffffffff);
}

static void registers(void)
{
    BITS("cr0.bit", cpu.cr0);
    BITS("cr4.bit", cpu.cr4);
    BITS("efer.bit", cpu.msr_efer);
    FIELD("cr0", cpu.cr0, 0, 0x10, 0x11, 0x80000010, 0x20000010, ~0UL);
    FIELD("cr4", cpu.cr4, 0, 0x20, ~0UL);
    FIELD("efer", cpu.msr_efer, 0, 0x100, 0x400, 0x500, ~0UL);
    FIELD("flags", cpu.flags, 0, 1, 2, 0xffffffff);
    FIELD("pad0", cpu.pad0, 0, 1);
    FIELD("rflags", cpu.rflags, 0, ~0UL);
    FIELD("dr6", cpu.dr6, 0, 0xffffffff);
    FIELD("dr7", cpu.dr7, 0, 0xffffffff);
    FIELD("cs_arbytes", cpu.cs_arbytes, 0, 0xffffffff);
    FIELD("pending", cpu.pending_event, 0x80000000, 0x80000100, 0x80000202, 0x80000306, 0x80000403,
          0x80000503, 0x80000603, 0x80000703, 0x80001000, 0x7fffffff);
}

static struct {
    struct hvm_save_descriptor header_head;
    struct hvm_save_header header;
    struct hvm_save_descriptor head;
    uint8_t body[1024];
    struct hvm_save_descriptor end;
} packed one;

/* A record of @type alone, of which the 64-bit word at @offset is @value. */
static long one_record(uint16_t type, uint32_t bytes, uint32_t offset, uint64_t value)
{
    hvm_context_fill(&x, c);
    memset(&one, 0, sizeof(one));
    one.header_head = x.header_head;
    one.header = x.header;
    one.head = (struct hvm_save_descriptor){type, 0, bytes};
    memcpy(one.body + offset, &value, sizeof(value));
    memset(one.body + bytes, 0, sizeof(one.end)); /* END is all zeroes */
    return hvm_context_set(c, &one,
                           (uint32_t)(sizeof(one) - sizeof(one.body)) + bytes);
}

static void others(void)
{
    SWEEP("mtrr.length", (void)0, one_record(14, (uint32_t)v, 0, 0x0007040600070406), 8, 239, 240,
          241);
    SWEEP("lapic.base", (void)0, one_record(5, 24, 0, v), 0, 0xfee00900, 0xfee00800, 0xfee00d00,
          0xfee00400);
    SWEEP("lapic.length", (void)0, one_record(5, (uint32_t)v, 0, 0xfee00900), 8, 23, 24, 25);
    SWEEP("lapic_regs.length", (void)0, one_record(6, (uint32_t)v, 0, 0), 0, 1016, 1023, 1024);
    SWEEP("tsc_adjust", (void)0, one_record(19, 8, 0, v), 0, ~0UL);
    SWEEP("tsc_adjust.length", (void)0, one_record(19, (uint32_t)v, 0, 0), 0, 7, 8, 9);
    SWEEP("xsave.length", (void)0, one_record(16, (uint32_t)v, 8, 1), 0, 8, 24, 600, 832);
    SWEEP("xsave.xcr0", (void)0, one_record(16, 600, 8, v), 0, 1, 2, 3, 4, 5, 7, 8, ~0UL);
    SWEEP("msr.count", (void)0, one_record(20, 8, 0, v), 0, 1, 0xffffffff);
    SWEEP("msr.index", (void)0, ({
              uint64_t index = v;

              memset(&one, 0, sizeof(one));
              one_record(20, 24, 0, 1);
              memcpy(one.body + 8, &index, sizeof(index));
              hvm_context_set(c, &one, (uint32_t)(sizeof(one) - sizeof(one.body)) + 24);
          }),
          0x10, 0x140, 0x48, 0xc0000080, 0x100000140);
}

static void saved(void)
{
    static char buffer[0x8000];
    struct xen_domctl op = {.u.hvmcontext.size = sizeof(buffer)};

    set_xen_guest_handle(op.u.hvmcontext.buffer, (uint8_t *)buffer);
    ROW("get", "result", child_domctl(c, XEN_DOMCTL_gethvmcontext, &op));
    row("records");
    for (uint32_t at = 0; at + sizeof(struct hvm_save_descriptor) <= op.u.hvmcontext.size;) {
        const struct hvm_save_descriptor *d = (const void *)(buffer + at);
        char name[24];

        format_append(name, sizeof(name), 0, "%u.%u", d->typecode, d->instance);
        row_result(name, (long)d->length);
        at += (uint32_t)sizeof(*d) + d->length;
        if (!d->typecode)
            break;
    }
    row_end();
    RANGE("partial", 0, 40, (void)0, ({
              memset(&op, 0, sizeof(op));
              op.u.hvmcontext_partial.type = (uint32_t)v;
              op.u.hvmcontext_partial.bufsz = sizeof(buffer);
              set_xen_guest_handle(op.u.hvmcontext_partial.buffer, (uint8_t *)buffer);
              child_domctl(c, XEN_DOMCTL_gethvmcontext_partial, &op);
          }));
    SWEEP("partial.instance", (void)0, ({
              memset(&op, 0, sizeof(op));
              op.u.hvmcontext_partial.type = 2;
              op.u.hvmcontext_partial.instance = (uint32_t)v;
              op.u.hvmcontext_partial.bufsz = sizeof(buffer);
              set_xen_guest_handle(op.u.hvmcontext_partial.buffer, (uint8_t *)buffer);
              child_domctl(c, XEN_DOMCTL_gethvmcontext_partial, &op);
          }),
          0, 1, 127, 0xffffffff);
    SWEEP("partial.room", (void)0, ({
              memset(&op, 0, sizeof(op));
              op.u.hvmcontext_partial.type = 2;
              op.u.hvmcontext_partial.bufsz = v;
              set_xen_guest_handle(op.u.hvmcontext_partial.buffer, (uint8_t *)buffer);
              child_domctl(c, XEN_DOMCTL_gethvmcontext_partial, &op);
          }),
          0, 8, sizeof(x.cpu) - 1, sizeof(x.cpu));
}

TEST(abi, hvm_context)
{
    const struct child_options options = {.paused = true, .hvm = true};

    c = child_make(body, &options);
    NEED(c);
    saved();
    headers();
    registers();
    others();
}
