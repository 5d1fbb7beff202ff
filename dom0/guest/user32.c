/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit Linux program without libraries: every way such a program meets its kernel, and
 * through it the hypervisor. int 0x80, the fast system call that the kernel chose (SYSENTER or
 * SYSCALL, through AT_SYSINFO), a signal with its return, thread storage in the GDT and in the
 * LDT, floating point kept over system calls. Says "USER32 ok", or what was wrong.
 *
 * Numbers are those of Linux' i386 ABI (asm/unistd_32.h, asm/ldt.h, linux/auxvec.h).
 */

enum {
    NR_EXIT = 1,
    NR_WRITE = 4,
    NR_GETPID = 20,
    NR_KILL = 37,
    NR_SIGNAL = 48,
    NR_MODIFY_LDT = 123,
    NR_SCHED_YIELD = 158,
    NR_SET_THREAD_AREA = 243,
};

#define AT_SYSINFO 32
#define SIGUSR1    10
#define LDT_ENTRY  3
#define ROUNDS     2000

struct user_desc {
    unsigned entry, base, limit;
    unsigned seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1;
    unsigned seg_not_present : 1, useable : 1;
};

static unsigned sysinfo;
static volatile int signals;
static unsigned gdt_word = 0x67647421, ldt_word = 0x6c647421;

static long int80(long nr, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "0"(nr), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static long fast(long nr, long a, long b, long c)
{
    long result;

    __asm__ volatile("call *%5"
                     : "=a"(result)
                     : "0"(nr), "b"(a), "c"(b), "d"(c), "m"(sysinfo)
                     : "memory");
    return result;
}

static void say(const char *text)
{
    long bytes = 0;

    while (text[bytes])
        bytes++;
    int80(NR_WRITE, 1, (long)text, bytes);
}

static void need(int good, const char *what)
{
    if (good)
        return;
    say("USER32 wrong: ");
    say(what);
    say("\n");
    int80(NR_EXIT, 1, 0, 0);
}

static void on_signal(int number)
{
    signals += number;
}

static unsigned word_through(unsigned selector)
{
    unsigned word;

    __asm__ volatile("mov %1, %%gs; mov %%gs:0, %0; mov %2, %%gs"
                     : "=r"(word)
                     : "r"(selector), "r"(0)
                     : "memory");
    return word;
}

static void segments(void)
{
    struct user_desc gdt = {.entry = -1U, .base = (unsigned)&gdt_word, .limit = 0xfffff,
                            .seg_32bit = 1, .limit_in_pages = 1, .useable = 1};
    struct user_desc ldt = gdt;

    need(int80(NR_SET_THREAD_AREA, (long)&gdt, 0, 0) == 0, "set_thread_area");
    need(word_through(gdt.entry * 8 + 3) == gdt_word, "a word through the GDT");
    ldt.entry = LDT_ENTRY;
    ldt.base = (unsigned)&ldt_word;
    need(int80(NR_MODIFY_LDT, 0x11, (long)&ldt, sizeof(ldt)) == 0, "modify_ldt");
    need(word_through(LDT_ENTRY * 8 + 7) == ldt_word, "a word through the LDT");
}

/* Values in x87 and SSE registers must outlive other tasks' turns. */
static void floats(void)
{
    static const float four[4] = {1.5F, 2.5F, 3.5F, 4.5F};
    float got[4];
    double sum;

    __asm__ volatile("movups %0, %%xmm5; fld1; fldpi" : : "m"(four));
    for (int i = 0; i < 50; i++)
        int80(NR_SCHED_YIELD, 0, 0, 0);
    __asm__ volatile("movups %%xmm5, %0; faddp; fstpl %1" : "=m"(got), "=m"(sum));
    for (int i = 0; i < 4; i++)
        need(got[i] == four[i], "an SSE register");
    need(sum > 4.14159 && sum < 4.14160, "the x87 stack");
}

__attribute__((used, noreturn)) void start(const unsigned *stack)
{
    const unsigned *at = stack + 1 + stack[0] + 1; /* argc, argv, NULL */
    long pid = int80(NR_GETPID, 0, 0, 0);

    while (*at++)
        ; /* the environment */
    for (; at[0]; at += 2)
        if (at[0] == AT_SYSINFO)
            sysinfo = at[1];
    need(pid > 0, "getpid by int 0x80");
    need(sysinfo != 0, "no AT_SYSINFO");
    for (int i = 0; i < ROUNDS; i++)
        need(fast(NR_GETPID, 0, 0, 0) == pid, "getpid by the fast system call");
    need(int80(NR_SIGNAL, SIGUSR1, (long)on_signal, 0) == 0, "signal");
    need(fast(NR_KILL, pid, SIGUSR1, 0) == 0, "kill");
    need(signals == SIGUSR1, "the signal did not come");
    segments();
    floats();
    say("USER32 ok\n");
    int80(NR_EXIT, 0, 0, 0);
    __builtin_unreachable();
}

__asm__(".globl _start\n"
        "_start: mov %esp, %eax\n"
        "        and $-16, %esp\n"
        "        push %eax\n"
        "        call start\n");
