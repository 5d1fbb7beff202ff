/* SPDX-License-Identifier: BSD-2-Clause */
/* Every state of the type word under every step, against a model that keeps its fields apart. */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "mm/page_word.h"

struct model {
    enum { IDLE, USED, HALF, BAD } state;
    unsigned int type, last, progress;
    uint32_t uses, stamp;
    bool pinned;
};

static uint64_t encode(const struct model *m)
{
    switch (m->state) {
    case IDLE:
        return (uint64_t)m->last << 43 | m->stamp;
    case USED:
        return (uint64_t)m->type << 60 | (uint64_t)m->pinned << 59 | 1ULL << 58 | m->uses;
    case HALF:
    case BAD:
        return (uint64_t)m->type << 60 | 1ULL << 57 | (uint64_t)(m->state == BAD) << 56 |
               (uint64_t)m->progress << 46;
    }
    return 0;
}

static bool is_table(unsigned int type)
{
    return type >= 1 && type <= 4;
}

/* What one more use should do; *@m becomes the expected next state. */
static enum word_action model_get(struct model *m, unsigned int type, bool flushed)
{
    if (m->state == IDLE) {
        if (m->last && m->last != type && !flushed)
            return WORD_FLUSH;
        m->type = type;
        if (type == PAGE_WRITABLE) {
            m->state = USED;
            m->pinned = false;
            m->uses = 1;
            return WORD_STORE;
        }
        m->state = HALF;
        m->progress = 0;
        return WORD_BEGIN;
    }
    if (m->type != type)
        return WORD_BUSY;
    if (m->state == HALF)
        return WORD_RESUME;
    if (m->state == BAD)
        return WORD_UNWIND;
    if (m->uses >= 0x7fffffff)
        return WORD_BUSY;
    m->uses++;
    return WORD_STORE;
}

static enum word_action model_put(struct model *m, uint32_t clock)
{
    if (m->uses > 1) {
        m->uses--;
        return WORD_STORE;
    }
    if (is_table(m->type)) {
        m->state = HALF;
        m->progress = 512;
        return WORD_RELEASE;
    }
    m->state = IDLE;
    m->last = m->type;
    m->stamp = clock;
    return WORD_STORE;
}

static unsigned int checked;

static void check_get(const struct model *start)
{
    for (unsigned int type = PAGE_L1; type <= PAGE_WRITABLE; type++)
        for (int flushed = 0; flushed < 2; flushed++) {
            struct model m = *start;
            struct word_step step = word_get(encode(start), type, flushed);

            CHECK_EQ(step.action, model_get(&m, type, flushed));
            if (step.action == WORD_STORE || step.action == WORD_BEGIN)
                CHECK_EQ(step.next, encode(&m));
            else
                CHECK_EQ(step.next, encode(start));
            CHECK_EQ(word_can_add(encode(start), type),
                     start->state == USED && start->type == type && start->uses < 0x7fffffff);
            CHECK_EQ(word_is_written(encode(start)),
                     start->state == USED && start->type == PAGE_WRITABLE && !start->pinned);
            if (word_can_write_again(encode(start)) && type == PAGE_WRITABLE) {
                CHECK_EQ(step.action, WORD_STORE);
                CHECK_EQ(step.next, word_make_used(PAGE_WRITABLE));
            }
            checked++;
        }
}

static void check_put(const struct model *start)
{
    struct model m = *start;
    struct word_step step = word_put(encode(start), 512, 77);

    if (start->pinned && start->uses == 1)
        return; /* the pin is that use: never dropped while set */
    CHECK_EQ(step.action, model_put(&m, 77));
    CHECK_EQ(step.next, encode(&m));
    checked++;
}

TEST(idle_states)
{
    static const uint32_t stamps[] = {0, 1, 0x7fffffff, 0xffffffff};

    for (unsigned int last = 0; last <= PAGE_WRITABLE; last++)
        for (unsigned int s = 0; s < 4; s++) {
            struct model m = {.state = IDLE, .last = last, .stamp = stamps[s]};

            CHECK_EQ(word_state(encode(&m)), WORD_IDLE);
            CHECK_EQ(word_stamp(encode(&m)), stamps[s]);
            CHECK_EQ(word_last(encode(&m)), last);
            CHECK_EQ(word_make_idle(last, stamps[s]), encode(&m));
            check_get(&m);
        }
}

TEST(used_states)
{
    static const uint32_t uses[] = {1, 2, 3, 0x7ffffffd, 0x7ffffffe, 0x7fffffff};

    for (unsigned int type = PAGE_L1; type <= PAGE_WRITABLE; type++)
        for (unsigned int u = 0; u < 6; u++)
            for (int pinned = 0; pinned <= is_table(type); pinned++) {
                struct model m = {
                    .state = USED, .type = type, .uses = uses[u], .pinned = pinned};

                CHECK_EQ(word_state(encode(&m)), WORD_IN_USE);
                CHECK_EQ(word_uses(encode(&m)), uses[u]);
                check_get(&m);
                check_put(&m);
            }
}

TEST(half_done_states)
{
    for (unsigned int type = PAGE_L1; type <= PAGE_L4; type++)
        for (unsigned int progress = 0; progress <= 512; progress++)
            for (int bad = 0; bad < 2; bad++) {
                struct model m = {.state = bad ? BAD : HALF, .type = type, .progress = progress};

                CHECK_EQ(word_state(encode(&m)), bad ? WORD_IS_FAILED : WORD_IS_PARTIAL);
                CHECK_EQ(word_progress(encode(&m)), progress);
                CHECK_EQ(word_make_partial(type, progress) | (bad ? WORD_FAILED : 0), encode(&m));
                check_get(&m);
            }
    CHECK(checked > 40000);
}
