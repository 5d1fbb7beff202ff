/* SPDX-License-Identifier: BSD-2-Clause */
/* Batches of hypercalls: executed in order, each with its own result. */
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/vcpu.h"
#include "hypercall/dispatch.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"
#include "p2m/guest_word.h"

/* Take a private copy of the entry at @gva, but for its result. */
static inline bool entry_get(struct multicall_entry *e, uint64_t gva, bool is_translated)
{
    if (unlikely(is_translated))
        return !copy_from_guest(e, gva, sizeof(*e));
#define GET(field) guest_get(&e->field, gva + offsetof(struct multicall_entry, field))
    return guest_range_ok(gva, sizeof(*e)) && GET(op) && GET(args[0]) && GET(args[1]) &&
           GET(args[2]) && GET(args[3]) && GET(args[4]) && GET(args[5]);
#undef GET
}

/* Run the entry at @gva. 0: done and its result stored; -ERESTART: to be run again with the
 * arguments now in the guest's entry; -EFAULT. */
static inline long run_entry(struct multicall_entry *e, uint64_t gva)
{
    bool is_translated = vcpu_current()->hvm != NULL;
    const uint64_t *a = e->args;
    long result;

    if (unlikely(!entry_get(e, gva, is_translated)))
        return -EFAULT;
    /* IRET would take the caller's registers from under it */
    if (unlikely(e->op == __HYPERVISOR_iret || e->op > 0xffffffff))
        result = -ENOSYS;
    else if (unlikely(is_translated && !hypercall_serves_translated(e->op)))
        result = -ENOSYS;
    else
        result = hypercall_run(a[0], a[1], a[2], a[3], e->op);
    if (unlikely(result == -ERESTART))
        return copy_to_guest(gva + offsetof(struct multicall_entry, args), a, sizeof(e->args))
                   ? -EFAULT
                   : -ERESTART;
    gva += offsetof(struct multicall_entry, result);
    if (unlikely(is_translated))
        return copy_to_guest(gva, &result, sizeof(result));
    if (!guest_put(gva, (uint64_t)result))
        return -EFAULT;
    return 0;
}

long hc_multicall(uint64_t calls, uint64_t count)
{
    struct vcpu *v = vcpu_current();
    uint32_t left = (uint32_t)count;
    long rc = 0;

    if (unlikely(v->hc.in_multicall)) /* a batch within a batch */
        return -EINVAL;
    v->hc.in_multicall = true;
    while (left > 0) {
        rc = run_entry(&v->hc.entry, calls);
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
