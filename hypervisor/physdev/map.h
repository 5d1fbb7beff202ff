/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to physdev/: what guest.c and map.c share. */
#pragma once

#include "physdev/pirq.h"

/* Serialises mapping, binding and their reverses. Taken with interrupts on, outermost. */
extern struct spinlock pirq_setup_lock;

/* The pirq called @number, NULL: none. Table lock or setup lock held. */
struct pirq *pirq_find(struct pirq_domain *pd, uint32_t number);
/* Say on the guest's page whether @number needs an EOI. Table lock held. */
void pirq_mark(struct pirq_domain *pd, uint32_t number, bool needs_eoi);
/* Undo a binding; nothing when there is none. Setup lock held, interrupts on. */
void pirq_leave(struct pirq *p);
