/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who called whom. What is always true here: a walk reads 16 bytes at a time, all of them inside
 * the stack it was given; it stops after a fixed number of steps whatever the stack holds. It may
 * run while everything else is broken, so it takes no lock and trusts no pointer it reads.
 */
#include "debug/backtrace.h"

#include "console/log.h"
#include "cpu/percpu.h"
#include "debug/symbols.h"
#include "lib/format.h"

#define STEPS_MAX 32
#define LINE_BYTES 128
#define STACK_WORDS 48

/* The stacks of a CPU's block begin behind its data page and the page that is never mapped. */
#define STACKS_OFFSET 0x2000

void backtrace_start(struct backtrace *walk, uint64_t frame, uint64_t low, uint64_t high)
{
    *walk = (struct backtrace){.frame = frame, .low = low, .high = high, .steps = STEPS_MAX};
}

bool backtrace_next(struct backtrace *walk, uint64_t *address)
{
    const uint64_t *frame = (const uint64_t *)(uintptr_t)walk->frame;

    if (walk->steps == 0 || walk->frame % sizeof(uint64_t) || walk->frame < walk->low ||
        walk->high < walk->low + 16 || walk->frame > walk->high - 16)
        return false;
    walk->steps--;
    /* frame[0] is the caller's RBP, frame[1] the return address (System V ABI, 3.2.2). */
    walk->frame = frame[0];
    *address = frame[1];
    return *address != 0;
}

void backtrace_format(char *to, size_t size, uint64_t address, bool returns)
{
    uint64_t offset;
    /* A call that never comes back may be the last instruction of its function. */
    const char *name = symbols_lookup(address - returns, &offset);

    if (name)
        snprintf(to, size, "%016lx %s+0x%lx", address, name, offset + returns);
    else
        snprintf(to, size, "%016lx", address);
}

/* The stacks of the CPU this runs on: whatever a register said, nothing else is read. */
static void own_stacks(uint64_t *low, uint64_t *high)
{
    uint64_t here = (uintptr_t)__builtin_frame_address(0);
    uint64_t block = ROUND_DOWN(here, PERCPU_BLOCK_BYTES);

    *low = block + STACKS_OFFSET;
    *high = block + PERCPU_BLOCK_BYTES;
}

static void print_address(uint64_t address, bool returns)
{
    char line[LINE_BYTES];

    backtrace_format(line, sizeof(line), address, returns);
    log_error("   %s", line);
}

void backtrace_print(uint64_t rip, uint64_t frame)
{
    struct backtrace walk;
    uint64_t low, high;

    own_stacks(&low, &high);
    backtrace_start(&walk, frame, low, high);
    log_error("Call trace:");
    if (rip)
        print_address(rip, false);
    while (backtrace_next(&walk, &rip))
        print_address(rip, true);
}

void backtrace_stack(uint64_t rsp)
{
    const uint64_t *word = (const uint64_t *)(uintptr_t)rsp;
    uint64_t low, high, count;

    own_stacks(&low, &high);
    if (rsp % sizeof(uint64_t) || rsp < low || rsp >= high)
        return;
    count = min((high - rsp) / sizeof(uint64_t), (uint64_t)STACK_WORDS);
    log_error("Stack from %016lx:", rsp);
    for (uint64_t i = 0; i + 4 <= count; i += 4)
        log_error("   %016lx %016lx %016lx %016lx", word[i], word[i + 1], word[i + 2],
                  word[i + 3]);
}
