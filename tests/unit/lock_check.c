/* SPDX-License-Identifier: BSD-2-Clause */
/* The checked build's eye on locks: each mistake is seen, and what is right is left alone. */
/* sources: hypervisor/checked/lock_check.c */
/* cflags: -Ihypervisor/checked -Itests/unit/fake -DFAKE_IRQ=interrupts_on */
#include "tests/unit/check.h"

#include <setjmp.h>
#include <stdarg.h>

#include "cpu/percpu.h"
#include "debug/panic.h"
#include "mm/pool.h"
#include "sync/rwlock.h"
#include "sync/spinlock.h"

struct percpu fake_percpu[2];
unsigned int fake_cpu, fake_clflushes;
bool interrupts_on;
static jmp_buf panicked;
static char reason[200];

void *pool_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

void panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    longjmp(panicked, 1);
}

/* A CPU that holds nothing, interrupts off. */
static void start(void)
{
    fake_cpu = 0;
    interrupts_on = false;
    fake_percpu[0].irq_depth = 0;
    free(fake_percpu[0].locks);
    lock_check_cpu(0);
}

#define PANICS(text, ...)                                     \
    do {                                                      \
        start();                                              \
        reason[0] = '\0';                                     \
        if (!setjmp(panicked)) {                              \
            __VA_ARGS__                                       \
        }                                                     \
        CHECK(strstr(reason, text));                          \
        if (!strstr(reason, text))                            \
            printf("reason: %s\n", reason);                   \
    } while (0)

static struct spinlock event = SPINLOCK_INIT(LOCK_EVENT), event2 = SPINLOCK_INIT(LOCK_EVENT),
                       event3 = SPINLOCK_INIT(LOCK_EVENT), heap = SPINLOCK_INIT(LOCK_HEAP),
                       pool = SPINLOCK_INIT(LOCK_POOL), pool2 = SPINLOCK_INIT(LOCK_POOL),
                       irq = SPINLOCK_INIT(LOCK_IRQ), runqueue = SPINLOCK_INIT(LOCK_RUNQUEUE),
                       timer = SPINLOCK_INIT(LOCK_TIMER), none = SPINLOCK_INIT(0);
static struct rwlock rw = RWLOCK_INIT(LOCK_P2M);

static void all_free(void)
{
    struct spinlock *all[] = {&event, &event2, &event3, &heap, &pool, &pool2, &irq, &runqueue,
                              &timer, &none};

    for (unsigned int i = 0; i < ARRAY_SIZE(all); i++)
        all[i]->next = all[i]->owner = 0;
    rw.state = 0;
}

TEST(right_order_is_left_alone)
{
    all_free();
    start();
    reason[0] = '\0';
    if (!setjmp(panicked)) {
        read_lock(&rw);
        spin_lock(&event);
        spin_lock(&event2); /* two of this level are allowed */
        spin_lock(&pool);
        spin_lock(&heap);
        spin_unlock(&event); /* in any order */
        spin_unlock(&heap);
        spin_unlock(&pool);
        spin_unlock(&event2);
        read_unlock(&rw);
        write_lock(&rw);
        write_unlock(&rw);
        lock_check_none();
    }
    CHECK_STR(reason, "");
}

TEST(mistakes_are_seen)
{
    all_free();
    PANICS("is taken under", spin_lock(&heap); spin_lock(&event););
    all_free();
    PANICS("is taken under", spin_lock(&heap); read_lock(&rw););
    all_free();
    PANICS("taken twice", read_lock(&rw); read_lock(&rw););
    all_free();
    PANICS("two locks of level", spin_lock(&pool); spin_lock(&pool2););
    all_free();
    PANICS("three locks of level",
           spin_lock(&event); spin_lock(&event2); spin_lock(&event3););
    all_free();
    PANICS("at the gate", spin_lock(&pool); lock_check_none(););
    all_free();
    PANICS("does not hold it", spin_unlock(&pool););
    all_free();
    PANICS("has level 0", spin_lock(&none););
    all_free();
    PANICS("waited for with interrupts off", lock_check_wait(););
    start();
    interrupts_on = true;
    lock_check_wait();
}

TEST(trying_is_no_waiting)
{
    all_free();
    start();
    reason[0] = '\0';
    if (!setjmp(panicked)) {
        spin_lock(&heap);
        CHECK(spin_trylock(&pool)); /* cannot wait for anybody */
        CHECK(!spin_trylock(&pool));
        spin_unlock(&pool);
        spin_unlock(&heap);
        lock_check_none();
    }
    CHECK_STR(reason, "");
}

TEST(interrupts)
{
    all_free();
    start();
    reason[0] = '\0';
    if (!setjmp(panicked)) {
        spin_lock(&heap); /* interrupted here: the handler's locks are a row of their own */
        fake_percpu[0].irq_depth = 1;
        spin_lock(&irq);
        spin_unlock(&irq);
        fake_percpu[0].irq_depth = 0;
        spin_unlock(&heap);
        spin_lock(&irq); /* with interrupts off: right */
        spin_unlock(&irq);
    }
    CHECK_STR(reason, "");
    PANICS("also with interrupts on", interrupts_on = true; spin_lock(&irq););
    all_free();
    PANICS("also with interrupts on", interrupts_on = true; spin_lock(&timer);
           spin_unlock(&timer); interrupts_on = false; fake_percpu[0].irq_depth = 1;
           spin_lock(&timer););
}
