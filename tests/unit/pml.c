/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processors that note what they write, beside all others who write, look and change the table:
 * nothing that was written is missing from what the log says, in any order. The processors here
 * keep their translations until the generation moves, as the worst real ones do.
 */
/* sources: hypervisor/p2m/p2m.c hypervisor/p2m/written.c hypervisor/hvm/log.c */
/* sources: hypervisor/hvm/vmx/pml.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/p2m_world.h"

#include "abi/errno.h"
#include "console/log.h"
#include "domain/domain.h"
#include "hvm/hvm.h"
#include "hvm/log.h"
#include "hvm/vendor.h"
#include "hvm/vmx/pml.h"
#include "hypercall/hypercall.h"
#include "p2m/format.h"
#include "p2m/p2m.h"
#include "p2m/private.h"
#include "p2m/written.h"

#define GFNS  2048u
#define VCPUS 2u

/* A processor with one guest: translations that it knows, and its notes. */
struct processor {
    uint64_t known[GFNS]; /* leaf entries as they were walked, 0 none; of 4 KiB each */
    uint32_t generation;
    uint64_t *page; /* NULL: it takes no notes */
    uint64_t index;
    unsigned int full;
};
static struct processor processors[VCPUS];
static struct hvm_vcpu hvms[VCPUS];
static struct vcpu vcpu[VCPUS], *vcpus[VCPUS];
static struct p2m p;
static struct domain guest = {.id = 1, .is_translated = true, .p2m = &p, .vcpus = vcpus,
                              .max_vcpus = VCPUS};
static bool hot[GFNS], shown[GFNS]; /* written since the log, or the screen, was last taken */
static unsigned int pauses, preempt_in, pages_out;
static bool joins; /* a vCPU that has never run */

bool hvm_is_vmx = true;

/* ---- what log.c is linked with ---- */

struct vcpu *domain_vcpu(const struct domain *d, uint32_t id)
{
    return id < d->max_vcpus ? d->vcpus[id] : NULL;
}

void vcpu_pause(struct vcpu *v)
{
    CHECK_EQ(pauses++, 0);
    (void)v;
}

static void enter(struct processor *c);

void vcpu_unpause(struct vcpu *v)
{
    CHECK_EQ(--pauses, 0);
    enter(&processors[v->id]);
}

bool hypercall_preempt(void)
{
    return preempt_in && check_random() % preempt_in == 0;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

int vmx_log_begin(struct vcpu *v)
{
    struct processor *c = &processors[v->id];

    CHECK_EQ(pauses, !joins);
    CHECK(!c->page);
    if (fail_in && --fail_in == 0)
        return -ENOMEM;
    c->page = calloc(PML_ENTRIES, 8);
    c->index = PML_EMPTY;
    c->generation = p.generation - 1;
    pages_out++;
    return 0;
}

void vmx_log_take(struct vcpu *v)
{
    struct processor *c = &processors[v->id];
    uint64_t index = c->index;

    c->index = PML_EMPTY;
    pml_take(&p, c->page, index);
}

void vmx_log_end(struct vcpu *v)
{
    struct processor *c = &processors[v->id];

    CHECK_EQ(pauses, 1);
    free(c->page);
    c->page = NULL;
    c->generation = p.generation - 1;
    pages_out--;
}

int svm_log_begin(struct vcpu *v unused)
{
    return -EOPNOTSUPP;
}

void svm_log_take(struct vcpu *v unused)
{
}

void svm_log_end(struct vcpu *v unused)
{
}

/* ---- a processor ---- */

static uint64_t *leaf(uint64_t gfn, unsigned int *level)
{
    mfn_t table = p.root;

    for (*level = P2M_TOP_LEVEL;; --*level) {
        uint64_t *slot = (uint64_t *)frame_map(table) + p2m_index(gfn, *level);

        if (!p2m_is_link(true, *slot, *level))
            return slot;
        table = pte_mfn(*slot);
    }
}

/* An entry: old translations go if the generation has moved. */
static void enter(struct processor *c)
{
    if (c->generation != p.generation)
        memset(c->known, 0, sizeof(c->known));
    c->generation = p.generation;
}

/* SDM vol. 3, 29.3.6: the index is looked at before the bit is set and the note made. */
static void write_frame(unsigned int id, uint64_t gfn)
{
    struct processor *c = &processors[id];
    unsigned int level;
    uint64_t *slot;

    for (unsigned int tries = 0;; tries++) {
        uint64_t raw = c->known[gfn];

        CHECK(tries < 4);
        if ((raw & EPT_WRITE) && (!c->page || (raw & EPT_DIRTY)))
            break;
        slot = leaf(gfn, &level);
        raw = *slot;
        if (!(raw & EPT_WRITE)) {
            if (p2m_decode(true, raw, level).type != P2M_RAM_LOGDIRTY)
                return; /* a device, or dropped */
            p2m_mark_written(&p, gfn); /* the exit of a first write */
            enter(c);
            continue;
        }
        if (c->page && !(raw & EPT_DIRTY)) {
            if (c->index >= PML_ENTRIES) {
                c->full++;
                vmx_log_take(&vcpu[id]);
                enter(c);
                continue;
            }
            c->page[c->index] = gfn << PAGE_SHIFT;
            c->index = (c->index - 1) & 0xffff;
            *slot |= EPT_DIRTY;
        }
        c->known[gfn] = *slot;
    }
    hot[gfn] = shown[gfn] = true;
}

static void flush(void)
{
    for (unsigned int i = 0; i < VCPUS; i++)
        enter(&processors[i]);
}

/* ---- those who look ---- */

static void finish_call(long (*call)(struct domain *))
{
    while (call(&guest) == -ERESTART)
        ;
}

static void look(uint64_t gfn, unsigned int count, uint8_t who, enum p2m_written what)
{
    bool *model = who == P2M_WATCH_LOG ? hot : shown;
    uint64_t bits[P2M_WRITTEN_MOST / 64];

    p2m_written(&p, gfn, count, who, what, bits);
    for (unsigned int i = 0; i < count; i++) {
        bool is_ram = p2m_type_is_ram(p2m_lookup(&p, gfn + i).type);

        if (what != P2M_WRITTEN_FORGET && model[gfn + i] && is_ram &&
            !(bits[i / 64] >> (i % 64) & 1))
            CHECK_FAIL("frame %lu was written, which was not noticed", gfn + i);
        if (what == P2M_WRITTEN_TAKE && is_ram)
            model[gfn + i] = false;
    }
    if (what == P2M_WRITTEN_TAKE)
        flush();
}

static void read_log(bool take)
{
    finish_call(hvm_log_take);
    for (uint64_t gfn = 0; gfn < GFNS; gfn += P2M_WRITTEN_MOST)
        look(gfn, P2M_WRITTEN_MOST, P2M_WATCH_LOG, take ? P2M_WRITTEN_TAKE : P2M_WRITTEN_PEEK);
}

static void log_on(void)
{
    finish_call(hvm_log_begin);
    p2m_watch(&p, P2M_WATCH_LOG, true);
    for (uint64_t gfn = 0; gfn < GFNS; gfn += P2M_WRITTEN_MOST)
        look(gfn, P2M_WRITTEN_MOST, P2M_WATCH_LOG, P2M_WRITTEN_TAKE);
}

static void log_off(void)
{
    for (uint64_t gfn = 0; gfn < GFNS; gfn += P2M_WRITTEN_MOST)
        look(gfn, P2M_WRITTEN_MOST, P2M_WATCH_LOG, P2M_WRITTEN_FORGET);
    for (uint64_t gfn = 0; gfn < GFNS; gfn += 512)
        p2m_join(&p, gfn);
    flush();
    p2m_free_unlinked(&p, p2m_unlinked(&p));
    finish_call(hvm_log_end);
    p2m_watch(&p, P2M_WATCH_LOG, false);
    CHECK_EQ(pages_out, 0);
    CHECK(!p.pml);
    for (uint64_t gfn = 0; gfn < GFNS; gfn++)
        CHECK(p2m_lookup(&p, gfn).type != P2M_RAM_PML);
}

/* Another frame, or another type: all that is new counts as written. */
static void replace(uint64_t gfn)
{
    static const uint8_t types[] = {P2M_RAM, P2M_RAM, P2M_RAM_RO, P2M_HOLE};
    struct p2m_entry e = {.mfn = MFN(check_random() % 4096), .type = types[check_random() % 4],
                          .cache = P2M_CACHE_WB}, old;

    if (p2m_set(&p, gfn, &e, &old))
        return;
    flush();
    hot[gfn] = shown[gfn] = false;
}

static void start(void)
{
    struct p2m_entry e = {.type = P2M_RAM, .order = P2M_ORDER_2M, .cache = P2M_CACHE_WB}, old;

    CHECK_EQ(p2m_init(&p, true, true, 64), 0);
    memset(processors, 0, sizeof(processors));
    memset(hot, 0, sizeof(hot));
    memset(shown, 0, sizeof(shown));
    for (unsigned int i = 0; i < VCPUS; i++) {
        hvms[i] = (struct hvm_vcpu){0};
        vcpu[i] = (struct vcpu){.id = i, .domain = &guest, .hvm = &hvms[i]};
        vcpus[i] = &vcpu[i];
    }
    for (uint64_t gfn = 0; gfn < GFNS; gfn += 512, e.mfn.n += 512)
        CHECK_EQ(p2m_set(&p, gfn, &e, &old), 0);
    hvm_pml = true;
    fail_in = preempt_in = 0;
}

static void finish(void)
{
    p2m_close(&p);
    while (!p2m_free(&p, 7))
        ;
    CHECK_EQ(used_count, 0);
}

static void step(bool on)
{
    uint64_t gfn = check_random() % GFNS;

    if (check_random() % 4) /* close together, so that things meet */
        gfn %= 64;
    fail_in = check_random() % 16 ? 0 : 1 + (unsigned int)check_random() % 2;
    switch (check_random() % 64) {
    case 0:
        fail_in = 0;
        if (on)
            read_log(check_random() % 2);
        break;
    case 1: /* a screen of 64 frames, whose reader reads no notes */
        look(gfn & ~63ULL, 64, P2M_WATCH_VRAM,
             check_random() % 4 ? P2M_WRITTEN_TAKE : P2M_WRITTEN_FORGET);
        break;
    case 2:
        replace(gfn);
        break;
    case 3: /* the hypervisor, or dom0, in the guest's place */
        if (p2m_type_is_plain(p2m_lookup(&p, gfn).type)) {
            p2m_mark_written(&p, gfn);
            hot[gfn] = shown[gfn] = true;
        }
        break;
    default:
        write_frame((unsigned int)check_random() % VCPUS, gfn);
    }
    fail_in = 0;
}

TEST(nothing_is_missed)
{
    for (unsigned int round = 0; round < 24; round++) {
        start();
        preempt_in = round % 3;
        if (round % 4 == 3) /* the second processor gets no memory for its page */
            fail_in = 2;
        for (unsigned int phase = 0; phase < 4; phase++) {
            if (phase % 2 == 0) {
                if (preempt_in == 1)
                    preempt_in = 2;
                log_on();
                CHECK_EQ(p.pml, phase > 0 || round % 4 != 3);
                CHECK_EQ(pages_out, p.pml ? VCPUS : 0);
            } else {
                log_off();
            }
            for (unsigned int i = 0; i < 3000; i++)
                step(phase % 2 == 0);
        }
        finish();
    }
}

TEST(a_full_page_is_read_whole)
{
    uint64_t bits[P2M_WRITTEN_MOST / 64];

    start();
    log_on();
    for (uint64_t gfn = 0; gfn < GFNS; gfn += 512)
        write_frame(0, gfn); /* splits the large one */
    read_log(true);
    for (unsigned int i = 0; i < 3; i++) {
        for (uint64_t gfn = 0; gfn < 1100; gfn++)
            write_frame(0, gfn);
        CHECK_EQ(processors[0].full, 2 * (i + 1));
        CHECK_EQ(processors[0].index, PML_EMPTY - (1100 - 2 * 512));
        finish_call(hvm_log_take);
        p2m_written(&p, 1024, 512, P2M_WATCH_LOG, P2M_WRITTEN_PEEK, bits);
        CHECK_EQ(bits[0], ~0ULL);
        CHECK_EQ(bits[1], (1ULL << (1100 - 1024 - 64)) - 1);
        read_log(true);
    }
    log_off();
    finish();
}

TEST(the_index_counts_down)
{
    CHECK_EQ(pml_first(PML_EMPTY), PML_ENTRIES);
    CHECK_EQ(pml_first(PML_EMPTY - 1), PML_ENTRIES - 1);
    CHECK_EQ(pml_first(0), 1);
    CHECK_EQ(pml_first(0xffff), 0);
}

TEST(a_vcpu_that_comes_late_takes_notes_as_well)
{
    start();
    vcpus[1] = NULL;
    log_on();
    CHECK_EQ(pages_out, 1);
    vcpus[1] = &vcpu[1];
    joins = true;
    CHECK_EQ(hvm_log_join(&vcpu[1]), 0);
    joins = false;
    CHECK_EQ(pages_out, 2);
    write_frame(1, 5);
    write_frame(1, 6);
    read_log(true);
    log_off();
    CHECK_EQ(hvm_log_join(&vcpu[1]), 0);
    CHECK_EQ(pages_out, 0);
    finish();
}
