/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of a translated guest's dirty frames: who may ask what. */
#include "tests/guest/lib/hvm.h"
#include "tests/guest/lib/rows.h"

#define BITMAP_BYTES 512u

static uint8_t bitmap[BITMAP_BYTES * 4] aligned(PAGE_BYTES);
static struct child *c;
static struct xen_domctl op;

#define ASK(...) child_shadow(c, &op, __VA_ARGS__)

static long shadow(uint32_t what)
{
    memset(bitmap, 0, sizeof(bitmap));
    return ASK(what, 0, bitmap, BITMAP_BYTES * 8);
}

static void idle_child(void *arg unused)
{
}

static void answers(const char *when)
{
    char key[64];

    format_append(key, sizeof(key), 0, "%s.op", when);
    SWEEP(key, (void)0, ASK((uint32_t)v, 0, NULL, 0), 1, 3, 11, 12, 30, 33, 0xffffffff);
    format_append(key, sizeof(key), 0, "%s.enable", when);
    SWEEP(key, (void)0, ASK(XEN_DOMCTL_SHADOW_OP_ENABLE, (uint32_t)v, NULL, 0), 0, 2, 8, 16,
          32);
    format_append(key, sizeof(key), 0, "%s.mode", when);
    SWEEP(key, (void)0, ASK(XEN_DOMCTL_SHADOW_OP_PEEK, (uint32_t)v, bitmap, 8), 0, 1, 2, 3,
          0xffffffff);
    format_append(key, sizeof(key), 0, "%s.pages", when);
    SWEEP(key, (void)0, ({
              long rc_ = ASK(XEN_DOMCTL_SHADOW_OP_PEEK, 0, bitmap, v);
              rc_ ?: (long)op.u.shadow_op.pages;
          }), 0, 1, 8, 9, BITMAP_BYTES * 8);
    format_append(key, sizeof(key), 0, "%s.bad", when);
    SWEEP(key, (void)0, ASK(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, (void *)v, 64), BAD_POINTER,
          HV_POINTER, NONCANONICAL);
    ROW(key, "peek", ASK(XEN_DOMCTL_SHADOW_OP_PEEK, 0, (void *)BAD_POINTER, 64));
}

TEST(abi, log_dirty_answers)
{
    const struct child_options options = {.hvm = true, .paused = true};

    c = child_make(idle_child, &options);
    NEED(c);
    answers("before");
    ROW("off", "before", shadow(XEN_DOMCTL_SHADOW_OP_OFF));
    ROW("on", "first", shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY));
    ROW("on", "again", shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY));
    answers("during");
    ROW("on", "other", ASK(XEN_DOMCTL_SHADOW_OP_ENABLE, 4, NULL, 0));
    ROW("off", "during", shadow(XEN_DOMCTL_SHADOW_OP_OFF));
    ROW("off", "after", shadow(XEN_DOMCTL_SHADOW_OP_OFF));
    answers("after");
    ROW("on", "by_mode", ASK(XEN_DOMCTL_SHADOW_OP_ENABLE, 4, NULL, 0));
    child_end(c);
}
