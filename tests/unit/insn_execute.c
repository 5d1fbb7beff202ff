/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What random instructions on a processor do not show: devices that answer later, segments, system
 * registers, privilege, ports, and repetitions in pieces.
 */
/* sources: hypervisor/insn/opcodes.c hypervisor/insn/decode.c hypervisor/insn/execute.c */
/* sources: hypervisor/insn/alu.c hypervisor/insn/memory.c hypervisor/insn/string.c */
/* sources: hypervisor/insn/system.c hypervisor/insn/vector.c */
#include "tests/unit/check.h"

#include "tests/unit/insn_machine.h"

TEST(device_is_asked_once_for_each_access)
{
    start(INSN_PROTECTED);
    m.regs.rdi = DEVICE + 0x10;
    m.regs.rax = 1;
    m.memory[DEVICE + 0x10] = 0x20;
    CHECK_EQ(run(64, "00 07"), INSN_OK); /* add %al,(%rdi): the read has an effect there */
    CHECK_EQ(m.logged, 2);
    check_event(0, 'r', DEVICE + 0x10, 1);
    check_event(1, 'w', DEVICE + 0x10, 1);
    CHECK_EQ(m.memory[DEVICE + 0x10], 0x21);
    m.regs.rsi = DEVICE + 0xffe; /* over a page, both operands */
    m.regs.rdi = DEVICE + 0x1fff;
    CHECK_EQ(run(64, "48 a5"), INSN_OK);
    CHECK_EQ(m.logged, 7);
    check_event(0, 'r', DEVICE + 0xffe, 2);
    check_event(1, 'r', DEVICE + 0x1000, 4);
    check_event(2, 'r', DEVICE + 0x1004, 2);
    check_event(3, 'w', DEVICE + 0x1fff, 1);
    check_event(4, 'w', DEVICE + 0x2000, 4);
    check_event(5, 'w', DEVICE + 0x2004, 2);
    check_event(6, 'w', DEVICE + 0x2006, 1);
}

TEST(all_pieces_fit_the_record)
{
    start(INSN_PROTECTED);
    m.regs.rsi = DEVICE + 0xffd; /* 2 1 | 4 1, twice */
    m.regs.rdi = DEVICE + 0x1ffd;
    CHECK_EQ(run(64, "48 a5"), INSN_OK);
    CHECK_EQ(m.logged, 8);
    m.regs.rdi = DEVICE + 0xff9; /* 4 2 1 | 8 8 8 1 */
    m.reg[INSN_CR4] = CR4_OSXSAVE;
    m.reg[INSN_XCR0] = 7;
    CHECK_EQ(run(64, "c5 fe 7f 07"), INSN_OK);
    CHECK_EQ(m.logged, 7);
}

TEST(nothing_happens_before_both_pages_are_there)
{
    start(INSN_PROTECTED);
    m.fault_page_2 = true;
    m.regs.rdi = 0x1ffe;
    m.regs.rax = 5;
    check_fault(run(64, "89 07"), VEC_PF, true);
    CHECK_EQ(m.cpu.fault.cr2, 0x2000);
    CHECK_EQ(m.cpu.fault.error, 2);
    CHECK_EQ(m.logged, 0);
    m.regs.rsi = DEVICE; /* the device is not read for a destination that is not there */
    check_fault(run(64, "a5"), VEC_PF, true);
    CHECK_EQ(m.logged, 0);
    m.regs.rsp = 0x2008;
    m.regs.rdi = DEVICE;
    check_fault(run(64, "ff 37"), VEC_PF, true);
    CHECK_EQ(m.logged, 0);
    CHECK_EQ(m.regs.rsp, 0x2008);
}

TEST(memory_that_changes_meanwhile)
{
    start(INSN_PROTECTED);
    m.regs.rdi = 0x200;
    m.regs.rax = 3;
    m.changes = true;
    CHECK_EQ(run(64, "f0 0f c1 07"), INSN_AGAIN);
    CHECK_EQ(m.regs.rax, 3);
    CHECK_EQ(m.regs.rip, 0x100);
    CHECK_EQ(run(64, "f0 0f c1 07"), INSN_OK);
    check_event(1, 'x', 0x200, 4);
    CHECK(m.regs.rax != 3);
    CHECK_EQ(m.regs.rip, 0x104);
}

TEST(segments_of_protected_mode)
{
    struct insn_segment_state *ds = &m.segment[INSN_DS], *ss = &m.segment[INSN_SS];

    start(INSN_PROTECTED);
    ds->base = 0x1000;
    ds->limit = 0x1ff;
    m.regs.rbx = 0x1fc;
    CHECK_EQ(run(32, "8b 03"), INSN_OK);
    check_event(0, 'r', 0x11fc, 4);
    m.regs.rbx = 0x1fd;
    check_fault(run(32, "8b 03"), VEC_GP, true);
    ds->attributes |= INSN_SEGMENT_DOWN;
    CHECK_EQ(run(32, "8b 43 03"), INSN_OK); /* 0x200 is the first one above the limit */
    m.regs.rbx = 0x1ff;
    check_fault(run(32, "8b 03"), VEC_GP, true);
    m.regs.rbx = 0xfffffffd;
    check_fault(run(32, "8b 03"), VEC_GP, true);
    ds->attributes &= ~INSN_SEGMENT_BIG;
    m.regs.rbx = 0xfffd;
    check_fault(run(32, "8b 03"), VEC_GP, true); /* ends at 64 KiB then */
    ds->attributes = ANY & ~INSN_SEGMENT_WRITABLE;
    ds->limit = 0xffffffff;
    m.regs.rbx = 0;
    CHECK_EQ(run(32, "8b 03"), INSN_OK);
    check_fault(run(32, "89 03"), VEC_GP, true);
    ds->attributes = ANY | INSN_SEGMENT_CODE;
    CHECK_EQ(run(32, "8b 03"), INSN_OK);
    check_fault(run(32, "89 03"), VEC_GP, true);
    ds->attributes &= ~INSN_SEGMENT_WRITABLE; /* execute only */
    check_fault(run(32, "8b 03"), VEC_GP, true);
    ds->attributes = ANY & ~INSN_SEGMENT_PRESENT;
    check_fault(run(32, "8b 03"), VEC_GP, true);
    ss->limit = 0xff;
    m.regs.rbp = 0x100;
    check_fault(run(32, "8b 45 00"), VEC_SS, true);
    CHECK_EQ(m.cpu.fault.error, 0);
    m.segment[INSN_ES].base = 0xfffff000; /* linear addresses have 32 bits */
    m.regs.rbx = 0x1200;
    CHECK_EQ(run(32, "26 8b 03"), INSN_OK);
    check_event(0, 'r', 0x200, 4);
    m.segment[INSN_ES].base = 0xfffffffe;
    m.regs.rbx = 0;
    CHECK_EQ(run(32, "26 8b 03"), INSN_OK); /* from the last page to the first */
    check_event(0, 'r', 0xfffe, 2);
    check_event(1, 'r', 0, 2);
}

TEST(real_mode)
{
    start(INSN_REAL);
    m.segment[INSN_CS].attributes |= INSN_SEGMENT_CODE; /* types do not count there */
    m.regs.rbx = 0x7ffe;
    CHECK_EQ(run(16, "2e 89 07"), INSN_OK);
    m.regs.rbx = 0xffff;
    check_fault(run(16, "8b 07"), VEC_GP, false);
    m.regs.rbp = 0xffff;
    check_fault(run(16, "8b 46 00"), VEC_SS, false);
    m.segment[INSN_ES].limit = 0xffffffff; /* "big real mode": a limit left over */
    m.segment[INSN_ES].base = 0xffff0000;
    m.regs.rbx = 0x10200;
    CHECK_EQ(run(16, "26 67 66 8b 03"), INSN_OK);
    check_event(0, 'r', 0x200, 4);
    m.regs.rip = 0xfffffffe;
    CHECK_EQ(run(16, "26 67 8a 03"), INSN_OK);
    CHECK_EQ(m.regs.rip, 2);
}

TEST(non_canonical_addresses)
{
    start(INSN_PROTECTED);
    m.regs.rbx = 0x800000000000;
    check_fault(run(64, "8b 03"), VEC_GP, true);
    m.regs.rbx = 0x7ffffffffffd;
    check_fault(run(64, "8b 03"), VEC_GP, true);
    m.regs.rbp = 0x800000000000;
    check_fault(run(64, "8b 45 00"), VEC_SS, true);
    check_fault(run(64, "65 8b 45 00"), VEC_GP, true);
    m.segment[INSN_GS].base = 0x300;
    m.regs.rbx = 8;
    CHECK_EQ(run(64, "65 8b 03"), INSN_OK);
    check_event(0, 'r', 0x308, 4);
}

TEST(ports_and_who_may_use_them)
{
    start(INSN_PROTECTED);
    m.regs.rax = ~0ULL;
    m.regs.rdx = 0x1f0;
    CHECK_EQ(run(64, "ec"), INSN_OK);
    CHECK_EQ(m.regs.rax, 0xffffffffffffffa3);
    CHECK_EQ(run(64, "ed"), INSN_OK);
    check_event(0, 'i', 0x1f0, 4);
    CHECK_EQ(m.regs.rax, 0xa0a1a2a3);
    CHECK_EQ(run(64, "e7 ff"), INSN_OK);
    check_event(0, 'o', 0xff, 4);
    CHECK_EQ(m.allowed, 0);
    m.cpu.cpl = 3;
    check_fault(run(64, "ec"), VEC_GP, true);
    m.regs.rdx = 0x70;
    CHECK_EQ(run(64, "ec"), INSN_OK);
    CHECK_EQ(m.allowed, 3); /* once more after the device's answer */
    m.regs.rflags |= X86_IOPL;
    m.regs.rdx = 0x1f0;
    CHECK_EQ(run(64, "ec"), INSN_OK);
    m.cpu.mode = INSN_VIRTUAL_8086; /* IOPL does not count there */
    check_fault(run(16, "6c"), VEC_GP, true);
    m.cpu.mode = INSN_REAL;
    m.regs.rflags = 2;
    CHECK_EQ(run(16, "ec"), INSN_OK);
}

TEST(repetition_in_pieces)
{
    start(INSN_PROTECTED);
    m.regs.rcx = 100;
    m.regs.rdi = 0x1000;
    m.regs.rax = 0x55;
    CHECK_EQ(once(64, "f3 aa"), INSN_OK);
    CHECK_EQ(m.regs.rcx, 36);
    CHECK_EQ(m.regs.rdi, 0x1040);
    CHECK_EQ(m.regs.rip, 0x100);
    CHECK_EQ(once(64, "f3 aa"), INSN_OK);
    CHECK_EQ(m.regs.rcx, 0);
    CHECK_EQ(m.regs.rip, 0x102);
    CHECK(m.memory[0x1063] == 0x55 && m.memory[0x1064] != 0x55);
    m.regs.rcx = 3;
    m.regs.rflags |= X86_TF; /* a trap follows each element */
    CHECK_EQ(once(64, "f3 aa"), INSN_OK);
    CHECK_EQ(m.regs.rcx, 2);
    m.regs.rflags = 2;
    m.regs.rdi = 0x1ffe; /* elements before a fault stay done */
    m.regs.rcx = 10;
    m.fault_page_2 = true;
    check_fault(run(64, "f3 aa"), VEC_PF, true);
    CHECK_EQ(m.regs.rcx, 8);
    CHECK_EQ(m.regs.rdi, 0x2000);
    m.regs.rcx = 0x100000002; /* ECX counts, and is all that is left of RCX */
    m.regs.rdi = 0x1000;
    CHECK_EQ(run(64, "67 f3 aa"), INSN_OK);
    CHECK_EQ(m.regs.rcx, 0);
    CHECK_EQ(m.regs.rdi, 0x1002);
}

TEST(batches_stay_within_pages_and_limits)
{
    start(INSN_PROTECTED);
    m.batches = true;
    m.regs.rdx = 0x1f0;
    m.regs.rcx = 5000;
    m.regs.rdi = 0x1004;
    CHECK_EQ(run(64, "f3 66 6d"), INSN_OK);
    CHECK_EQ(m.logged, 1);
    check_event(0, 'b', 0x1004, 2046);
    CHECK_EQ(m.regs.rcx, 5000 - 2046);
    CHECK_EQ(m.regs.rdi, 0x2000);
    CHECK_EQ(m.regs.rip, 0x100);
    m.regs.rcx = 10;
    m.regs.rsi = 0x1ff8;
    m.regs.rdi = 0x3000;
    CHECK_EQ(run(64, "f3 a5"), INSN_OK); /* two are left in the page of the source */
    check_event(0, 'b', 0x3000, 2);
    CHECK_EQ(m.log[0].value, 0x1ff8);
    m.regs.rflags |= X86_DF;
    m.regs.rcx = 10;
    m.regs.rsi = 0x100c;
    m.regs.rdi = 0x3ffc;
    CHECK_EQ(run(64, "f3 a5"), INSN_OK);
    check_event(0, 'B', 0x3ffc, 4);
    CHECK_EQ(m.regs.rsi, 0xffc);
    m.regs.rsi = 0x1ffe; /* the first one is over the end of its page */
    CHECK_EQ(once(64, "f3 a5"), INSN_OK);
    m.regs.rflags = 2;
    m.segment[INSN_ES].limit = 0x1005;
    m.regs.rcx = 10;
    m.regs.rdi = 0x1000; /* some are within the limit */
    check_fault(run(32, "f3 ab"), VEC_GP, true);
    CHECK_EQ(m.regs.rcx, 9);
    m.segment[INSN_ES].limit = 0xffffffff;
    m.regs.rdi = 0xfffc; /* 16-bit addresses wrap around */
    m.regs.rcx = 10;
    CHECK_EQ(run(32, "67 f3 ab"), INSN_OK);
    CHECK_EQ(m.regs.rcx, 0);
    CHECK_EQ(m.regs.rdi, 0xfffc + 40 - 0x10000);
    m.segment[INSN_ES].base = 0xffff0800; /* and not always at the end of a page */
    m.regs.rdi = 0xfff8;
    m.regs.rcx = 10;
    CHECK_EQ(run(32, "67 f3 ab"), INSN_OK);
    check_event(0, 'b', 0x7f8, 2);
}

TEST(descriptor_tables)
{
    start(INSN_PROTECTED);
    m.base[0] = 0x1122334455667788;
    m.limit[0] = 0xabcd;
    m.regs.rbx = 0x400;
    m.memory[0x406] = 0xee;
    CHECK_EQ(run(32, "0f 01 03"), INSN_OK);
    CHECK(!memcmp(m.memory + 0x400, "\xcd\xab\x88\x77\x66\x55\xee", 7));
    CHECK_EQ(run(64, "0f 01 03"), INSN_OK);
    CHECK(!memcmp(m.memory + 0x400, "\xcd\xab\x88\x77\x66\x55\x44\x33\x22\x11", 10));
    CHECK_EQ(run(32, "0f 01 1b"), INSN_OK);
    CHECK_EQ(m.base[1], 0x55667788);
    CHECK_EQ(m.limit[1], 0xabcd);
    CHECK_EQ(run(16, "67 0f 01 13"), INSN_OK); /* three bytes of base */
    CHECK_EQ(m.base[0], 0x667788);
    check_fault(run(64, "0f 01 1b"), VEC_GP, true); /* not canonical */
    m.cpu.cpl = 3;
    check_fault(run(32, "0f 01 1b"), VEC_GP, true);
    CHECK_EQ(run(32, "0f 01 03"), INSN_OK);
    m.reg[INSN_CR4] = CR4_UMIP;
    check_fault(run(32, "0f 01 03"), VEC_GP, true);
}

TEST(control_and_debug_registers)
{
    start(INSN_PROTECTED);
    m.reg[INSN_CR0] = 0xffffffff80050033;
    CHECK_EQ(run(64, "0f 20 c0"), INSN_OK);
    CHECK_EQ(m.regs.rax, 0xffffffff80050033);
    m.regs.rbx = ~0ULL;
    CHECK_EQ(run(64, "66 0f 01 e3"), INSN_OK); /* smsw %bx */
    CHECK_EQ(m.regs.rbx, 0xffffffffffff0033);
    m.regs.rax = 0xfff8;
    CHECK_EQ(run(64, "0f 01 f0"), INSN_OK); /* lmsw: PE stays, others go, higher ones stay */
    CHECK_EQ(m.reg[INSN_CR0], 0xffffffff80050039);
    CHECK_EQ(run(64, "0f 06"), INSN_OK);
    CHECK_EQ(m.reg[INSN_CR0], 0xffffffff80050031);
    m.regs.r9 = 7;
    CHECK_EQ(run(64, "45 0f 22 c1"), INSN_OK); /* mov %r9,%cr8 */
    CHECK_EQ(m.reg[INSN_CR8], 7);
    m.regs.rcx = 0xffffffffff;
    CHECK_EQ(run(32, "0f 23 f9"), INSN_OK); /* mov %ecx,%dr7 */
    CHECK_EQ(m.reg[INSN_DR0 + 7], 0xffffffff);
    m.segment[INSN_GS].base = 0x1000;
    m.regs.rbx = 0x800000000000;
    CHECK_EQ(run(64, "65 0f 01 3b"), INSN_OK);
    CHECK_EQ(m.linear, 0x800000001000);
    m.cpu.cpl = 1;
    check_fault(run(64, "0f 20 c0"), VEC_GP, true);
    check_fault(run(64, "0f 23 f9"), VEC_GP, true);
    check_fault(run(64, "0f 06"), VEC_GP, true);
    check_fault(run(64, "0f 01 3b"), VEC_GP, true);
    m.cpu.cpl = 0;
    m.cpu.mode = INSN_VIRTUAL_8086;
    check_fault(run(16, "0f 01 f0"), VEC_GP, true);
}

TEST(segment_registers)
{
    start(INSN_PROTECTED);
    m.segment[INSN_GS].selector = 0x2b;
    m.regs.rax = ~0ULL;
    CHECK_EQ(run(64, "8c e8"), INSN_OK);
    CHECK_EQ(m.regs.rax, 0x2b);
    m.regs.rbx = DEVICE;
    CHECK_EQ(run(64, "8c 2b"), INSN_OK);
    CHECK_EQ(m.logged, 1);
    check_event(0, 'w', DEVICE, 2);
    CHECK_EQ(run(64, "8e 13"), INSN_OK);
    CHECK_EQ(m.loaded[INSN_SS], 0x2b);
    m.regs.rax = 0xffff;
    check_fault(run(64, "8e d8"), VEC_NP, true);
    CHECK_EQ(m.cpu.fault.error, 0xffff);
}

TEST(stack)
{
    start(INSN_PROTECTED);
    m.regs.rbx = DEVICE;
    m.regs.rsp = 0x1234000000001800;
    m.segment[INSN_SS].attributes = ANY; /* 16-bit stack pointer in 32-bit code */
    CHECK_EQ(run(32, "ff 33"), INSN_OK);
    check_event(1, 'w', 0x17fc, 4);
    CHECK_EQ(m.regs.rsp, 0x12340000000017fc);
    m.regs.rsp = 0x1800;
    memcpy(m.memory + 0x1800, "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
    CHECK_EQ(run(64, "8f 44 24 08"), INSN_OK); /* the address counts from the new RSP */
    check_event(1, 'w', 0x1810, 8);
    CHECK_EQ(m.regs.rsp, 0x1808);
    CHECK_EQ(run(64, "66 8f c4"), INSN_OK); /* pop %sp: the value wins */
    CHECK_EQ(m.regs.rsp, (unsigned int)m.memory[0x1808] | m.memory[0x1809] << 8);
}

TEST(vector_registers_and_who_may_use_them)
{
    start(INSN_PROTECTED);
    m.regs.rbx = 0x408;
    check_fault(run(64, "0f 10 0b"), VEC_UD, false); /* no OSFXSR */
    m.reg[INSN_CR4] = CR4_OSFXSR;
    memset(m.vectors, 0xff, sizeof(m.vectors));
    CHECK_EQ(run(64, "0f 10 0b"), INSN_OK);
    CHECK(!memcmp(m.vectors[1], m.memory + 0x408, 16));
    CHECK_EQ(m.vectors[1][16], 0xff);
    check_fault(run(64, "0f 28 0b"), VEC_GP, true); /* alignment */
    CHECK_EQ(run(64, "66 0f 6e 0b"), INSN_OK);
    CHECK(!m.vectors[1][4] && !m.vectors[1][15] && m.vectors[1][16] == 0xff);
    check_fault(run(64, "c5 fe 6f 0b"), VEC_UD, false);
    m.reg[INSN_CR4] |= CR4_OSXSAVE;
    m.reg[INSN_XCR0] = 3;
    check_fault(run(64, "c5 fe 6f 0b"), VEC_UD, false);
    m.reg[INSN_XCR0] = 7;
    CHECK_EQ(run(64, "c5 fe 6f 0b"), INSN_OK);
    CHECK(!memcmp(m.vectors[1], m.memory + 0x408, 32));
    CHECK_EQ(run(64, "c5 fa 6f 0b"), INSN_OK);
    CHECK_EQ(m.vectors[1][16], 0);
    m.reg[INSN_CR0] = CR0_TS;
    check_fault(run(64, "0f 10 0b"), VEC_NM, false);
    check_fault(run(64, "c5 fa 6f 0b"), VEC_NM, false);
    m.reg[INSN_CR0] = CR0_EM;
    check_fault(run(64, "0f 10 0b"), VEC_UD, false);
    m.reg[INSN_CR0] = 0;
    m.cpu.mode = INSN_REAL;
    check_fault(run(16, "c5 fa 6f 07"), VEC_UD, false);
}

TEST(resume_flag_ends_with_the_instruction)
{
    start(INSN_PROTECTED);
    m.regs.rflags |= X86_RF;
    m.regs.rbx = DEVICE;
    CHECK_EQ(once(64, "8b 03"), INSN_RETRY);
    CHECK(m.regs.rflags & X86_RF);
    CHECK_EQ(once(64, "8b 03"), INSN_OK);
    CHECK(!(m.regs.rflags & X86_RF));
}

TEST(division_errors)
{
    start(INSN_PROTECTED);
    m.regs.rbx = 0x400;
    memset(m.memory + 0x400, 0, 8);
    m.regs.rax = 5;
    check_fault(run(64, "f7 33"), VEC_DE, false);
    memset(m.memory + 0x400, 0xff, 8); /* INT64_MIN / -1 */
    m.regs.rdx = ~0ULL;
    m.regs.rax = 1ULL << 63;
    check_fault(run(64, "48 f7 3b"), VEC_DE, false);
    CHECK_EQ(m.regs.rax, 1ULL << 63);
}

/* A caller that cannot do something refuses what needs it. */
TEST(missing_operations)
{
    static const struct insn_ops none;
    static const char *const needs[] = {
        "8b 03", "89 03", "f0 01 03", "a5",       "ff 33",       "8f 03",    "ec",       "ee",
        "8c d8", "8e d8", "0f 01 03", "0f 01 13", "0f 20 c0",    "0f 22 c0", "0f 01 e0", "0f 01 f0",
        "0f 06", "0f 01 3b", "0f 10 03", "c5 fe 6f 03", "0f c7 0b", "f6 33", "6c", "6e"};

    for (unsigned int n = 0; n < ARRAY_SIZE(needs); n++) {
        start(INSN_PROTECTED);
        m.cpu.ops = &none;
        CHECK_EQ(once(64, needs[n]), INSN_UNSUPPORTED);
        CHECK_EQ(once(32, needs[n]), INSN_UNSUPPORTED);
    }
}
