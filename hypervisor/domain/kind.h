/* SPDX-License-Identifier: BSD-2-Clause */
/* The promise PV and HVM each keep to the rest: what differs between kinds of guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"

#include <xen/domctl.h>

struct domain;
struct vcpu;
struct cpu_user_regs;
struct grant_mapper;
struct page;
struct walk_mode;

struct guest_kind {
    const char *name; /* "pv", "hvm" */

    int (*domain_init)(struct domain *d, const struct xen_domctl_createdomain *config);
    /* Release what domain_init and the guest's life made; -ERESTART when preempted. */
    int (*domain_relinquish)(struct domain *d);
    /* For teardown, once for each frame of @d on which the caller holds a reference: undo pins and
     * half-done checks. -ERESTART. NULL: nothing to do. */
    int (*frame_release)(struct domain *d, struct page *pg);
    /* Frame @pg of @d was written by another than its processors, while somebody watches the frames
     * of some domain (page_written()). NULL: as for translated guests. */
    void (*frame_written)(struct domain *d, const struct page *pg);
    void (*domain_free)(struct domain *d);
    int (*vcpu_init)(struct vcpu *v);
    void (*vcpu_free)(struct vcpu *v);

    /* Load and unload the hardware state of @v on this CPU; interrupts off. */
    void (*switch_out)(struct vcpu *v);
    void (*switch_in)(struct vcpu *v);

    /* Last steps before the guest runs: deliver events, NMI; interrupts off; true when it changed
     * something that must be looked at again (crash, block). */
    bool (*before_entry)(struct vcpu *v);
    /* Would an upcall or interrupt that waits reach the guest if it ran on? @v is current. */
    bool (*upcall_deliverable)(const struct vcpu *v);

    /* Is @v in the middle of an access that a device model carries out? Any CPU. NULL: there are
     * none for guests of this kind. */
    bool (*is_busy)(const struct vcpu *v);

    int (*context_set)(struct vcpu *v, const struct vcpu_guest_context *c);
    /* VCPUOP_initialise of @v from the caller's memory, where that is not a struct
     * vcpu_guest_context; sets `initialised`. NULL: it is. -EFAULT, -EINVAL; -EEXIST: it was
     * done before; -ERESTART: @v has not stopped yet. */
    int (*start)(struct vcpu *v, uint64_t gva);
    void (*context_get)(struct vcpu *v, struct vcpu_guest_context *c);
    /* Dump of guest state for debug keys and crashes. */
    void (*dump)(struct vcpu *v);

    /* The registers that decide how @v's addresses are translated. NULL: the host's do. */
    void (*walk_mode)(const struct vcpu *v, struct walk_mode *mode);

    /* XENMEM_resource_ioreq_server: how many frames one has, and frame @frame of server @id. NULL:
     * guests of this kind have no device model. */
    unsigned int ioreq_frames;
    int (*ioreq_frame)(struct domain *d, uint32_t id, uint64_t frame, mfn_t *mfn);

    const struct grant_mapper *grants; /* grant/grant.h; NULL: cannot map grants */
};

extern const struct guest_kind pv_kind, hvm_kind;
