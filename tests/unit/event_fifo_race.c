/* SPDX-License-Identifier: BSD-2-Clause */
/* FIFO delivery with real threads: senders, a mover of ports between queues, and consumers that
 * read their queues as a guest does. No event may be lost. */
/* sources: hypervisor/event/port.c hypervisor/event/bind.c hypervisor/event/virq.c */
/* sources: hypervisor/event/pirq.c hypervisor/event/deliver.c hypervisor/event/two_level.c */
/* sources: hypervisor/event/fifo.c hypervisor/event/event_op.c hypervisor/event/domain.c */
/* sources: hypervisor/lib/bitmap.c */
/* sources: tests/unit/fake/event_world.c tests/unit/fake/event_guest.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake -pthread */
#include <pthread.h>
#include <sched.h>

#define sched_yield hypervisor_sched_yield /* sched/sched.h has another of this name */
#include "tests/unit/check.h"
#include "tests/unit/fake/event_world.h"
#undef sched_yield

#define PORTS 12
#define SENDS 150000

static uint64_t sent[PORTS + 1], seen[PORTS + 1];
static bool stop;

/* The handler reads what was sent after the pending bit was cleared. */
static void handled(int domain, uint32_t port)
{
    (void)domain;
    __atomic_store_n(&seen[port], __atomic_load_n(&sent[port], __ATOMIC_SEQ_CST), __ATOMIC_SEQ_CST);
}

static uint32_t step(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void *sender(void *arg)
{
    uint32_t state = (uint32_t)(uintptr_t)arg * 2654435761u + 1;

    for (int i = 0; i < SENDS; i++) {
        uint32_t port = 1 + step(&state) % PORTS;

        __atomic_fetch_add(&sent[port], 1, __ATOMIC_SEQ_CST);
        event_raise_port(&fake_domains[1], port);
        if (state % 64 == 0)
            sched_yield();
    }
    return NULL;
}

/* Moves ports between vCPUs and priorities, and masks and unmasks them as a guest does. */
static void *mover(void *arg)
{
    uint32_t state = 12345;

    (void)arg;
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        struct evtchn_bind_vcpu move = {.port = 1 + step(&state) % PORTS, .vcpu = state >> 8 & 1};
        struct evtchn_set_priority priority = {.port = 1 + step(&state) % PORTS,
                                               .priority = state >> 8 & 15};
        struct evtchn_unmask unmask = {.port = 1 + step(&state) % PORTS};

        if (call(EVTCHNOP_bind_vcpu, &move) || call(EVTCHNOP_set_priority, &priority))
            abort();
        __atomic_fetch_or(guest_word(1, unmask.port), FIFO_MASKED, __ATOMIC_SEQ_CST);
        if (state % 16 == 0)
            sched_yield();
        if (call(EVTCHNOP_unmask, &unmask))
            abort();
    }
    return NULL;
}

static void *consumer(void *arg)
{
    int vcpu = (int)(uintptr_t)arg;

    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        if (!guest_run(1, vcpu))
            sched_yield();
    return NULL;
}

static void race(void)
{
    pthread_t threads[5];
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = 0};

    fake_world(100);
    fake_become(1, 0);
    guest_go_fifo(1, 1);
    fake_guests[1].handle = handled;
    memset(sent, 0, sizeof(sent));
    memset(seen, 0, sizeof(seen));
    stop = false;
    for (int i = 1; i <= PORTS; i++)
        CHECK_EQ(call(EVTCHNOP_alloc_unbound, &op), 0);
    for (uintptr_t i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, sender, (void *)i);
        pthread_create(&threads[2 + i], NULL, consumer, (void *)i);
    }
    pthread_create(&threads[4], NULL, mover, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    __atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
    for (int i = 2; i < 5; i++)
        pthread_join(threads[i], NULL);
    while (guest_run(1, 0) || guest_run(1, 1))
        ;
    for (int i = 1; i <= PORTS; i++)
        CHECK_EQ(seen[i], sent[i]);
    CHECK(fake_world_end());
}

TEST(nothing_is_lost)
{
    for (int i = 0; i < 3; i++)
        race();
}
