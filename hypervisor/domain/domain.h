/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain: the thing being run, what it owns, and who may find it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "domain/vcpu.h"
#include "lib/cpumask.h"
#include "lib/rbtree.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "sync/spinlock.h"
#include "time/guest_tsc.h"

#include <xen/domctl.h>

struct event_domain;
struct grant_table;
struct pv_domain;
struct hvm_domain;
struct p2m;
struct pirq_domain;
struct range_set;
struct cpu_policy;

enum domain_life {
    DOMAIN_BUILDING, /* being created: not on the list yet */
    DOMAIN_ALIVE,    /* on the list; may run */
    DOMAIN_DYING,    /* destroy has begun: no new resources */
    DOMAIN_DEAD,     /* all resources gone; waits for the last reference */
};

struct domain {
    domid_t id;                  /* (c) */
    bool is_control;             /* (c) dom0: may do everything */
    bool is_system;              /* (c) idle, DOMID_IO, DOMID_XEN: never runs as a guest */
    uint32_t refs;               /* (a) struct references; the last frees it */
    struct rb_node link;         /* (r) [LOCK_DOMAIN_LIST], by rising id */
    struct domain *next_in_bucket; /* (r) [LOCK_DOMAIN_LIST] */
    enum domain_life life;       /* (a) */
    const struct guest_kind *kind; /* (c) domain/kind.h */
    bool is_translated;          /* (c) HVM/PVH: gfns are not mfns */
    bool is_direct; /* (c) but they are the same numbers, for devices know no others (PVH dom0) */

    struct spinlock control_lock; /* LOCK_DOMAIN_CONTROL */
    xen_domain_handle_t handle;  /* (r) [control_lock] uuid */
    uint32_t create_flags;       /* (c) XEN_DOMCTL_CDF_* */
    uint32_t ssidref;            /* (r) */
    uint32_t vmtrace_bytes;      /* (c) */

    uint32_t max_vcpus;          /* (c) size of vcpus[] */
    struct vcpu **vcpus;         /* (c) array; entries NULL until created */

    /* pausing and end of life */
    uint32_t pause_count;        /* (a) hypervisor's own pauses */
    uint32_t controller_pauses;  /* (a) XEN_DOMCTL_pausedomain; lowered under control_lock */
    struct spinlock shutdown_lock; /* LOCK_SHUTDOWN */
    bool is_shutting_down;       /* (a) [shutdown_lock] */
    bool is_shut_down;           /* (r) all vCPUs stopped */
    int shutdown_code;           /* (r) SHUTDOWN_*, -1 none */
    bool creation_finished;      /* (r) first unpause has happened */
    uint32_t teardown_stage;     /* (r) cursor of teardown.c */
    uint64_t teardown_cursor;    /* (r) */

    /* memory */
    struct spinlock page_lock;   /* LOCK_PAGE_LIST */
    uint64_t tot_pages;          /* (r) [page_lock] frames owned and counted */
    uint64_t max_pages;          /* (r) [page_lock] limit */
    uint64_t claimed_pages;      /* (r) [page_lock] XENMEM_claim_pages */
    uint64_t hyp_pages;          /* (r) [page_lock] PAGE_XENHEAP frames shared with it */
    uint64_t foreign_maps;       /* (a) frames of others it maps */
    uint64_t lowest_mfn, highest_mfn; /* (r) [page_lock] bounds for scanning its frames */
    uint32_t dma_bits;           /* (r) address width for its frames, 0 any */
    struct cpumask *dirty_cpus;  /* (a) CPUs whose TLB may hold its translations */
    struct xen_memory_map_store *memory_map; /* (r) XENMEM_set_memory_map */
    bool shared_32bit;           /* (r) shared_info and vcpu_info have the layout of 32-bit code */
    struct p2m *p2m;             /* (c) p2m/: where a translated guest's frames are; else NULL */
    uint64_t paging_pool_bytes;  /* (r) XEN_DOMCTL_set_paging_mempool_size */

    shared_info_t *shared_info;  /* (c) */
    mfn_t shared_info_mfn;       /* (c) */

    struct event_domain *event;  /* event/ */
    struct grant_table *grant;   /* grant/ */
    struct pirq_domain *pirq;    /* irq/guest.c */
    struct pv_domain *pv;        /* pv/ */
    struct hvm_domain *hvm;      /* hvm/ */
    struct domain *target;       /* (r) referenced: the guest whose devices it emulates, or NULL */
    struct cpu_policy *policy;   /* cpu/policy.c: CPUID and MSRs it sees */
    struct range_set *ioports;   /* (r) ports it may use */
    struct range_set *iomem;     /* (r) non-RAM frames it may map */
    struct range_set *irqs;      /* (r) GSIs it may bind */

    /* time */
    int64_t time_offset_seconds; /* (r) XEN_DOMCTL_settimeoffset */
    struct guest_tsc tsc;        /* time/guest_tsc.c */

    uint64_t vm_assist;          /* (r) bit per VMASST_TYPE_* */
    uint32_t cpupool;            /* (a) number of its pool */
    struct sched_domain sched;   /* sched/sched_vcpu.h */
    char console_line[160];      /* (r) text of console_io waiting for its newline */
    uint32_t console_used;
    uint32_t log_tokens;         /* (r) rate limit of log_guest */
    uint64_t log_refill_ns;
    bool debugger_attached;
};

extern struct domain *domain_control; /* dom0, once it exists */
extern struct domain *domain_io;      /* DOMID_IO: stands for device memory */
extern struct domain *domain_xen;     /* DOMID_XEN: the hypervisor's own frames */

/* Create an unstarted domain of @kind-specific flags. Rooms' parts included; not on the list until
 * domain_publish(). -EINVAL, -ENOMEM, -EEXIST. */
int must_check domain_create(domid_t id, const struct xen_domctl_createdomain *config,
                             bool is_control, struct domain **out);
void domain_publish(struct domain *d);
/* Take it off the list and drop the list's reference: the last step of teardown. */
void domain_unpublish(struct domain *d);
/* The domains that never run: DOMID_IO, DOMID_XEN, and the idle vCPUs'. Boot. */
void domain_system_init(void);
extern struct domain *domain_idle;

/* Find by number and take a reference; NULL. DOMID_SELF is not resolved here. Any context without
 * LOCK_DOMAIN_LIST. Dying domains are found too. */
struct domain *domain_get(domid_t id);
/* The same for a hypercall argument: DOMID_SELF means the caller. */
struct domain *domain_get_arg(domid_t id);
/* Take another reference on a domain the caller already holds or runs. */
void domain_ref(struct domain *d);
void domain_put(struct domain *d);

/* The first domain with id >= @from, referenced, or NULL: for lists (getdomaininfolist). */
struct domain *domain_next(domid_t from);

/* Pause all vCPUs and wait; nestable. Not for the caller's own domain. */
void domain_pause(struct domain *d);
void domain_pause_nowait(struct domain *d);
void domain_unpause(struct domain *d);
int must_check domain_pause_by_controller(struct domain *d);   /* -EBUSY on overflow */
int must_check domain_unpause_by_controller(struct domain *d); /* -EINVAL if not paused by it */

/* The current vCPU @v came to a breakpoint or step (@vector), and a debugger is attached: pause its
 * domain until the toolstack unpauses it, and tell dom0 (VIRQ_DEBUGGER). */
void domain_pause_for_debugger(struct vcpu *v, uint32_t vector);

/* The guest shut down or is made to (SHUTDOWN_*); stops all its vCPUs, tells the toolstack by
 * VIRQ_DOM_EXC. One that is in the middle of a device access (guest_kind.is_busy) ends that first,
 * unless it is a crash: whoever saves the guest finds no half of one. For dom0: power off or reboot
 * of the machine. Any context of that domain. */
void domain_shutdown(struct domain *d, int reason);
/* @v, which may have been busy, is not any more. Its own context. */
void domain_not_busy(struct vcpu *v);
/* Asked by @v, busy already for all others to see: may it go on? If not, it is stopped and must do
 * again later what it was about to do. */
bool domain_may_be_busy(struct vcpu *v);
/* XEN_DOMCTL_resumedomain. */
void domain_resume(struct domain *d);

/* The guest's state cannot be repaired: log @why with registers, shut it down as crashed. Returns;
 * callers unwind and the vCPU is not run again. Any context. */
void domain_crash(struct domain *d, const char *why, ...) __attribute__((format(printf, 2, 3)));

/* Begin or continue destruction; 0 when all but the references is done, -ERESTART to be called
 * again. */
int must_check domain_kill(struct domain *d);

/* Account @pages more frames to @d (negative: fewer); -ENOMEM over max_pages or when dying. */
int must_check domain_adjust_pages(struct domain *d, int64_t pages);

/*
 * Take frame @m from domain @d, which makes the call: no longer counted, mapped, cached or named;
 * its contents stay. NULL when it is not @d's or anybody uses it. The caller owns it then, and
 * gives it to domain_give_frame() or heap_free(). Interrupts on; no lock of level
 * >= LOCK_PAGE_LIST.
 */
struct page *must_check domain_take_frame(struct domain *d, mfn_t m);
/* Make such a frame @d's, for which domain_adjust_pages() has made room. False when @d is dying.
 * Takes LOCK_PAGE_LIST. */
bool must_check domain_give_frame(struct domain *d, struct page *pg);

/* Allocate 2^order frames to @d, accounted, each with one reference and PAGE_ALLOCATED, as guest
 * frames @gpfn and on in the m2p unless that is M2P_INVALID. NULL. */
struct page *must_check domain_alloc_pages(struct domain *d, unsigned int order,
                                           unsigned int addr_bits, uint64_t gpfn);
