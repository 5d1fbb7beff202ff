/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages a guest and the hypervisor share: shared_info, registered vcpu_info. */
#pragma once

#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"

struct domain;
struct vcpu;

/* Allocate @d's shared_info page and share it. -ENOMEM. */
int must_check shared_info_create(struct domain *d);
void shared_info_free(struct domain *d);

/* Where @v's vcpu_info is before it registers one: its slot in shared_info, or a private dummy for
 * vCPUs from 32 on (xen/xen.h XEN_LEGACY_MAX_VCPUS). -ENOMEM. */
int must_check vcpu_info_default(struct vcpu *v);

/* VCPUOP_register_vcpu_info: @offset bytes into guest frame @gfn. -ENXIO (beyond the page), -EINVAL
 * (misaligned, registered already, not the domain's own writable frame), -ENOENT (vCPU). */
int must_check vcpu_info_register(struct vcpu *v, mfn_t gfn, uint32_t offset);
/* Back to the default, dropping the frame: teardown, reset. */
void vcpu_info_release(struct vcpu *v);
