/* SPDX-License-Identifier: BSD-2-Clause */
/* The branch predictor forgets between domains, and only there. */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "lib/types.h"

static void wrmsr(uint32_t msr, uint64_t value);

#include "cpu/mitigation.c" /* with a wrmsr() of ours */

struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
struct cpu_features cpu_features;
static unsigned int barriers;

static void wrmsr(uint32_t msr, uint64_t value)
{
    barriers += msr == MSR_PRED_CMD && value == PRED_CMD_IBPB;
}

void log_line(enum log_level level unused, const char *format unused, ...) {}

static unsigned int barriers_of(bool has, bool wanted)
{
    static const domid_t runs[] = {0, 0, 3, 3, 0, 7, 3};

    cpu_features.ibpb = has;
    mitigation_init(wanted, true);
    fake_percpu[0].last_domain = 0;
    barriers = 0;
    for (unsigned int i = 0; i < ARRAY_SIZE(runs); i++)
        mitigation_switch(runs[i]);
    return barriers;
}

TEST(a_barrier_at_each_change_of_domain)
{
    CHECK_EQ(barriers_of(true, true), 4);
    CHECK_EQ(barriers_of(true, false), 0);
    CHECK_EQ(barriers_of(false, true), 0); /* the register would fault */
}

static uint64_t components(bool leaks, bool hide)
{
    cpu_features.gather_leaks = leaks;
    cpu_features.xcr0_mask = 0xe7;
    mitigation_init(false, hide);
    return cpu_features.xcr0_mask;
}

TEST(no_avx_where_it_leaks)
{
    CHECK_EQ(components(true, true), 3);
    CHECK_EQ(components(true, false), 0xe7);
    CHECK_EQ(components(false, true), 0xe7);
}
