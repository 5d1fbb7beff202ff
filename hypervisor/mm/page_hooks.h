/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What page.c asks of higher rooms, bound at link time: the one place where mm/ reaches upwards.
 * Direct calls, so there is no table of pointers to aim at.
 */
#pragma once

#include <stdint.h>

#include "lib/types.h"
#include "mm/page.h"

/* Get a use of @pg as a table or descriptor page when that is not a mere count: check its contents
 * (pv/type.c). Errors as page_type_get(). */
int must_check page_hook_check(struct page *pg, enum page_type type);

/* Drop the last use of table @pg, all references of its entries with it (pv/type.c). */
void page_hook_release(struct page *pg);

/* Flush every TLB that may hold translations to @pg, or through it as a table, not newer than
 * @stamp (domain/page_hooks.c). Interrupts on. */
void page_hook_flush(const struct page *pg, uint32_t stamp);

/* This CPU's list of frames without references is no longer empty, or has grown long (@many): see
 * to it that page_limbo_drain() runs here before the next return to a guest, and if @many, that
 * hypercall_preempt() says so (domain/page_hooks.c). */
void page_hook_limbo(bool many);

/* Somebody watches what guests' frames are written, and @pg was: if it is of a domain whose frames
 * are watched, note it (domain/translated.c). */
void page_hook_written(const struct page *pg);

/*
 * The last references of the @n frames from @first on are gone and no TLB translates to them: take
 * them out of @owner's account and give them back to the heap, or a single one to the hypervisor if
 * it shared it (domain/page_owner.c). `count` still holds owner and flags, with 0 references, the
 * same for all of them; `type` is 0. May take locks of level >= LOCK_PAGE_LIST.
 */
void domain_pages_freed(struct page *first, uint64_t n, domid_t owner);
