/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random instructions, executed by us and by this machine's own processor: registers, memory, flags
 * and faults. The processor runs them in user mode on pages of ours; a signal tells of its fault.
 */
/* sources: hypervisor/insn/opcodes.c hypervisor/insn/decode.c hypervisor/insn/execute.c */
/* sources: hypervisor/insn/alu.c hypervisor/insn/memory.c hypervisor/insn/string.c */
/* sources: hypervisor/insn/system.c hypervisor/insn/vector.c */
/* cflags: -D_GNU_SOURCE */
#include "tests/unit/check.h"

#include <asm/prctl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/unit/insn_world.h"

#define DATA 0x10000000ULL
#define CODE 0x10010000ULL
#define GS_BASE 0x123450ULL

/* What run_native() loads and stores. */
struct native {
    uint64_t reg[16], flags; /* rax rcx rdx rbx rsp rbp rsi rdi r8-r15 */
    uint8_t vectors[16][32];
};

struct native native;
void run_native(void);
void run_native_end(void);
uint64_t native_rsp, native_rax;
unsigned char native_avx;

#define VECTORS(m) \
    m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11) m(12) m(13) m(14) m(15)
#define LOAD_YMM(n) "vmovdqu 136+32*" #n "(%rax), %ymm" #n "\n"
#define LOAD_XMM(n) "movdqu 136+32*" #n "(%rax), %xmm" #n "\n"
#define STORE_YMM(n) "vmovdqu %ymm" #n ", 136+32*" #n "(%rax)\n"
#define STORE_XMM(n) "movdqu %xmm" #n ", 136+32*" #n "(%rax)\n"

/* Everything from `native`, jump to CODE; code jumps to run_native_end; everything back. */
__asm__(".text\n.globl run_native, run_native_end\n"
        "run_native:\n"
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "mov %rsp, native_rsp(%rip)\n"
        "lea native(%rip), %rax\n"
        "cmpb $0, native_avx(%rip)\n je 1f\n" VECTORS(LOAD_YMM) "jmp 2f\n1:" VECTORS(LOAD_XMM)
        "2: push 128(%rax)\n popfq\n"
        "mov 8(%rax), %rcx\n mov 16(%rax), %rdx\n mov 24(%rax), %rbx\n mov 32(%rax), %rsp\n"
        "mov 40(%rax), %rbp\n mov 48(%rax), %rsi\n mov 56(%rax), %rdi\n mov 64(%rax), %r8\n"
        "mov 72(%rax), %r9\n mov 80(%rax), %r10\n mov 88(%rax), %r11\n mov 96(%rax), %r12\n"
        "mov 104(%rax), %r13\n mov 112(%rax), %r14\n mov 120(%rax), %r15\n mov (%rax), %rax\n"
        "jmp *native_code(%rip)\n"
        "run_native_end:\n"
        "mov %rax, native_rax(%rip)\n"
        "lea native(%rip), %rax\n"
        "mov %rsp, 32(%rax)\n mov native_rsp(%rip), %rsp\n pushfq\n popq 128(%rax)\n cld\n"
        "mov %rcx, 8(%rax)\n mov %rdx, 16(%rax)\n mov %rbx, 24(%rax)\n"
        "mov %rbp, 40(%rax)\n mov %rsi, 48(%rax)\n mov %rdi, 56(%rax)\n mov %r8, 64(%rax)\n"
        "mov %r9, 72(%rax)\n mov %r10, 80(%rax)\n mov %r11, 88(%rax)\n mov %r12, 96(%rax)\n"
        "mov %r13, 104(%rax)\n mov %r14, 112(%rax)\n mov %r15, 120(%rax)\n"
        "mov native_rax(%rip), %rcx\n mov %rcx, (%rax)\n"
        "cmpb $0, native_avx(%rip)\n je 1f\n" VECTORS(STORE_YMM) "vzeroupper\n jmp 2f\n"
        "1:" VECTORS(STORE_XMM)
        "2: pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n"
        ".data\n.globl native_code\nnative_code: .quad 0x10010000\n.text\n");

static struct {
    unsigned int vector, error;
    uint64_t cr2, rip, rsp;
} native_fault;

static void on_signal(int number, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)number;
    (void)info;
    native_fault.vector = (unsigned int)r[REG_TRAPNO];
    native_fault.error = (unsigned int)r[REG_ERR];
    native_fault.cr2 = (uint64_t)r[REG_CR2];
    native_fault.rip = (uint64_t)r[REG_RIP];
    native_fault.rsp = (uint64_t)r[REG_RSP];
    r[REG_RIP] = (greg_t)(uintptr_t)run_native_end;
    r[REG_RSP] = (greg_t)native_rsp; /* (not every processor returns to one that is no address) */
}

static void *map(uint64_t at, size_t bytes, int protection)
{
    void *p = mmap((void *)at, bytes, protection,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    CHECK_EQ((uintptr_t)p, at);
    return p;
}

static void start(struct world *w)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    static uint8_t stack[65536];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    uint8_t *data = map(DATA, WORLD_BYTES, PROT_READ | PROT_WRITE);
    uint16_t *s = w->selector;

    map(DATA + WORLD_BYTES, WORLD_PAGE, PROT_NONE);
    map(CODE, WORLD_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    sigaltstack(&alternative, NULL);
    for (unsigned int n = 0; n < ARRAY_SIZE(signals); n++)
        sigaction(signals[n], &action, NULL);
    __asm__(
        "mov %%es, %0\n mov %%cs, %1\n mov %%ss, %2\n mov %%ds, %3\n mov %%fs, %4\n mov %%gs, %5"
        : "=m"(s[0]), "=m"(s[1]), "=m"(s[2]), "=m"(s[3]), "=m"(s[4]), "=m"(s[5]));
    syscall(SYS_arch_prctl, ARCH_GET_FS, &w->segment_base[INSN_FS]);
    syscall(SYS_arch_prctl, ARCH_SET_GS, GS_BASE);
    w->segment_base[INSN_GS] = GS_BASE;
    w->linear = DATA;
    w->cpu.mode = INSN_PROTECTED;
    w->cpu.cpl = 3;
    __builtin_cpu_init();
    native_avx = __builtin_cpu_supports("avx") != 0;
    for (unsigned int n = 0; n < WORLD_BYTES; n++)
        w->memory[n] = data[n] = (uint8_t)check_random();
    mprotect(data + WORLD_WRITABLE, WORLD_PAGE, PROT_READ);
}

/* Not to be executed here (it would change this program's segments), or left undefined. */
static bool unwanted(const struct insn *i, const struct world *w)
{
    unsigned int count = (i->by_cl ? w->regs.rcx : i->imm) & 31;

    return i->op == INSN_MOV_TO_SEG || (i->op >= INSN_SGDT && i->op <= INSN_SIDT) ||
           i->op == INSN_SMSW || (i->op == INSN_BSWAP && i->width == 2) ||
           (i->op == INSN_MOVSX && i->from_width == i->width) ||
           ((i->op == INSN_SHLD || i->op == INSN_SHRD) && i->width == 2 && count > 16) ||
           ((i->op == INSN_INS || i->op == INSN_OUTS) && i->repeat && w->regs.rcx == 0) ||
           (i->vex && !native_avx);
}

/* Where the memory operand shall be. */
static uint64_t random_target(const struct insn *i)
{
    switch (check_random_below(16)) {
    case 0:
        return DATA + WORLD_PAGE - check_random_below(33);
    case 1:
        return DATA + WORLD_WRITABLE - check_random_below(33);
    case 2:
        return DATA + WORLD_BYTES - check_random_below(33);
    case 3:
        return DATA + WORLD_WRITABLE + check_random_below(WORLD_PAGE + 100);
    case 4:
        if (i->address_bytes == 8)
            return 0x800000000000 - check_random_below(64) + check_random_below(64);
        return DATA;
    case 5:
        return DATA + 64 + 32 * check_random_below(100);
    default:
        return DATA + 64 + check_random_below(WORLD_WRITABLE - 128);
    }
}

static bool prepare(struct world *w, uint8_t *bytes, struct insn *i)
{
    uint64_t target;

    world_random_insn(bytes, 64, i);
    for (unsigned int n = 0; n < 16; n++)
        *world_reg(&w->regs, n) = world_value();
    w->regs.rsp = DATA + 512 + check_random_below(1024);
    w->regs.rip = CODE;
    w->regs.rflags = 0x202 | (check_random() & 0x8d5);
    if (i->op >= INSN_MOVS && i->op <= INSN_OUTS) {
        w->regs.rflags |= check_random() & X86_DF;
        w->regs.rcx = check_random_below(400);
        w->regs.rsi = random_target(i);
        w->regs.rdi = random_target(i);
        if (check_random_below(3) == 0)
            w->regs.rsi = w->regs.rdi + check_random_below(64) - 32;
    }
    if ((i->op >= INSN_BT && i->op <= INSN_BTC) && i->from == INSN_REG && check_random() & 1)
        *world_reg(&w->regs, i->reg) = check_random_below(4096) - 2048;
    if (i->op == INSN_DIV || i->op == INSN_IDIV)
        w->regs.rdx = check_random_below(4) - 2;
    w->batches = check_random() & 1;
    target = random_target(i);
    if (i->aligned && check_random_below(4))
        target &= ~31ULL;
    if (i->memory && !world_aim(w, bytes, i, target))
        return false;
    if (i->op == INSN_NOP && (target < DATA || target > DATA + WORLD_BYTES - 64))
        return false; /* flushes check addresses, prefetches do not: we never */
    if (i->lock || i->op == INSN_XCHG) /* the kernel may object to locks over two lines */
        return (target & 63) + i->width <= 64;
    return !unwanted(i, w);
}

static void run_on_processor(const struct world *w, const uint8_t *bytes, const struct insn *i)
{
    static const uint8_t jump[6] = {0xff, 0x25}; /* JMP to the address behind it */
    uint8_t *code = (uint8_t *)CODE;
    void *end = run_native_end;
    struct cpu_user_regs copy = w->regs;

    memcpy(code, bytes, i->length);
    memcpy(code + i->length, jump, sizeof(jump));
    memcpy(code + i->length + sizeof(jump), &end, sizeof(end));
    for (unsigned int n = 0; n < 16; n++)
        native.reg[n] = *world_reg(&copy, n);
    native.flags = w->regs.rflags;
    memcpy(native.vectors, w->vectors, sizeof(native.vectors));
    memset(&native_fault, 0, sizeof(native_fault));
    native_fault.vector = 256;
    run_native();
    if (native_fault.vector != 256)
        native.reg[4] = native_fault.rsp;
}

/* What differs between the faults, or NULL. */
static const char *fault_difference(const struct world *w, const struct insn *i)
{
    const struct insn_fault *f = &w->cpu.fault;

    if (native_fault.rip != CODE)
        return "where it faults";
    if (i->op == INSN_CMPS || i->aligned)
        return NULL; /* which of two faults comes first is the processor's choice */
    if (f->vector != native_fault.vector)
        return "vector";
    if (f->vector == VEC_PF && f->cr2 != native_fault.cr2)
        return "CR2";
    /* Linux says "present" of everything that is not user space */
    if (f->error != native_fault.error && !(f->vector == VEC_PF && f->cr2 >= 0x7ffffffff000))
        return "error code";
    return NULL;
}

/* What differs after both have run, or NULL. @before: registers. */
static const char *difference(struct world *w, const struct insn *i, enum insn_result result,
                              const struct cpu_user_regs *before)
{
    unsigned int low = native_avx ? 32 : 16;

    if (result != (native_fault.vector == 256 ? INSN_OK : INSN_FAULT))
        return "whether it faults";
    if (result == INSN_FAULT && fault_difference(w, i))
        return fault_difference(w, i);
    if (w->regs.rip != CODE + (result == INSN_OK ? i->length : 0))
        return "RIP";
    for (unsigned int n = 0; n < 16; n++)
        if (*world_reg(&w->regs, n) != native.reg[n])
            return "a register";
    if ((w->regs.rflags ^ native.flags) & (result == INSN_OK ? world_flags(i, before) : 0x8d5))
        return "flags";
    for (unsigned int n = 0; n < 16; n++)
        if (memcmp(w->vectors[n], native.vectors[n], low))
            return "a vector register";
    if (memcmp(w->memory, (void *)DATA, WORLD_BYTES))
        return "memory";
    return NULL;
}

static void randomize(struct world *w)
{
    uint8_t *data = (uint8_t *)DATA;

    for (unsigned int n = 0; n < 8; n++) {
        uint64_t value = check_random() & 1 ? world_value() : w->regs.rax;
        unsigned int at = check_random_below(WORLD_WRITABLE - 8);

        memcpy(w->memory + at, &value, 8);
        memcpy(data + at, &value, 8);
    }
    for (unsigned int n = 0; n < 32; n++)
        w->vectors[check_random_below(16)][n] = (uint8_t)check_random();
}

TEST(same_as_the_processor)
{
    static struct world w;
    static unsigned int seen[INSN_NOP + 1], faults[32];

    start(&w);
    for (unsigned int round = 0; round < 300000; round++) {
        struct cpu_user_regs before;
        uint8_t bytes[INSN_MAX_BYTES];
        enum insn_result result;
        const char *what;
        struct insn i;

        if (!prepare(&w, bytes, &i))
            continue;
        randomize(&w);
        before = w.regs;
        run_on_processor(&w, bytes, &i);
        if (native_fault.vector == VEC_UD)
            continue; /* a processor without MOVBE, CMPXCHG16B */
        result = world_run(&w, &world_ops, &i);
        what = difference(&w, &i, result, &before);
        if (what) {
            for (unsigned int n = 0; n < i.length; n++)
                fprintf(stderr, "%02x ", bytes[n]);
            fprintf(stderr, "result %u fault %u error %x cr2 %llx, processor %u %x %llx\n", result,
                    w.cpu.fault.vector, w.cpu.fault.error, (unsigned long long)w.cpu.fault.cr2,
                    native_fault.vector, native_fault.error, (unsigned long long)native_fault.cr2);
            CHECK_FAIL("%s", what);
        }
        seen[i.op]++;
        if (result == INSN_FAULT)
            faults[w.cpu.fault.vector & 31]++;
    }
    CHECK(faults[VEC_DE] && faults[VEC_GP] && faults[VEC_PF] && faults[VEC_SS]);
    for (unsigned int op = INSN_ADD; op <= INSN_NOP; op++)
        CHECK(seen[op] > 100 || unwanted(&(struct insn){.op = (uint8_t)op}, &w));
    CHECK(w.retries > 1000);
}
