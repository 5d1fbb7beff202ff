/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to event/: ports, what a domain and a vCPU keep for them, and how they are locked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "domain/domain.h"
#include "lib/index.h"
#include "lib/types.h"
#include "sched/sched.h"
#include "sync/rwlock.h"
#include "sync/spinlock.h"

#include <xen/event_channel.h>

enum port_state {
    PORT_FREE = 0,
    PORT_RESERVED,    /* port 0: never used, never given out */
    PORT_UNBOUND,     /* waits for `remote` to bind */
    PORT_INTERDOMAIN, /* connected to `peer_port` of `peer` */
    PORT_PIRQ,
    PORT_VIRQ,
    PORT_IPI,
};

struct port {
    uint8_t state;   /* (r) [event lock] enum port_state */
    uint8_t busy;    /* (r) [event lock] its pirq is being connected or disconnected */
    uint8_t pending; /* (a) FIFO: raised while its event word had no page */
    uint8_t own;     /* (c) while open: this end is the hypervisor's, event_open_own() */
    uint32_t number; /* (c) */
    uint32_t
        target; /* (a) vCPU it notifies and FIFO priority: port_target(); [event lock] to change */
    uint32_t queue; /* (r) [lock of that queue] target under which FIFO last linked it */
    union {
        struct domain *peer;    /* (r) interdomain */
        struct port *next_pirq; /* (r) pirq: chain of event_domain.pirqs */
    };
    union {
        struct port *peer_port; /* (r) interdomain */
        uint32_t pirq;          /* (r) */
        uint32_t virq;          /* (r) */
        domid_t remote;         /* (r) unbound: who may bind */
    };
};

/* Ports live in page-sized buckets, made as numbers are first used and kept as long as the domain.
 */
#define PORTS_PER_BUCKET 128
static_assert(sizeof(struct port) * PORTS_PER_BUCKET == 4096, "a bucket is a page");

/* vCPU @vcpu at @priority as one number, read and written at once. It names a FIFO queue. */
static inline uint32_t port_target(uint32_t vcpu, uint32_t priority)
{
    return vcpu << 4 | priority;
}

static inline uint32_t target_vcpu(uint32_t target)
{
    return target >> 4;
}

static inline uint32_t target_priority(uint32_t target)
{
    return target & 15;
}

struct event_fifo;
struct event_domain {
    struct rwlock lock;      /* LOCK_EVENT, with interrupts off */
    bool dying;              /* (r) no new ports */
    uint32_t max;            /* (c) one past the highest port it may ever have */
    uint32_t limit;          /* (r) the same under the ABI in use (2-level or FIFO) */
    uint32_t valid;          /* (r) ports below have a struct port */
    uint32_t open;           /* (r) ports that are neither free nor reserved */
    uint32_t own;            /* (r) those of them whose end is the hypervisor's */
    uint32_t lowest;         /* (r) no free port is below this number */
    uint32_t cursor;         /* (r) next port to close in a reset or teardown that was preempted */
    struct event_fifo *fifo; /* (a) NULL: 2-level ABI. Changes under the lock only */
    struct port *pirqs;      /* (r) all PORT_PIRQ ports */
    uint64_t *used;          /* (r) bit per port below max: not free */
    struct port **buckets;   /* (r) those below valid exist */
};

struct fifo_queue {
    struct spinlock lock; /* LOCK_EVENT_QUEUE, with interrupts off */
    uint32_t tail;        /* (r) last port linked, 0 none */
};

struct event_vcpu {
    uint32_t virq_port[NR_VIRQS];         /* (a) 0: not bound; global ones in vCPU 0 */
    evtchn_fifo_control_block_t *control; /* (a) guest memory; NULL: none registered */
    struct page *control_page;            /* (r) referenced writable */
    struct fifo_queue queue[EVTCHN_FIFO_MAX_QUEUES];
};

/* The port @number, NULL when it has no struct port. Event lock held in any way. */
static inline struct port *port_lookup(const struct event_domain *e, uint32_t number)
{
    uint32_t valid = e->valid;

    if (unlikely(number >= valid))
        return NULL;
    number = (uint32_t)index_clamp(number, valid);
    return &e->buckets[number / PORTS_PER_BUCKET][number % PORTS_PER_BUCKET];
}

/* port_lookup() of a port that is open and not in the middle of a change; else NULL. */
static inline struct port *port_lookup_open(const struct event_domain *e, uint32_t number)
{
    struct port *p = port_lookup(e, number);

    return p && p->state > PORT_RESERVED && !p->busy ? p : NULL;
}

/* domain_vcpu(), inlined for the delivery path. */
static inline struct vcpu *port_vcpu(const struct domain *d, uint32_t id)
{
    return likely(id < d->max_vcpus) ? d->vcpus[index_clamp(id, d->max_vcpus)] : NULL;
}

/* The event lock of one domain, shared (delivery) and exclusive (change). Any context. */
static inline uint64_t event_read_lock(struct event_domain *e)
{
    uint64_t flags = irq_save();

    read_lock(&e->lock);
    return flags;
}

static inline void event_read_unlock(struct event_domain *e, uint64_t flags)
{
    read_unlock(&e->lock);
    irq_restore(flags);
}

static inline uint64_t event_write_lock(struct event_domain *e)
{
    uint64_t flags = irq_save();

    write_lock(&e->lock);
    return flags;
}

static inline void event_write_unlock(struct event_domain *e, uint64_t flags)
{
    write_unlock(&e->lock);
    irq_restore(flags);
}

/* Both domains' locks, exclusive; @a and @b may be the same domain. */
uint64_t event_pair_lock(struct domain *a, struct domain *b);
void event_pair_unlock(struct domain *a, struct domain *b, uint64_t flags);

/* The lowest free port of @d, as @state, notifying vCPU 0 at default priority. -ENOSPC, -ENOMEM,
 * -ESRCH when @d is dying. Event lock held exclusive. */
int must_check port_open(struct domain *d, enum port_state state, struct port **out);

/* Nothing refers to @p any more. Event lock held exclusive. */
void port_free(struct domain *d, struct port *p);

/* Close port @number of @d. -EINVAL: it is not open, or @by_guest and not the guest's. No locks. */
int must_check port_close(struct domain *d, uint32_t number, bool by_guest);

/* deliver.c: make @p of @d pending and tell whom it may concern. @p is kept bound by the lock of
 * its own domain or of its peer's, held in any way. */
void port_raise(struct domain *d, struct port *p);
/* Clear MASKED; announce when pending. Event lock of @d held. */
void port_unmask(struct domain *d, struct port *p);
void port_clear_pending(struct domain *d, struct port *p);
bool port_is_pending(struct domain *d, struct port *p);
bool port_is_masked(struct domain *d, struct port *p);
void port_notify_vcpu(struct vcpu *v); /* flag events, make it look; locks to LOCK_EVENT_QUEUE */
/* End SCHEDOP_polls of @d on @number, which was made pending with a locked instruction. */
static inline void port_wake_pollers(struct domain *d, uint32_t number)
{
    if (unlikely(READ_ONCE(d->sched.pollers)))
        sched_poll_wake(port_vcpu(d, 0), number);
}

/* two_level.c: the same in the 2-level ABI. */
void two_level_raise(struct domain *d, struct port *p);
void two_level_unmask(struct domain *d, struct port *p);
void two_level_clear_pending(struct domain *d, uint32_t number);
bool two_level_is_pending(struct domain *d, uint32_t number);
bool two_level_is_masked(struct domain *d, uint32_t number);
void two_level_select_all(struct vcpu *v); /* make it look at all of its words */
uint32_t two_level_ports(const struct domain *d); /* how many its shared_info has bits for */

/* virq.c: forget that @p is where its VIRQ goes. Event lock held exclusive. */
void virq_unbind(struct domain *d, struct port *p);
bool virq_is_global(uint32_t virq);
void virq_disown(struct domain *d); /* dying: VIRQs directed to it go to the control domain */

/* pirq.c: close a port bound to a pirq. Called with the event lock held exclusive; releases it. */
void pirq_close(struct domain *d, struct port *p, uint64_t flags);
/* Direct the interrupt of @p, which now notifies @v, to where that runs. Event lock held. */
void pirq_follow(struct domain *d, const struct port *p, const struct vcpu *v);
