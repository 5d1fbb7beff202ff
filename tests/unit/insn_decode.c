/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction decoder: the forms Linux uses on page tables, and all forms against Capstone. */
/* sources: hypervisor/insn/decode.c */
/* libs: -lcapstone */
#include "tests/unit/check.h"

#include "tests/unit/insn_check.h"

static struct insn decoded(const char *hex)
{
    uint8_t bytes[INSN_MAX_BYTES];
    unsigned int count = 0, byte;
    struct insn i;
    int used;

    for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used)
        bytes[count++] = (uint8_t)byte;
    CHECK_EQ(insn_decode(bytes, count, &i), INSN_OK);
    CHECK_EQ(i.length, count);
    for (unsigned int n = 0; n < count; n++)
        CHECK_EQ(insn_decode(bytes, n, &i), INSN_SHORT);
    CHECK_EQ(insn_decode(bytes, count, &i), INSN_OK);
    return i;
}

static enum insn_result result_of(const char *hex)
{
    uint8_t bytes[32];
    unsigned int count = 0, byte;
    struct insn i;
    int used;

    for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used)
        bytes[count++] = (uint8_t)byte;
    return insn_decode(bytes, count, &i);
}

TEST(forms_linux_uses_on_page_tables)
{
    struct insn i = decoded("48 89 07"); /* mov %rax,(%rdi) */

    CHECK(i.op == INSN_MOV && i.width == 8 && i.base == 7 && i.reg == 0 && !i.lock);
    i = decoded("48 c7 07 00 00 00 80"); /* movq $0xffffffff80000000,(%rdi) */
    CHECK(i.op == INSN_MOV && i.has_imm && i.imm == 0xffffffff80000000);
    i = decoded("48 87 03"); /* xchg %rax,(%rbx) */
    CHECK(i.op == INSN_XCHG && i.width == 8 && i.base == 3);
    i = decoded("f0 80 23 fd"); /* lock andb $0xfd,(%rbx) */
    CHECK(i.op == INSN_AND && i.width == 1 && i.lock && i.imm == (uint64_t)-3);
    i = decoded("3e 80 23 fd"); /* the same where there is one vCPU */
    CHECK(i.op == INSN_AND && i.width == 1 && !i.lock && i.segment == INSN_SEG_FLAT);
    i = decoded("f0 48 0f ba 73 10 05"); /* lock btrq $5,0x10(%rbx) */
    CHECK(i.op == INSN_BTR && i.width == 8 && i.disp == 16 && i.imm == 5);
    i = decoded("f0 48 0f b1 0f"); /* lock cmpxchg %rcx,(%rdi) */
    CHECK(i.op == INSN_CMPXCHG && i.width == 8 && i.reg == 1);
    i = decoded("4c 89 74 cd f8"); /* mov %r14,-8(%rbp,%rcx,8) */
    CHECK(i.reg == 14 && i.base == 5 && i.index == 1 && i.scale == 3 && i.disp == -8);
    i = decoded("48 89 05 78 56 34 12"); /* mov %rax,0x12345678(%rip) */
    CHECK(i.rip_relative && i.disp == 0x12345678 && i.base == INSN_NO_REG);
    i = decoded("65 48 89 04 25 08 00 00 00"); /* mov %rax,%gs:8 */
    CHECK(i.segment == INSN_SEG_GS && i.base == INSN_NO_REG && i.disp == 8);
    i = decoded("48 a3 88 77 66 55 44 33 22 11");
    CHECK(i.op == INSN_MOV && i.disp == 0x1122334455667788 && i.to_memory);
    i = decoded("88 27"); /* mov %ah,(%rdi) */
    CHECK(i.high_byte && i.reg == 4);
    i = decoded("40 88 27"); /* mov %spl,(%rdi) */
    CHECK(!i.high_byte && i.reg == 4);
}

TEST(refused)
{
    CHECK_EQ(result_of("f0 48 89 07"), INSN_UNSUPPORTED);       /* lock mov */
    CHECK_EQ(result_of("f0 48 21 c0"), INSN_UNSUPPORTED);       /* lock and between registers */
    CHECK_EQ(result_of("f3 48 89 07"), INSN_UNSUPPORTED);       /* xrelease mov */
    CHECK_EQ(result_of("48 8b 07"), INSN_UNSUPPORTED);          /* a load */
    CHECK_EQ(result_of("0f 0b"), INSN_UNSUPPORTED);             /* ud2 */
    CHECK_EQ(result_of("c7 4f 00 00 00 00 00"), INSN_UNSUPPORTED); /* c7 /1 */
    CHECK_EQ(result_of("0f ba 27 05"), INSN_UNSUPPORTED);       /* bt writes nothing */
    CHECK_EQ(result_of("66 66 66 66 66 66 66 66 66 66 66 66 66 66 89 07"), INSN_UNSUPPORTED);
    CHECK_EQ(result_of("66 66 66 66 66 66 66 66 66 66 66 66 66 89 07"), INSN_OK); /* 15 bytes */
    CHECK_EQ(result_of(""), INSN_SHORT);
}

/* Prefixes, one of our opcodes, and noise. */
static unsigned int random_insn(uint8_t *bytes)
{
    static const uint8_t prefixes[] = {0xf0, 0x66, 0x67, 0x3e, 0x64, 0x65, 0x2e};
    static const uint16_t opcodes[] = {0x08,   0x09,   0x20,   0x21,   0x30,   0x31,   0x80,
                                       0x81,   0x83,   0x86,   0x87,   0x88,   0x89,   0xa2,
                                       0xa3,   0xc6,   0xc7,   0x0fab, 0x0fb0, 0x0fb1, 0x0fb3,
                                       0x0fba, 0x0fbb};
    uint16_t opcode = opcodes[check_random_below(ARRAY_SIZE(opcodes))];
    unsigned int n = 0;

    for (unsigned int i = check_random_below(3); i > 0; i--)
        bytes[n++] = prefixes[check_random_below(sizeof(prefixes))];
    if (check_random() & 1)
        bytes[n++] = 0x40 | (check_random() & 15);
    if (opcode >> 8)
        bytes[n++] = opcode >> 8;
    bytes[n++] = opcode & 0xff;
    while (n < INSN_MAX_BYTES)
        bytes[n++] = (uint8_t)check_random();
    return n;
}

TEST(agrees_with_capstone)
{
    unsigned int accepted = 0;

    for (unsigned int round = 0; round < 200000; round++) {
        uint8_t bytes[INSN_MAX_BYTES];
        unsigned int n = random_insn(bytes);
        const char *difference = insn_compare(bytes, n);
        struct insn i;

        if (difference) {
            for (unsigned int b = 0; b < n; b++)
                fprintf(stderr, "%02x ", bytes[b]);
            CHECK_FAIL("%s", difference);
        }
        accepted += insn_decode(bytes, n, &i) == INSN_OK;
    }
    CHECK(accepted > 100000);
}
