/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random instructions of real mode and of 32-bit protected mode, executed by us and by Unicorn:
 * registers, memory, defined flags, and what goes to ports.
 */
/* sources: hypervisor/insn/opcodes.c hypervisor/insn/decode.c hypervisor/insn/execute.c */
/* sources: hypervisor/insn/alu.c hypervisor/insn/memory.c hypervisor/insn/string.c */
/* sources: hypervisor/insn/system.c hypervisor/insn/vector.c */
/* cflags: -D_GNU_SOURCE */
/* libs: -lunicorn */
#include "tests/unit/check.h"

#include <unicorn/unicorn.h>

#include "tests/unit/insn_world.h"

#define DATA 0x20000u
#define CODE 0x30000u
#define CODE_BYTES 0x10000u

/* Ports of both: each input is another number, outputs make a sum. */
struct ports {
    uint32_t inputs, sum;
};

static struct ports our_ports, their_ports;

static uint32_t port_input(struct ports *p, uint32_t port, unsigned int bytes)
{
    return (++p->inputs * 0x9e3779b9u ^ port) & (0xffffffffu >> (32 - 8 * bytes));
}

static void port_output(struct ports *p, uint32_t port, unsigned int bytes, uint32_t value)
{
    p->sum = p->sum * 31 + (value & (0xffffffffu >> (32 - 8 * bytes))) + (port << 4) + bytes;
}

static uint32_t on_in(uc_engine *uc, uint32_t port, int size, void *data)
{
    (void)uc;
    (void)data;
    return port_input(&their_ports, port, (unsigned int)size);
}

static void on_out(uc_engine *uc, uint32_t port, int size, uint32_t value, void *data)
{
    (void)uc;
    (void)data;
    port_output(&their_ports, port, (unsigned int)size, value);
}

static enum insn_result port_in(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                uint64_t *value)
{
    if (world_waits(world_of(c)))
        return INSN_RETRY;
    *value = port_input(&our_ports, port, bytes);
    return INSN_OK;
}

static enum insn_result port_out(struct insn_cpu *c, uint16_t port, unsigned int bytes,
                                 uint64_t value)
{
    if (world_waits(world_of(c)))
        return INSN_RETRY;
    port_output(&our_ports, port, bytes, (uint32_t)value);
    return INSN_OK;
}

static int register_ids[] = {UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX, UC_X86_REG_EBX,
                             UC_X86_REG_ESP, UC_X86_REG_EBP, UC_X86_REG_ESI, UC_X86_REG_EDI,
                             UC_X86_REG_EFLAGS};

/* What it keeps is not ours to free. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

#define UC(call) CHECK_EQ(call, UC_ERR_OK)

static uc_engine *start(struct world *w, struct insn_ops *ops, unsigned int bits)
{
    static const int segments[6] = {UC_X86_REG_ES, UC_X86_REG_CS, UC_X86_REG_SS,
                                    UC_X86_REG_DS, UC_X86_REG_FS, UC_X86_REG_GS};
    uc_engine *uc;
    uc_hook in, out;

    memset(w, 0, sizeof(*w));
    w->linear = DATA;
    w->cpu.mode = bits == 16 ? INSN_REAL : INSN_PROTECTED;
    *ops = world_ops;
    ops->port_in = port_in;
    ops->port_out = port_out;
    UC(uc_open(UC_ARCH_X86, bits == 16 ? UC_MODE_16 : UC_MODE_32, &uc));
    UC(uc_mem_map(uc, DATA, WORLD_BYTES, UC_PROT_READ | UC_PROT_WRITE));
    UC(uc_mem_map(uc, CODE, CODE_BYTES, UC_PROT_ALL));
    UC(uc_hook_add(uc, &in, UC_HOOK_INSN, (void *)on_in, NULL, 1, 0, UC_X86_INS_IN));
    UC(uc_hook_add(uc, &out, UC_HOOK_INSN, (void *)on_out, NULL, 1, 0, UC_X86_INS_OUT));
    for (unsigned int s = 0; s < 6 && bits == 16; s++) {
        w->selector[s] = s == INSN_CS ? CODE >> 4 : (DATA >> 4) - 16 * s;
        w->segment_base[s] = (uint64_t)w->selector[s] << 4;
        UC(uc_reg_write(uc, segments[s], &w->selector[s]));
    }
    return uc;
}

/* Its processor has no MOVBE, no CLFLUSHOPT, no second encoding of TEST; its LOCK NEG forgets
 * flags. */
static bool is_theirs(const struct insn *i)
{
    return i->op == INSN_MOVBE || i->op == INSN_NOP || (i->op == INSN_NEG && i->lock) ||
           (i->op == INSN_TEST && i->from == INSN_IMM && i->reg == 1);
}

/* System registers have tests of their own; vectors run on the processor. */
static bool unwanted(const struct insn *i, const struct world *w)
{
    unsigned int count = (i->by_cl ? w->regs.rcx : i->imm) & 31;

    return (i->op >= INSN_MOV_TO_SEG && i->op <= INSN_VECTOR_STORE) ||
           (i->op == INSN_BSWAP && i->width == 2) ||
           ((i->op == INSN_SHLD || i->op == INSN_SHRD) && i->width == 2 && count > 16) ||
           (i->bits == 32 && i->op == INSN_MOV_FROM_SEG) || i->segment == INSN_CS ||
           is_theirs(i);
}

static bool prepare(struct world *w, uint8_t *bytes, unsigned int bits, struct insn *i)
{
    uint64_t target = DATA + 512 + check_random_below(WORLD_WRITABLE - 1024);
    bool bit_op, string;

    world_random_insn(bytes, bits, i);
    bit_op = i->op >= INSN_BT && i->op <= INSN_BTC && i->from == INSN_REG;
    string = i->op >= INSN_MOVS && i->op <= INSN_OUTS;
    if (string && ((bits == 32 && i->address_bytes == 2) ||
                   (memchr(bytes, 0xf2, i->length) && memchr(bytes, 0xf3, i->length))))
        return false; /* out of reach; two repeat prefixes */
    for (unsigned int n = 0; n < 8; n++)
        *world_reg(&w->regs, n) = (uint32_t)world_value();
    w->regs.rsp = DATA + 2048 - w->segment_base[INSN_SS];
    w->regs.rflags = 0x2 | (check_random() & 0x8d5) | (string ? check_random() & X86_DF : 0);
    if (string) {
        w->regs.rcx = check_random_below(100);
        w->regs.rsi = DATA + 512 + check_random_below(7000) - w->segment_base[i->segment];
        w->regs.rdi = DATA + 512 + check_random_below(7000) - w->segment_base[INSN_ES];
    }
    if (bit_op)
        *world_reg(&w->regs, i->reg) = (uint32_t)(check_random_below(4096) - 2048);
    if (i->op == INSN_DIV || i->op == INSN_IDIV)
        w->regs.rdx = (uint32_t)(check_random_below(4) - 2);
    w->batches = check_random() & 1;
    if (i->memory && !world_aim(w, bytes, i, target))
        return false;
    for (unsigned int n = 0; n < 8; n++)
        *world_reg(&w->regs, n) &= 0xffffffff;
    if (i->memory && i->segment != INSN_CS && i->op != INSN_LEA && i->op != INSN_NOP) {
        uint64_t at = insn_offset(i, &w->regs);

        if (bits == 16 && at > 0xff00) /* a limit that Unicorn does not check */
            return false;
        at += w->segment_base[i->segment] - DATA;
        if (at > WORLD_WRITABLE - 64)
            return false;
    }
    if (i->op == INSN_PUSH || i->op == INSN_POP) /* only if RSP was not the way to the target */
        if (w->regs.rsp + w->segment_base[INSN_SS] - DATA - 64 > WORLD_WRITABLE - 128)
            return false;
    return !unwanted(i, w);
}

/* Run @bytes on Unicorn with @w's registers; results into @reg, EFLAGS last. */
static bool run_unicorn(uc_engine *uc, const struct world *w, const uint8_t *bytes,
                        const struct insn *i, uint32_t ip, uint32_t reg[9])
{
    struct cpu_user_regs copy = w->regs;
    uint32_t start = i->bits == 16 ? ip : CODE + ip, end = 0;
    void *at[9];
    uc_err error;

    for (unsigned int n = 0; n < 9; n++)
        at[n] = &reg[n];
    for (unsigned int n = 0; n < 8; n++)
        reg[n] = (uint32_t)*world_reg(&copy, n);
    reg[8] = (uint32_t)w->regs.rflags;
    UC(uc_mem_write(uc, CODE + ip, bytes, i->length));
    UC(uc_reg_write_batch(uc, register_ids, at, 9));
    error = uc_emu_start(uc, CODE + ip, CODE + ip + i->length, 0, 0);
    UC(uc_reg_read_batch(uc, register_ids, at, 9));
    UC(uc_reg_read(uc, UC_X86_REG_EIP, &end));
    return error == UC_ERR_OK && end == start + i->length;
}

static const char *difference(struct world *w, uc_engine *uc, const struct insn *i, bool done,
                              const uint32_t *theirs, const struct cpu_user_regs *before)
{
    static uint8_t memory[WORLD_BYTES];

    UC(uc_mem_read(uc, DATA, memory, sizeof(memory)));
    if (!done)
        return i->op == INSN_DIV || i->op == INSN_IDIV ? NULL : "only Unicorn faults";
    for (unsigned int n = 0; n < 8; n++)
        if ((uint32_t)*world_reg(&w->regs, n) != theirs[n])
            return "a register";
    if ((w->regs.rflags ^ theirs[8]) & world_flags(i, before))
        return "flags";
    if (memcmp(&our_ports, &their_ports, sizeof(our_ports)))
        return "ports";
    return memcmp(memory, w->memory, sizeof(memory)) ? "memory" : NULL;
}

static void compare(unsigned int bits, unsigned int rounds)
{
    static struct world w;
    static struct insn_ops ops;
    uc_engine *uc = start(&w, &ops, bits);
    unsigned int seen[INSN_NOP + 1] = {0};
    uint32_t ip = 0;

    for (unsigned int round = 0; round < rounds; round++) {
        struct cpu_user_regs before;
        uint8_t bytes[INSN_MAX_BYTES];
        uint32_t theirs[9];
        const char *what;
        struct insn i;
        bool done;

        if (!prepare(&w, bytes, bits, &i))
            continue;
        for (unsigned int n = 0; n < 64; n++)
            w.memory[check_random_below(WORLD_BYTES)] = (uint8_t)check_random();
        UC(uc_mem_write(uc, DATA, w.memory, sizeof(w.memory)));
        ip = (ip + 16) % CODE_BYTES; /* always new code: theirs is translated once */
        if (!ip)
            UC(uc_ctl_remove_cache(uc, CODE, CODE + CODE_BYTES));
        w.regs.rip = ip;
        before = w.regs;
        done = run_unicorn(uc, &w, bytes, &i, ip, theirs);
        if ((world_run(&w, &ops, &i) == INSN_OK) != done)
            what = "whether it faults";
        else
            what = difference(&w, uc, &i, done, theirs, &before);
        if (what) {
            for (unsigned int n = 0; n < i.length; n++)
                fprintf(stderr, "%02x ", bytes[n]);
            fprintf(stderr, "\n");
            CHECK_FAIL("%u bits: %s", bits, what);
        }
        seen[i.op]++;
    }
    for (unsigned int op = INSN_ADD; op <= INSN_NOP; op++)
        CHECK(seen[op] > 10 || op == INSN_CMPXCHG_PAIR || op == INSN_MOV_FROM_SEG ||
              unwanted(&(struct insn){.op = (uint8_t)op}, &w));
    uc_close(uc);
}

TEST(real_mode)
{
    compare(16, 30000);
}

TEST(protected_mode)
{
    compare(32, 30000);
}
