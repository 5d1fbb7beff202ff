/* SPDX-License-Identifier: BSD-2-Clause */
/* Which frames of a translated guest were written, for two who watch, against plain arrays. */
/* sources: hypervisor/p2m/p2m.c hypervisor/p2m/written.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/p2m_world.h"

#include "abi/errno.h"
#include "p2m/format.h"
#include "p2m/p2m.h"
#include "p2m/written.h"

#define GFNS 4096u

struct cell {
    uint8_t type; /* without what watching makes of it */
    uint8_t unwritten;
};
static struct cell cells[GFNS];
static struct p2m p;

/* The type without what watching makes of it. */
static uint8_t plain(uint8_t type)
{
    return p2m_type_is_plain(type) ? P2M_RAM : type;
}

/* What the table says of @gfn is what the model says, or (@may_be_more) it is written for more. */
static void compare(uint64_t gfn, bool may_be_more)
{
    struct p2m_entry e = p2m_lookup(&p, gfn);

    enum p2m_type watched = p.pml && e.unwritten == P2M_WATCH_LOG && e.order == P2M_ORDER_4K
                                ? P2M_RAM_PML
                                : P2M_RAM_LOGDIRTY;

    CHECK_EQ(plain(e.type), cells[gfn].type);
    CHECK_EQ(e.unwritten & ~cells[gfn].unwritten, 0);
    if (!may_be_more)
        CHECK_EQ(e.unwritten, cells[gfn].unwritten);
    cells[gfn].unwritten = e.unwritten;
    CHECK_EQ(e.type == watched, e.unwritten && cells[gfn].type == P2M_RAM);
    CHECK(!e.unwritten || p2m_type_is_ram(e.type));
    CHECK(!e.unwritten || !p2m_type_is_writable(e.type) || e.type == P2M_RAM_PML);
}

static void place(uint64_t gfn, uint8_t order)
{
    static const uint8_t types[] = {P2M_RAM,    P2M_RAM,  P2M_RAM,
                                    P2M_RAM_RO, P2M_HOLE, P2M_FOREIGN_RW};
    struct p2m_entry e = {.type = types[check_random() % 6], .order = order, .cache = P2M_CACHE_WB,
                          .mfn = MFN((check_random() % 1024) << order)}, old;

    gfn &= ~((1ULL << order) - 1);
    if (p2m_set(&p, gfn, &e, &old))
        return; /* something smaller is there */
    for (uint64_t i = gfn; i < gfn + (1ULL << order); i++)
        cells[i] = (struct cell){.type = e.type};
}

static void look(uint64_t gfn, unsigned int count, uint8_t who, enum p2m_written what, bool failing)
{
    uint64_t bits[P2M_WRITTEN_MOST / 64 + 1] = {[P2M_WRITTEN_MOST / 64] = 0x77};

    p2m_written(&p, gfn, count, who, what, bits);
    CHECK_EQ(bits[P2M_WRITTEN_MOST / 64], 0x77);
    for (unsigned int i = 0; i < count; i++) {
        struct cell *c = &cells[gfn + i];
        bool is_ram = p2m_type_is_ram(c->type);

        CHECK_EQ(bits[i / 64] >> (i % 64) & 1, is_ram && !(c->unwritten & who));
        if (what == P2M_WRITTEN_TAKE && is_ram)
            c->unwritten |= who;
        else if (what == P2M_WRITTEN_FORGET)
            c->unwritten &= (uint8_t)~who;
    }
    for (unsigned int i = count; i < ((count + 63) & ~63u); i++)
        CHECK_EQ(bits[i / 64] >> (i % 64) & 1, 0);
    for (uint64_t i = 0; i < GFNS; i++)
        compare(i, failing || what == P2M_WRITTEN_FORGET);
}

static void storm(bool is_ept, bool pml)
{
    memset(cells, 0, sizeof(cells));
    CHECK_EQ(p2m_init(&p, is_ept, true, 64), 0);
    p.pml = pml;
    for (unsigned int round = 0; round < 3000; round++) {
        uint64_t gfn = check_random() % GFNS;
        unsigned int count = 1 + (unsigned int)check_random() % P2M_WRITTEN_MOST, n;
        uint8_t who = check_random() % 2 ? P2M_WATCH_LOG : P2M_WATCH_VRAM;
        bool failing = check_random() % 4 == 0;
        uint32_t generation = p.generation;

        if (check_random() % 2) /* as the log is taken */
            gfn &= ~511ULL, count = 512;
        count = min(count, (unsigned int)(GFNS - gfn));
        fail_in = failing ? 1 : 0;
        switch (check_random() % 4) {
        case 0:
            fail_in = 0;
            place(gfn, check_random() % 3 ? P2M_ORDER_2M : 0);
            break;
        case 1:
            n = cells[gfn].unwritten;
            p2m_mark_written(&p, gfn);
            cells[gfn].unwritten = 0;
            for (uint64_t i = 0; i < GFNS; i++)
                compare(i, failing && n);
            break;
        case 2:
            n = p2m_lookup(&p, gfn).type;
            look(gfn, count, who, P2M_WRITTEN_TAKE, failing);
            if (n == P2M_RAM && p2m_lookup(&p, gfn).type != P2M_RAM)
                CHECK(p.generation != generation); /* it cannot be written unnoticed any more */
            break;
        default:
            look(gfn, count, who, check_random() % 4 ? P2M_WRITTEN_PEEK : P2M_WRITTEN_FORGET,
                 failing);
        }
        fail_in = 0;
    }
    while (!p2m_free(&p, 7))
        ;
    CHECK_EQ(used_count, 0);
}

TEST(ept_storm)
{
    storm(true, false);
}

TEST(storm_with_a_processor_that_takes_notes)
{
    storm(true, true);
}

TEST(npt_storm)
{
    storm(false, false);
}

TEST(a_large_entry_is_split_by_the_first_write)
{
    struct p2m_entry e = {.mfn = MFN(512), .type = P2M_RAM, .order = P2M_ORDER_2M,
                          .cache = P2M_CACHE_WB}, old;
    uint64_t bits[8];

    CHECK_EQ(p2m_init(&p, true, true, 64), 0);
    CHECK_EQ(p2m_set(&p, 512, &e, &old), 0);
    p2m_written(&p, 512, 512, P2M_WATCH_LOG, P2M_WRITTEN_TAKE, bits);
    CHECK_EQ(bits[7], ~0ULL);
    CHECK_EQ(p2m_lookup(&p, 600).order, P2M_ORDER_2M);
    CHECK_EQ(p2m_lookup(&p, 600).type, P2M_RAM_LOGDIRTY);
    p2m_mark_written(&p, 600);
    CHECK_EQ(p2m_lookup(&p, 600).type, P2M_RAM);
    CHECK_EQ(p2m_lookup(&p, 600).mfn.n, 600);
    CHECK_EQ(p2m_lookup(&p, 601).type, P2M_RAM_LOGDIRTY);
    p2m_written(&p, 512, 512, P2M_WATCH_LOG, P2M_WRITTEN_PEEK, bits);
    for (unsigned int i = 0; i < 512; i++)
        CHECK_EQ(bits[i / 64] >> (i % 64) & 1, i == 88);
    CHECK_EQ(p.written, 1);
    while (!p2m_free(&p, 7))
        ;
}

TEST(what_the_processor_notes_has_no_dirty_bit)
{
    const struct p2m_entry plain = {.mfn = MFN(5), .type = P2M_RAM, .cache = P2M_CACHE_WB};
    struct p2m_entry noted = plain;

    noted.type = P2M_RAM_PML;
    noted.unwritten = P2M_WATCH_LOG;
    CHECK_EQ(ept_encode(&plain) & (EPT_RIGHTS | EPT_ACCESSED | EPT_DIRTY),
             EPT_RIGHTS | EPT_ACCESSED | EPT_DIRTY);
    CHECK_EQ(ept_encode(&noted) & (EPT_RIGHTS | EPT_ACCESSED | EPT_DIRTY),
             EPT_RIGHTS | EPT_ACCESSED);
    CHECK(ept_link(MFN(5)) & EPT_ACCESSED);
}

TEST(watchers_are_counted)
{
    CHECK_EQ(p2m_init(&p, true, true, 64), 0);
    p2m_watch(&p, P2M_WATCH_LOG, true);
    p2m_watch(&p, P2M_WATCH_VRAM, true);
    p2m_watch(&p, P2M_WATCH_VRAM, true);
    CHECK_EQ(page_writes_watched, 1);
    p2m_watch(&p, P2M_WATCH_LOG, false);
    CHECK_EQ(page_writes_watched, 1);
    p2m_close(&p); /* the end of a domain that is watched */
    CHECK_EQ(page_writes_watched, 0);
    while (!p2m_free(&p, 7))
        ;
}
