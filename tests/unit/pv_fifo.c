/* SPDX-License-Identifier: BSD-2-Clause */
/* The library reads the FIFO event queues that the hypervisor's own code fills. */
/* sources: pv-drivers/lib/event_fifo.c */
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

#include "pv-drivers/lib/event_fifo.h"

#define PORTS 20
#define SENDS 200000

static struct pv_fifo fifo;

static void start(void)
{
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = 0};

    fake_world(100);
    fake_become(1, 0);
    guest_go_fifo(1, 1);
    for (uint32_t i = 1; i <= PORTS; i++)
        CHECK_EQ(call(EVTCHNOP_alloc_unbound, &op), 0);
    fifo = (struct pv_fifo){.control = fake_vcpus[1][0].event->control,
                            .words = guest_word(1, 0), .ports = 1024};
}

/* Random sends, masks, priorities and looks at single ports: what comes out is what went in. */
TEST(what_is_sent_comes_once)
{
    bool pending[PORTS + 1] = {false};

    start();
    for (int i = 0; i < 100000; i++) {
        uint32_t port = 1 + (uint32_t)check_random_below(PORTS);
        struct evtchn_set_priority priority = {port, (uint32_t)check_random_below(16)};

        switch (check_random_below(8)) {
        default:
            event_raise_port(&fake_domains[1], port);
            pending[port] = true;
            break;
        case 0:
            CHECK_EQ(pv_fifo_take(&fifo, port), pending[port]);
            pending[port] = false;
            break;
        case 1:
            CHECK_EQ(call(EVTCHNOP_set_priority, &priority), 0);
            break;
        case 2:
            for (uint32_t next; check_random_below(5) && (next = pv_fifo_next(&fifo));) {
                CHECK(next <= PORTS && pending[next]);
                pending[next] = false;
            }
            break;
        }
    }
    for (uint32_t next; (next = pv_fifo_next(&fifo));) {
        CHECK(pending[next]);
        pending[next] = false;
    }
    for (uint32_t port = 1; port <= PORTS; port++)
        CHECK(!pending[port]);
    CHECK(fake_world_end());
}

TEST(urgent_ports_come_first)
{
    start();
    for (uint32_t port = 1; port <= 16; port++) {
        struct evtchn_set_priority priority = {port, 16 - port};

        CHECK_EQ(call(EVTCHNOP_set_priority, &priority), 0);
        event_raise_port(&fake_domains[1], port);
    }
    for (uint32_t port = 16; port; port--)
        CHECK_EQ(pv_fifo_next(&fifo), port);
    CHECK_EQ(pv_fifo_next(&fifo), 0);
    CHECK(fake_world_end());
}

TEST(words_out_of_range_are_not_touched)
{
    start();
    CHECK(!pv_fifo_take(&fifo, 1024));
    CHECK(!pv_fifo_take(&fifo, ~0u));
    fifo.control->head[3] = 1024;
    fifo.control->ready |= 1 << 3 | 1u << 31;
    CHECK_EQ(pv_fifo_next(&fifo), 0);
    CHECK(fake_world_end());
}

static uint64_t sent[PORTS + 1], seen[PORTS + 1];
static bool stop;

static void *sender(void *arg)
{
    uint64_t state = 1 + (uintptr_t)arg;

    for (int i = 0; i < SENDS; i++) {
        uint32_t port;

        state = state * 6364136223846793005ull + 1442695040888963407ull;
        port = 1 + (uint32_t)(state >> 40) % PORTS;
        __atomic_fetch_add(&sent[port], 1, __ATOMIC_SEQ_CST);
        event_raise_port(&fake_domains[1], port);
        if (state >> 60 == 0)
            sched_yield();
    }
    return NULL;
}

/* As a driver does: clear, then look. */
static bool consume(void)
{
    uint32_t port = pv_fifo_next(&fifo);

    if (port)
        seen[port] = __atomic_load_n(&sent[port], __ATOMIC_SEQ_CST);
    return port;
}

static void *consumer(void *arg)
{
    (void)arg;
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        if (!consume())
            sched_yield();
    return NULL;
}

TEST(nothing_is_lost_in_a_race)
{
    pthread_t threads[3];

    start();
    pthread_create(&threads[0], NULL, sender, (void *)1);
    pthread_create(&threads[1], NULL, sender, (void *)2);
    pthread_create(&threads[2], NULL, consumer, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    __atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
    pthread_join(threads[2], NULL);
    while (consume())
        ;
    for (int i = 1; i <= PORTS; i++)
        CHECK_EQ(seen[i], sent[i]);
    CHECK(fake_world_end());
}
