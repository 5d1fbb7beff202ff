/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program asks its kernel for: calls, exceptions, memory, processes, time. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "oplist.h"

#define PAGE   4096ul
#define REGION (1024 * PAGE)
#define SMALL  (16 * PAGE)

ITEM(syscalls, syscall(SYS_getppid))

static void skip_ud2(int number, siginfo_t *info, void *context)
{
    ucontext_t *c = context;

    (void)number;
    (void)info;
    c->uc_mcontext.gregs[REG_RIP] += 2;
}

ITEM(ud2s, __asm__ volatile("ud2" ::: "memory"))

static uint64_t exceptions(unsigned long rounds)
{
    struct sigaction act = {.sa_sigaction = skip_ud2, .sa_flags = SA_SIGINFO};

    sigaction(SIGILL, &act, NULL);
    return ud2s(rounds);
}

/* Pages of nothing, touched for the first time. */
static uint64_t faults(unsigned long rounds)
{
    volatile char *at = touched(REGION);
    uint64_t took = 0;

    if (!at)
        return NO_SUCH_THING;
    for (unsigned long left = rounds; left;) {
        unsigned long part = left < REGION / PAGE ? left : REGION / PAGE;
        uint64_t begun;

        madvise((void *)at, REGION, MADV_DONTNEED);
        begun = now();
        for (unsigned long i = 0; i < part; i++)
            at[i * PAGE] = 1;
        took += now() - begun;
        left -= part;
    }
    munmap((void *)at, REGION);
    return took;
}

ITEM(mmaps, {
    char *at = mmap(NULL, SMALL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
                    -1, 0);

    munmap(at, SMALL);
})

static char *region;

ITEM(protections, mprotect(region, REGION, i & 1 ? PROT_READ | PROT_WRITE : PROT_READ))

static uint64_t protects(unsigned long rounds)
{
    uint64_t took;

    region = touched(REGION);
    if (!region)
        return NO_SUCH_THING;
    took = protections(rounds);
    munmap(region, REGION);
    return took;
}

ITEM(forks, {
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
})

ITEM(execs, {
    pid_t child = fork();

    if (child == 0) {
        execl("/proc/self/exe", "oplist", "-n", "0", "nothing", NULL);
        _exit(1);
    }
    waitpid(child, NULL, 0);
})

/* How late a sleeper of a millisecond is woken. */
static uint64_t wakeups(unsigned long rounds)
{
    uint64_t late = 0;

    prctl(PR_SET_TIMERSLACK, 1ul);
    for (unsigned long i = 0; i < rounds; i++) {
        uint64_t at = now() + 1000000;
        struct timespec t = {.tv_sec = (time_t)(at / 1000000000),
                             .tv_nsec = (long)(at % 1000000000)};

        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        late += now() - at;
    }
    return late;
}

const struct item process_items[] = {
    {"syscall", syscalls}, {"exception", exceptions}, {"fault", faults},
    {"mmap", mmaps},       {"protect", protects},     {"fork", forks},
    {"exec", execs},       {"timer", wakeups},        {0},
};
