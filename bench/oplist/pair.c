/* SPDX-License-Identifier: BSD-2-Clause */
/* Two that take turns: processes and threads on one CPU, and on two where there are two. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oplist.h"

static int there[2], back[2];

static void pipe_turn(bool first)
{
    char byte = 0;

    if (first && write(there[1], &byte, 1) != 1)
        _exit(1);
    if (read(first ? back[0] : there[0], &byte, 1) != 1)
        _exit(1);
    if (!first && write(back[1], &byte, 1) != 1)
        _exit(1);
}

static uint64_t pipes_on(unsigned long rounds, int cpu)
{
    uint64_t took;

    if (sysconf(_SC_NPROCESSORS_ONLN) <= cpu || pipe(there) || pipe(back))
        return NO_SUCH_THING;
    took = partner_run(rounds, cpu, pipe_turn);
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
    return took;
}

static uint64_t pipes(unsigned long rounds)
{
    return pipes_on(rounds, 0);
}

static uint64_t pipes_other(unsigned long rounds)
{
    return pipes_on(rounds, 1);
}

/* Whose turn it is: a word that both sleep on. */
static int *turns;

static void futex_turn(bool first)
{
    int mine = first ? 0 : 1;

    if (first) { /* hand over, then wait until it comes back */
        __atomic_store_n(turns, 1, __ATOMIC_SEQ_CST);
        syscall(SYS_futex, turns, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    while (__atomic_load_n(turns, __ATOMIC_SEQ_CST) != mine)
        syscall(SYS_futex, turns, FUTEX_WAIT, 1 - mine, NULL, NULL, 0);
    if (!first) {
        __atomic_store_n(turns, 0, __ATOMIC_SEQ_CST);
        syscall(SYS_futex, turns, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

static bool turns_ready(void)
{
    if (!turns)
        turns = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return turns != MAP_FAILED;
}

/* From one process to the other: half a round. */
static uint64_t switches(unsigned long rounds)
{
    return turns_ready() ? partner_run(rounds, 0, futex_turn) / 2 : NO_SUCH_THING;
}

static void *thread_turns(void *rounds)
{
    for (unsigned long i = 0; i < (unsigned long)rounds; i++)
        futex_turn(false);
    return NULL;
}

/* From one thread to another of the same process. */
static uint64_t threads(unsigned long rounds)
{
    pthread_t other;
    uint64_t begun;

    if (!turns_ready() || pthread_create(&other, NULL, thread_turns, (void *)rounds))
        return NO_SUCH_THING;
    begun = now();
    for (unsigned long i = 0; i < rounds; i++)
        futex_turn(true);
    begun = now() - begun;
    pthread_join(other, NULL);
    return begun / 2;
}

/* An interrupt to another CPU, which runs a thread of this process, and its answer. */
static volatile bool busy;

static void *spin(void *nothing)
{
    run_on(1);
    while (busy)
        __asm__ volatile("pause");
    return nothing;
}

ITEM(barriers, syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))

static uint64_t interrupts(unsigned long rounds)
{
    pthread_t other;
    uint64_t took;

    if (sysconf(_SC_NPROCESSORS_ONLN) < 2 ||
        syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
        return NO_SUCH_THING;
    busy = true;
    if (pthread_create(&other, NULL, spin, NULL))
        return NO_SUCH_THING;
    usleep(20000); /* until it runs there */
    took = barriers(rounds);
    busy = false;
    pthread_join(other, NULL);
    return took;
}

const struct item pair_items[] = {
    {"pipe", pipes},     {"switch", switches},
    {"thread", threads}, {"pipe_other", pipes_other},
    {"ipi", interrupts}, {0},
};
