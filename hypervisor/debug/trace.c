/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace buffers of all CPUs.
 *
 * What is always true here: buffers are made once and stay, for the control domain may have them
 * mapped. They belong to DOMID_XEN, which only the control domain may map from. Each CPU writes its
 * own, with interrupts off.
 */
#include "debug/trace.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/trace_ring.h"
#include "domain/domain.h"
#include "event/event.h"
#include "lib/cpumask.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "sched/softirq.h"

#define PAGES_MAX 1024u

uint32_t trace_mask;

struct trace_cpu {
    struct trace_ring ring;
    struct softirq_work tell; /* VIRQ_TBUF, which this context may be too deep for */
};

static struct trace_cpu *buffers; /* (c) one for each CPU number; NULL: none yet */
static struct t_info *info;
static uint32_t info_bytes, buffer_pages;
static uint32_t wanted = TRC_ALL; /* trace_mask while tracing */
static struct cpumask cpus;
static bool enabled;

static bool is_wanted(uint32_t event)
{
    uint32_t both = READ_ONCE(trace_mask) & event;

    return (both >> TRC_CLS_SHIFT) && (both >> TRC_SUBCLS_SHIFT & 0xf);
}

void trace_put(uint32_t event, const uint32_t *words, unsigned int count)
{
    struct trace_cpu *t;
    uint64_t flags;

    if (!is_wanted(event) || !cpumask_test(&cpus, cpu_id()))
        return;
    flags = irq_save();
    t = &buffers[cpu_id()];
    if (trace_ring_put(&t->ring, event, rdtsc(), words, count))
        softirq_queue(&t->tell);
    irq_restore(flags);
}

static void tell(void *data)
{
    (void)data;
    event_raise_global_virq(VIRQ_TBUF);
}

static unsigned int block_order(uint32_t bytes)
{
    unsigned int order = 0;

    while (((uint32_t)PAGE_BYTES << order) < bytes)
        order++;
    return order;
}

/* Zeroed memory that the control domain may map, never freed after that. */
static void *memory_alloc(uint32_t bytes)
{
    return heap_alloc_hyp(block_order(bytes));
}

static void memory_share(void *at, uint32_t bytes)
{
    for (uint32_t done = 0; done < bytes; done += PAGE_BYTES)
        page_share(mfn_page(direct_mfn((char *)at + done)), domain_xen);
}

/* All memory, or nothing. */
static int allocate(uint32_t pages, void **rings)
{
    buffers = pool_array(struct trace_cpu, cpu_count);
    info = memory_alloc(info_bytes);
    if (!buffers || !info)
        return -ENOMEM;
    for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
        rings[cpu] = memory_alloc(pages * PAGE_BYTES);
        if (!rings[cpu])
            return -ENOMEM;
    }
    return 0;
}

static void give_back(uint32_t pages, void **rings)
{
    for (unsigned int cpu = 0; cpu < cpu_count; cpu++)
        if (rings[cpu])
            heap_free_hyp(rings[cpu], block_order(pages * PAGE_BYTES));
    if (info)
        heap_free_hyp(info, block_order(info_bytes));
    pool_free(buffers);
    buffers = NULL;
    info = NULL;
}

/* Fill in what readers find the buffers by: for each CPU where its list of 32-bit frame numbers
 * begins, in words. */
static void publish(uint32_t pages, void **rings)
{
    uint32_t at = (sizeof(*info) + cpu_count * sizeof(info->mfn_offset[0]) + 3) / 4;

    info->tbuf_size = (uint16_t)pages;
    for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
        trace_ring_init(&buffers[cpu].ring, rings[cpu], pages * PAGE_BYTES);
        buffers[cpu].tell.run = tell;
        memory_share(rings[cpu], pages * PAGE_BYTES);
        info->mfn_offset[cpu] = (uint16_t)at;
        for (uint32_t i = 0; i < pages; i++)
            ((uint32_t *)info)[at++] =
                (uint32_t)direct_mfn((char *)rings[cpu] + i * PAGE_BYTES).n;
    }
    memory_share(info, info_bytes);
}

int trace_set_size(uint32_t pages)
{
    uint32_t words = (sizeof(*info) + cpu_count * sizeof(info->mfn_offset[0]) + 3) / 4;
    void **rings;
    int rc;

    if (buffers)
        return pages == buffer_pages ? 0 : -EINVAL;
    if (!pages || pages > PAGES_MAX || words + cpu_count * pages > UINT16_MAX)
        return -EINVAL;
    rings = pool_array(void *, cpu_count);
    if (!rings)
        return -ENOMEM;
    info_bytes = (uint32_t)((words + cpu_count * pages) * 4 + PAGE_BYTES - 1) & (uint32_t)PAGE_MASK;
    rc = allocate(pages, rings);
    if (rc) {
        give_back(pages, rings);
    } else {
        publish(pages, rings);
        buffer_pages = pages;
        cpumask_set_first(&cpus, cpu_count);
    }
    pool_free(rings);
    return rc;
}

struct trace_info trace_info(void)
{
    return (struct trace_info){
        .mfn = buffers ? direct_mfn(info).n : 0,
        .mask = wanted,
        .bytes = buffers ? info_bytes : 0,
    };
}

static void apply(void)
{
    __atomic_store_n(&trace_mask, enabled ? wanted : 0, __ATOMIC_RELEASE);
}

int trace_enable(bool on)
{
    if (on && !buffers)
        return -EINVAL;
    enabled = on;
    apply();
    return 0;
}

void trace_set_mask(uint32_t mask)
{
    wanted = mask;
    apply();
}

void trace_set_cpus(const struct cpumask *set)
{
    cpumask_copy(&cpus, set);
}
