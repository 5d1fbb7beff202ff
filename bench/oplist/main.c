/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * oplist [-t MICROSECONDS] [-n SAMPLES] [NAME...]: a line for each operation, `OP NAME
 * NANOSECONDS...`, one number for each sample: what it takes once, from as many repetitions as take
 * that long (20,000 us). What the system has not has no line. Where an emulator counts instructions
 * a nanosecond is what it takes one for.
 *
 * oplist [-n SAMPLES] -x NAME COMMAND...: the same for a command, run once for each sample.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oplist.h"

#define MOST_ROUNDS (1ul << 24)

bool run_on(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set) == 0;
}

char *touched(unsigned long bytes)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    madvise(at, bytes, MADV_NOHUGEPAGE);
    memset(at, 1, bytes);
    return at;
}

uint64_t partner_run(unsigned long rounds, int cpu, void (*turn)(bool first))
{
    uint64_t begun;
    pid_t child = fork();

    if (child == 0) {
        run_on(cpu);
        for (unsigned long i = 0; i <= rounds; i++)
            turn(false);
        _exit(0);
    }
    if (child < 0)
        return NO_SUCH_THING;
    turn(true); /* it is there */
    begun = now();
    for (unsigned long i = 0; i < rounds; i++)
        turn(true);
    begun = now() - begun;
    waitpid(child, NULL, 0);
    return begun;
}

static void measure(const struct item *item, uint64_t enough, int samples)
{
    unsigned long rounds = 1;
    uint64_t took = item->run(1); /* warms up */

    while (took != NO_SUCH_THING && rounds < MOST_ROUNDS) {
        took = item->run(rounds);
        if (took >= enough)
            break;
        rounds *= 2;
    }
    if (took == NO_SUCH_THING)
        return;
    printf("OP %s", item->name);
    for (int i = 0; i < samples; i++)
        printf(" %.1f", (double)item->run(rounds) / (double)rounds);
    puts("");
    fflush(stdout);
}

static uint64_t command_run(char **argv)
{
    uint64_t begun = now();
    int status;
    pid_t child = fork();

    if (child == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status)
        return NO_SUCH_THING;
    return now() - begun;
}

/* Its exit status. */
static int command_measure(const char *name, char **argv, int samples)
{
    uint64_t took[100];

    if (!argv[0] || command_run(argv) == NO_SUCH_THING) /* the files are in memory now */
        return 1;
    for (int i = 0; i < samples && i < 100; i++)
        if ((took[i] = command_run(argv)) == NO_SUCH_THING)
            return 1;
    printf("OP %s", name);
    for (int i = 0; i < samples && i < 100; i++)
        printf(" %lu", took[i]);
    puts("");
    return 0;
}

static bool wanted(const char *name, char **names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

int main(int argc, char **argv)
{
    static const struct item *const lists[] = {process_items, pair_items, memory_items,
                                               device_items, xen_items};
    uint64_t enough = 20000000;
    const char *command = NULL;
    int samples = 5, option;

    while ((option = getopt(argc, argv, "+t:n:x:")) != -1) {
        if (option == 't')
            enough = strtoull(optarg, NULL, 10) * 1000;
        else if (option == 'n')
            samples = atoi(optarg);
        else if (option == 'x')
            command = optarg;
        else
            return 2;
    }
    run_on(0);
    if (command)
        return command_measure(command, argv + optind, samples);
    for (unsigned int l = 0; l < sizeof(lists) / sizeof(*lists); l++)
        for (const struct item *item = lists[l]; item->name; item++)
            if (wanted(item->name, argv + optind, argc - optind))
                measure(item, enough, samples);
    return 0;
}
