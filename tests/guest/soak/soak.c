/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same again and again: children made and destroyed (`soak=N` on the command line), and random
 * hypercalls from a child by a fixed seed (`fuzz=N`, `seed=N`).
 */
#include "tests/guest/lib/child.h"

static void does_nothing(void *arg unused)
{
}

TEST(soak, create_destroy)
{
    uint64_t rounds = option("soak", 100);
    struct host_state before;

    child_run(does_nothing, NULL, SHUTDOWN_poweroff);
    before = host_state();
    for (uint64_t i = 0; i < rounds && !test_failing(); i++) {
        struct child *c = child_make(does_nothing, NULL);

        NEED(c);
        if (i % 3 == 0) /* now and then in the middle of its life */
            CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
        child_end(c);
    }
    host_check(&before);
}

/* ---- random calls ---- */

static uint64_t seed;

static uint64_t random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint64_t *scratch; /* four pages of arguments, one of them read-only */

/* A number that has a chance to mean something. */
static uint64_t likely_value(void)
{
    uint64_t r = random();

    switch (r % 12) {
    case 0:
        return 0;
    case 1:
        return (r >> 8) & 15;
    case 2:
        return (r >> 8) & 0xffff;
    case 3:
        return ~0UL >> (r >> 58);
    case 4:
        return va_mfn(scratch) + ((r >> 8) & 7);
    case 5:
        return va_mfn((void *)env.l4_va) - ((r >> 8) & 7);
    case 6:
        return DOMID_SELF;
    case 7:
        return (uint64_t)scratch + ((r >> 8) & 0x3ff8);
    case 8:
        return pte_machine(0, (uint64_t)scratch, 1) + ((r >> 8) & 0xff);
    case 9:
        return HV_POINTER + ((r >> 8) & 0xfffff);
    case 10:
        return pte(va_mfn(scratch) + ((r >> 8) & 7), r >> 40 & 0xff);
    default:
        return r;
    }
}

/* Calls that would end the run: shut down, wait for ever, take the CPU away, or (map the ground
 * away) only kill this child. */
static bool is_deadly(uint64_t number, uint64_t *args)
{
    switch (number) {
    case __HYPERVISOR_iret:
    case __HYPERVISOR_multicall: /* could hold any of these */
    case __HYPERVISOR_set_callbacks:
    case __HYPERVISOR_callback_op:
    case __HYPERVISOR_set_trap_table:
    case __HYPERVISOR_stack_switch:
        return true;
    case __HYPERVISOR_sched_op:
        return (args[0] & 0xffffffff) == SCHEDOP_shutdown ||
               (args[0] & 0xffffffff) == SCHEDOP_shutdown_code ||
               (args[0] & 0xffffffff) == SCHEDOP_block || (args[0] & 0xffffffff) == SCHEDOP_poll ||
               (args[0] & 0xffffffff) == SCHEDOP_watchdog;
    case __HYPERVISOR_vcpu_op:
        return (args[0] & 0xffffffff) == VCPUOP_down || (args[0] & 0xffffffff) == VCPUOP_send_nmi;
    case 6: /* old numbers of sched_op */
        return true;
    default:
        return false;
    }
}

static void fuzz_once(void)
{
    uint64_t number = random() % 50, args[5];

    for (unsigned int i = 0; i < 5; i++)
        args[i] = random() & 3 ? likely_value() : (uint64_t)scratch + (random() & 0x3ff8);
    /* the sub-operation, mostly */
    if (random() & 1)
        args[0] = random() % 40;
    for (unsigned int i = 0; i < 16; i++)
        scratch[random() & 511] = likely_value();
    if (is_deadly(number, args))
        return;
    box.value[0]++;
    box.value[1] = number;
    for (unsigned int i = 0; i < 5; i++)
        box.value[2 + i] = args[i];
    (void)hypercall(number, args[0], args[1], args[2], args[3], args[4]);
}

static void fuzz(void *arg)
{
    uint64_t rounds = (uint64_t)arg & 0xffffffff;

    seed = 0x9e3779b97f4a7c15 ^ (uint64_t)arg >> 32;
    scratch = pages_alloc(4);
    for (uint64_t i = 0; i < rounds; i++)
        fuzz_once();
    box.step = 1;
}

/* A child may well kill itself by random calls: then the next one goes on with other numbers. */
TEST(soak, fuzz)
{
    uint64_t left = option("fuzz", 20000), first = option("seed", 1), run = 0;
    struct host_state before;

    child_run(does_nothing, NULL, SHUTDOWN_poweroff);
    before = host_state();
    while (left > 0 && run < 2000 && !test_failing()) {
        uint64_t rounds = left < 2000 ? left : 2000, calls;
        struct child_options o = {.arg = (void *)(rounds | (first + run++) << 32)};
        struct child *c = child_make(fuzz, &o);
        int code;

        NEED(c);
        code = child_wait(c, 60);
        calls = c->box->value[0];
        if (code != SHUTDOWN_poweroff && code != SHUTDOWN_crash)
            test_fail(__FILE__, __LINE__,
                      "child ended with %d after call %lu(%#lx, %#lx, %#lx, %#lx, %#lx)", code,
                      c->box->value[1], c->box->value[2], c->box->value[3], c->box->value[4],
                      c->box->value[5], c->box->value[6]);
        c->box->failures = 0; /* its own traps are no failure */
        c->box->text[0] = 0;
        child_end(c);
        left -= calls < left && calls ? calls : left;
    }
    print("# fuzz: %lu children\n", run);
    host_check(&before);
}
