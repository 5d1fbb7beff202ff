/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame table of a translated guest, in both formats, against a plain array. */
/* sources: hypervisor/p2m/p2m.c hypervisor/p2m/written.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/p2m_world.h"

#include "abi/errno.h"
#include "p2m/format.h"
#include "p2m/p2m.h"

#define GFNS (3u << 18) /* 3 GiB of guest: enough for 1 GiB entries and what lies between */

struct cell {
    uint64_t mfn;
    uint8_t type, cache;
};
static struct cell cells[GFNS];

static const uint8_t caches[] = {P2M_CACHE_UC, P2M_CACHE_WC, P2M_CACHE_WT, P2M_CACHE_WP,
                                 P2M_CACHE_WB};

static void start(struct p2m *p, bool is_ept, uint64_t pool)
{
    memset(cells, 0, sizeof(cells));
    CHECK_EQ(used_count, 0);
    fail_in = 0;
    CHECK_EQ(p2m_init(p, is_ept, true, pool), 0);
}

static void finish(struct p2m *p)
{
    while (!p2m_free(p, 7))
        ;
    CHECK_EQ(used_count, 0);
    CHECK_EQ(p->tables, 0);
}

static bool same(const struct p2m_entry *e, const struct cell *c)
{
    if (e->type != c->type)
        return false;
    return !p2m_type_is_present(e->type) || (e->mfn.n == c->mfn && e->cache == c->cache);
}

static uint64_t present_in_model(void)
{
    uint64_t n = 0;

    for (unsigned int i = 0; i < GFNS; i++)
        n += p2m_type_is_present(cells[i].type);
    return n;
}

/* Every guest frame says what the model says, found one by one and by p2m_next(). */
static void compare_all(const struct p2m *p)
{
    struct p2m_entry e;
    uint64_t at = 0, seen = 0;

    for (uint64_t gfn = 0; gfn < GFNS; gfn++) {
        e = p2m_lookup(p, gfn);
        CHECK(same(&e, &cells[gfn]));
    }
    for (uint64_t gfn = 0; p2m_next(p, gfn, 3, &at, &e);) {
        if (e.type != P2M_HOLE) {
            CHECK(same(&e, &cells[at]));
            seen += p2m_type_is_present(e.type);
            gfn = at + 1;
        } else {
            CHECK(at >= gfn);
            gfn = at;
        }
    }
    CHECK_EQ(seen, present_in_model());
    CHECK_EQ(p->present, seen);
}

static struct p2m_entry random_entry(unsigned int order)
{
    struct p2m_entry e = {.order = (uint8_t)order, .cache = caches[check_random() % 5]};

    e.type = (uint8_t)(check_random() % P2M_TYPES);
    if (check_random() % 3 == 0 || (e.type == P2M_RAM_PML && order))
        e.type = P2M_HOLE;
    if (e.type == P2M_RAM_LOGDIRTY || e.type == P2M_RAM_PML)
        e.unwritten = P2M_WATCH_LOG;
    e.mfn = MFN((check_random() % (1ULL << 20)) << order); /* frames have 40 bits */
    return e;
}

static bool range_is_empty(uint64_t gfn, uint64_t frames)
{
    for (uint64_t i = 0; i < frames; i++)
        if (cells[gfn + i].type != P2M_HOLE)
            return false;
    return true;
}

static void model_set(uint64_t gfn, const struct p2m_entry *e)
{
    for (uint64_t i = 0; i < 1ULL << e->order; i++)
        cells[gfn + i] = (struct cell){.mfn = e->mfn.n + i, .type = e->type, .cache = e->cache};
}

static void storm(bool is_ept, unsigned int rounds)
{
    static const unsigned int orders[] = {0, 0, 0, 0, 0, 0, 9, 9, 9, 18};
    struct p2m p;
    unsigned int done = 0, busy = 0, failed = 0;

    start(&p, is_ept, 1500);
    for (unsigned int round = 0; round < rounds; round++) {
        unsigned int order = orders[check_random() % 10];
        struct p2m_entry e = random_entry(order), old, was;
        uint64_t gfn = check_random() % GFNS;
        uint32_t generation = p.generation;
        int rc;

        if (check_random() % 4) /* stay close together, so that things meet */
            gfn %= 3 << 9;
        gfn &= ~((1ULL << order) - 1);
        was = p2m_lookup(&p, gfn);
        fail_in = check_random() % 8 ? 0 : 1 + (unsigned int)check_random() % 3;
        rc = p2m_set(&p, gfn, &e, &old);
        fail_in = 0;
        if (rc == 0) {
            struct cell c = cells[gfn];

            CHECK_EQ(old.order, order);
            CHECK(same(&old, &c) || range_is_empty(gfn, 1ULL << order));
            if (p2m_type_is_present(was.type))
                CHECK(p.generation != generation);
            model_set(gfn, &e);
            done++;
        } else if (rc == -EBUSY) {
            CHECK(order > 0);
            busy++;
        } else {
            CHECK_EQ(rc, -ENOMEM);
            was = p2m_lookup(&p, gfn);
            CHECK(same(&was, &cells[gfn]));
            failed++;
        }
        if (check_random() % 16 == 0) /* nothing that a guest sees */
            p2m_join(&p, gfn & ~511ULL);
        if (check_random() % 16 == 0)
            p2m_free_unlinked(&p, p2m_unlinked(&p));
        if (round % (rounds / 4) == rounds / 4 - 1)
            compare_all(&p);
    }
    CHECK(done > rounds / 2 && busy > 10 && failed > 10);
    finish(&p);
}

TEST(ept_storm)
{
    storm(true, 20000);
}

TEST(npt_storm)
{
    storm(false, 20000);
}

TEST(formats_say_what_the_processor_does)
{
    for (unsigned int type = 0; type < P2M_TYPES; type++)
        for (unsigned int level = 1; level <= 3; level++)
            for (unsigned int c = 0; c < 5; c++) {
                struct p2m_entry e = {.mfn = MFN(0x2340000000),
                                      .type = (uint8_t)type,
                                      .order = (uint8_t)p2m_level_order(level),
                                      .cache = caches[c]};
                uint64_t ept = ept_encode(&e), npt = npt_encode(&e);
                bool write = type == P2M_RAM || type == P2M_RAM_PML || type == P2M_MMIO_DIRECT ||
                             type == P2M_GRANT_RW || type == P2M_FOREIGN_RW;
                bool present = type != P2M_HOLE && type != P2M_POD;

                CHECK_EQ((ept & EPT_READ) != 0, present);
                CHECK_EQ((npt & PTE_P) != 0, present);
                CHECK_EQ((ept & EPT_WRITE) != 0, write);
                CHECK_EQ((npt & PTE_RW) != 0, write);
                CHECK(!(ept & EPT_EXECUTE) || (type >= P2M_RAM && type <= P2M_RAM_IOREQ));
                CHECK(!present || ((npt & PTE_NX) != 0) != ((ept & EPT_EXECUTE) != 0));
                CHECK(!p2m_is_link(true, ept, level) && !p2m_is_link(false, npt, level));
                for (unsigned int f = 0; f < 2; f++) {
                    struct p2m_entry back = p2m_decode(f, f ? ept : npt, level);

                    CHECK_EQ(back.type, type);
                    CHECK_EQ(back.order, e.order);
                    if (present) {
                        CHECK_EQ(back.mfn.n, e.mfn.n);
                        CHECK_EQ(back.cache, e.cache);
                    }
                }
            }
    CHECK(p2m_is_link(true, ept_link(MFN(5)), 2) && p2m_is_link(false, npt_link(MFN(5)), 2));
}

/* 2^@order frames at 0 in small entries, next to each other. */
static void small_ones(struct p2m *p, unsigned int order)
{
    struct p2m_entry e = {.type = P2M_RAM, .cache = P2M_CACHE_WB}, old;

    for (uint64_t gfn = 0; gfn < 1ULL << order; gfn++) {
        e.mfn = MFN((1ULL << P2M_ORDER_1G) + gfn);
        CHECK_EQ(p2m_set(p, gfn, &e, &old), 0);
    }
}

TEST(what_was_split_becomes_one_again)
{
    struct p2m_entry e;
    struct p2m p;

    for (unsigned int is_ept = 0; is_ept < 2; is_ept++) {
        uint64_t tables, present;
        uint32_t generation;

        start(&p, is_ept, 1500);
        small_ones(&p, P2M_ORDER_1G);
        tables = p.tables, present = p.present, generation = p.generation;
        for (uint64_t gfn = 0; gfn < 1ULL << P2M_ORDER_1G; gfn += 512) {
            CHECK_EQ(p2m_lookup(&p, gfn + 7).order, P2M_ORDER_4K);
            p2m_join(&p, gfn);
            CHECK(p.generation != generation++);
        }
        e = p2m_lookup(&p, 12345);
        CHECK_EQ(e.order, P2M_ORDER_1G);
        CHECK_EQ(e.mfn.n, (1ULL << P2M_ORDER_1G) + 12345);
        CHECK(e.type == P2M_RAM && e.cache == P2M_CACHE_WB);
        CHECK_EQ(p.present, present);
        CHECK_EQ(p.tables, tables); /* until they are flushed */
        p2m_free_unlinked(&p, p2m_unlinked(&p));
        CHECK_EQ(p.tables, tables - 513);
        generation = p.generation;
        p2m_join(&p, 0);
        CHECK_EQ(p.generation, generation);
        finish(&p);
    }
}

TEST(what_is_not_alike_stays_apart)
{
    static const struct p2m_entry others[] = {
        {.type = P2M_HOLE},
        {.type = P2M_POD},
        {.type = P2M_RAM, .cache = P2M_CACHE_WB, .mfn = {7}},
        {.type = P2M_RAM, .cache = P2M_CACHE_UC},
        {.type = P2M_RAM_RO, .cache = P2M_CACHE_WB},
        {.type = P2M_RAM_LOGDIRTY, .cache = P2M_CACHE_WB, .unwritten = P2M_WATCH_VRAM},
        {.type = P2M_FOREIGN_RW, .cache = P2M_CACHE_WB},
    };
    static const uint64_t places[] = {0, 1, 300, 511};
    struct p2m_entry e, old;
    struct p2m p;

    for (size_t i = 0; i < ARRAY_SIZE(others) * ARRAY_SIZE(places); i++) {
        uint64_t gfn = places[i % ARRAY_SIZE(places)];
        uint32_t generation;

        start(&p, true, 1500);
        small_ones(&p, P2M_ORDER_2M);
        e = others[i / ARRAY_SIZE(places)];
        if (!e.mfn.n)
            e.mfn = p2m_lookup(&p, gfn).mfn;
        CHECK_EQ(p2m_set(&p, gfn, &e, &old), 0);
        generation = p.generation;
        p2m_join(&p, 0);
        CHECK_EQ(p.generation, generation);
        CHECK_EQ(p2m_lookup(&p, 1).order, P2M_ORDER_4K);
        finish(&p);
    }
    start(&p, true, 1500); /* neither on their border, nor beyond what the processor knows */
    p.order_max = P2M_ORDER_2M;
    small_ones(&p, P2M_ORDER_1G);
    for (uint64_t gfn = 0; gfn < 1ULL << P2M_ORDER_1G; gfn += 512)
        p2m_join(&p, gfn);
    CHECK_EQ(p2m_lookup(&p, 5).order, P2M_ORDER_2M);
    for (uint64_t gfn = 0; gfn < 512; gfn++) {
        e = (struct p2m_entry){.type = P2M_RAM, .cache = P2M_CACHE_WB, .mfn = {1000 + gfn}};
        CHECK_EQ(p2m_set(&p, gfn, &e, &old), 0);
    }
    p2m_join(&p, 0);
    CHECK_EQ(p2m_lookup(&p, 5).order, P2M_ORDER_4K);
    finish(&p);
}

TEST(the_pool_is_a_limit)
{
    struct p2m_entry e = {.mfn = MFN(7), .type = P2M_RAM, .cache = P2M_CACHE_WB}, old;
    struct p2m p;

    start(&p, true, 4);
    CHECK_EQ(p2m_set(&p, 0, &e, &old), 0);         /* three tables below the top */
    CHECK_EQ(p2m_set(&p, 1, &e, &old), 0);         /* none */
    CHECK_EQ(p2m_set(&p, 512, &e, &old), -ENOMEM); /* a fifth */
    CHECK_EQ(p2m_lookup(&p, 512).type, P2M_HOLE);
    CHECK_EQ(p2m_resize_pool(&p, 3), -EBUSY);
    CHECK_EQ(p2m_resize_pool(&p, 5), 0);
    CHECK_EQ(p2m_set(&p, 512, &e, &old), 0);
    CHECK_EQ(p2m_set(&p, 1ULL << P2M_GFN_BITS, &e, &old), -EINVAL);
    e.order = P2M_ORDER_2M;
    CHECK_EQ(p2m_set(&p, 1024, &e, &old), -EINVAL); /* the machine frame is not aligned */
    e.mfn = MFN(512);
    CHECK_EQ(p2m_set(&p, 1025, &e, &old), -EINVAL);
    p.order_max = P2M_ORDER_2M;
    e.order = P2M_ORDER_1G;
    e.mfn = MFN(0);
    CHECK_EQ(p2m_set(&p, 1 << 18, &e, &old), -EINVAL); /* the processor knows none such */
    e.type = P2M_HOLE;
    CHECK_EQ(p2m_set(&p, 1 << 18, &e, &old), 0);
    finish(&p);
    CHECK_EQ(p2m_init(&p, true, true, 0), -ENOMEM);
}

TEST(a_table_waits_for_the_flush)
{
    const struct p2m_entry small = {.mfn = MFN(7), .type = P2M_RAM, .cache = P2M_CACHE_WB};
    struct p2m_entry e, hole = {0}, old;
    struct page *tables;
    unsigned int before;
    struct p2m p;

    start(&p, false, 100);
    CHECK_EQ(p2m_set(&p, 3, &small, &old), 0);
    CHECK_EQ(p2m_set(&p, 3, &hole, &old), 0);
    CHECK_EQ(old.mfn.n, 7);
    before = used_count;
    e = (struct p2m_entry){
        .mfn = MFN(1024), .type = P2M_RAM, .order = P2M_ORDER_2M, .cache = P2M_CACHE_WB};
    CHECK_EQ(p2m_set(&p, 0, &e, &old), 0); /* in place of an empty table */
    CHECK_EQ(used_count, before);
    tables = p2m_unlinked(&p);
    CHECK_EQ(used_count, before);
    CHECK(p2m_unlinked(&p) == NULL);
    /* another one is unlinked while the flush for the first is under way: it waits for its own */
    CHECK_EQ(p2m_set(&p, 515, &small, &old), 0);
    CHECK_EQ(p2m_set(&p, 515, &hole, &old), 0);
    e.mfn = MFN(512);
    CHECK_EQ(p2m_set(&p, 512, &e, &old), 0);
    before = used_count;
    p2m_free_unlinked(&p, tables);
    CHECK_EQ(used_count, before - 1);
    p2m_free_unlinked(&p, p2m_unlinked(&p));
    CHECK_EQ(used_count, before - 2);
    CHECK_EQ(p2m_lookup(&p, 3).mfn.n, 1027);
    finish(&p);
}

TEST(the_end)
{
    const struct p2m_entry e = {.mfn = MFN(7), .type = P2M_RAM, .cache = P2M_CACHE_WB};
    struct p2m_entry hole = {0}, old;
    struct p2m p;

    start(&p, true, 100);
    CHECK_EQ(p2m_set(&p, 3, &e, &old), 0);
    CHECK_EQ(p2m_set(&p, 4, &e, &old), 0);
    p2m_end(&p);
    CHECK_EQ(p2m_set(&p, 5, &e, &old), -EINVAL);
    CHECK_EQ(p2m_set(&p, 3, &e, &old), -EINVAL);
    CHECK_EQ(p2m_lookup(&p, 3).type, P2M_RAM);
    CHECK_EQ(p2m_set(&p, 3, &hole, &old), 0);
    CHECK_EQ(old.mfn.n, 7);
    p2m_close(&p);
    p2m_close(&p);
    CHECK_EQ(p2m_lookup(&p, 4).type, P2M_HOLE);
    CHECK_EQ(p2m_set(&p, 4, &hole, &old), -EINVAL);
    CHECK(used_count > 1);
    finish(&p);
    CHECK_EQ(p2m_lookup(&p, 4).type, P2M_HOLE);
    CHECK(p2m_free(&p, 1));
}
