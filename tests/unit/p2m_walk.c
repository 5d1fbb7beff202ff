/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk of a guest's tables, in every paging mode, against a slow model made of the manual's
 * rules. */
/* sources: hypervisor/p2m/walk.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "cpu/regs.h"
#include "mm/hvmap.h"
#include "p2m/walk.h"

#define FRAMES   24
#define TABLE(i) ((uint64_t)(i) << 12)

static uint8_t memory[FRAMES << 12];
static unsigned int swaps_left; /* how many swaps succeed before one finds the entry changed */

bool walk_entry_read(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry)
{
    (void)v;
    *entry = 0;
    if (gpa + bytes > sizeof(memory))
        return false;
    memcpy(entry, memory + gpa, bytes);
    return true;
}

bool walk_entry_look(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry)
{
    return walk_entry_read(v, gpa, bytes, entry);
}

bool walk_entry_swap(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t old, uint64_t entry)
{
    uint64_t now;

    if (!swaps_left || !walk_entry_read(v, gpa, bytes, &now) || now != old)
        return false;
    swaps_left--;
    memcpy(memory + gpa, &entry, bytes);
    return true;
}

static uint64_t entry_at(uint64_t gpa, unsigned int bytes)
{
    uint64_t e = 0;

    if (gpa + bytes <= sizeof(memory))
        memcpy(&e, memory + gpa, bytes);
    return e;
}

/* ---- the model: one mode after the other, spelled out ---- */

enum mode { MODE_32, MODE_PSE, MODE_PAE, MODE_LONG, MODES };

struct verdict {
    enum walk_result result;
    uint32_t error;
    uint64_t gpa, size;
    uint64_t touched[4]; /* entries whose A is set */
    unsigned int touched_count;
};

static uint64_t bits(uint64_t value, unsigned int high, unsigned int low)
{
    return (value >> low) & ((2ULL << (high - low)) - 1);
}

static struct verdict no(uint32_t error)
{
    return (struct verdict){.result = WALK_FAULT, .error = error};
}

struct rights {
    bool user, write, execute;
    unsigned int key;
};

/* The last step: do the collected @r allow the access? */
static struct verdict judge(const struct walk_mode *m, enum mode mode, unsigned int access,
                            bool user, struct rights r, uint32_t code, struct verdict out)
{
    bool fetch = access & WALK_FETCH, write = access & WALK_WRITE;
    bool careful = user || (m->cr0 & CR0_WP);

    if (user && !r.user)
        return no(code | 1);
    if (!user && r.user && fetch && (m->cr4 & CR4_SMEP))
        return no(code | 1);
    if (!user && r.user && !fetch && (m->cr4 & CR4_SMAP) &&
        ((access & WALK_IMPLICIT) || !(m->rflags & X86_AC)))
        return no(code | 1);
    if (fetch && !r.execute)
        return no(code | 1);
    if (write && !r.write && careful)
        return no(code | 1);
    if (mode != MODE_LONG || !(m->cr4 & CR4_PKE) || !r.user || fetch)
        return out;
    if (bits(m->pkru, 2 * r.key, 2 * r.key) ||
        (write && bits(m->pkru, 2 * r.key + 1, 2 * r.key + 1) && careful))
        return no(code | 1 | 32);
    return out;
}

static struct verdict model(const struct walk_mode *m, enum mode mode, uint64_t va,
                            unsigned int access)
{
    bool wide = mode >= MODE_PAE, nxe = wide && (m->efer & EFER_NXE);
    unsigned int size = wide ? 8 : 4, levels = mode == MODE_LONG ? 4 : mode == MODE_PAE ? 3 : 2;
    uint64_t table = mode == MODE_LONG  ? bits(m->cr3, 51, 12) << 12
                     : mode == MODE_PAE ? bits(m->cr3, 31, 5) << 5
                                        : bits(m->cr3, 31, 12) << 12;
    bool user = (access & WALK_USER) && !(access & WALK_IMPLICIT);
    bool u = true, w = true, x = true;
    uint32_t code = (access & WALK_WRITE ? 2 : 0) | (user ? 4 : 0) |
                    ((access & WALK_FETCH) && (nxe || (m->cr4 & CR4_SMEP)) ? 16 : 0);
    struct verdict out = {.result = WALK_OK};

    for (unsigned int level = levels; level >= 1; level--) {
        unsigned int low = wide ? 12 + 9 * (level - 1) : 12 + 10 * (level - 1);
        uint64_t index = wide ? bits(va, low + 8, low) : bits(va, low + 9, low);
        uint64_t at = table + index * size, e;
        bool pointer = mode == MODE_PAE && level == 3;
        bool large = false, bad = false;

        if (at + size > sizeof(memory))
            return (struct verdict){.result = WALK_GPA_BAD, .gpa = at};
        e = entry_at(at, size);
        if (!(e & 1))
            return no(code);
        if (level > 1 && (e & 0x80)) {
            if (mode == MODE_PSE)
                large = true;
            else if (mode == MODE_PAE)
                large = level == 2;
            else if (mode == MODE_LONG)
                large = level == 2 || (level == 3 && m->page_1g);
        }
        if (wide && !pointer) {
            for (unsigned int b = m->physical_bits; b < 52; b++)
                bad |= bits(e, b, b);
            if (mode == MODE_PAE)
                bad |= bits(e, 62, 52) != 0;
            bad |= !nxe && bits(e, 63, 63);
            if (large)
                bad |= bits(e, low - 1, 13) != 0;
            else if (mode == MODE_LONG && level >= 3)
                bad |= (e & 0x80) != 0;
        }
        if (mode == MODE_PSE && large) {
            bad |= bits(e, 21, 21);
            for (unsigned int b = 13; b <= 20; b++)
                if (b - 13 + 32 >= m->physical_bits)
                    bad |= bits(e, b, b);
        }
        if (bad)
            return no(code | 1 | 8);
        if (!pointer) {
            u &= (e & 4) != 0;
            w &= (e & 2) != 0;
            x &= !(nxe && (e >> 63));
            out.touched[out.touched_count++] = at;
        }
        if (level == 1 || large) {
            out.size = 1ULL << low;
            if (mode == MODE_PSE && large)
                out.gpa = (bits(e, 31, 22) << 22 | bits(e, 20, 13) << 32) + bits(va, 21, 0);
            else
                out.gpa = bits(e, wide ? 51 : 31, low) << low | bits(va, low - 1, 0);
            return judge(m, mode, access, user, (struct rights){u, w, x, bits(e, 62, 59)}, code,
                         out);
        }
        table = bits(e, wide ? 51 : 31, 12) << 12;
    }
    return out;
}

/* ---- random tables ---- */

static void set_mode(struct walk_mode *m, enum mode mode)
{
    *m = (struct walk_mode){.cr0 = CR0_PE | CR0_PG, .physical_bits = 39};
    if (mode == MODE_PSE)
        m->cr4 = CR4_PSE;
    if (mode >= MODE_PAE)
        m->cr4 = CR4_PAE;
    if (mode == MODE_LONG)
        m->efer = EFER_LME | EFER_LMA;
    m->cr0 |= check_random() & 1 ? CR0_WP : 0;
    m->cr4 |= check_random() & 1 ? CR4_SMEP : 0;
    m->cr4 |= check_random() & 1 ? CR4_SMAP : 0;
    m->cr4 |= check_random() & 1 ? CR4_PKE : 0;
    m->efer |= check_random() & 1 ? EFER_NXE : 0;
    m->rflags = check_random() & 1 ? X86_AC : 0;
    m->pkru = (uint32_t)check_random();
    m->page_1g = check_random() & 1;
    m->cr3 = TABLE(check_random() % FRAMES);
    if (mode == MODE_PAE)
        m->cr3 += 32 * (check_random() % 128);
}

/* Mostly present and permissive, now and then anything. */
static uint64_t random_entry(bool wide)
{
    uint64_t e = TABLE(check_random() % (FRAMES + (check_random() % 64 == 0)));

    e |= check_random() % 16 ? PTE_P : 0;
    e |= check_random() % 8 ? PTE_US : 0;
    e |= check_random() % 8 ? PTE_RW : 0;
    e |= check_random() % 8 ? 0 : PTE_PS;
    e |= check_random() & (PTE_A | PTE_D | PTE_G | PTE_PWT);
    if (check_random() % 16 == 0)
        e ^= 1ULL << (check_random() % 64);
    if (wide)
        e |= (check_random() % 8 ? 0 : PTE_NX) |
             (check_random() % 4 ? 0 : check_random() << 59 >> 1);
    return e;
}

static void fill(bool wide)
{
    for (size_t at = 0; at < sizeof(memory); at += wide ? 8 : 4) {
        uint64_t e = random_entry(wide);

        memcpy(memory + at, &e, wide ? 8 : 4);
    }
}

/* The A and D bits the model says, and no other change. */
static bool memory_is(const uint8_t *before, const struct verdict *want, unsigned int size,
                      bool write)
{
    static uint8_t expected[sizeof(memory)];

    memcpy(expected, before, sizeof(memory));
    for (unsigned int i = 0; want->result == WALK_OK && i < want->touched_count; i++) {
        uint64_t e = 0;

        memcpy(&e, expected + want->touched[i], size);
        e |= PTE_A | (write && i + 1 == want->touched_count ? PTE_D : 0);
        memcpy(expected + want->touched[i], &e, size);
    }
    return memcmp(expected, memory, sizeof(memory)) == 0;
}

static void compare(enum mode mode)
{
    static uint8_t before[sizeof(memory)];
    unsigned int size = mode >= MODE_PAE ? 8 : 4, ok = 0, faults = 0;

    for (unsigned int round = 0; round < 20000; round++) {
        struct walk_mode m;
        unsigned int access =
            check_random() & (WALK_WRITE | WALK_USER | WALK_FETCH | WALK_IMPLICIT);
        uint64_t va = check_random() >> (mode == MODE_LONG ? 17 : 32);
        struct verdict want;
        struct walk got;
        uint64_t gpa;
        bool looked;

        if (access & WALK_FETCH)
            access &= ~(unsigned int)(WALK_WRITE | WALK_IMPLICIT);
        if (round % 64 == 0)
            fill(size == 8);
        set_mode(&m, mode);
        memcpy(before, memory, sizeof(memory));
        swaps_left = 100;
        want = model(&m, mode, va, access);
        looked = walk_look(NULL, &m, va, &gpa);
        if (want.result == WALK_OK)
            CHECK(looked && gpa == want.gpa);
        if (want.result == WALK_FAULT && !(want.error & 1))
            CHECK(!looked);
        CHECK_EQ(memcmp(before, memory, sizeof(memory)), 0);
        /* a table that is its own child changes under the walk: again */
        for (unsigned int tries = 0; tries < 5; tries++) {
            got = walk_tables(NULL, &m, va, access);
            if (got.result != WALK_AGAIN)
                break;
        }
        CHECK_EQ(got.result, want.result);
        if (want.result == WALK_FAULT)
            CHECK_EQ(got.error, want.error);
        if (want.result != WALK_FAULT)
            CHECK_EQ(got.gpa, want.gpa);
        if (want.result == WALK_OK)
            CHECK_EQ(4096ULL << got.order, want.size);
        CHECK(memory_is(before, &want, size, access & WALK_WRITE));
        ok += want.result == WALK_OK;
        faults += want.result == WALK_FAULT;
    }
    CHECK(ok > 1000 && faults > 1000);
}

TEST(two_levels)
{
    compare(MODE_32);
}

TEST(two_levels_with_large_pages)
{
    compare(MODE_PSE);
}

TEST(three_levels)
{
    compare(MODE_PAE);
}

TEST(four_levels)
{
    compare(MODE_LONG);
}

TEST(paging_off_is_identity)
{
    struct walk_mode m = {.cr0 = CR0_PE};
    struct walk got = walk_tables(NULL, &m, 0x123456789, WALK_WRITE | WALK_FETCH);

    CHECK_EQ(got.result, WALK_OK);
    CHECK_EQ(got.gpa, 0x23456789);
    CHECK(got.writable);
}

TEST(an_entry_that_changes_is_walked_again)
{
    struct walk_mode m = {.cr0 = CR0_PE | CR0_PG, .cr3 = TABLE(1), .physical_bits = 36};
    uint32_t l2 = TABLE(2) | PTE_P | PTE_RW, l1 = TABLE(3) | PTE_P | PTE_RW;

    memset(memory, 0, sizeof(memory));
    memcpy(memory + TABLE(1), &l2, 4);
    memcpy(memory + TABLE(2), &l1, 4);
    swaps_left = 0;
    CHECK_EQ(walk_tables(NULL, &m, 0, WALK_READ).result, WALK_AGAIN);
    swaps_left = 1;
    CHECK_EQ(walk_tables(NULL, &m, 0, WALK_READ).result, WALK_AGAIN);
    swaps_left = 1;
    CHECK_EQ(walk_tables(NULL, &m, 0, WALK_READ).result, WALK_OK);
    CHECK(!walk_tables(NULL, &m, 0, WALK_READ).writable); /* dirty is not set yet */
    swaps_left = 1;
    CHECK_EQ(walk_tables(NULL, &m, 0, WALK_WRITE).result, WALK_OK);
    CHECK(walk_tables(NULL, &m, 0, WALK_READ).writable);
}
