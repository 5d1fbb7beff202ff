/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine of a few frames with a heap that can run dry, one domain that makes the calls, and
 * failures on demand: for tests of the memory_op bodies. It defines what they link against.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "domain/teardown.h"
#include "hypercall/hypercall.h"
#include "lib/bits.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/page_hooks.h"
#include "mm/pool.h"
#include "mm/tlb.h"
#include "p2m/copy.h"
#include "p2m/m2p.h"

#define FRAMES 128
#define DOM_ID 3

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(PAGE_BYTES);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
struct cpumask cpus_online;
struct domain *domain_control;

static struct domain world_domain;
static struct vcpu world_vcpu;
static uint64_t world_m2p[FRAMES], world_args[6];
static bool world_in_heap[FRAMES];
static uint64_t world_claimed;
static bool world_control = true;
static int world_fail_in = -1;    /* the nth step that can fail does; -1: none */
static int world_preempt_in = -1; /* the nth question whether to stop says yes */
static unsigned int world_steps;  /* steps that could have failed */
static unsigned int world_pool_blocks;
static unsigned int world_flushes; /* of all CPUs */

static bool world_fails(void)
{
    world_steps++;
    return world_fail_in >= 0 && world_fail_in-- == 0;
}

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format);
    abort();
}

uint64_t frame_limit = FRAMES;

void m2p_set(mfn_t m, uint64_t pfn)
{
    world_m2p[m.n] = pfn;
}

void *pool_alloc(size_t bytes)
{
    if (world_fails())
        return NULL;
    world_pool_blocks++;
    return calloc(1, bytes);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    world_pool_blocks -= p != NULL;
    free(p);
}

/* Guest addresses are the test's own pointers; 1 stands for one that is not mapped. */
int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (gva < PAGE_BYTES || world_fails())
        return -EFAULT;
    memcpy(to, (const void *)gva, bytes);
    return 0;
}

static void (*world_on_copy)(void); /* what another vCPU does then */

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    if (world_on_copy)
        world_on_copy();
    if (gva < PAGE_BYTES || world_fails())
        return -EFAULT;
    memcpy((void *)gva, from, bytes);
    return 0;
}

struct page *heap_alloc(unsigned int order, unsigned int addr_bits)
{
    uint64_t size = BIT(order), end = FRAMES;

    if (world_fails())
        return NULL;
    if (addr_bits && addr_bits < 64)
        end = min(end, (uint64_t)(BIT(addr_bits) >> PAGE_SHIFT));
    for (uint64_t base = 0; base + size <= end; base += size) {
        uint64_t i = 0;

        while (i < size && world_in_heap[base + i])
            i++;
        if (i < size)
            continue;
        for (i = 0; i < size; i++) {
            world_in_heap[base + i] = false;
            *mfn_page(MFN(base + i)) = (struct page){
                .count = (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT};
        }
        return mfn_page(MFN(base));
    }
    return NULL;
}

void heap_free(struct page *pg, unsigned int order)
{
    for (uint64_t i = 0; i < BIT(order); i++) {
        uint64_t n = page_mfn(pg + i).n;

        if (world_in_heap[n] || ((pg + i)->count & PAGE_REFS_MASK))
            panic("freed while in use");
        world_in_heap[n] = true;
        world_m2p[n] = M2P_INVALID;
    }
}

struct page *heap_alloc_for(domid_t domain, unsigned int order, unsigned int addr_bits)
{
    (void)domain;
    return heap_alloc(order, addr_bits);
}

struct page *heap_alloc_at(mfn_t m)
{
    (void)m; /* no domain here has frames with a place */
    return NULL;
}

void heap_free_from(domid_t domain, struct page *first, uint64_t count)
{
    if (domain != DOM_ID)
        panic("freed from a domain that never had it");
    for (uint64_t i = 0; i < count; i++)
        heap_free(first + i, 0);
}

uint64_t heap_free_block(mfn_t m)
{
    uint64_t n = m.n;

    while (n < FRAMES && world_in_heap[n])
        n++;
    return n - m.n;
}

uint64_t heap_free_pages(void)
{
    uint64_t count = 0;

    for (unsigned int i = 0; i < FRAMES; i++)
        count += world_in_heap[i];
    return count;
}

int heap_claim(uint64_t pages)
{
    if (world_claimed + pages > heap_free_pages())
        return -ENOMEM;
    world_claimed += pages;
    return 0;
}

void heap_unclaim(uint64_t pages)
{
    world_claimed -= pages;
}

uint64_t heap_claimed_pages(void)
{
    return world_claimed;
}

uint32_t tlb_clock(void)
{
    return 1;
}

void tlb_flush_stale(const struct cpumask *mask, uint32_t stamp)
{
    if (mask != &cpus_online || stamp != tlb_clock())
        panic("not everything is flushed");
    world_flushes++;
}

int page_hook_check(struct page *pg, enum page_type type)
{
    (void)pg;
    (void)type;
    return -EINVAL;
}

void page_hook_release(struct page *pg)
{
    (void)pg;
}

void page_hook_flush(const struct page *pg, uint32_t stamp)
{
    (void)pg;
    (void)stamp;
}

void page_hook_limbo(bool many)
{
    (void)many;
}

struct domain *domain_get(domid_t id)
{
    return id == DOM_ID ? &world_domain : NULL;
}

struct domain *domain_get_arg(domid_t id)
{
    return domain_get(id == DOMID_SELF ? DOM_ID : id);
}

void domain_put(struct domain *d)
{
    (void)d;
}

#ifndef WORLD_REAL_TEARDOWN
void domain_frames_gone(struct domain *d)
{
    (void)d;
}
#endif

bool caller_is_control(void)
{
    return world_control;
}

bool hypercall_preempt(void)
{
    return world_preempt_in >= 0 && world_preempt_in-- == 0;
}

uint64_t *hypercall_args(void)
{
    return world_args;
}

/* All frames but @reserved low ones in the heap; the domain may own @max. */
static void world_reset(unsigned int reserved, uint64_t max)
{
    memset(fake_frame_table, 0, sizeof(fake_frame_table));
    memset(&world_domain, 0, sizeof(world_domain));
    memset(&world_vcpu, 0, sizeof(world_vcpu));
    for (unsigned int i = 0; i < FRAMES; i++) {
        world_in_heap[i] = i >= reserved;
        world_m2p[i] = M2P_INVALID;
    }
    world_domain.id = DOM_ID;
    world_domain.life = DOMAIN_ALIVE;
    world_domain.lowest_mfn = ~0ULL;
    world_domain.max_pages = max;
    world_vcpu.domain = &world_domain;
    fake_percpu[0] = (struct percpu){.current = &world_vcpu};
    world_claimed = 0;
    world_control = true;
    world_fail_in = world_preempt_in = -1;
    world_steps = 0;
    world_flushes = 0;
    world_pool_blocks = 0;
}

/* Every frame is in the heap, or the domain's with one reference and counted, or reserved. */
unused static const char *world_wrong(unsigned int reserved)
{
    uint64_t owned = 0;

    page_limbo_drain();
    for (unsigned int i = reserved; i < FRAMES; i++) {
        const struct page *pg = mfn_page(MFN(i));
        bool own = !world_in_heap[i] && page_owner_id(pg) == DOM_ID;

        if (world_in_heap[i] && (pg->count & PAGE_REFS_MASK))
            return "a free frame has references";
        if (!world_in_heap[i] && !own)
            return "a frame was lost";
        if (own && (pg->count & (PAGE_REFS_MASK | PAGE_ALLOCATED)) != (PAGE_ALLOCATED | 1))
            return "an owned frame has stray references";
        if (own && (i < world_domain.lowest_mfn || i > world_domain.highest_mfn))
            return "a frame is outside the domain's bounds";
        if (world_in_heap[i] && world_m2p[i] != M2P_INVALID)
            return "a free frame has a name";
        owned += own;
    }
    if (owned != world_domain.tot_pages)
        return "frames are miscounted";
    return world_pool_blocks ? "a block was leaked" : NULL;
}
