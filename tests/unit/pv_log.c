/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of a PV guest's dirty frames: a guest that runs, changes its tables and is copied by what
 * the log says must arrive whole, whatever its processor still has in its TLB. */
/* sources: hypervisor/mm/page.c hypervisor/domain/page_hooks.c hypervisor/pv/type.c */
/* sources: hypervisor/pv/entry_ref.c hypervisor/pv/pte_update.c hypervisor/pv/targets.c */
/* sources: hypervisor/pv/mmu_update.c hypervisor/pv/mmuext.c hypervisor/pv/va_mapping.c */
/* sources: hypervisor/pv/address_space.c hypervisor/pv/grant_map.c hypervisor/lib/cpumask.c */
/* sources: hypervisor/lib/bitmap.c hypervisor/lib/range_set.c hypervisor/lib/rbtree.c */
/* sources: hypervisor/pv/log.c hypervisor/control/domctl_log_pv.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "control/domctl_log.h"
#include "grant/grant.h"
#include "mm/heap.h"
#include "tests/unit/pv_world.h"

/* Frames of domain 1 by use; a guest frame has the number of the machine frame plus GFN_AT. */
enum { L4 = 16, L3, L2, L1, DATA, DATA_END = 26, TABLE = 26, AREA, END };
#define GFN_AT 5
#define ENTRIES 8 /* of L1, used */
#define PAGES 64

static struct domain *const guest = &world_domain[1];
static void *heap_given;
static bool heap_empty;
static unsigned int areas;

void *heap_alloc_hyp(unsigned int order)
{
    CHECK(!heap_given);
    if (heap_empty)
        return NULL;
    heap_given = calloc(1, PAGE_BYTES << order);
    return heap_given;
}

void heap_free_hyp(void *p, unsigned int order unused)
{
    CHECK(p && p == heap_given);
    free(p);
    heap_given = NULL;
}

uint64_t heap_free_block(mfn_t m unused)
{
    return 0;
}

uint64_t m2p_get(mfn_t m)
{
    return world_m2p[m.n];
}

int clear_guest(uint64_t gva, size_t bytes)
{
    memset((void *)gva, 0, bytes);
    return 0;
}

void page_hook_written(const struct page *pg)
{
    if (page_owner_id(pg) == guest->id)
        pv_log_frame(guest, pg);
}

void log_mark_areas(struct domain *d)
{
    areas++;
    page_written(mfn_page(MFN(AREA)));
    CHECK(d == guest);
}

static bool grants_stop;

long grant_written(struct domain *d, grant_ref_t *next)
{
    CHECK(d == guest);
    if (grants_stop && !*next) {
        *next = 1;
        return -ERESTART;
    }
    *next = 0;
    page_written(mfn_page(MFN(DATA + 4)));
    return 0;
}

/* ---- the guest's processor: it keeps what it may ---- */

static struct {
    bool valid, writes;
    uint32_t stamp;
    uint64_t mfn;
} cached[ENTRIES];

static bool is_cached(unsigned int i, bool write)
{
    return cached[i].valid && cached[i].stamp == fake_percpu[1].tlb_stamp &&
           (cached[i].writes || !write);
}

static void touch(unsigned int i, bool write)
{
    uint64_t *entry = &world_table(L1)[i];

    if (check_random() % 16 == 0)
        cached[i].valid = false;
    if (!is_cached(i, write)) {
        if (!(*entry & PTE_P) || (write && !(*entry & PTE_RW)))
            return;
        *entry |= PTE_A | (write ? PTE_D : 0);
        cached[i].valid = true;
        cached[i].writes = (*entry & PTE_RW) && (*entry & PTE_D);
        cached[i].stamp = fake_percpu[1].tlb_stamp;
        cached[i].mfn = pte_mfn(*entry).n;
    }
    if (write)
        fake_ram[cached[i].mfn][check_random() % PAGE_BYTES]++;
}

/* ---- the guest's kernel ---- */

static uint64_t ptr(uint64_t frame, unsigned int index)
{
    return frame << PAGE_SHIFT | index * 8;
}

static void change_leaf(unsigned int i)
{
    static const uint64_t lose[] = {PTE_A, PTE_D, PTE_A | PTE_D, PTE_RW, PTE_P, ~0ULL, 0};
    uint64_t how = check_random() % 4 == 0 ? MMU_PT_UPDATE_PRESERVE_AD : MMU_NORMAL_PT_UPDATE;
    uint64_t entry = world_table(L1)[i] & ~lose[check_random() % ARRAY_SIZE(lose)];
    uint64_t frame = DATA + check_random() % (DATA_END - DATA);

    if (check_random() % 3 == 0)
        entry = pte_make(MFN(frame), PTE_P | (check_random() & (PTE_RW | PTE_A | PTE_D)));
    else if (check_random() % 3 == 0)
        entry |= PTE_RW;
    CHECK_EQ(world_mmu_update(ptr(L1, i) | how, entry, DOMID_SELF), 0);
}

static void run_guest(void)
{
    unsigned int i = check_random() % ENTRIES;

    world_run_as(1);
    switch (check_random() % 16) {
    case 0:
    case 1:
        change_leaf(i);
        break;
    case 2: /* a table comes and goes */
        if (world_mmuext(MMUEXT_PIN_L1_TABLE, TABLE, 0, DOMID_SELF))
            CHECK_EQ(world_mmuext(MMUEXT_UNPIN_TABLE, TABLE, 0, DOMID_SELF), 0);
        break;
    case 3: /* ... and is filled while it is one or not */
        CHECK_EQ(world_mmu_update(ptr(TABLE, 7),
                                  pte_make(MFN(DATA), PTE_P | (check_random() & PTE_RW)),
                                  DOMID_SELF), 0);
        break;
    case 4:
        tlb_flush_local(TLB_FLUSH_GUEST, 0);
        break;
    default:
        touch(i, check_random() & 1);
    }
    world_run_as(0);
}

/* ---- the toolstack ---- */

static uint8_t bitmap[PAGES / 8 + 1], copy[FRAMES][PAGE_BYTES];
static uint64_t copied_type[FRAMES];
static unsigned int preempt, stops;
static bool ran_meanwhile;
static struct xen_domctl_shadow_op op;

static uint64_t type_of(unsigned int mfn)
{
    uint64_t w = fake_frames[mfn].type;

    return word_is_table_type(word_type(w)) ? (uint64_t)word_type(w) << 1 | !!(w & WORD_PINNED) : 0;
}

static long call_with(uint32_t what, uint32_t mode, void *bits, uint64_t pages)
{
    long rc;

    ran_meanwhile = false;
    do {
        op = (struct xen_domctl_shadow_op){.op = what, .mode = mode, .pages = pages};
        op.dirty_bitmap.p = bits;
        world_preempt_in = preempt ? (int)(check_random() % preempt) : -1;
        rc = log_op_pv(guest, &op);
        world_preempt_in = -1;
        stops += rc == -ERESTART;
        ran_meanwhile |= rc == -ERESTART && check_random() % 2;
        if (ran_meanwhile)
            run_guest(); /* nothing keeps it; what it writes may be told this time or next time */
    } while (rc == -ERESTART);
    return rc;
}

static long call(uint32_t what)
{
    memset(bitmap, 0x55, sizeof(bitmap));
    return call_with(what, 0, bitmap, PAGES);
}

static bool is_dirty(unsigned int mfn)
{
    return bitmap[(mfn + GFN_AT) / 8] >> ((mfn + GFN_AT) % 8) & 1;
}

static void copy_frame(unsigned int mfn)
{
    memcpy(copy[mfn], fake_ram[mfn], PAGE_BYTES);
    copied_type[mfn] = type_of(mfn);
}

/* Does the copy say what the guest is now? That an entry was used matters to nobody. */
static void check_copy(void)
{
    for (unsigned int mfn = L4; mfn < END; mfn++) {
        const uint64_t *a = (void *)copy[mfn], *b = world_table(mfn);
        uint64_t ignored = copied_type[mfn] ? PTE_A : 0;

        CHECK_EQ(copied_type[mfn], type_of(mfn));
        for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
            CHECK_EQ(a[i] & ~ignored, b[i] & ~ignored);
    }
}

static void start(void)
{
    world_reset();
    free(heap_given);
    heap_given = NULL;
    preempt = stops = areas = 0;
    memset(cached, 0, sizeof(cached));
    guest->lowest_mfn = L4;
    guest->highest_mfn = SHARED_FRAME(1);
    guest->max_pages = FRAMES;
    for (unsigned int m = 0; m < FRAMES; m++)
        world_m2p[m] = m + GFN_AT;
    world_table(L4)[0] = pte_make(MFN(L3), PTE_P | PTE_RW | PTE_A);
    world_table(L3)[0] = pte_make(MFN(L2), PTE_P | PTE_RW | PTE_A);
    world_table(L2)[0] = pte_make(MFN(L1), PTE_P | PTE_RW | PTE_A);
    for (unsigned int i = 0; i < ENTRIES; i++)
        world_table(L1)[i] = pte_make(MFN(DATA + i % 6), PTE_P | PTE_RW | PTE_A | PTE_D);
    world_run_as(1);
    CHECK_EQ(world_mmuext(MMUEXT_PIN_L4_TABLE, L4, 0, DOMID_SELF), 0);
    world_run_as(0);
}

static void finish(void)
{
    CHECK(!heap_given);
    CHECK_EQ(page_writes_watched, 0);
    world_check();
    world_end();
}

TEST(a_running_guest_arrives_whole)
{
    for (unsigned int round = 0; round < 60; round++) {
        start();
        preempt = round % 4;
        for (unsigned int n = 0; n < 50; n++)
            run_guest();
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
        for (unsigned int mfn = L4; mfn < END; mfn++)
            copy_frame(mfn);
        for (unsigned int n = 0; n < 60; n++) {
            for (unsigned int m = check_random() % 12; m > 0; m--)
                run_guest();
            if (check_random() % 4 == 0)
                CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
            CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
            for (unsigned int mfn = L4; mfn < END; mfn++)
                if (is_dirty(mfn))
                    copy_frame(mfn);
            if (!ran_meanwhile)
                check_copy();
        }
        CHECK_EQ(stops > 0, preempt > 0);
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF), 0);
        finish();
    }
}

static unsigned int dirty(void)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < PAGES; i++)
        n += bitmap[i / 8] >> (i % 8) & 1;
    return n;
}

TEST(what_is_left_alone_is_clean)
{
    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    CHECK_EQ(dirty(), 0);
    CHECK_EQ(op.stats.dirty_count, 0);
    CHECK_EQ(bitmap[PAGES / 8], 0x55);
    touch(2, true);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    CHECK_EQ(dirty(), 2); /* and the table, in which the processor has written */
    CHECK_EQ(op.stats.dirty_count, 2);
    CHECK(is_dirty(DATA + 2) && is_dirty(L1));
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    CHECK_EQ(dirty(), 0);
    page_written(mfn_page(MFN(DATA + 1)));
    world_m2p[DATA] = ~0ULL; /* no guest frame: nothing to tell */
    page_written(mfn_page(MFN(DATA)));
    CHECK_EQ(call_with(XEN_DOMCTL_SHADOW_OP_CLEAN, XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL, bitmap, PAGES),
             0);
    CHECK_EQ(areas, 1);
    CHECK_EQ(dirty(), 3);
    CHECK(is_dirty(DATA + 1) && is_dirty(AREA) && is_dirty(DATA + 4));
    grants_stop = true;
    CHECK_EQ(call_with(XEN_DOMCTL_SHADOW_OP_CLEAN, XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL, bitmap, PAGES),
             0);
    grants_stop = false;
    CHECK(dirty() >= 2 && is_dirty(AREA) && is_dirty(DATA + 4));
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    finish();
}

TEST(frames_beyond_the_log_are_always_dirty)
{
    static uint8_t long_bitmap[(1 << 20) / 8];
    uint64_t frames;

    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    frames = guest->pv->log.frames;
    CHECK(frames >= FRAMES && frames + 100 <= 1 << 20);
    CHECK_EQ(call_with(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, long_bitmap, frames + 100), 0);
    CHECK_EQ(long_bitmap[frames / 8 - 1], 0);
    CHECK_EQ(long_bitmap[frames / 8], 0xff);
    CHECK_EQ(long_bitmap[frames / 8 + 12], 0xf);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    finish();
}

TEST(errors_leave_nothing)
{
    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF), -EINVAL);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK), 0); /* no log: nothing is dirty */
    CHECK_EQ(dirty(), 0);
    heap_empty = true;
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), -ENOMEM);
    heap_empty = false;
    CHECK_EQ(page_writes_watched, 0);
    CHECK_EQ(call_with(XEN_DOMCTL_SHADOW_OP_ENABLE, XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY, NULL, 0),
             0);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), -EINVAL);
    touch(0, true);
    CHECK_EQ(call_with(XEN_DOMCTL_SHADOW_OP_PEEK, 2, bitmap, PAGES), -EINVAL);
    CHECK_EQ(call_with(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, NULL, PAGES), 0); /* without a bitmap */
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    CHECK_EQ(dirty(), 0);
    guest->life = DOMAIN_DYING;
    pv_log_end(guest); /* as teardown does */
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), -EINVAL);
    finish();
}

TEST(bits_that_could_not_be_told_stay)
{
    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    touch(3, true);
    world_copy_fails = true;
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN), -EFAULT);
    world_copy_fails = false;
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    CHECK(is_dirty(DATA + 3));
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    finish();
}

TEST(one_call_at_a_time)
{
    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    world_preempt_always = true;
    op = (struct xen_domctl_shadow_op){.op = XEN_DOMCTL_SHADOW_OP_CLEAN, .pages = 2 * PV_LOG_MOST};
    CHECK_EQ(log_op_pv(guest, &op), -ERESTART);
    world_preempt_always = false;
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK), -EBUSY);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF), -EBUSY);
    CHECK_EQ(call_with(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, NULL, 2 * PV_LOG_MOST), 0);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    finish();
}
