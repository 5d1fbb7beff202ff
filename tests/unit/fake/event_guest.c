/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that reads its events, in both ABIs, for host tests. */
#include "tests/unit/fake/event_world.h"

struct fake_guest fake_guests[FAKE_DOMAINS];

event_word_t *guest_word(int domain, uint32_t port)
{
    struct fake_guest *g = &fake_guests[domain];

    if (port / 1024 >= g->pages)
        return NULL;
    return (event_word_t *)fake_ram[fake_frame_of(domain, (int)(g->first_page + port / 1024))] +
           port % 1024;
}

static void guest_take(int domain, struct vcpu *v, evtchn_fifo_control_block_t *control,
                       unsigned int queue, uint32_t *ready)
{
    struct fake_guest *g = &fake_guests[domain];
    uint32_t port = g->head[v->id][queue];
    event_word_t *word, old;

    if (!port)
        port = __atomic_load_n(&control->head[queue], __ATOMIC_SEQ_CST);
    word = guest_word(domain, port);
    if (!word || !port)
        abort();
    old = READ_ONCE(*word);
    while (!__atomic_compare_exchange_n(word, &old, old & ~(FIFO_LINKED | FIFO_LINK_MASK), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    g->head[v->id][queue] = old & FIFO_LINK_MASK;
    if (!(old & FIFO_LINK_MASK))
        *ready &= ~(1u << queue);
    old = READ_ONCE(*word);
    if ((old & FIFO_PENDING) && !(old & FIFO_MASKED)) {
        __atomic_fetch_and(word, ~FIFO_PENDING, __ATOMIC_SEQ_CST);
        if (g->handle)
            g->handle(domain, port);
    }
}

static void guest_run_fifo(int domain, struct vcpu *v)
{
    evtchn_fifo_control_block_t *control = v->event->control;
    uint32_t ready = __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST);

    while (ready) {
        guest_take(domain, v, control, (unsigned int)__builtin_ctz(ready), &ready);
        ready |= __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST);
    }
}

static void guest_run_two_level(int domain, struct vcpu *v)
{
    shared_info_t *s = v->domain->shared_info;
    uint64_t sel = __atomic_exchange_n(&v->info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

    for (unsigned int word = 0; word < 64; word++) {
        if (!(sel >> word & 1))
            continue;
        for (unsigned int bit = 0; bit < 64; bit++) {
            if (!((s->evtchn_pending[word] & ~s->evtchn_mask[word]) >> bit & 1))
                continue;
            __atomic_fetch_and(&s->evtchn_pending[word], ~(1UL << bit), __ATOMIC_SEQ_CST);
            if (fake_guests[domain].handle)
                fake_guests[domain].handle(domain, word * 64 + bit);
        }
    }
}

bool guest_run(int domain, int vcpu)
{
    struct vcpu *v = &fake_vcpus[domain][vcpu];

    if (!__atomic_exchange_n(&v->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST))
        return false;
    if (fake_guests[domain].fifo)
        guest_run_fifo(domain, v);
    else
        guest_run_two_level(domain, v);
    return true;
}

void guest_go_fifo(int domain, uint32_t pages)
{
    struct fake_guest *g = &fake_guests[domain];

    for (int j = 0; j < FAKE_VCPUS; j++) {
        struct evtchn_init_control op = {.control_gfn = fake_frame_of(domain, 0),
                                         .offset = 128 * (uint32_t)j,
                                         .vcpu = (uint32_t)j};

        if (call(EVTCHNOP_init_control, &op) || op.link_bits != EVTCHN_FIFO_LINK_BITS)
            abort();
    }
    memset(g->head, 0, sizeof(g->head));
    g->fifo = true;
    g->first_page = 2;
    g->pages = 0;
    for (uint32_t i = 0; i < pages; i++) {
        struct evtchn_expand_array op = {.array_gfn = fake_frame_of(domain, 2 + (int)i)};

        if (call(EVTCHNOP_expand_array, &op))
            abort();
        g->pages = i + 1;
    }
}
