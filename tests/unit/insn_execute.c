/* SPDX-License-Identifier: BSD-2-Clause */
/* Emulated instructions against this machine's own processor: memory, registers and flags. */
/* sources: hypervisor/insn/decode.c hypervisor/insn/execute.c */
#include "tests/unit/check.h"

#include <sys/mman.h>

#include "insn/execute.h"

#define FLAGS_COMPARED 0x8d5ULL /* OF SF ZF AF PF CF */
#define FLAG_AF 0x10ULL
#define FLAG_CF 0x01ULL

struct machine {
    uint64_t rax, rcx, rdx, rbx, rsi, r8, flags;
};

/* Run the code at @code, a function of one instruction and RET, on @m; RDI holds @memory. */
static void run_native(const void *code, struct machine *m, void *memory)
{
    __asm__ volatile("push %%rbx\n\t"
                     "push %[m]\n\t"
                     "mov %[m], %%r9\n\t"
                     "mov %[code], %%r10\n\t"
                     "mov %[memory], %%rdi\n\t"
                     "mov 0(%%r9), %%rax\n\t"
                     "mov 8(%%r9), %%rcx\n\t"
                     "mov 16(%%r9), %%rdx\n\t"
                     "mov 24(%%r9), %%rbx\n\t"
                     "mov 32(%%r9), %%rsi\n\t"
                     "mov 40(%%r9), %%r8\n\t"
                     "push 48(%%r9)\n\t"
                     "popfq\n\t"
                     "call *%%r10\n\t"
                     "pushfq\n\t"
                     "pop %%r10\n\t"
                     "pop %%r9\n\t"
                     "mov %%rax, 0(%%r9)\n\t"
                     "mov %%rcx, 8(%%r9)\n\t"
                     "mov %%rdx, 16(%%r9)\n\t"
                     "mov %%rbx, 24(%%r9)\n\t"
                     "mov %%rsi, 32(%%r9)\n\t"
                     "mov %%r8, 40(%%r9)\n\t"
                     "mov %%r10, 48(%%r9)\n\t"
                     "pop %%rbx\n\t"
                     :
                     : [code] "r"(code), [m] "r"(m), [memory] "r"(memory)
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
}

/* ModRM for a register among RAX, RCX, RDX, RBX, (AH.., RSI) and the operand (%rdi) or 8(%rdi). */
static unsigned int random_insn(uint8_t *b)
{
    static const uint16_t with_reg[] = {0x08, 0x09, 0x20,   0x21,   0x30,   0x31,   0x86, 0x87,
                                        0x88, 0x89, 0x0fab, 0x0fb0, 0x0fb1, 0x0fb3, 0x0fbb};
    static const struct {
        uint16_t opcode;
        uint8_t imm, digits[3];
    } with_imm[] = {{0x80, 1, {1, 4, 6}}, {0x81, 4, {1, 4, 6}},   {0x83, 1, {1, 4, 6}},
                    {0xc6, 1, {0, 0, 0}}, {0xc7, 4, {0, 0, 0}},   {0x0fba, 1, {5, 6, 7}}};
    static const uint8_t regs[] = {0, 1, 2, 3, 6};
    bool imm = check_random() & 1;
    unsigned int n = 0, which = check_random_below(imm ? 6 : ARRAY_SIZE(with_reg));
    uint16_t opcode = imm ? with_imm[which].opcode : with_reg[which];
    unsigned int digit = imm ? with_imm[which].digits[check_random_below(3)]
                             : regs[check_random_below(sizeof(regs))];
    bool size16 = check_random_below(4) == 0, rex_w = check_random() & 1, rex = check_random() & 1;
    unsigned int bytes = imm ? with_imm[which].imm : 0;

    if (check_random() & 1 && opcode != 0x88 && opcode != 0x89 && opcode != 0xc6 && opcode != 0xc7)
        b[n++] = 0xf0;
    if (size16)
        b[n++] = 0x66;
    if (rex || rex_w)
        b[n++] = 0x40 | (rex_w ? 8 : 0) | (!imm && check_random_below(4) == 0 ? 4 : 0);
    if ((rex || rex_w) && (b[n - 1] & 4))
        digit = 0; /* R8 */
    if (opcode >> 8)
        b[n++] = opcode >> 8;
    b[n++] = opcode & 0xff;
    b[n++] = 0x47 | digit << 3; /* disp8(%rdi) */
    b[n++] = 8;
    if (bytes == 4 && size16 && !rex_w)
        bytes = 2;
    for (unsigned int i = 0; i < bytes; i++)
        b[n++] = (uint8_t)check_random();
    return n;
}

static uint64_t random_value(void)
{
    static const uint64_t corners[] = {0, 1, ~0ULL, 0x80, 0x8000, 0x80000000, 1ULL << 63, 0x7f};

    return check_random() & 1 ? check_random() : corners[check_random_below(8)];
}

static struct cpu_user_regs to_regs(const struct machine *m, const void *memory)
{
    return (struct cpu_user_regs){.rax = m->rax, .rcx = m->rcx, .rdx = m->rdx, .rbx = m->rbx,
                                  .rsi = m->rsi, .r8 = m->r8, .rdi = (uintptr_t)memory,
                                  .rflags = m->flags, .rip = 0x1000};
}

/* Flags the manual leaves undefined, or that we leave alone where it says so. */
static uint64_t flags_defined(const struct insn *i)
{
    switch (i->op) {
    case INSN_AND:
    case INSN_OR:
    case INSN_XOR:
        return FLAGS_COMPARED & ~FLAG_AF;
    case INSN_BTS:
    case INSN_BTR:
    case INSN_BTC:
        return FLAG_CF;
    default:
        return FLAGS_COMPARED;
    }
}

static void emulate(const struct insn *i, struct cpu_user_regs *regs)
{
    void *at = (void *)(uintptr_t)insn_address(i, regs, 0);
    uint64_t old = 0;
    struct insn_effect e;

    memcpy(&old, at, i->width);
    e = insn_execute(i, regs, old);
    if (e.writes_memory)
        memcpy(at, &e.memory, i->width);
    insn_retire(i, &e, regs);
}

TEST(same_as_the_processor)
{
    uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(code != MAP_FAILED);
    for (unsigned int round = 0; round < 200000; round++) {
        struct machine m = {random_value(), random_value(), random_value(), random_value(),
                            random_value(), random_value(), 0x202 | (check_random() & 0x8d5)};
        uint64_t memory[6], native[6];
        unsigned int n = random_insn(code);
        struct cpu_user_regs regs;
        struct insn i;

        code[n] = 0xc3;
        CHECK_EQ(insn_decode(code, n, &i), INSN_OK);
        CHECK_EQ(i.length, n);
        if ((i.op == INSN_BTS || i.op == INSN_BTR || i.op == INSN_BTC) && !i.has_imm) {
            /* Bit offsets reach beyond the operand: keep them within our array. */
            uint64_t *const all[] = {&m.rax, &m.rcx, &m.rdx, &m.rbx};

            for (unsigned int r = 0; r < 4; r++)
                *all[r] = (uint64_t)((int64_t)check_random_below(192) - 64);
            m.rsi = m.r8 = m.rax;
        }
        for (unsigned int w = 0; w < 6; w++)
            memory[w] = native[w] = random_value();
        if (check_random() & 1) /* let CMPXCHG succeed now and then */
            memory[2] = native[2] = m.rax;
        regs = to_regs(&m, &memory[1]);
        run_native(code, &m, &native[1]);
        emulate(&i, &regs);
        CHECK_EQ(memcmp(memory, native, sizeof(memory)), 0);
        CHECK_EQ(regs.rax, m.rax);
        CHECK_EQ(regs.rcx, m.rcx);
        CHECK_EQ(regs.rdx, m.rdx);
        CHECK_EQ(regs.rbx, m.rbx);
        CHECK_EQ(regs.rsi, m.rsi);
        CHECK_EQ(regs.r8, m.r8);
        CHECK_EQ((regs.rflags ^ m.flags) & flags_defined(&i), 0);
        CHECK_EQ(regs.rip, 0x1000 + n);
    }
    munmap(code, 4096);
}

TEST(addresses)
{
    struct cpu_user_regs regs = {.rip = 0x1000, .rbx = 0x100, .rsi = 0x10, .rax = 64 * 3 + 1};
    struct insn i = {.op = INSN_MOV, .width = 8, .base = 3, .index = 6, .scale = 3, .disp = -8};

    CHECK_EQ(insn_address(&i, &regs, 0), 0x100 + 0x80 - 8);
    i.narrow_address = true;
    i.disp = -0x200;
    CHECK_EQ(insn_address(&i, &regs, 0x1000), 0xffffff80ULL + 0x1000);
    i = (struct insn){.op = INSN_BTS, .width = 8, .base = 3, .index = INSN_NO_REG, .reg = 0};
    CHECK_EQ(insn_address(&i, &regs, 0), 0x100 + 24);
    i = (struct insn){.op = INSN_MOV, .width = 8, .base = INSN_NO_REG, .index = INSN_NO_REG,
                      .rip_relative = true, .disp = 0x20, .length = 7};
    CHECK_EQ(insn_address(&i, &regs, 0), 0x1027);
}
