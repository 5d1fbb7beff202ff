/* SPDX-License-Identifier: BSD-2-Clause */
/* The world around hypervisor/event/ for host tests: domains, guest memory, a scheduler that only
 * counts, and a guest that reads its events as an operating system does. Include in one file. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "event/fifo.h"
#include "event/fifo_word.h"
#include "event/port.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "irq/irq.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "sched/sched.h"

#define FAKE_DOMAINS 3
#define FAKE_VCPUS 2
#define FAKE_FRAMES 96

struct percpu fake_percpu[1];
unsigned int fake_cpu;
_Alignas(4096) uint8_t fake_ram[FAKE_FRAMES][PAGE_BYTES];
static int fake_frame_refs[FAKE_FRAMES]; /* writable uses */
static domid_t fake_frame_owner[FAKE_FRAMES];

struct domain *domain_control;
static struct domain fake_domains[FAKE_DOMAINS];
static struct vcpu fake_vcpus[FAKE_DOMAINS][FAKE_VCPUS];
static struct vcpu *fake_vcpu_array[FAKE_DOMAINS][FAKE_VCPUS];
static shared_info_t *fake_shared[FAKE_DOMAINS];
static int fake_kicks[FAKE_DOMAINS][FAKE_VCPUS];
static long fake_pool_blocks;
static long fake_pool_fail_after = -1; /* allocations until one fails; -1: never */
static uint64_t fake_args[6];
static bool fake_preempt;
static int fake_poll_wakes;

void *pool_alloc(size_t bytes)
{
    if (fake_pool_fail_after >= 0 && fake_pool_fail_after-- == 0)
        return NULL;
    __atomic_fetch_add(&fake_pool_blocks, 1, __ATOMIC_RELAXED);
    return calloc(1, bytes ? bytes : 1);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    if (p)
        __atomic_fetch_sub(&fake_pool_blocks, 1, __ATOMIC_RELAXED);
    free(p);
}

bool mfn_valid(mfn_t m)
{
    return m.n < FAKE_FRAMES;
}

bool page_get_writable_id(struct page *pg, domid_t owner)
{
    uint64_t n = page_mfn(pg).n;

    if (n >= FAKE_FRAMES || fake_frame_owner[n] != owner)
        return false;
    fake_frame_refs[n]++;
    return true;
}

void page_put_writable(struct page *pg)
{
    if (fake_frame_refs[page_mfn(pg).n]-- <= 0)
        abort();
}

struct domain *domain_get_arg(domid_t id)
{
    if (id == DOMID_SELF)
        id = vcpu_current()->domain->id;
    if (id >= FAKE_DOMAINS)
        return NULL;
    domain_ref(&fake_domains[id]);
    return &fake_domains[id];
}

void domain_ref(struct domain *d)
{
    __atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
}

void domain_put(struct domain *d)
{
    if (__atomic_fetch_sub(&d->refs, 1, __ATOMIC_RELAXED) == 0)
        abort();
}

bool caller_is_control(void)
{
    return vcpu_current()->domain->is_control;
}

int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (!gva)
        return -EFAULT;
    memcpy(to, (const void *)gva, bytes);
    return 0;
}

long subop_run(const struct subop *table, unsigned int count, uint32_t number, uint64_t gva)
{
    uint8_t copy[SUBOP_MAX_BYTES] aligned(8) = {0};
    long rc;

    for (unsigned int i = 0; i < count; i++)
        if (table[i].number == number) {
            if (!gva)
                return -EFAULT;
            memcpy(copy, (void *)gva, table[i].bytes);
            rc = table[i].run(copy);
            if (rc >= 0 && (table[i].flags & SUBOP_OUT))
                memcpy((void *)gva, copy, table[i].bytes);
            return rc;
        }
    return -ENOSYS;
}

bool hypercall_preempt(void)
{
    return fake_preempt;
}

uint64_t *hypercall_args(void)
{
    return fake_args;
}

void sched_kick(struct vcpu *v)
{
    __atomic_fetch_add(&fake_kicks[v->domain->id][v->id], 1, __ATOMIC_RELAXED);
}

void sched_poll_wake(struct vcpu *v, uint32_t port)
{
    (void)v;
    (void)port;
    fake_poll_wakes++;
}

static int fake_irq_result;
static uint32_t fake_irq_port[64], fake_irq_cpu[64];

int irq_bind_guest(struct domain *d, uint32_t pirq, bool will_share, uint32_t port)
{
    (void)d;
    (void)will_share;
    if (fake_irq_result || pirq >= 64)
        return fake_irq_result ? fake_irq_result : -EINVAL;
    if (fake_irq_port[pirq])
        return -EBUSY;
    fake_irq_port[pirq] = port;
    return 0;
}

void irq_unbind_guest(struct domain *d, uint32_t pirq)
{
    (void)d;
    if (!fake_irq_port[pirq])
        abort();
    fake_irq_port[pirq] = 0;
}

void irq_set_affinity(struct domain *d, uint32_t pirq, unsigned int cpu)
{
    (void)d;
    fake_irq_cpu[pirq] = cpu;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

/* The guest's side of FIFO: its own copy of each queue's head. */
struct fake_guest {
    uint32_t head[FAKE_VCPUS][EVTCHN_FIFO_MAX_QUEUES];
    uint32_t pages;
    bool fifo;
    uint64_t first_page; /* index of array page 0 among the domain's frames; the rest follow */
    void (*handle)(int domain, uint32_t port);
};
static struct fake_guest fake_guests[FAKE_DOMAINS];

/* Make all domains anew; domain 0 is the control domain. Frames: 64 per domain and more. */
unused static void fake_world(uint32_t max_port)
{
    memset(fake_domains, 0, sizeof(fake_domains));
    memset(fake_vcpus, 0, sizeof(fake_vcpus));
    memset(fake_ram, 0, sizeof(fake_ram));
    memset(fake_kicks, 0, sizeof(fake_kicks));
    memset(fake_guests, 0, sizeof(fake_guests));
    memset(fake_irq_port, 0, sizeof(fake_irq_port));
    fake_irq_result = 0;
    fake_preempt = false;
    for (int n = 0; n < FAKE_FRAMES; n++)
        fake_frame_owner[n] = (domid_t)(n / (FAKE_FRAMES / FAKE_DOMAINS + 1));
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        struct domain *d = &fake_domains[i];

        d->id = (domid_t)i;
        d->refs = 1;
        d->is_control = i == 0;
        d->max_vcpus = FAKE_VCPUS;
        d->vcpus = fake_vcpu_array[i];
        if (!fake_shared[i])
            fake_shared[i] = malloc(sizeof(shared_info_t));
        memset(fake_shared[i], 0, sizeof(shared_info_t));
        d->shared_info = fake_shared[i];
        if (event_domain_init(d, max_port))
            abort();
        for (int j = 0; j < FAKE_VCPUS; j++) {
            struct vcpu *v = &fake_vcpus[i][j];

            v->id = (uint32_t)j;
            v->domain = d;
            v->info = &d->shared_info->vcpu_info[j];
            v->sched.cpu = 10 + (uint32_t)j;
            if (event_vcpu_init(v))
                abort();
            fake_vcpu_array[i][j] = v;
        }
    }
    domain_control = &fake_domains[0];
    fake_percpu[0].current = &fake_vcpus[0][0];
}

/* Tear all down; every page and block must have come back. */
unused static bool fake_world_end(void)
{
    fake_preempt = false;
    for (int i = 0; i < FAKE_DOMAINS; i++)
        if (event_domain_relinquish(&fake_domains[i]))
            return false;
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        for (int j = 0; j < FAKE_VCPUS; j++)
            event_vcpu_free(&fake_vcpus[i][j]);
        event_domain_free(&fake_domains[i]);
        if (fake_domains[i].refs != 1)
            return false;
    }
    for (int n = 0; n < FAKE_FRAMES; n++)
        if (fake_frame_refs[n])
            return false;
    return fake_pool_blocks == 0;
}

/* Act as vCPU @vcpu of domain @domain. */
unused static void fake_become(int domain, int vcpu)
{
    fake_percpu[0].current = &fake_vcpus[domain][vcpu];
}

unused static uint64_t fake_frame_of(int domain, int index)
{
    return (uint64_t)domain * (FAKE_FRAMES / FAKE_DOMAINS + 1) + (uint64_t)index;
}

unused static long call(uint32_t op, void *arg)
{
    return hc_event_channel_op(op, (uint64_t)arg);
}

unused static event_word_t *guest_word(int domain, uint32_t port)
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

/* Handle what the vCPU has been told of; true when there was a reason to look. */
unused static bool guest_run(int domain, int vcpu)
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

/* Switch a guest to FIFO: all vCPUs' control blocks (frame 0 and on), then array pages. */
unused static void guest_go_fifo(int domain, uint32_t pages)
{
    struct fake_guest *g = &fake_guests[domain];

    for (int j = 0; j < FAKE_VCPUS; j++) {
        struct evtchn_init_control op = {
            .control_gfn = fake_frame_of(domain, 0), .offset = 128 * (uint32_t)j, .vcpu = (uint32_t)j};

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
