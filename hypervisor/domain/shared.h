/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages a guest and the hypervisor share: shared_info, registered vcpu_info. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"

struct domain;
struct vcpu;

/*
 * A page of the hypervisor that @d may map: zeroed, in the direct map, counted in d->hyp_pages.
 * NULL: no memory, or @d is dying. Takes LOCK_PAGE_LIST.
 */
void *must_check shared_page_create(struct domain *d);
/* Teardown: no new reference by guests. When those there are have gone, @d does without it; the
 * memory is the hypervisor's until shared_page_free(). No locks of level >= LOCK_PAGE_LIST. */
void shared_page_end(void *page);
/* Of a page that has ended: share it with @d once more, cleared, if no guest holds it any more. */
bool must_check shared_page_again(struct domain *d, void *page);
/* After the domain has left the list, or was never on it. */
void shared_page_free(void *page);

/* Allocate @d's shared_info page and share it. -ENOMEM. */
int must_check shared_info_create(struct domain *d);
void shared_info_end(struct domain *d); /* teardown: shared_page_end() */
void shared_info_free(struct domain *d);

/* @d's kernel turns out to be 32-bit code, or 64-bit code: that is how it lays out what we share
 * with it (translated guests). Fresh guests have ports of low numbers only, which both have. */
void shared_layout_set(struct domain *d, bool is_32bit);

/* Where @v's vcpu_info is before it registers one: its slot in shared_info, or a private dummy for
 * vCPUs from 32 on (xen/xen.h XEN_LEGACY_MAX_VCPUS). -ENOMEM. */
int must_check vcpu_info_default(struct vcpu *v);
void vcpu_info_free(struct vcpu *v); /* with the vCPU */

/* VCPUOP_register_vcpu_info: @offset bytes into guest frame @gfn. -ENXIO (beyond the page), -EINVAL
 * (misaligned, registered already, not the domain's own writable frame, @v is up and not the
 * caller). */
int must_check vcpu_info_register(struct vcpu *v, mfn_t gfn, uint32_t offset);
/* Back to the default, dropping the frame: teardown, when @v has no event ports any more. */
void vcpu_info_release(struct vcpu *v);
