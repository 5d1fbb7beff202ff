/* SPDX-License-Identifier: BSD-2-Clause */
/* Populate on demand: a guest that writes, reads and gives up memory it was promised, while others
 * hold frames and stale translations are written through, against a plain array. */
/* sources: hypervisor/domain/pod.c hypervisor/domain/translated.c hypervisor/p2m/p2m.c */
/* sources: hypervisor/p2m/written.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#define FRAMES 4096u
#include "tests/unit/p2m_world.h"

#include "abi/errno.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "domain/pod.h"
#include "domain/translated.h"
#include "hypercall/hypercall.h"
#include "mm/page_hooks.h"
#include "mm/tlb.h"
#include "p2m/m2p.h"
#include "p2m/p2m.h"
#include "p2m/written.h"

#define FIRST 1024u /* of the frames that guests get; tables come from below */
#define GFNS  2048u
#define GUEST 1

uint64_t frame_limit = FRAMES;
struct cpumask cpus_online;

static struct p2m p2m;
static struct domain guest = {.id = GUEST, .is_translated = true, .p2m = &p2m,
                              .life = DOMAIN_ALIVE};
static bool owned[FRAMES];
static uint64_t held[FRAMES]; /* by others: the guest frame that they mean, + 1 */
static uint64_t m2p[FRAMES], flushes;
static unsigned int preempt_in;

static uint64_t model[GFNS];      /* what the guest wrote last; 0 nothing */
static uint64_t may_write[GFNS];  /* stale or not: the frame a translation of it leads to, + 1 */
static bool promised[GFNS];       /* to be memory when touched */
static uint64_t stale_writes;

/* ---- the world ---- */

bool hypercall_preempt(void)
{
    return preempt_in && check_random() % preempt_in == 0;
}

void m2p_set(mfn_t m, uint64_t pfn)
{
    m2p[m.n] = pfn;
}

uint64_t m2p_get(mfn_t m)
{
    return m2p[m.n];
}

static void word_write(uint64_t frame, uint64_t value)
{
    *(uint64_t *)(void *)(fake_ram[frame] + 64) = value;
}

/* Translations that allow writes live until here, and are used once more before they go. */
void tlb_flush_mask(const struct cpumask *mask, enum tlb_flush_kind kind, uint64_t va)
{
    (void)mask;
    (void)kind;
    (void)va;
    flushes++;
    CHECK(!spin_is_locked(&p2m.lock));
    for (unsigned int i = 0; i < 40; i++) {
        uint64_t gfn = check_random() % GFNS;

        if (may_write[gfn]) {
            model[gfn] = check_random() % 1000 + 1;
            word_write(may_write[gfn] - 1, model[gfn]);
            stale_writes++;
        }
    }
    memset(may_write, 0, sizeof(may_write));
}

struct page *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int bits,
                                uint64_t gfn)
{
    CHECK_EQ(bits, 0);
    if (d->tot_pages + (1u << order) > d->max_pages)
        return NULL;
    for (uint64_t at = FIRST; at < FRAMES; at += 1u << order) {
        uint64_t i;

        for (i = 0; i < 1u << order && !owned[at + i]; i++)
            ;
        if (i < 1u << order)
            continue;
        for (i = 0; i < 1u << order; i++) {
            owned[at + i] = true;
            m2p[at + i] = gfn == M2P_INVALID ? gfn : gfn + i;
            memset(fake_ram[at + i], order ? 0 : 0xab, PAGE_BYTES);
        }
        d->tot_pages += 1u << order;
        return mfn_page(MFN(at));
    }
    return NULL;
}

bool reservation_drop_frame(struct domain *d, mfn_t m)
{
    CHECK(m.n >= FIRST && m.n < FRAMES);
    if (!owned[m.n])
        return false;
    owned[m.n] = false;
    d->tot_pages--;
    return true;
}

bool page_is_sole_id(const struct page *pg, domid_t owner)
{
    uint64_t m = page_mfn(pg).n;

    return owner == GUEST && owned[m] && !held[m];
}

/* Not reached: nobody maps frames of others here. */
#define NOT_HERE(result, name, ...) result name(__VA_ARGS__) { abort(); }
NOT_HERE(bool, page_get_id, struct page *pg unused, domid_t owner unused)
NOT_HERE(bool, page_get_any, struct page *pg unused, domid_t *owner unused)
NOT_HERE(bool, page_get_writable_id, struct page *pg unused, domid_t owner unused)
NOT_HERE(int, page_type_get, struct page *pg unused, enum page_type type unused)
NOT_HERE(void, page_put, struct page *pg unused)
NOT_HERE(void, page_put_writable, struct page *pg unused)
NOT_HERE(struct domain *, domain_get, domid_t id unused)
NOT_HERE(void, domain_put, struct domain *d unused)

static unsigned int crashes;

void domain_crash(struct domain *d unused, const char *why unused, ...)
{
    crashes++;
}

/* ---- the guest ---- */

/* Touch @gfn until it is memory; false: there is none left. */
static bool touch(uint64_t gfn)
{
    for (;;) {
        switch (pod_fault(&guest, gfn)) {
        case POD_OTHER:
            return true;
        case POD_OUT:
            return false;
        case POD_AGAIN:
            break;
        }
    }
}

static uint64_t word_of(uint64_t gfn)
{
    struct p2m_entry e = p2m_lookup(&p2m, gfn);

    CHECK(p2m_type_is_ram(e.type));
    CHECK(owned[e.mfn.n]);
    CHECK_EQ(m2p[e.mfn.n], gfn);
    return *(uint64_t *)(void *)(fake_ram[e.mfn.n] + 64);
}

/* Frames that could be promised again: as memory they are zero, and nobody holds them. */
static unsigned int zero_frames(void)
{
    unsigned int n = 0;

    for (uint64_t gfn = 0; gfn < GFNS; gfn++) {
        struct p2m_entry e = p2m_lookup(&p2m, gfn);

        n += p2m_type_is_ram(e.type) && !model[gfn] && !held[e.mfn.n];
    }
    return n;
}

static void guest_write(uint64_t gfn, uint64_t value)
{
    struct p2m_entry e;

    if (!touch(gfn)) {
        CHECK_EQ(p2m.pod.count, 0);
        CHECK_EQ(zero_frames(), 0);
        return;
    }
    e = p2m_lookup(&p2m, gfn);
    if (e.type == P2M_RAM_LOGDIRTY) {
        p2m_mark_written(&p2m, gfn);
        e = p2m_lookup(&p2m, gfn);
    }
    if (e.type == P2M_HOLE)
        return;
    CHECK_EQ(e.type, P2M_RAM);
    word_write(e.mfn.n, value);
    may_write[gfn] = e.mfn.n + 1;
    model[gfn] = value;
}

static void forget(uint64_t gfn, uint64_t frames)
{
    memset(&model[gfn], 0, frames * sizeof(model[0]));
    memset(&promised[gfn], 0, frames * sizeof(promised[0]));
    memset(&may_write[gfn], 0, frames * sizeof(may_write[0])); /* (it is busy calling) */
}

static void balloon_out(uint64_t gfn, unsigned int order)
{
    uint64_t frames = 1ULL << order;

    gfn &= ~(frames - 1);
    for (uint64_t i = 0; i < frames; i++) {
        struct p2m_entry e = p2m_lookup(&p2m, gfn + i);

        if (e.type != P2M_POD && (!p2m_type_is_ram(e.type) || held[e.mfn.n]))
            return;
    }
    forget(gfn, frames);
    CHECK(translated_remove(&guest, gfn, order));
}

/* ---- what is always true ---- */

static void check_all(void)
{
    uint64_t ram = 0, promises = 0;

    for (uint64_t gfn = 0; gfn < GFNS; gfn++) {
        struct p2m_entry e = p2m_lookup(&p2m, gfn);

        promises += e.type == P2M_POD;
        if (p2m_type_is_ram(e.type)) {
            ram++;
            CHECK_EQ(word_of(gfn), model[gfn]);
        } else if (e.type == P2M_POD) {
            CHECK(promised[gfn]);
            CHECK_EQ(model[gfn], 0);
        }
    }
    for (uint64_t m = FIRST; m < FRAMES; m++) /* what others hold stays where it is */
        CHECK(!held[m] || p2m_lookup(&p2m, held[m] - 1).mfn.n == m);
    CHECK_EQ(p2m.promised, promises);
    CHECK_EQ(guest.tot_pages, ram + p2m.pod.count);
    CHECK(p2m.pod.count <= p2m.promised || guest.tot_pages == p2m.pod.count);
}

static long set_target(uint64_t pages)
{
    long rc;

    do
        rc = pod_set_target(&guest, pages);
    while (rc == -ERESTART);
    return rc;
}

static void start(uint64_t max_pages)
{
    memset(model, 0, sizeof(model));
    memset(promised, 0, sizeof(promised));
    memset(may_write, 0, sizeof(may_write));
    memset(held, 0, sizeof(held));
    for (unsigned int i = FIRST; i < FRAMES; i++)
        used[i] = true; /* not for tables */
    guest.tot_pages = 0;
    guest.max_pages = max_pages;
    CHECK_EQ(p2m_init(&p2m, true, true, 512), 0);
}

static void promise(uint64_t gfn, unsigned int order)
{
    if (pod_promise(&guest, gfn, order))
        memset(&promised[gfn], 1, 1ULL << order);
}

static void finish(void)
{
    p2m_close(&p2m);
    while (!p2m_free(&p2m, 16))
        ;
    memset(owned, 0, sizeof(owned));
    for (unsigned int i = FIRST; i < FRAMES; i++)
        used[i] = false;
    used_count = 0;
}

static void hold(uint64_t frame, uint64_t gfn)
{
    if (check_random() % 4 == 0)
        held[frame] = held[frame] ? 0 : gfn + 1;
}

static void storm(uint64_t target, uint64_t preempt)
{
    uint64_t out = 0;

    start(GFNS);
    preempt_in = (unsigned int)preempt;
    CHECK_EQ(set_target(target), 0);
    CHECK_EQ(guest.tot_pages, target);
    for (uint64_t gfn = 0; gfn < GFNS; gfn += 512)
        promise(gfn, 9);
    CHECK_EQ(p2m.promised, GFNS);
    for (unsigned int round = 0; round < 6000; round++) {
        uint64_t gfn = check_random() % GFNS;

        switch (check_random() % 16) {
        case 0:
            balloon_out(gfn, check_random() % 8 ? 0 : check_random() % 8 ? 6 : 9);
            break;
        case 1:
            if (p2m_lookup(&p2m, gfn).type == P2M_HOLE)
                promise(gfn, 0);
            break;
        case 2:
            if (p2m_type_is_ram(p2m_lookup(&p2m, gfn).type))
                hold(p2m_lookup(&p2m, gfn).mfn.n, gfn);
            break;
        case 3:
            CHECK_EQ(set_target(target - 20 + check_random() % 40) % -ENOMEM, 0);
            break;
        case 4:
        case 5:
        case 6:
            guest_write(gfn, 0); /* what it wrote becomes zero again */
            break;
        case 7:
            if (pod_populate(&guest, gfn))
                CHECK_EQ(word_of(gfn), model[gfn]);
            break;
        default:
            guest_write(gfn, check_random() % 3 ? round + 1 : 0);
        }
        out += p2m.pod.count == 0;
        if (round % 500 == 0)
            check_all();
    }
    check_all();
    CHECK(out > 100);
    finish();
}

TEST(storm)
{
    storm(700, 0);
    storm(1024, 3);
    storm(300, 2);
    CHECK(stale_writes > 100);
}

TEST(large_promises_are_kept_by_large_frames)
{
    start(2048);
    CHECK_EQ(set_target(1024), 0);
    promise(0, 10);
    promise(1024, 9);
    guest_write(700, 5);
    CHECK_EQ(p2m_lookup(&p2m, 512).order, P2M_ORDER_2M);
    CHECK_EQ(p2m.pod.count, 512);
    guest_write(3, 7);
    CHECK_EQ(p2m.pod.count, 0);
    check_all();
    guest_write(1030, 1); /* a frame of those two that is zero */
    CHECK_EQ(p2m_lookup(&p2m, 1030).order, 0);
    CHECK_EQ(guest.tot_pages, 1024);
    check_all();
    finish();
}

TEST(targets)
{
    start(2000);
    CHECK_EQ(set_target(3000), -ENOMEM); /* (callers compare with max_pages) */
    CHECK_EQ(guest.tot_pages, 2000);
    CHECK_EQ(set_target(100), 0); /* less: not taken away */
    CHECK_EQ(guest.tot_pages, 2000);
    finish();
    start(2000);
    CHECK_EQ(set_target(50), 0);
    promise(0, 9);
    for (uint64_t gfn = 0; gfn < 40; gfn++)
        guest_write(gfn, gfn + 1);
    CHECK_EQ(p2m.pod.count, 10);
    CHECK_EQ(set_target(60), 0);
    CHECK_EQ(p2m.pod.count, 20);
    CHECK_EQ(set_target(2000), 0); /* no more than promised */
    CHECK_EQ(p2m.pod.count, 472);
    CHECK_EQ(guest.tot_pages, 512);
    balloon_out(256, 8); /* promises given up: so is what was set aside for them */
    CHECK_EQ(guest.tot_pages, 256);
    check_all();
    finish();
}

TEST(what_is_given_up_keeps_open_promises)
{
    start(2000);
    CHECK_EQ(set_target(100), 0);
    promise(0, 9);
    for (uint64_t gfn = 0; gfn < 100; gfn++)
        guest_write(gfn, gfn + 1);
    CHECK(!touch(100));
    CHECK(!pod_populate(&guest, 100));
    balloon_out(5, 0);
    CHECK_EQ(p2m.pod.count, 1);
    CHECK_EQ(guest.tot_pages, 100);
    CHECK(touch(100));
    CHECK_EQ(word_of(100), 0);
    pod_crash(&guest, 101);
    CHECK_EQ(crashes, 1);
    finish();
}

TEST(promises)
{
    start(2000);
    CHECK(!pod_promise(&guest, 3, 2));
    CHECK(translated_populate(&guest, 5, 0, 0));
    CHECK(!pod_promise(&guest, 5, 0));
    CHECK(!pod_promise(&guest, 0, 9));
    promise(512, 9);
    promise(512, 9); /* once more is the same */
    CHECK_EQ(p2m.promised, 512);
    CHECK(translated_populate(&guest, 600, 0, 0)); /* memory ends a promise */
    CHECK_EQ(p2m.promised, 511);
    CHECK_EQ(translated_unmap(&guest, 601), 0);
    CHECK_EQ(p2m.promised, 510);
    finish();
}
