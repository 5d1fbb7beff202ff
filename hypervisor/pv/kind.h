/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions behind pv_kind that live in files of their own. */
#pragma once

#include <stdbool.h>

#include "abi/xen.h"
#include "lib/types.h"

struct vcpu;
struct domain;

/* Deliver what is due to @v (NMI, upcall). See domain/kind.h before_entry. */
bool pv_before_entry(struct vcpu *v);
bool pv_upcall_deliverable(const struct vcpu *v);

/* pv/switch.c: hardware state of @v out of and into this CPU. Interrupts off. */
void pv_switch_out(struct vcpu *v);
void pv_switch_in(struct vcpu *v);

/* pv/context.c: struct vcpu_guest_context. -EINVAL, -EBUSY, -ERESTART. @v not running. */
int must_check pv_context_set(struct vcpu *v, const struct vcpu_guest_context *c);
void pv_context_get(struct vcpu *v, struct vcpu_guest_context *c);
