/* SPDX-License-Identifier: BSD-2-Clause */
/* Populate on demand: a translated guest that is promised more memory than it is given. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct domain;

/* What becomes of a vCPU that touched a guest frame. */
enum pod_answer {
    POD_OTHER, /* the frame is not one to be populated */
    POD_AGAIN, /* it is populated, or some of the search is done: make the access again */
    POD_OUT,   /* there is no memory for it and none to be found */
};

/* A vCPU of @d, the current one, touched @gfn. No locks held; may flush. */
enum pod_answer pod_fault(struct domain *d, uint64_t gfn);

/* For calls that are about @gfn: is it memory now, by whatever step? False also if the search for
 * memory would take too long, or with interrupts off. No lock of level >= LOCK_P2M; may flush. */
bool must_check pod_populate(struct domain *d, uint64_t gfn);

/* The end of @d when @gfn cannot be populated: says why. */
void pod_crash(struct domain *d, uint64_t gfn);

/* Promise 2^@order frames at @gfn, aligned, where no memory may be. False: not possible; a part of
 * it may be promised. */
bool must_check pod_promise(struct domain *d, uint64_t gfn, unsigned int order);

/*
 * XENMEM_set_pod_target: what the guest has and what is set aside for it shall be @pages in all,
 * as far as promises are open. Less than it has now changes nothing: the guest's balloon driver
 * will give that up. -ENOMEM; -ERESTART.
 */
long must_check pod_set_target(struct domain *d, uint64_t pages);

/* Frame @mfn of @d is out of its table, and no translation leads to it: keep it for promises that
 * have none. False: none needs it, or it is in use; it is the caller's to give up. */
bool must_check pod_keep(struct domain *d, uint64_t mfn);
/* Give up what is set aside beyond what is promised. */
void pod_trim(struct domain *d);
