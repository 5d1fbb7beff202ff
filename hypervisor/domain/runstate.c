/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The copy of a vCPU's runstate in its own memory.
 *
 * The area is written through the address at which the guest registered it, in the guest's own
 * address space: just before the vCPU leaves its CPU (so that others can see that it was stopped)
 * and just after it got one.
 */
#include "domain/runstate.h"

#include "abi/compat.h"
#include "abi/errno.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "p2m/copy.h"
#include "sched/sched.h"

static_assert(sizeof(struct vcpu_runstate_info) == 48, "xen/vcpu.h");

/* An area in the layout of its guest. */
struct area {
    uint32_t bytes, entry_at; /* all of it; where state_entry_time is */
    uint8_t data[sizeof(struct vcpu_runstate_info)];
};

static void fill(const struct domain *d, struct area *a, const struct vcpu_runstate_info *info)
{
    if (unlikely(d->shared_32bit)) {
        a->bytes = C32_vcpu_runstate_info_BYTES;
        a->entry_at = C32_vcpu_runstate_info_state_entry_time_AT;
        compat_narrow(COMPAT_vcpu_runstate_info, a->data, info);
    } else {
        a->bytes = sizeof(*info);
        a->entry_at = offsetof(struct vcpu_runstate_info, state_entry_time);
        memcpy(a->data, info, sizeof(*info));
    }
}

/* With VMASST_TYPE_runstate_update_flag a reader knows from the flag in state_entry_time that the
 * rest is being written. Without it readers compare state_entry_time before and after. */
static int write_area(struct vcpu *v, uint64_t gva)
{
    struct vcpu_runstate_info info;
    struct area a = {0};
    uint64_t entry;

    sched_runstate_get(v, &info);
    entry = info.state_entry_time;
    if (v->domain->vm_assist & (1ULL << VMASST_TYPE_runstate_update_flag))
        info.state_entry_time |= XEN_RUNSTATE_UPDATE;
    fill(v->domain, &a, &info);
    if (info.state_entry_time == entry)
        return copy_to_guest(gva, a.data, a.bytes);
    if (copy_to_guest(gva + a.entry_at, a.data + a.entry_at, sizeof(entry)) ||
        copy_to_guest(gva, a.data, a.bytes))
        return -EFAULT;
    return copy_to_guest(gva + a.entry_at, &entry, sizeof(entry));
}

int runstate_register(struct vcpu *v, uint64_t gva)
{
    if (gva && write_area(v, gva))
        return -EFAULT;
    WRITE_ONCE(v->runstate_gva, gva);
    return 0;
}

void runstate_publish(struct vcpu *v)
{
    uint64_t gva = READ_ONCE(v->runstate_gva);

    if (gva && write_area(v, gva))
        return; /* an area the guest has unmapped is its own affair */
}
