/* SPDX-License-Identifier: BSD-2-Clause */
/* The quick way to a guest's memory: it finds what the full walk finds, or refuses; and it forgets
 * frames that were taken away. */
/* sources: hypervisor/p2m/quick.c hypervisor/p2m/walk.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "cpu/regs.h"
#include "domain/domain.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/p2m.h"
#include "p2m/quick.h"

#define FRAMES 32u
#define GFNS   24u /* guest frame n is machine frame n + shift */
#define PHYSICAL 40

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
uint64_t frame_limit = FRAMES;

static uint64_t shift = 2;
static uint8_t types[GFNS];
static unsigned int lookups, swaps;
static struct p2m p2m;
static struct domain domain = {.p2m = &p2m};
static struct quick quick;
static struct vcpu vcpu = {.domain = &domain, .quick = &quick};

struct p2m_entry p2m_lookup(const struct p2m *p, uint64_t gfn)
{
    CHECK(p == &p2m);
    lookups++;
    if (gfn >= GFNS)
        return (struct p2m_entry){.mfn = MFN_NONE};
    return (struct p2m_entry){.mfn = MFN(gfn + shift), .type = types[gfn]};
}

bool walk_entry_read(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry)
{
    (void)v;
    *entry = 0;
    if (gpa >> PAGE_SHIFT >= GFNS || types[gpa >> PAGE_SHIFT] == P2M_HOLE)
        return false;
    memcpy(entry, fake_ram[(gpa >> PAGE_SHIFT) + shift] + gpa % PAGE_BYTES, bytes);
    return true;
}

bool walk_entry_look(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t *entry)
{
    return walk_entry_read(v, gpa, bytes, entry);
}

bool walk_entry_swap(struct vcpu *v, uint64_t gpa, unsigned int bytes, uint64_t old, uint64_t entry)
{
    (void)v, (void)gpa, (void)bytes, (void)old, (void)entry;
    swaps++;
    return true;
}

static uint64_t *table(uint64_t gfn)
{
    return (uint64_t *)(void *)fake_ram[gfn + shift];
}

static const struct walk_mode kernel = {.cr0 = 0x80010001, .cr3 = 1 << PAGE_SHIFT, .cr4 = CR4_PAE,
                                        .efer = EFER_LMA | EFER_LME | EFER_NXE,
                                        .physical_bits = PHYSICAL, .page_1g = true};

static void start(void)
{
    memset(fake_ram, 0, sizeof(fake_ram));
    memset(&quick, 0, sizeof(quick));
    for (unsigned int i = 0; i < GFNS; i++)
        types[i] = P2M_RAM;
    shift = 2;
    p2m.generation++;
}

#define PLAIN (PTE_P | PTE_RW | PTE_A | PTE_D)

/* One path, 1 to 2 to 3 to 4 to frame 5, and a large page from 2 MiB on. */
static void map(void)
{
    start();
    table(1)[0] = 2 << PAGE_SHIFT | PLAIN;
    table(2)[0] = 3 << PAGE_SHIFT | PLAIN;
    table(3)[0] = 4 << PAGE_SHIFT | PLAIN;
    table(3)[1] = PLAIN | PTE_PS;
    table(4)[7] = 5 << PAGE_SHIFT | PLAIN;
}

TEST(common_pages_are_found)
{
    uint64_t gpa;

    map();
    CHECK(quick_translate(&vcpu, &kernel, 0x7123, true, &gpa));
    CHECK_EQ(gpa, 0x5123);
    CHECK(quick_frame(&vcpu, 5) == (char *)fake_ram[7]);
    CHECK(quick_translate(&vcpu, &kernel, 0x2abcde, false, &gpa));
    CHECK_EQ(gpa, 0xabcde);
    lookups = 0; /* everything is known now */
    CHECK(quick_translate(&vcpu, &kernel, 0x7000, true, &gpa));
    CHECK(quick_frame(&vcpu, 5));
    CHECK_EQ(lookups, 0);
}

TEST(what_is_taken_away_is_forgotten)
{
    uint64_t gpa;

    map();
    CHECK(quick_translate(&vcpu, &kernel, 0x7123, true, &gpa));
    CHECK(quick_frame(&vcpu, 5));
    types[5] = P2M_HOLE;
    p2m.generation++;
    CHECK(!quick_frame(&vcpu, 5));
    types[5] = P2M_RAM_LOGDIRTY; /* a write would have to be noted */
    CHECK(!quick_frame(&vcpu, 5));
    types[5] = P2M_RAM;
    CHECK(quick_frame(&vcpu, 5));
    types[3] = P2M_HOLE;
    p2m.generation++;
    CHECK(!quick_translate(&vcpu, &kernel, 0x7123, true, &gpa));
}

/* Entries at random, most of them almost plain, and modes. */
static uint64_t random_entry(void)
{
    uint64_t r = check_random(), e = (r >> 32) % (GFNS + 2) << PAGE_SHIFT | PLAIN;

    if (r % 4 == 0)
        e ^= 1ULL << (r >> 8) % 64;
    if (r % 8 == 1)
        e |= PTE_PS;
    if (r % 8 == 2)
        e |= PTE_US;
    if (r % 64 == 3)
        e = check_random();
    return e;
}

TEST(never_more_than_the_full_walk)
{
    unsigned int found = 0, refused = 0;

    for (unsigned int round = 0; round < 4000; round++) {
        struct walk_mode m = kernel;

        start();
        for (unsigned int gfn = 1; gfn < GFNS; gfn++)
            for (unsigned int i = 0; i < 4; i++)
                table(gfn)[i] = random_entry();
        types[1 + check_random() % (GFNS - 1)] = check_random() % 2 ? P2M_HOLE : P2M_RAM_RO;
        m.cr4 |= (check_random() & (CR4_SMAP | CR4_SMEP | CR4_PKE));
        m.efer &= ~(check_random() % 4 == 0 ? EFER_NXE : 0ULL);
        m.efer &= ~(check_random() % 16 == 0 ? EFER_LMA : 0ULL);
        for (unsigned int i = 0; i < 64; i++) {
            uint64_t r = check_random(), gpa = 0;
            uint64_t va = (r & 3) << 39 | (r >> 2 & 3) << 30 | (r >> 4 & 3) << 21 |
                          (r >> 6 & 3) << 12 | (r >> 8 & 0xfff);
            bool write = r >> 20 & 1;
            struct walk w;

            swaps = 0;
            if (!quick_translate(&vcpu, &m, va, write, &gpa)) {
                refused++;
                continue;
            }
            found++;
            w = walk_tables(&vcpu, &m, va, write ? WALK_WRITE : WALK_READ);
            CHECK_EQ(w.result, WALK_OK);
            CHECK_EQ(w.gpa, gpa);
            CHECK_EQ(swaps, 0); /* accessed and dirty are set already */
        }
    }
    CHECK(found > 10000 && refused > 10000);
}
