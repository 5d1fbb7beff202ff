/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction decoder: encodings of every instruction, and random bytes against Zydis. */
/* sources: hypervisor/insn/opcodes.c hypervisor/insn/decode.c */
/* libs: -lZydis */
#include "tests/unit/check.h"

#include "tests/unit/insn_check.h"

/* A row: code of so many bits, the bytes, and what they are. Every instruction stands here once at
 * least; sizes, address forms and prefixes are spread over them. */
static const struct row {
    uint8_t bits;
    const char *hex;
    uint8_t op, width;
    const char *text; /* operands: to, from; [segment:base+index*scale+disp]; = immediate */
} rows[] = {
    {64, "01 07", INSN_ADD, 4, "[3:7] r0"},
    {64, "48 03 07", INSN_ADD, 8, "r0 [3:7]"},
    {32, "00 27", INSN_ADD, 1, "[3:7] r4"},
    {16, "83 0f ff", INSN_OR, 2, "[3:3] =ffffffffffffffff"},
    {64, "f0 81 4d 10 78 56 34 12", INSN_OR, 4, "[2:5+10] =12345678"},
    {32, "66 11 44 24 04", INSN_ADC, 2, "[2:4+4] r0"},
    {64, "4c 19 74 cd f8", INSN_SBB, 8, "[2:5+1*8-8] r14"},
    {64, "80 23 fd", INSN_AND, 1, "[3:3] =fffffffffffffffd"},
    {64, "48 29 05 78 56 34 12", INSN_SUB, 8, "[3:rip+12345678] r0"},
    {32, "29 05 78 56 34 12", INSN_SUB, 4, "[3:+12345678] r0"},
    {32, "67 31 02", INSN_XOR, 4, "[2:5+6*1] r0"},
    {64, "3b 3c 25 00 10 00 00", INSN_CMP, 4, "r7 [3:+1000]"},
    {16, "26 38 06 34 12", INSN_CMP, 1, "[0:+1234] r0"},
    {64, "65 c1 07 04", INSN_ROL, 4, "[5:7] =4"},
    {64, "d0 0f", INSN_ROR, 1, "[3:7] =1"},
    {64, "d3 17", INSN_RCL, 4, "[3:7] cl"},
    {16, "d3 1e 00 80", INSN_RCR, 2, "[3:-8000] cl"},
    {32, "c0 27 03", INSN_SHL, 1, "[3:7] =3"},
    {32, "c0 37 03", INSN_SHL, 1, "[3:7] =3"},
    {64, "48 c1 2f 03", INSN_SHR, 8, "[3:7] =3"},
    {64, "d1 3f", INSN_SAR, 4, "[3:7] =1"},
    {64, "0f a4 07 05", INSN_SHLD, 4, "[3:7] r0 =5"},
    {64, "66 0f a5 07", INSN_SHLD, 2, "[3:7] r0 cl"},
    {32, "0f ac 07 05", INSN_SHRD, 4, "[3:7] r0 =5"},
    {32, "0f ad 07", INSN_SHRD, 4, "[3:7] r0 cl"},
    {64, "0f a3 07", INSN_BT, 4, "[3:7] r0"},
    {64, "f0 48 0f ab 07", INSN_BTS, 8, "[3:7] r0"},
    {64, "f0 48 0f ba 73 10 05", INSN_BTR, 8, "[3:3+10] =5"},
    {16, "0f bb 07", INSN_BTC, 2, "[3:3] r0"},
    {32, "f6 07 80", INSN_TEST, 1, "[3:7] =ffffffffffffff80"},
    {32, "85 07", INSN_TEST, 4, "[3:7] r0"},
    {32, "f7 17", INSN_NOT, 4, "[3:7]"},
    {32, "f0 f6 1f", INSN_NEG, 1, "[3:7]"},
    {64, "48 ff 07", INSN_INC, 8, "[3:7]"},
    {16, "fe 0f", INSN_DEC, 1, "[3:3]"},
    {64, "f7 27", INSN_MUL, 4, "[3:7]"},
    {64, "f6 2f", INSN_IMUL_WIDE, 1, "[3:7]"},
    {64, "44 0f af 07", INSN_IMUL, 4, "r8 [3:7]"},
    {64, "66 69 07 34 12", INSN_IMUL_IMM, 2, "r0 [3:7] =1234"},
    {32, "6b 07 fe", INSN_IMUL_IMM, 4, "r0 [3:7] =fffffffffffffffe"},
    {64, "48 f7 37", INSN_DIV, 8, "[3:7]"},
    {64, "f7 3f", INSN_IDIV, 4, "[3:7]"},
    {64, "88 27", INSN_MOV, 1, "[3:7] r4"},
    {64, "40 8a 27", INSN_MOV, 1, "r4 [3:7]"},
    {64, "48 c7 07 00 00 00 80", INSN_MOV, 8, "[3:7] =ffffffff80000000"},
    {64, "48 a3 88 77 66 55 44 33 22 11", INSN_MOV, 8, "[3:+1122334455667788] r0"},
    {64, "67 64 a0 44 33 22 11", INSN_MOV, 1, "r0 [4:+11223344]"},
    {16, "a1 34 12", INSN_MOV, 2, "r0 [3:+1234]"},
    {16, "67 66 8b 44 8b 10", INSN_MOV, 4, "r0 [3:3+1*4+10]"},
    {16, "8b 80 fe ff", INSN_MOV, 2, "r0 [3:3+6*1-2]"},
    {64, "0f c3 07", INSN_MOV, 4, "[3:7] r0"},
    {64, "48 0f b6 07", INSN_MOVZX, 8, "r0 [3:7]"},
    {32, "0f bf 07", INSN_MOVSX, 4, "r0 [3:7]"},
    {64, "48 63 07", INSN_MOVSX, 8, "r0 [3:7]"},
    {64, "0f 38 f0 07", INSN_MOVBE, 4, "r0 [3:7]"},
    {64, "48 0f 38 f1 07", INSN_MOVBE, 8, "[3:7] r0"},
    {64, "49 0f c8", INSN_BSWAP, 8, "r8"},
    {64, "48 8d 44 6d 00", INSN_LEA, 8, "r0 [2:5+5*2]"},
    {64, "0f 4f 07", INSN_CMOV, 4, "r0 [3:7]"},
    {64, "0f 94 07", INSN_SETCC, 1, "[3:7]"},
    {64, "48 87 03", INSN_XCHG, 8, "[3:3] r0"},
    {32, "f0 0f c1 07", INSN_XADD, 4, "[3:7] r0"},
    {64, "f0 48 0f b1 0f", INSN_CMPXCHG, 8, "[3:7] r1"},
    {64, "f0 0f c7 0f", INSN_CMPXCHG_PAIR, 8, "[3:7]"},
    {64, "48 0f c7 0f", INSN_CMPXCHG_PAIR, 16, "[3:7]"},
    {64, "ff 37", INSN_PUSH, 8, "[3:7]"},
    {32, "66 ff 37", INSN_PUSH, 2, "[3:7]"},
    {64, "8f 04 24", INSN_POP, 8, "[2:4]"},
    {64, "f3 48 a5", INSN_MOVS, 8, "rep"},
    {16, "2e f3 a4", INSN_MOVS, 1, "rep 1"},
    {64, "f2 a6", INSN_CMPS, 1, "repne"},
    {32, "67 f3 ab", INSN_STOS, 4, "rep"},
    {64, "ad", INSN_LODS, 4, ""},
    {64, "f3 66 af", INSN_SCAS, 2, "rep"},
    {64, "f3 6d", INSN_INS, 4, "rep"},
    {16, "6e", INSN_OUTS, 1, ""},
    {64, "e4 71", INSN_IN, 1, "=71"},
    {32, "66 ed", INSN_IN, 2, "cl"},
    {64, "e7 80", INSN_OUT, 4, "=ffffffffffffff80"},
    {64, "48 ee", INSN_OUT, 1, "cl"},
    {64, "8c 1f", INSN_MOV_FROM_SEG, 2, "[3:7]"},
    {16, "8e 1f", INSN_MOV_TO_SEG, 2, "[3:3]"},
    {64, "44 0f 20 c0", INSN_MOV_FROM_CR, 8, "r0 r8"},
    {32, "0f 22 d8", INSN_MOV_TO_CR, 4, "r3 r0"},
    {64, "0f 21 f8", INSN_MOV_FROM_DR, 8, "r0 r7"},
    {32, "0f 23 f8", INSN_MOV_TO_DR, 4, "r7 r0"},
    {64, "0f 01 07", INSN_SGDT, 10, "[3:7]"},
    {32, "0f 01 0f", INSN_SIDT, 6, "[3:7]"},
    {16, "0f 01 16 34 12", INSN_LGDT, 2, "[3:+1234]"},
    {64, "0f 01 1f", INSN_LIDT, 4, "[3:7]"},
    {64, "48 0f 01 e0", INSN_SMSW, 8, "r0"},
    {16, "0f 01 f0", INSN_LMSW, 2, "r0"},
    {64, "0f 01 3f", INSN_INVLPG, 4, "[3:7]"},
    {64, "0f 06", INSN_CLTS, 4, ""},
    {64, "0f 10 07", INSN_VECTOR_LOAD, 16, "r0 [3:7]"},
    {64, "66 44 0f 7f 07", INSN_VECTOR_STORE, 16, "[3:7] r8"},
    {32, "f3 0f 7e 07", INSN_VECTOR_LOAD, 8, "r0 [3:7]"},
    {64, "66 48 0f 7e 07", INSN_VECTOR_STORE, 8, "[3:7] r0"},
    {64, "c5 fd e7 07", INSN_VECTOR_STORE, 32, "[3:7] r0"},
    {32, "c5 fa 6f 07", INSN_VECTOR_LOAD, 16, "r0 [3:7]"},
    {64, "c4 c2 79 2a 07", INSN_VECTOR_LOAD, 16, "r0 [3:15]"},
    {64, "0f 18 07", INSN_NOP, 4, "[3:7]"},
    {64, "0f ae 3f", INSN_NOP, 4, "[3:7]"},
};

static unsigned int bytes_of(const char *hex, uint8_t *bytes)
{
    unsigned int count = 0, byte;
    int used;

    for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used)
        bytes[count++] = (uint8_t)byte;
    return count;
}

static size_t print_memory(char *at, size_t size, const struct insn *i)
{
    size_t n = (size_t)snprintf(at, size, "[%u:", i->segment);

    if (i->rip_relative)
        n += (size_t)snprintf(at + n, size - n, "rip");
    if (i->base != INSN_NO_REG)
        n += (size_t)snprintf(at + n, size - n, "%u", i->base);
    if (i->index != INSN_NO_REG)
        n += (size_t)snprintf(at + n, size - n, "+%u*%u", i->index, 1u << i->scale);
    if (i->disp)
        n += (size_t)snprintf(at + n, size - n, "%c%llx", i->disp < 0 ? '-' : '+',
                              (unsigned long long)(i->disp < 0 ? -i->disp : i->disp));
    return n + (size_t)snprintf(at + n, size - n, "]");
}

/* The operands of @i as the table has them. */
static void print(char *at, size_t size, const struct insn *i)
{
    static const char *const repeats[] = {"", "repne", "rep"};
    const uint8_t kinds[2] = {i->to, i->from};
    size_t n = 0;

    at[0] = 0;
    for (unsigned int k = 0; k < 2; k++) {
        if (kinds[k] == INSN_RM && i->memory)
            n += print_memory(at + n, size - n, i);
        else if (kinds[k] == INSN_RM || kinds[k] == INSN_REG)
            n += (size_t)snprintf(at + n, size - n, "r%u", kinds[k] == INSN_RM ? i->rm : i->reg);
        if (kinds[k] == INSN_RM || kinds[k] == INSN_REG)
            n += (size_t)snprintf(at + n, size - n, " ");
    }
    if (i->op == INSN_NOP)
        n += print_memory(at + n, size - n, i);
    if (i->by_cl)
        n += (size_t)snprintf(at + n, size - n, "cl");
    else if (i->imm)
        n += (size_t)snprintf(at + n, size - n, "=%llx", (unsigned long long)i->imm);
    n += (size_t)snprintf(at + n, size - n, "%s", repeats[i->repeat]);
    if (i->op == INSN_MOVS && i->segment != INSN_DS)
        n += (size_t)snprintf(at + n, size - n, " %u", i->segment);
    if (n && at[n - 1] == ' ')
        at[n - 1] = 0;
}

TEST(every_instruction)
{
    bool seen[INSN_NOP + 1] = {false};

    for (unsigned int r = 0; r < ARRAY_SIZE(rows); r++) {
        uint8_t bytes[INSN_MAX_BYTES];
        unsigned int count = bytes_of(rows[r].hex, bytes);
        char text[128];
        struct insn i;

        if (insn_decode(bytes, count, rows[r].bits, &i) != INSN_OK || i.length != count)
            CHECK_FAIL("%s is refused", rows[r].hex);
        print(text, sizeof(text), &i);
        if (i.op != rows[r].op || i.width != rows[r].width || strcmp(text, rows[r].text))
            CHECK_FAIL("%s: operation %u, width %u, %s", rows[r].hex, i.op, i.width, text);
        if (insn_compare(bytes, count, rows[r].bits))
            CHECK_FAIL("%s: not what Zydis reads", rows[r].hex);
        seen[i.op] = true;
    }
    for (unsigned int op = INSN_ADD; op <= INSN_NOP; op++)
        if (!seen[op])
            CHECK_FAIL("operation %u is not in the table", op);
}

TEST(what_is_refused)
{
    static const struct {
        uint8_t bits, result;
        const char *hex;
    } refused[] = {
        {64, INSN_UNDEFINED, "f0 48 89 07"},           /* lock mov */
        {64, INSN_UNDEFINED, "f0 48 21 c0"},           /* lock and between registers */
        {64, INSN_UNDEFINED, "f0 39 07"},              /* lock cmp */
        {64, INSN_UNDEFINED, "f0 48 23 07"},           /* lock and to a register */
        {64, INSN_UNDEFINED, "f0 0f a3 07"},           /* lock bt */
        {64, INSN_UNDEFINED, "f0 c1 07 01"},           /* lock rol */
        {64, INSN_UNDEFINED, "8d c0"},                 /* lea of a register */
        {64, INSN_UNDEFINED, "8e 0f"},                 /* mov to CS */
        {64, INSN_UNDEFINED, "8c 37"},                 /* mov from segment register 6 */
        {64, INSN_UNDEFINED, "0f 20 c8"},              /* mov from CR1 */
        {64, INSN_UNDEFINED, "44 0f 21 c0"},           /* mov from DR8 */
        {64, INSN_UNDEFINED, "66 c5 f8 10 07"},        /* a prefix before VEX */
        {64, INSN_UNDEFINED, "c5 f0 10 07"},           /* VEX.vvvv */
        {64, INSN_UNDEFINED, "c5 fd 7e 07"},           /* vmovd of 32 bytes */
        {64, INSN_UNSUPPORTED, "0f 0b"},               /* ud2 */
        {64, INSN_UNSUPPORTED, "c7 4f 00 00 00 00 00"}, /* c7 /1 */
        {64, INSN_UNSUPPORTED, "0f 01 c1"},            /* vmcall, where sgdt would be */
        {64, INSN_UNSUPPORTED, "f2 0f 38 f0 07"},      /* crc32, where movbe would be */
        {64, INSN_UNSUPPORTED, "f3 0f c7 37"},
        {32, INSN_UNSUPPORTED, "63 07"},               /* arpl */
        {32, INSN_UNSUPPORTED, "c5 07"},               /* lds */
        {16, INSN_UNSUPPORTED, "c4 07"},               /* les */
        {64, INSN_TOO_LONG, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 89 07"},
        {64, INSN_OK, "66 66 66 66 66 66 66 66 66 66 66 66 66 89 07"}, /* 15 bytes */
        {64, INSN_SHORT, ""},
        {64, INSN_SHORT, "c5"},
    };

    for (unsigned int r = 0; r < ARRAY_SIZE(refused); r++) {
        uint8_t bytes[32];
        unsigned int count = bytes_of(refused[r].hex, bytes);
        struct insn i;

        if (insn_decode(bytes, count, refused[r].bits, &i) != refused[r].result)
            CHECK_FAIL("%s is not refused so", refused[r].hex);
    }
}

/* Prefixes, an opcode of one of the maps, and noise. */
static void random_insn(uint8_t *bytes, unsigned int bits)
{
    static const uint8_t prefixes[] = {0xf0, 0x66, 0x67, 0x3e, 0x64, 0x65, 0x2e, 0xf2, 0xf3, 0x36};
    unsigned int n = 0, map = check_random_below(8);

    for (unsigned int i = check_random_below(4); i > 0; i--)
        bytes[n++] = prefixes[check_random_below(sizeof(prefixes))];
    if (bits == 64 && check_random() & 1)
        bytes[n++] = 0x40 | (check_random() & 15);
    if (map >= 4)
        bytes[n++] = 0x0f;
    if (map == 7)
        bytes[n++] = 0x38;
    while (n < 24)
        bytes[n++] = (uint8_t)check_random();
    if (map == 3) { /* VEX */
        bytes[0] = 0xc4 | (check_random() & 1);
        if (check_random() & 1)
            bytes[bytes[0] == 0xc5 ? 1 : 2] |= 0x78;
        if (check_random() & 1)
            bytes[1] = (bytes[1] & 0xe0) | 1 | (bytes[0] == 0xc5 ? 0x78 : 0);
    }
}

TEST(agrees_with_zydis)
{
    unsigned int accepted[3] = {0};

    for (unsigned int round = 0; round < 600000; round++) {
        uint8_t bytes[24];
        unsigned int bits = 16 << round % 3;
        const char *difference;
        struct insn i;

        random_insn(bytes, bits);
        difference = insn_compare(bytes, INSN_MAX_BYTES, bits);
        if (difference) {
            for (unsigned int b = 0; b < INSN_MAX_BYTES; b++)
                fprintf(stderr, "%02x ", bytes[b]);
            CHECK_FAIL("%s", difference);
        }
        accepted[round % 3] += insn_decode(bytes, INSN_MAX_BYTES, bits, &i) == INSN_OK;
    }
    for (unsigned int n = 0; n < 3; n++)
        CHECK(accepted[n] > 35000);
}
