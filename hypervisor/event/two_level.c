/* SPDX-License-Identifier: BSD-2-Clause */
/* The 2-level event ABI: bits in shared_info, found through a selector word per vCPU. */
#include "event/port.h"

#include "compat_layout.h"
#include "event/fifo.h"
#include "lib/bits.h"

/* Every bit operation is one locked instruction: the guest changes the same words. */

/* Bits in 32-bit words are the same in 64-bit words; there are fewer: the masks begin earlier. */
static_assert(C32_PENDING_AT == offsetof(shared_info_t, evtchn_pending) && C32_MASK_AT % 8 == 0,
              "xen/xen.h");

static uint64_t *pending_word(struct domain *d, uint32_t number)
{
    return (uint64_t *)&d->shared_info->evtchn_pending[number / BITS_PER_WORD];
}

static uint64_t *mask_word(struct domain *d, uint32_t number)
{
    if (unlikely(d->shared_32bit))
        return (uint64_t *)((char *)d->shared_info + C32_MASK_AT) + number / BITS_PER_WORD;
    return (uint64_t *)&d->shared_info->evtchn_mask[number / BITS_PER_WORD];
}

/* Set bits of the selector of @v: one for each word of the guest's. Those that were set before. */
static uint64_t select(struct vcpu *v, uint64_t bits)
{
    uint32_t *narrow = (uint32_t *)((char *)v->info + C32_PENDING_SEL_AT);

    if (unlikely(v->domain->shared_32bit))
        return __atomic_fetch_or(narrow, (uint32_t)bits, __ATOMIC_SEQ_CST);
    return __atomic_fetch_or((uint64_t *)&v->info->evtchn_pending_sel, bits, __ATOMIC_SEQ_CST);
}

void two_level_select_all(struct vcpu *v)
{
    (void)select(v, ~0ULL);
}

uint32_t two_level_ports(const struct domain *d)
{
    return d->shared_32bit ? C32_2L_PORTS : (uint32_t)EVTCHN_2L_NR_CHANNELS;
}

static uint64_t bit_of(uint32_t number)
{
    return BIT(number % BITS_PER_WORD);
}

static void announce(struct domain *d, struct port *p)
{
    struct vcpu *v = port_vcpu(d, target_vcpu(READ_ONCE(p->target)));
    uint64_t bit = BIT(p->number / (unlikely(d->shared_32bit) ? 32 : BITS_PER_WORD));

    if (v && !(select(v, bit) & bit))
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
