/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The copy of a vCPU's runstate in its own memory.
 *
 * The area is written through the address at which the guest registered it, in the guest's own
 * address space: just before the vCPU leaves its CPU (so that others can see that it was stopped)
 * and just after it got one.
 */
#include "domain/runstate.h"

#include "abi/errno.h"
#include "domain/domain.h"
#include "p2m/copy.h"
#include "sched/sched.h"

static_assert(sizeof(struct vcpu_runstate_info) == 48, "xen/vcpu.h");

/* With VMASST_TYPE_runstate_update_flag a reader knows from the flag in state_entry_time that the
 * rest is being written. Without it readers compare state_entry_time before and after. */
static int write_area(struct vcpu *v, uint64_t gva)
{
    const uint64_t entry_gva = gva + offsetof(struct vcpu_runstate_info, state_entry_time);
    struct vcpu_runstate_info info;

    sched_runstate_get(v, &info);
    if (!(v->domain->vm_assist & (1ULL << VMASST_TYPE_runstate_update_flag)))
        return copy_to_guest(gva, &info, sizeof(info));
    info.state_entry_time |= XEN_RUNSTATE_UPDATE;
    if (copy_to_guest(entry_gva, &info.state_entry_time, sizeof(info.state_entry_time)) ||
        copy_to_guest(gva, &info, sizeof(info)))
        return -EFAULT;
    info.state_entry_time &= ~XEN_RUNSTATE_UPDATE;
    return copy_to_guest(entry_gva, &info.state_entry_time, sizeof(info.state_entry_time));
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
