/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over made-up stacks, good and broken, and the names of addresses. */
/* sources: hypervisor/debug/backtrace.c hypervisor/debug/symbols.c hypervisor/lib/elf.c */
#include "tests/unit/check.h"

#include <stdarg.h>

#include "console/log.h"
#include "debug/backtrace.h"
#include "debug/symbols.h"
#include "tests/unit/elf_image.h"

static uint64_t stack[16];
static char logged[4096];

void log_line(enum log_level level, const char *format, ...)
{
    size_t used = strlen(logged);
    va_list args;

    CHECK_EQ(level, LOG_ERR);
    va_start(args, format);
    vsnprintf(logged + used, sizeof(logged) - used, format, args);
    va_end(args);
}

static uint64_t at(int slot)
{
    return (uintptr_t)&stack[slot];
}

static int walk_length(uint64_t frame)
{
    struct backtrace walk;
    uint64_t address;
    int steps = 0;

    backtrace_start(&walk, frame, at(0), at(16));
    while (backtrace_next(&walk, &address)) {
        CHECK_EQ(address, 0x1000 + (uint64_t)steps);
        steps++;
    }
    return steps;
}

/* Three frames: at slots 2, 6 and 14; the last one's caller is nobody. */
static void three_frames(void)
{
    memset(stack, 0, sizeof(stack));
    stack[2] = at(6);
    stack[3] = 0x1000;
    stack[6] = at(14);
    stack[7] = 0x1001;
    stack[14] = 0;
    stack[15] = 0x1002;
}

TEST(good_chain)
{
    three_frames();
    CHECK_EQ(walk_length(at(2)), 3);
    stack[7] = 0;
    CHECK_EQ(walk_length(at(2)), 1);
}

TEST(broken_chains)
{
    three_frames();
    CHECK_EQ(walk_length(at(2) + 4), 0);
    CHECK_EQ(walk_length(at(15)), 0); /* its return address would lie outside */
    CHECK_EQ(walk_length(at(0) - 8), 0);
    CHECK_EQ(walk_length(0), 0);
    CHECK_EQ(walk_length(UINT64_MAX - 7), 0);
    stack[2] = 0xdead000000000008;
    CHECK_EQ(walk_length(at(2)), 1);
}

TEST(loop_ends)
{
    struct backtrace walk;
    uint64_t address;
    int steps = 0;

    three_frames();
    stack[6] = at(2);
    backtrace_start(&walk, at(2), at(0), at(16));
    while (backtrace_next(&walk, &address))
        steps++;
    CHECK(steps > 2 && steps <= 64);
}

TEST(tiny_stack)
{
    struct backtrace walk;
    uint64_t address;

    three_frames();
    backtrace_start(&walk, at(2), at(2), at(2) + 8);
    CHECK(!backtrace_next(&walk, &address));
    backtrace_start(&walk, at(2), at(2), at(4));
    CHECK(backtrace_next(&walk, &address) && address == 0x1000);
}

TEST(names)
{
    char line[64];
    uint64_t offset;

    image_build();
    symbols_init(&image, sizeof(image));
    CHECK_STR(symbols_lookup(0x1008, &offset), "start");
    CHECK_EQ(offset, 8);
    backtrace_format(line, sizeof(line), 0x1008, false);
    CHECK_STR(line, "0000000000001008 start+0x8");
    backtrace_format(line, sizeof(line), 0x10, false);
    CHECK_STR(line, "0000000000000010");
    /* "start" has 16 bytes: behind its last call is what does not belong to it */
    backtrace_format(line, sizeof(line), 0x1010, true);
    CHECK_STR(line, "0000000000001010 start+0x10");
    backtrace_format(line, sizeof(line), 0x1000, true);
    CHECK_STR(line, "0000000000001000");
    backtrace_format(line, 10, 0x1008, false);
    CHECK_STR(line, "000000000");
    symbols_init(&image, 10);
    CHECK(!symbols_lookup(0x1008, &offset));
    backtrace_format(line, sizeof(line), 0x1008, false);
    CHECK_STR(line, "0000000000001008");
}

TEST(print_survives_wild_registers)
{
    image_build();
    symbols_init(&image, sizeof(image));
    logged[0] = '\0';
    backtrace_print(0x1008, 0xdead000000000000);
    CHECK_STR(logged, "Call trace:   0000000000001008 start+0x8");
    logged[0] = '\0';
    backtrace_print(0, 8);
    CHECK_STR(logged, "Call trace:");
    logged[0] = '\0';
    backtrace_stack(0);
    backtrace_stack(UINT64_MAX - 7);
    backtrace_stack((uintptr_t)&stack[0]); /* static data: not a stack */
    CHECK_STR(logged, "");
}
