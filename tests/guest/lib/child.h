/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Child domains: copies of this image that run one function of it. A child reports through `box`,
 * a page its maker can map; a failed CHECK in a child fails the maker's test.
 */
#pragma once

#include "tests/guest/lib/guest.h"

struct child_box {
    volatile uint32_t started, finished, failures, step;
    volatile uint64_t value[32]; /* for the test's own use, both ways */
    char reason[256];            /* the first failure */
    char text[2048];             /* what it printed */
    uint32_t text_used;
};
extern struct child_box box; /* ours, when we are a child */

#define CHILD_PAGES_MAX 448

struct child {
    bool used;
    domid_t domid;
    bool hvm;
    uint32_t devices;
    uint32_t pages;        /* frames it was given */
    uint64_t first_pfn;
    uint64_t mfn[CHILD_PAGES_MAX];
    uint64_t l4_mfn;
    struct child_box *box; /* mapped while it exists */
    unsigned int window;   /* slot of that mapping */
    bool distrusted;       /* what its box says counts for nothing */
};

/* All that HVM guests have. */
#define CHILD_BOARD (XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI)

struct child_options {
    uint32_t vcpus;      /* 0: 1 */
    uint32_t pool_pages; /* free pages behind its image; 0: 40 */
    uint32_t more_pages; /* how many it may allocate beyond; max_mem is set so */
    bool paused;         /* do not start it */
    bool hvm;            /* hardware-assisted */
    uint32_t devices;    /* XEN_X86_EMU_* of such a one; 0: a local APIC only, as PVH guests */
    void *arg;
};

/* A child that will run @fn(arg); NULL when something failed (the test has failed then). */
struct child *child_make(void (*fn)(void *), const struct child_options *options);
void child_start(struct child *c);
/* Wait until it shut down: the SHUTDOWN_* code, or -ETIME after @seconds. */
int child_wait(struct child *c, unsigned int seconds);
/* Take over its failures and output, destroy it, wait until nothing is left of it. */
void child_end(struct child *c);
/* Everything at once: it must end with @code; counters of the host must be as before. */
void child_run(void (*fn)(void *), void *arg, int code);
void child_run_with(void (*fn)(void *), const struct child_options *options, int code);
/* The same for one that may do anything to itself: it has @ms, and what it says is nothing. */
void child_run_wild(void (*fn)(void *), const struct child_options *options, unsigned int ms);
/* It says nothing from now on: its memory may hold anything. */
void child_distrust(struct child *c);
/* End those a failed test left. */
void children_end(void);
uint64_t child_va_mfn(const struct child *c, const volatile void *va);
int child_info(const struct child *c, struct xen_domctl_getdomaininfo *info);
long child_domctl(struct child *c, uint32_t cmd, struct xen_domctl *op);
/* XEN_DOMCTL_shadow_op @what about @pages frames; @op is what came back. */
long child_shadow(struct child *c, struct xen_domctl *op, uint32_t what, uint32_t mode, void *bits,
                  uint64_t pages);

/* Inside a child. */
void child_say(const char *text);
void child_fail(const char *text);
void noreturn_fn child_exit(void);
/* VCPUOP_initialise of our vCPU 1, which will run @fn in a PV child when it is brought up. */
long second_initialise(void (*fn)(void));

/* What must be the same after a test. */
struct host_state {
    uint64_t free_pages, domains;
};
struct host_state host_state(void);
/* Wait a while for the state to be @before again: is it? */
bool host_same(const struct host_state *before);
/* The same; fail the test if it does not get there. */
void host_check(const struct host_state *before);

void guest_child_main(void);

/* The same in an HVM child; a test of that kind only is HVM_TEST. */
void hvm_child_run(void (*fn)(void *), void *arg, int code);
/* hvm_child.c: make @c one that begins with guest_child_main(). */
bool hvm_child_start_vcpu(struct child *c);
/* Which instruction makes hypercalls here. */
enum hypercall_way hvm_way(void);

#define HVM_TEST(folder, id, code)                                                                 \
    static void body_##id(void *arg);                                                              \
    TEST(folder, id)                                                                               \
    {                                                                                              \
        hvm_child_run(body_##id, NULL, code);                                                      \
    }                                                                                              \
    static void body_##id(void *arg unused)

/* A test that runs its body in a child, which ends as @code (SHUTDOWN_*). */
#define CHILD_TEST(folder, id, code)                                                               \
    static void body_##id(void *arg);                                                              \
    TEST(folder, id)                                                                               \
    {                                                                                              \
        child_run(body_##id, NULL, code);                                                          \
    }                                                                                              \
    static void body_##id(void *arg unused)
