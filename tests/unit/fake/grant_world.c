/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains, frames and page tables below and above grant/, for host tests. */
#include "tests/unit/fake/grant_world.h"

#include <stdlib.h>
#include <string.h>

#include "console/log.h"
#include "domain/shared.h"
#include "mm/heap.h"
#include "mm/pool.h"
#include "mm/tlb.h"
#include "p2m/copy.h"
#include "p2m/m2p.h"

struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
unsigned char fake_frame_table[FAKE_FRAMES * sizeof(struct page)] aligned(16);
_Alignas(4096) uint8_t fake_ram[FAKE_FRAMES][PAGE_BYTES];
struct fake_frame fake_frames[FAKE_FRAMES];
struct fake_slot fake_slots[FAKE_DOMAINS][FAKE_SLOTS];
struct domain fake_domains[FAKE_DOMAINS];
long fake_pool_blocks, fake_pool_fail_after = -1;
uint64_t fake_args[6];
bool fake_preempt;
int fake_flushes;
bool fake_broken, fake_dies_late;
int fake_lost;
uint64_t fake_m2p[FAKE_FRAMES];
static struct vcpu vcpus[FAKE_DOMAINS];
static struct cpumask dirty;

static bool allocation_fails(void)
{
    return fake_pool_fail_after >= 0 && fake_pool_fail_after-- == 0;
}

void *pool_alloc(size_t bytes)
{
    if (allocation_fails())
        return NULL;
    fake_pool_blocks++;
    return calloc(1, bytes ? bytes : 1);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    fake_pool_blocks -= p != NULL;
    free(p);
}

uint64_t frame_limit = FAKE_FRAMES;

static struct fake_frame *frame_of(const struct page *pg)
{
    return &fake_frames[page_mfn(pg).n];
}

bool page_get_id(struct page *pg, domid_t owner)
{
    struct fake_frame *f = frame_of(pg);

    if (!f->live || f->owner != owner || f->ended)
        return false;
    f->refs++;
    return true;
}

bool page_get_any(struct page *pg, domid_t *owner)
{
    struct fake_frame *f = frame_of(pg);

    *owner = f->owner;
    return f->live && page_get_id(pg, f->owner);
}

static void put(struct fake_frame *f)
{
    if (f->refs-- <= 0)
        abort();
    if (!f->refs) {
        f->live = false;
        if (f->writes || f->stale)
            fake_broken = true;
    }
}

void page_put(struct page *pg)
{
    if (frame_of(pg)->stale)
        fake_broken = true;
    put(frame_of(pg));
}

int page_type_get(struct page *pg, enum page_type type)
{
    struct fake_frame *f = frame_of(pg);

    if (type != PAGE_WRITABLE || f->refs <= 0)
        abort();
    if (f->table)
        return -EBUSY;
    f->writes++;
    return 0;
}

void page_type_put(struct page *pg)
{
    if (frame_of(pg)->writes-- <= 0)
        abort();
    if (frame_of(pg)->stale)
        fake_broken = true;
}

bool page_get_writable_id(struct page *pg, domid_t owner)
{
    if (!page_get_id(pg, owner))
        return false;
    if (!page_type_get(pg, PAGE_WRITABLE))
        return true;
    put(frame_of(pg));
    return false;
}

void page_written(const struct page *pg)
{
    frame_of(pg)->told++;
}

void page_ref(struct page *pg)
{
    if (frame_of(pg)->refs++ <= 0)
        abort();
}

void page_put_writable(struct page *pg)
{
    page_type_put(pg);
    page_put(pg);
}

void *heap_alloc_hyp(unsigned int order)
{
    if (order || allocation_fails())
        return NULL;
    for (int n = FAKE_FRAMES - FAKE_HEAP_FRAMES; n < FAKE_FRAMES; n++)
        if (!fake_frames[n].live) {
            memset(fake_ram[n], 0, PAGE_BYTES);
            return fake_ram[n];
        }
    return NULL;
}

void *shared_page_create(struct domain *d)
{
    void *page = d->life < DOMAIN_DYING ? heap_alloc_hyp(0) : NULL;

    if (page) {
        *frame_of(mfn_page(direct_mfn(page))) =
            (struct fake_frame){.refs = 1, .owner = d->id, .live = true, .xenheap = true};
        d->hyp_pages++;
    }
    return page;
}

/* As long as a guest holds it, the frame stays the domain's. */
void shared_page_end(void *page)
{
    struct fake_frame *f = frame_of(mfn_page(direct_mfn(page)));

    put(f);
    f->ended = true;
    if (!f->refs)
        fake_domains[f->owner].hyp_pages--;
}

void shared_page_free(void *page)
{
    if (page && !frame_of(mfn_page(direct_mfn(page)))->ended)
        put(frame_of(mfn_page(direct_mfn(page))));
}

void m2p_set(mfn_t m, uint64_t pfn)
{
    fake_m2p[m.n] = pfn;
}

/* Frames between two owners are neither live nor free; heap_free() ends a lost one. */
struct page *domain_take_frame(struct domain *d, mfn_t m)
{
    struct fake_frame *f = &fake_frames[m.n];

    if (m.n >= FAKE_FRAMES || !f->live || f->owner != d->id || f->refs != 1 || f->xenheap)
        return NULL;
    *f = (struct fake_frame){.owner = DOMID_XEN};
    d->tot_pages--;
    return mfn_page(m);
}

int domain_adjust_pages(struct domain *d, int64_t pages)
{
    if (pages > 0 && (d->life >= DOMAIN_DYING || d->tot_pages + (uint64_t)pages > d->max_pages))
        return -ENOMEM;
    d->tot_pages += (uint64_t)pages;
    return 0;
}

bool domain_give_frame(struct domain *d, struct page *pg)
{
    struct fake_frame *f = frame_of(pg);

    if (f->live || f->owner != DOMID_XEN)
        abort();
    if (d->life >= DOMAIN_DYING || fake_dies_late)
        return false;
    *f = (struct fake_frame){.refs = 1, .owner = d->id, .live = true};
    return true;
}

void heap_free(struct page *pg, unsigned int order)
{
    if (order || frame_of(pg)->live || frame_of(pg)->owner != DOMID_XEN)
        abort();
    frame_of(pg)->owner = DOMID_INVALID;
    fake_lost++;
}

struct domain *domain_get(domid_t id)
{
    if (id >= FAKE_DOMAINS)
        return NULL;
    fake_domains[id].refs++;
    return &fake_domains[id];
}

struct domain *domain_get_arg(domid_t id)
{
    return domain_get(id == DOMID_SELF ? vcpu_current()->domain->id : id);
}

void domain_put(struct domain *d)
{
    if (d->refs-- == 0)
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

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    if (!gva)
        return -EFAULT;
    memcpy((void *)gva, from, bytes);
    return 0;
}

bool hypercall_preempt(void)
{
    return fake_preempt;
}

uint64_t *hypercall_args(void)
{
    return fake_args;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

void tlb_flush_mask(const struct cpumask *mask, enum tlb_flush_kind kind, uint64_t va)
{
    if (mask != &dirty || kind != TLB_FLUSH_GUEST || va)
        abort();
    fake_flushes++;
    for (int n = 0; n < FAKE_FRAMES; n++)
        fake_frames[n].stale = 0;
}

static struct fake_slot *slot_at(struct domain *d, uint64_t host_addr)
{
    uint64_t index = (host_addr - FAKE_SLOT_ADDR(0)) / 8;

    return index < FAKE_SLOTS ? &fake_slots[d->id][index] : NULL;
}

/* The entry's own references go; translations of it stay until a flush. */
static void slot_drop(struct fake_slot *s)
{
    struct fake_frame *f = &fake_frames[s->mfn];

    if (!s->present)
        return;
    if (s->writable)
        f->writes--;
    s->present = false;
    put(f);
}

static int map(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags, uint64_t cache)
{
    struct fake_slot *s = slot_at(d, host_addr);
    struct fake_frame *f = &fake_frames[frame.n];

    if (!s)
        return GNTST_general_error;
    if (f->refs <= 0 || (!(flags & GNTMAP_readonly) && f->writes <= 0))
        abort(); /* grant/ promises to hold it */
    slot_drop(s);
    f->refs++;
    f->writes += !(flags & GNTMAP_readonly);
    *s = (struct fake_slot){true, !(flags & GNTMAP_readonly), frame.n, cache | flags >> 16 << 9};
    return GNTST_okay;
}

static int unmap(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags)
{
    struct fake_slot *s = slot_at(d, host_addr);

    (void)flags;
    if (!s || !s->present || s->mfn != frame.n)
        return GNTST_general_error;
    slot_drop(s);
    fake_frames[frame.n].stale++;
    return GNTST_okay;
}

static int replace(struct domain *d, uint64_t host_addr, uint64_t new_addr, mfn_t frame,
                   uint32_t flags)
{
    struct fake_slot *from = slot_at(d, new_addr), *to = slot_at(d, host_addr);

    if (!from || unmap(d, host_addr, frame, flags))
        return GNTST_general_error;
    *to = *from;
    from->present = false;
    return GNTST_okay;
}

static const struct grant_mapper mapper = {.map = map, .unmap = unmap, .replace = replace};
static const struct guest_kind kind = {.name = "fake", .grants = &mapper};

void fake_slot_clear(int domain, int slot)
{
    slot_drop(&fake_slots[domain][slot]);
}

uint64_t fake_frame_of(int domain, int index)
{
    return 8 + (uint64_t)domain * FAKE_GUEST_FRAMES + (uint64_t)index;
}

void fake_become(int domain)
{
    fake_percpu[0].current = &vcpus[domain];
}

/* Where a translated domain has put a frame. */
uint64_t m2p_get(mfn_t m)
{
    return m.n + FAKE_PLACED;
}

void fake_world(int32_t max_frames, int32_t max_maptrack, uint32_t options)
{
    memset(fake_frames, 0, sizeof(fake_frames));
    memset(fake_slots, 0, sizeof(fake_slots));
    memset(fake_domains, 0, sizeof(fake_domains));
    memset(fake_m2p, 0xff, sizeof(fake_m2p));
    fake_broken = fake_preempt = fake_dies_late = false;
    fake_flushes = fake_lost = 0;
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        struct domain *d = &fake_domains[i];

        d->id = (domid_t)i;
        d->refs = 1;
        d->is_control = i == 0;
        d->kind = &kind;
        d->life = DOMAIN_ALIVE;
        d->tot_pages = FAKE_GUEST_FRAMES;
        d->max_pages = FAKE_GUEST_FRAMES + 2;
        d->dirty_cpus = &dirty;
        vcpus[i].domain = d;
        for (int j = 0; j < FAKE_GUEST_FRAMES; j++) {
            fake_frames[fake_frame_of(i, j)] =
                (struct fake_frame){.refs = 1, .owner = d->id, .live = true};
            memset(fake_ram[fake_frame_of(i, j)], i * 16 + j, PAGE_BYTES);
        }
        if (grant_domain_init(d, max_frames, max_maptrack, options))
            abort();
    }
    fake_become(0);
}

bool fake_world_end(void)
{
    int owned = 0;

    fake_preempt = false;
    for (int i = 0; i < FAKE_DOMAINS; i++)
        for (int j = 0; j < FAKE_SLOTS; j++)
            fake_slot_clear(i, j);
    for (int i = 0; i < FAKE_DOMAINS; i++)
        if (grant_domain_relinquish(&fake_domains[i]))
            return false;
    for (int i = 0; i < FAKE_DOMAINS; i++) {
        if (fake_domains[i].refs != 1)
            return false;
        grant_domain_free(&fake_domains[i]);
    }
    for (int n = 0; n < FAKE_FRAMES; n++) {
        bool guest = n >= 8 && n < FAKE_FRAMES - FAKE_HEAP_FRAMES;
        bool lost = guest && fake_frames[n].owner == DOMID_INVALID;

        if (fake_frames[n].refs != (guest && !lost) || fake_frames[n].writes)
            return false;
        owned += guest && !lost;
    }
    for (int i = 0; i < FAKE_DOMAINS; i++)
        owned -= (int)fake_domains[i].tot_pages;
    if (owned)
        return false;
    return !fake_pool_blocks && !fake_broken;
}

long call(uint32_t cmd, void *op, uint32_t count)
{
    fake_args[0] = cmd;
    fake_args[1] = (uint64_t)op;
    fake_args[2] = count;
    return hc_grant_table_op(cmd, (uint64_t)op, count);
}
