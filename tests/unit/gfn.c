/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame behind a guest's frame number, referenced, while frames go elsewhere on their own. */
/* sources: hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "domain/pod.h"
#include "mm/page.h"
#include "p2m/gfn.h"

#define FRAMES 16u

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
uint64_t frame_limit = FRAMES;

static struct p2m p2m;
static struct domain domain = {.id = 3, .is_translated = true, .p2m = &p2m};
static struct p2m_entry table[4];
static int refs[FRAMES], uses[FRAMES];
static unsigned int moves_left, populated;
static bool may_populate, may_write;

struct p2m_entry p2m_lookup(const struct p2m *p, uint64_t gfn)
{
    CHECK(p == &p2m);
    return table[gfn % 4];
}

/* Guest frame 1 leaves its frame for a promise, as the search for zero frames makes one. */
static void move(void)
{
    if (moves_left) {
        moves_left--;
        table[1] = (struct p2m_entry){.mfn = MFN_NONE, .type = P2M_POD};
    }
}

bool page_get_id(struct page *pg, domid_t owner)
{
    move(); /* just before */
    CHECK_EQ(owner, 3);
    refs[page_mfn(pg).n]++;
    return true;
}

void page_put(struct page *pg)
{
    refs[page_mfn(pg).n]--;
}

bool page_get_writable_id(struct page *pg, domid_t owner)
{
    if (!may_write || !page_get_id(pg, owner))
        return false;
    uses[page_mfn(pg).n]++;
    return true;
}

void page_put_writable(struct page *pg)
{
    uses[page_mfn(pg).n]--;
    page_put(pg);
}

bool pod_populate(struct domain *d, uint64_t gfn)
{
    CHECK(d == &domain);
    if (table[gfn].type == P2M_POD && may_populate)
        table[gfn] = (struct p2m_entry){.mfn = MFN(8 + populated++), .type = P2M_RAM};
    return p2m_type_is_ram(table[gfn].type);
}

static int all(const int *counts)
{
    int sum = 0;

    for (unsigned int i = 0; i < FRAMES; i++)
        sum += counts[i];
    return sum;
}

static void begin(unsigned int moves, bool promised)
{
    memset(refs, 0, sizeof(refs));
    memset(uses, 0, sizeof(uses));
    table[0] = (struct p2m_entry){.mfn = MFN_NONE, .type = P2M_HOLE};
    table[1] = (struct p2m_entry){.mfn = MFN(5), .type = P2M_RAM};
    table[2] = (struct p2m_entry){.mfn = MFN(6), .type = P2M_GRANT_RW};
    p2m.moves = promised;
    moves_left = moves;
    populated = 0;
    may_populate = may_write = true;
}

TEST(plain)
{
    mfn_t m;

    for (unsigned int write = 0; write < 2; write++) {
        begin(0, write);
        CHECK(gfn_page_get(&domain, 1, write, &m));
        CHECK_EQ(m.n, 5);
        CHECK_EQ(refs[5], 1);
        CHECK_EQ(uses[5], write);
        gfn_page_put(m, write);
        CHECK_EQ(all(refs) | all(uses), 0);
        CHECK(!gfn_page_get(&domain, 0, write, &m)); /* a hole */
        CHECK(!gfn_page_get(&domain, 2, write, &m)); /* another's */
        CHECK_EQ(all(refs) | all(uses), 0);
    }
}

TEST(refused)
{
    mfn_t m;

    begin(0, true);
    may_write = false;
    CHECK(!gfn_page_get(&domain, 1, true, &m));
    CHECK_EQ(all(refs) | all(uses), 0);
}

TEST(moved)
{
    mfn_t m;

    for (unsigned int write = 0; write < 2; write++) {
        begin(1, true);
        CHECK(gfn_page_get(&domain, 1, write, &m));
        CHECK_EQ(m.n, 8); /* not the one that it was */
        CHECK_EQ(refs[5], 0);
        CHECK_EQ(refs[8], 1);
        CHECK_EQ(uses[8], write);
        begin(1, true);
        CHECK(!gfn_page_try(&domain, 1, write, &m));
        CHECK_EQ(all(refs) | all(uses), 0);
    }
}

TEST(moves_and_moves)
{
    mfn_t m;

    begin(1000, true);
    CHECK(!gfn_page_get(&domain, 1, false, &m));
    CHECK_EQ(populated, GFN_MOVES_MOST);
    CHECK_EQ(all(refs) | all(uses), 0);
}

TEST(nothing_left)
{
    mfn_t m;

    begin(1, true);
    may_populate = false;
    CHECK(!gfn_page_get(&domain, 1, true, &m));
    CHECK_EQ(all(refs) | all(uses), 0);
}
