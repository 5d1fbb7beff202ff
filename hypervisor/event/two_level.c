/* SPDX-License-Identifier: BSD-2-Clause */
/* The 2-level event ABI: bits in shared_info, found through a selector word per vCPU. */
#include "event/port.h"

#include "event/fifo.h"
#include "lib/bits.h"

/* Every bit operation is one locked instruction: the guest changes the same words. */

static uint64_t *pending_word(struct domain *d, uint32_t number)
{
    return (uint64_t *)&d->shared_info->evtchn_pending[number / BITS_PER_WORD];
}

static uint64_t *mask_word(struct domain *d, uint32_t number)
{
    return (uint64_t *)&d->shared_info->evtchn_mask[number / BITS_PER_WORD];
}

static uint64_t bit_of(uint32_t number)
{
    return BIT(number % BITS_PER_WORD);
}

static void announce(struct domain *d, struct port *p)
{
    struct vcpu *v = port_vcpu(d, target_vcpu(READ_ONCE(p->target)));
    uint64_t bit = bit_of(p->number / BITS_PER_WORD);

    if (v &&
        !(__atomic_fetch_or((uint64_t *)&v->info->evtchn_pending_sel, bit, __ATOMIC_SEQ_CST) & bit))
        port_notify_vcpu(v);
}

void two_level_raise(struct domain *d, struct port *p)
{
    uint64_t bit = bit_of(p->number);

    if (__atomic_fetch_or(pending_word(d, p->number), bit, __ATOMIC_SEQ_CST) & bit)
        return;
    if (!(READ_ONCE(*mask_word(d, p->number)) & bit))
        announce(d, p);
    port_wake_pollers(d, p->number);
    /*
     * A sender of another domain holds only its own lock, so this domain may have switched to FIFO
     * meanwhile. The switch first publishes ->fifo, then looks at these bits: either it saw ours,
     * or we see ->fifo here and raise the event there.
     */
    if (unlikely(READ_ONCE(d->event->fifo) != NULL)) {
        two_level_clear_pending(d, p->number);
        fifo_raise(d, p);
    }
}

void two_level_unmask(struct domain *d, struct port *p)
{
    uint64_t bit = bit_of(p->number);

    if ((__atomic_fetch_and(mask_word(d, p->number), ~bit, __ATOMIC_SEQ_CST) & bit) &&
        (READ_ONCE(*pending_word(d, p->number)) & bit))
        announce(d, p);
}

void two_level_clear_pending(struct domain *d, uint32_t number)
{
    __atomic_fetch_and(pending_word(d, number), ~bit_of(number), __ATOMIC_SEQ_CST);
}

bool two_level_is_pending(struct domain *d, uint32_t number)
{
    return READ_ONCE(*pending_word(d, number)) & bit_of(number);
}

bool two_level_is_masked(struct domain *d, uint32_t number)
{
    return READ_ONCE(*mask_word(d, number)) & bit_of(number);
}
