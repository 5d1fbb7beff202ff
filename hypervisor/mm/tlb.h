/* SPDX-License-Identifier: BSD-2-Clause */
/* Flushing translations here and on other CPUs, and the clock that makes most flushes
 * unnecessary. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/cpumask.h"

/*
 * The TLB clock counts full flushes of the machine. When a frame stops being writable or is freed,
 * the clock is noted with it (tlb_clock()); before it is used in a way that stale translations
 * would make unsafe, the CPUs that have not flushed since are flushed (tlb_flush_stale()).
 */
uint32_t tlb_clock(void);

enum tlb_flush_kind {
    TLB_FLUSH_GUEST, /* all non-global translations */
    TLB_FLUSH_ALL,   /* global ones (the hypervisor's own) too */
    TLB_FLUSH_PAGE,  /* one address */
    TLB_FLUSH_CACHE, /* TLB_FLUSH_GUEST and WBINVD */
};

/* Flush on this CPU. Any context. */
void tlb_flush_local(enum tlb_flush_kind kind, uint64_t va);

/* Flush on every CPU of @mask, this one included if in it; returns when done. Interrupts on, no
 * lock that an interrupt handler takes. */
void tlb_flush_mask(const struct cpumask *mask, enum tlb_flush_kind kind, uint64_t va);

/* Flush those CPUs of @mask whose last full flush is not newer than @stamp. As tlb_flush_mask(). */
void tlb_flush_stale(const struct cpumask *mask, uint32_t stamp);

/* The receiving end of VECTOR_FLUSH (irq/dispatch.c). Interrupts off, already acknowledged. */
void tlb_flush_interrupt(void);

/* Load CR3 on this CPU, noting the flush it implies. Interrupts may be on. */
void tlb_load_cr3(uint64_t cr3);

/* May CPU @cpu still hold translations that were removed when the clock read @stamp? */
bool tlb_is_stale(unsigned int cpu, uint32_t stamp);

/* Entry of VECTOR_FLUSH. */
void tlb_flush_interrupt(void);
