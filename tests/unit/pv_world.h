/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small machine for the PV memory code: a few frames, two domains with a CPU each, TLBs that
 * never forget unless flushed, and world_check(), which recomputes every count from scratch. For
 * one test or fuzz program each; it defines what hypervisor/mm and pv/ link against.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/features.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/range_set.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/page_hooks.h"
#include "mm/page_word.h"
#include "mm/tlb.h"
#include "p2m/copy.h"
#include "p2m/m2p.h"
#include "pv/grant_map.h"
#include "pv/pte_update.h"
#include "pv/pv.h"
#include "pv/type.h"
#include "sched/softirq.h"

/* Domain n's vCPU is on CPU n; both run all the time, the test acts as one of them. */
#define FRAMES 32     /* frame numbers below are RAM, above device memory */
#define DOMS 2        /* domain 0 is the control domain */
#define DOM_FRAMES 14 /* domain n owns frames [1 + 15 n, 1 + 15 n + 14); then one of DOMID_XEN */
#define SHARED_FRAME(n) (1 + 15 * (n) + 13) /* its last one is shared hypervisor memory */
#define PRIVATE_FRAME 0 /* the hypervisor's own, with a reference */
#define LENT_FRAME 31   /* the hypervisor's own, to be mapped by name of DOMID_XEN */
#define DEVICE_OK 100   /* device frames the domains may map */
#define DEVICE_END 110

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
#define fake_frames ((struct page *)fake_frame_table)
struct percpu fake_percpu[DOMS];
unsigned int fake_cpu, fake_clflushes;
struct cpu_features cpu_features = {.physical_bits = 46};
struct cpumask cpus_online;
struct domain *domain_control, *domain_io, *domain_xen;

static struct domain world_domain[DOMS], world_io, world_xen;
static struct pv_domain world_pv[DOMS];
static struct vcpu world_vcpu[DOMS];
static struct pv_vcpu world_pv_vcpu[DOMS];
static struct vcpu *world_vcpu_list[DOMS][1];
static struct cpumask world_dirty[DOMS];
static struct range_set world_iomem;
static uint64_t world_m2p[FRAMES];
static bool world_free[FRAMES]; /* came back through domain_pages_freed() */
static uint64_t world_args[6];
static int world_preempt_in = -1; /* calls of hypercall_preempt() until it says yes; -1 never */
static bool world_preempt_always;
static bool world_copy_fails;
static uint32_t world_clock, world_flushes;
static bool world_limbo[DOMS];

/* What each CPU's TLB and paging-structure caches may hold, per frame. */
struct tlb {
    bool reads[FRAMES], writes[FRAMES], walks[FRAMES];
};
static struct tlb tlb[DOMS];

#define WORLD_FAIL(...)                                              \
    do {                                                             \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);              \
        fprintf(stderr, __VA_ARGS__);                                \
        fprintf(stderr, "\n");                                       \
        abort();                                                     \
    } while (0)
#define WORLD(cond)                        \
    do {                                   \
        if (!(cond))                       \
            WORLD_FAIL("%s", #cond);       \
    } while (0)

void panic(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    abort();
}

void log_guest(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

uint64_t frame_limit = FRAMES;

void m2p_set(mfn_t m, uint64_t pfn)
{
    world_m2p[m.n] = pfn;
}

struct range *range_alloc(void)
{
    return malloc(sizeof(struct range));
}

void range_free(struct range *r)
{
    free(r);
}

static inline uint64_t *world_table(uint64_t mfn)
{
    return (uint64_t *)fake_ram[mfn];
}

void hvmap_install(mfn_t l4, mfn_t perdomain_l3)
{
    for (unsigned int i = SLOT_FIRST; i < SLOT_END; i++)
        world_table(l4.n)[i] = 0xabc000 | PTE_P;
    (void)perdomain_l3;
}

struct domain *domain_get(domid_t id)
{
    return id < DOMS ? &world_domain[id] : NULL;
}

void domain_ref(struct domain *d)
{
    (void)d;
}

void domain_put(struct domain *d)
{
    (void)d;
}

void domain_crash(struct domain *d, const char *why, ...)
{
    (void)d;
    (void)why;
}

bool hypercall_preempt(void)
{
    if (world_preempt_in < 0)
        return world_preempt_always;
    if (world_preempt_in-- == 0) {
        world_preempt_in = -1;
        return true;
    }
    return false;
}

uint64_t *hypercall_args(void)
{
    return world_args;
}

int copy_from_guest(void *to, uint64_t gva, size_t bytes)
{
    if (!gva)
        return -EFAULT;
    memcpy(to, (const void *)(uintptr_t)gva, bytes);
    return 0;
}

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    if (!gva || world_copy_fails)
        return -EFAULT;
    memcpy((void *)(uintptr_t)gva, from, bytes);
    return 0;
}

int pv_descriptor_page_validate(mfn_t mfn)
{
    return world_table(mfn.n)[0] == 0xbad ? -EINVAL : 0;
}

int pv_set_ldt(struct vcpu *v, uint64_t base, uint32_t entries)
{
    (void)v;
    (void)base;
    (void)entries;
    return 0;
}

void pv_ports_update(struct vcpu *v)
{
    (void)v;
}

void softirq_raise(enum softirq nr)
{
    world_limbo[fake_cpu] |= nr == SOFTIRQ_PAGES || nr == SOFTIRQ_PAGES_FEW;
}

/* ---- the TLB ---- */

static void tlb_cache(struct tlb *t, uint64_t table, unsigned int level)
{
    t->walks[table] = true;
    for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
        uint64_t e = world_table(table)[i], mfn = pte_mfn(e).n;

        if (!(e & PTE_P) || (level == 4 && i >= SLOT_FIRST && i < SLOT_END) || mfn >= FRAMES)
            continue;
        if (level > 1) {
            tlb_cache(t, mfn, level - 1);
        } else {
            t->reads[mfn] = true;
            t->writes[mfn] |= (e & PTE_RW) != 0;
        }
    }
}

/* A CPU may load anything that CR3 reaches at any time. */
static void tlb_speculate(void)
{
    for (unsigned int cpu = 0; cpu < DOMS; cpu++)
        if (fake_percpu[cpu].cr3)
            tlb_cache(&tlb[cpu], fake_percpu[cpu].cr3 >> PAGE_SHIFT, 4);
}

static void tlb_forget(unsigned int cpu)
{
    world_flushes++;
    memset(&tlb[cpu], 0, sizeof(tlb[cpu]));
    fake_percpu[cpu].tlb_stamp = ++world_clock;
    tlb_speculate();
}

static bool tlb_any_read(uint64_t mfn)
{
    return tlb[0].reads[mfn] || tlb[1].reads[mfn];
}

static bool tlb_any_write(uint64_t mfn)
{
    return tlb[0].writes[mfn] || tlb[1].writes[mfn];
}

static bool tlb_any_walk(uint64_t mfn)
{
    return tlb[0].walks[mfn] || tlb[1].walks[mfn];
}

uint32_t tlb_clock(void)
{
    return world_clock;
}

void tlb_flush_local(enum tlb_flush_kind kind, uint64_t va)
{
    (void)va;
    if (kind != TLB_FLUSH_PAGE) /* one page flushed: the others stay, so nothing is certain */
        tlb_forget(fake_cpu);
}

void tlb_flush_mask(const struct cpumask *mask, enum tlb_flush_kind kind, uint64_t va)
{
    (void)va;
    for (unsigned int cpu = 0; cpu < DOMS; cpu++)
        if (cpumask_test(mask, cpu) && kind != TLB_FLUSH_PAGE)
            tlb_forget(cpu);
}

void tlb_flush_stale(const struct cpumask *mask, uint32_t stamp)
{
    for (unsigned int cpu = 0; cpu < DOMS; cpu++)
        if (cpumask_test(mask, cpu) && (int32_t)(fake_percpu[cpu].tlb_stamp - stamp) <= 0)
            tlb_forget(cpu);
}

void tlb_load_cr3(uint64_t cr3)
{
    tlb_speculate(); /* what was reachable until now */
    fake_percpu[fake_cpu].cr3 = cr3;
    tlb_forget(fake_cpu);
}

static void world_page_freed(struct page *pg)
{
    uint64_t mfn = page_mfn(pg).n;

    WORLD(!(pg->count & PAGE_REFS_MASK) && pg->type == 0);
    WORLD(!tlb_any_read(mfn) && !tlb_any_write(mfn) && !tlb_any_walk(mfn));
    world_free[mfn] = true;
    pg->count = (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT;
    memset(fake_ram[mfn], 0, PAGE_BYTES);
}

void domain_pages_freed(struct page *first, uint64_t n, domid_t owner)
{
    WORLD(owner < DOMS && n > 0);
    for (uint64_t i = 0; i < n; i++) {
        WORLD(page_owner_id(first + i) == owner);
        world_page_freed(first + i);
    }
}

/* ---- setting up ---- */

/* The gate of the acting CPU. */
static void world_drain(void)
{
    if (world_limbo[fake_cpu])
        page_limbo_drain();
    world_limbo[fake_cpu] = false;
}

/* Go on as domain @n's vCPU, on its CPU. */
static void world_run_as(unsigned int n)
{
    fake_cpu = n;
}

static void world_domain_init(unsigned int n)
{
    struct domain *d = &world_domain[n];
    struct vcpu *v = &world_vcpu[n];

    *d = (struct domain){.id = n, .is_control = n == 0, .life = DOMAIN_ALIVE, .max_vcpus = 1};
    world_pv[n] = (struct pv_domain){.perdomain_l3 = MFN_NONE};
    spin_init(&world_pv[n].update_lock, LOCK_PV_UPDATE);
    spin_init(&world_pv[n].log.lock, LOCK_P2M);
    memset(&world_dirty[n], 0, sizeof(world_dirty[n]));
    cpumask_set(&world_dirty[n], n);
    fake_percpu[n].current = v;
    fake_percpu[n].tlb_stamp = world_clock;
    world_vcpu_list[n][0] = v;
    d->pv = &world_pv[n];
    d->dirty_cpus = &world_dirty[n];
    d->iomem = &world_iomem;
    d->vcpus = world_vcpu_list[n];
    memset(v, 0, sizeof(*v));
    world_pv_vcpu[n] =
        (struct pv_vcpu){.l4_kernel = MFN_NONE, .l4_user = MFN_NONE, .in_kernel = true};
    v->pv = &world_pv_vcpu[n];
    v->domain = d;
    for (unsigned int i = 0; i < DOM_FRAMES; i++) {
        struct page *pg = mfn_page(MFN(1 + 15 * n + i));

        if (1 + 15 * n + i == SHARED_FRAME(n))
            page_share(pg, d);
        else
            page_assign(pg, d->id, 0);
    }
}

static void world_reset(void)
{
    memset(fake_ram, 0, sizeof(fake_ram));
    memset(fake_frame_table, 0, sizeof(fake_frame_table));
    memset(fake_percpu, 0, sizeof(fake_percpu));
    memset(world_free, 0, sizeof(world_free));
    memset(&cpus_online, 0, sizeof(cpus_online));
    cpumask_set(&cpus_online, 0);
    cpumask_set(&cpus_online, 1);
    world_clock = 10;
    world_flushes = 0;
    memset(world_limbo, 0, sizeof(world_limbo));
    world_preempt_in = -1;
    for (unsigned int m = 0; m < FRAMES; m++)
        fake_frames[m].count = (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT;
    if (range_set_is_empty(&world_iomem))
        WORLD(!range_set_add(&world_iomem, DEVICE_OK, DEVICE_END - 1));
    world_io = (struct domain){.id = DOMID_IO, .is_system = true};
    world_xen = (struct domain){.id = DOMID_XEN, .is_system = true};
    domain_control = &world_domain[0];
    domain_io = &world_io;
    domain_xen = &world_xen;
    page_assign(mfn_page(MFN(PRIVATE_FRAME)), DOMID_XEN, 0);
    page_share(mfn_page(MFN(LENT_FRAME)), &world_xen);
    memset(tlb, 0, sizeof(tlb));
    for (unsigned int n = 0; n < DOMS; n++)
        world_domain_init(n);
    world_run_as(0);
}

/* ---- invariants ---- */

struct expected {
    uint64_t refs, table_uses[5], writable_uses, elsewhere;
};

static void expect_entry(struct expected *x, uint64_t e, unsigned int level)
{
    uint64_t mfn = pte_mfn(e).n;

    if (!(e & PTE_P) || mfn >= FRAMES)
        return;
    x[mfn].refs++;
    if (level > 1)
        x[mfn].table_uses[level - 1]++;
    else if (e & PTE_RW)
        x[mfn].writable_uses++;
    WORLD(e & PTE_US);
    WORLD(!(e & PTE_G));
}

static void expect_table(struct expected *x, uint64_t mfn)
{
    uint64_t w = fake_frames[mfn].type;
    unsigned int level = word_type(w), end = TABLE_ENTRIES;

    if (word_state(w) == WORD_IDLE || !word_is_table_type(word_type(w)))
        return;
    if (w & WORD_PARTIAL) {
        end = word_progress(w);
        x[mfn].refs++;
        WORLD(word_uses(w) == 0);
    }
    for (unsigned int i = 0; i < end; i++)
        if (level != 4 || i < SLOT_FIRST || i >= SLOT_END)
            expect_entry(x, world_table(mfn)[i], level);
    if (w & WORD_PINNED) {
        x[mfn].refs++;
        x[mfn].table_uses[level]++;
    }
}

static void expect_l4(struct expected *x, mfn_t l4)
{
    if (mfn_eq(l4, MFN_NONE))
        return;
    x[l4.n].refs++;
    x[l4.n].table_uses[4]++;
}

static void check_frame(const struct expected *x, uint64_t mfn)
{
    const struct page *pg = &fake_frames[mfn];
    uint64_t w = pg->type, refs = pg->count & PAGE_REFS_MASK;
    unsigned int type = word_type(w);

    WORLD(refs == x->refs);
    if (!refs)
        return; /* free, or in limbo */
    if (word_state(w) == WORD_IN_USE) {
        uint64_t uses = type == PAGE_WRITABLE ? x->writable_uses
                        : type == PAGE_DESCRIPTOR ? word_uses(w)
                                                  : x->table_uses[type];

        WORLD(word_uses(w) == uses && uses > 0);
    }
    for (unsigned int level = 1; level <= 4; level++)
        WORLD(!x->table_uses[level] || (type == level && (w & WORD_VALID)));
    WORLD(!x->writable_uses || type == PAGE_WRITABLE);
    /* The TLB rules: no stale write to a table, no stale walk through what may be written. */
    if (type >= PAGE_L1 && type <= PAGE_DESCRIPTOR)
        WORLD(!tlb_any_write(mfn));
    if (type == PAGE_WRITABLE || type == PAGE_DESCRIPTOR)
        WORLD(!tlb_any_walk(mfn));
    WORLD(type == PAGE_NONE || type == PAGE_WRITABLE || !(pg->count & PAGE_XENHEAP));
}

/* All counts, recomputed. No operation may be under way. */
static void world_check(void)
{
    static struct expected x[FRAMES];

    tlb_speculate();
    memset(x, 0, sizeof(x));
    for (unsigned int m = 0; m < FRAMES; m++)
        if (fake_frames[m].count & PAGE_REFS_MASK)
            expect_table(x, m);
    for (unsigned int n = 0; n < DOMS; n++) {
        expect_l4(x, world_pv_vcpu[n].l4_kernel);
        expect_l4(x, world_pv_vcpu[n].l4_user);
        WORLD(!spin_is_locked(&world_pv[n].update_lock));
    }
    for (unsigned int m = 0; m < FRAMES; m++) {
        if (fake_frames[m].count & PAGE_ALLOCATED)
            x[m].refs++;
        check_frame(&x[m], m);
    }
}

/* Destroy both domains: afterwards every frame has come back. */
static void world_end(void)
{
    for (fake_cpu = 0; fake_cpu < DOMS; fake_cpu++) {
        fake_percpu[fake_cpu].current = NULL;
        tlb_load_cr3(0);
    }
    fake_cpu = 0;
    for (unsigned int n = 0; n < DOMS; n++) {
        struct domain *d = &world_domain[n];

        d->life = DOMAIN_DYING;
        while (pv_drop_l4s(&world_vcpu[n]))
            ;
        for (unsigned int m = 0; m < FRAMES; m++) {
            struct page *pg = &fake_frames[m];

            if (!page_get(pg, d))
                continue;
            while (pv_release_frame(d, pg))
                ;
            (void)!page_release_allocated(pg);
            page_put(pg);
        }
    }
    for (fake_cpu = 0; fake_cpu < DOMS; fake_cpu++)
        world_drain();
    fake_cpu = 0;
    for (unsigned int n = 0; n < DOMS; n++) {
        WORLD(world_domain[n].foreign_maps == 0);
        for (unsigned int i = 0; i < DOM_FRAMES; i++)
            WORLD(world_free[1 + 15 * n + i]);
    }
}

/* ---- calls of the current vCPU, continued until they end ---- */

static long world_continue(long (*call)(uint64_t, uint64_t, uint64_t, uint64_t))
{
    unsigned int rounds = 0;
    long result;

    do {
        result = call(world_args[0], world_args[1], world_args[2], world_args[3]);
        WORLD(++rounds < 2000); /* each round gets something done */
    } while (result == -ERESTART);
    return result;
}

static inline long world_mmu_update(uint64_t ptr, uint64_t val, uint32_t fd)
{
    struct mmu_update u = {ptr, val};

    world_args[0] = (uint64_t)(uintptr_t)&u;
    world_args[1] = 1;
    world_args[2] = 0;
    world_args[3] = fd;
    return world_continue(hc_mmu_update);
}

static inline long world_mmuext(uint32_t cmd, uint64_t arg1, uint64_t arg2, uint32_t fd)
{
    struct mmuext_op op = {.cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2};

    world_args[0] = (uint64_t)(uintptr_t)&op;
    world_args[1] = 1;
    world_args[2] = 0;
    world_args[3] = fd;
    return world_continue(hc_mmuext_op);
}
