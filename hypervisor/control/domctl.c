/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domctl hypercall: one table of sub-operations.
 *
 * What is always true here: the guest's structure is copied in once and checked for its version;
 * permission, the target's reference and its control lock are taken before a sub-operation runs and
 * given back after it; the structure goes back to the guest only as the table says. Two operations
 * on one domain never run at once; the second is made again after other work of its CPU.
 */
#include "control/domctl.h"

#include "abi/errno.h"
#include "control/access.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"

enum row_flags {
    IN = 0,
    OUT = 1,         /* copy back when it succeeds */
    OUT_ALWAYS = 2,  /* ... and when it fails or is to be continued */
    SELF = 4,        /* the control domain may do it to itself */
    NO_TARGET = 8,   /* takes no existing domain */
    NO_LOCK = 16,    /* locks for itself */
};

struct row {
    uint32_t cmd;
    uint32_t flags;
    long (*run)(struct domain *d, struct xen_domctl *op);
};

#define ROW(name, flags) {XEN_DOMCTL_##name, flags, domctl_##name}
static const struct row rows[] = {
    ROW(createdomain, NO_TARGET | OUT),
    ROW(getdomaininfo, NO_TARGET | OUT),
    ROW(destroydomain, NO_LOCK),
    ROW(pausedomain, IN),
    ROW(unpausedomain, IN),
    ROW(resumedomain, IN),
    ROW(max_vcpus, IN),
    ROW(max_mem, SELF),
    ROW(setdomainhandle, SELF),
    ROW(setdebugging, IN),
    ROW(settimeoffset, SELF),
    ROW(settscinfo, IN),
    ROW(gettscinfo, SELF | OUT),
    ROW(set_address_size, IN),
    ROW(get_address_size, SELF | OUT),
    ROW(setnodeaffinity, SELF),
    ROW(getnodeaffinity, SELF),
    ROW(scheduler_op, SELF | OUT),
    ROW(sendtrigger, SELF),
    ROW(hypercall_init, SELF),
    ROW(irq_permission, IN),
    ROW(iomem_permission, IN),
    ROW(ioport_permission, IN),
    ROW(setvcpucontext, IN),
    ROW(getvcpucontext, IN),
    ROW(getvcpuinfo, SELF | OUT),
    ROW(setvcpuaffinity, SELF),
    ROW(getvcpuaffinity, SELF),
    ROW(set_ext_vcpucontext, IN),
    ROW(get_ext_vcpucontext, OUT),
    ROW(setvcpuextstate, IN),
    ROW(getvcpuextstate, OUT),
    ROW(set_vcpu_msrs, OUT_ALWAYS),
    ROW(get_vcpu_msrs, OUT_ALWAYS),
    ROW(getpageframeinfo3, OUT_ALWAYS),
    ROW(shadow_op, OUT),
    ROW(set_paging_mempool_size, IN),
    ROW(get_paging_mempool_size, OUT),
    ROW(sethvmcontext, IN),
    ROW(gethvmcontext, OUT_ALWAYS),
    ROW(gethvmcontext_partial, OUT),
    ROW(set_target, IN),
    ROW(get_cpu_policy, SELF | OUT),
    ROW(set_cpu_policy, OUT_ALWAYS),
    ROW(gdbsx_guestmemio, OUT_ALWAYS),
    ROW(gdbsx_pausevcpu, IN),
    ROW(gdbsx_unpausevcpu, IN),
    ROW(gdbsx_domstatus, OUT),
};

/* Operations of the ABI that no guest here can need: what they steer does not exist. */
static const uint32_t known_absent[] = {
    XEN_DOMCTL_subscribe,
    XEN_DOMCTL_assign_device, XEN_DOMCTL_bind_pt_irq, XEN_DOMCTL_memory_mapping,
    XEN_DOMCTL_ioport_mapping, XEN_DOMCTL_test_assign_device,
    XEN_DOMCTL_deassign_device, XEN_DOMCTL_unbind_pt_irq, XEN_DOMCTL_get_device_group,
    XEN_DOMCTL_debug_op, XEN_DOMCTL_vm_event_op,
    XEN_DOMCTL_mem_sharing_op, XEN_DOMCTL_set_access_required, XEN_DOMCTL_audit_p2m,
    XEN_DOMCTL_set_virq_handler, XEN_DOMCTL_set_broken_page_p2m, XEN_DOMCTL_setvnumainfo,
    XEN_DOMCTL_psr_cmt_op, XEN_DOMCTL_monitor_op, XEN_DOMCTL_psr_alloc, XEN_DOMCTL_soft_reset,
    XEN_DOMCTL_vmtrace_op,
};

static const struct row *find_row(uint32_t cmd)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].cmd == cmd)
            return &rows[i];
    return NULL;
}

static long absent(uint32_t cmd)
{
    for (size_t i = 0; i < ARRAY_SIZE(known_absent); i++)
        if (known_absent[i] == cmd)
            return -EOPNOTSUPP;
    return -ENOSYS;
}

static long run_on_target(const struct row *row, struct xen_domctl *op)
{
    struct domain *d = domain_get(op->domain);
    long rc;

    if (!d) /* it may have gone since it was looked for */
        return -ESRCH;
    if (!(row->flags & SELF) && d == vcpu_current()->domain) {
        rc = -EINVAL;
    } else if (row->flags & NO_LOCK) {
        rc = row->run(d, op);
    } else if (!spin_trylock(&d->control_lock)) {
        rc = -ERESTART;
    } else {
        rc = row->run(d, op);
        spin_unlock(&d->control_lock);
    }
    domain_put(d);
    return rc;
}

/* Is there a domain for the operation to be about? That is asked before whether the caller may. */
static long check_target(const struct row *row, const struct xen_domctl *op)
{
    struct domain *d;

    if (row && (row->flags & NO_TARGET))
        return op->cmd == XEN_DOMCTL_getdomaininfo && op->domain >= DOMID_FIRST_RESERVED ? -EINVAL
                                                                                         : 0;
    if (op->domain == DOMID_IO &&
        (op->cmd == XEN_DOMCTL_assign_device || op->cmd == XEN_DOMCTL_deassign_device))
        return 0; /* its quarantine */
    d = domain_get(op->domain);
    if (!d)
        return -ESRCH;
    domain_put(d);
    return 0;
}

long hc_domctl(uint64_t gva)
{
    struct xen_domctl op __attribute__((__uninitialized__)); /* what is copied in is all of it */
    const struct row *row;
    bool back;
    long rc;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    row = find_row(op.cmd);
    rc = check_target(row, &op);
    if (rc)
        return rc;
    if (access_check(ACCESS_DOMCTL, NULL))
        return -EPERM;
    if (!row)
        return absent(op.cmd);
    rc = row->flags & NO_TARGET ? row->run(NULL, &op) : run_on_target(row, &op);
    back = (row->flags & OUT_ALWAYS) || ((row->flags & OUT) && rc >= 0);
    if (back && copy_to_guest(gva, &op, sizeof(op)))
        return -EFAULT;
    return rc;
}
