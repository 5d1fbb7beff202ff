/* SPDX-License-Identifier: BSD-2-Clause */
/* Batches of hypercalls: executed in order, each with its own result. */
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/vcpu.h"
#include "hypercall/dispatch.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"

/* A batch within a batch is refused; IRET would take the caller's registers from under it. */
static long refusal(uint64_t op)
{
    if (op == __HYPERVISOR_multicall)
        return -EINVAL;
    return op == __HYPERVISOR_iret || op > 0xffffffff ? -ENOSYS : 0;
}

/* Run the entry at @gva. 0: done and its result stored; -ERESTART: to be run again with the
 * arguments now in the guest's entry; -EFAULT. */
static long run_entry(struct vcpu *v, uint64_t gva)
{
    struct multicall_entry *e = &v->hc.entry;

    if (copy_from_guest(e, gva, sizeof(*e)))
        return -EFAULT;
    e->result = (xen_ulong_t)refusal(e->op);
    v->hc.in_multicall = true;
    if (likely(!e->result))
        e->result = (xen_ulong_t)hypercall_run(e->args[0], e->args[1], e->args[2], e->args[3],
                                               (uint32_t)e->op);
    if (unlikely(e->result == (xen_ulong_t)-ERESTART))
        return copy_to_guest(gva + offsetof(struct multicall_entry, args), e->args,
                             sizeof(e->args))
                   ? -EFAULT
                   : -ERESTART;
    return copy_to_guest(gva + offsetof(struct multicall_entry, result), &e->result,
                         sizeof(e->result));
}

long hc_multicall(uint64_t calls, uint64_t count)
{
    struct vcpu *v = vcpu_current();
    uint32_t left = (uint32_t)count;
    long rc = 0;

    while (left > 0) {
        rc = run_entry(v, calls);
        if (rc == 0) {
            calls += sizeof(struct multicall_entry);
            left--;
        }
        if (rc == -EFAULT)
            break;
        if (left > 0 && (rc == -ERESTART || hypercall_preempt())) {
            rc = -ERESTART;
            break;
        }
    }
    v->hc.in_multicall = v->hc.args_taken = false;
    if (rc == -ERESTART) {
        uint64_t *args = hypercall_args();

        args[0] = calls;
        args[1] = left;
    }
    return rc;
}
