/* SPDX-License-Identifier: BSD-2-Clause */
/* The hvm_op hypercall, apart from the parameters (hvm_param.c). */
#include "control/hvm_op.h"

#include "abi/errno.h"
#include "control/access.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/hvm.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"
#include "time/time.h"

#include <xen/hvm/hvm_op.h>
#include <xen/trace.h>

static long upcall_vector(void *p)
{
    const struct xen_hvm_evtchn_upcall_vector *arg = p;
    struct domain *d = vcpu_current()->domain;
    struct vcpu *v;

    if (arg->vector < 0x10)
        return -EINVAL;
    v = domain_vcpu(d, arg->vcpu);
    if (!v)
        return -ENOENT;
    WRITE_ONCE(v->hvm->upcall_vector, arg->vector);
    vcpu_raise(v, VCPU_WORK_EVENT); /* what was announced before there was a vector */
    return 0;
}

static long flush_tlbs(uint64_t gva)
{
    struct domain *d = vcpu_current()->domain;

    if (gva || !d->hvm)
        return -EINVAL;
    spin_lock(&d->p2m->lock);
    d->p2m->generation++; /* whoever enters flushes, this one too */
    spin_unlock(&d->p2m->lock);
    translated_flush(d);
    return 0;
}

/* A hint for shadow page tables, which no guest has. */
static long pagetable_dying(void *p)
{
    const struct xen_hvm_pagetable_dying *arg = p;
    struct domain *d = domain_get_arg(arg->domid);

    if (!d)
        return -ESRCH;
    domain_put(d);
    return -EINVAL;
}

static long get_time(void *p)
{
    ((struct xen_hvm_get_time *)p)->now = time_now_ns();
    return 0;
}

/* There is no trace to put it in. */
static long xentrace(void *p)
{
    const struct xen_hvm_xentrace *arg = p;

    return arg->extra_bytes > sizeof(arg->extra) || arg->event >> TRC_SUBCLS_SHIFT ? -EINVAL : 0;
}

static hvmmem_type_t mem_type(struct domain *d, uint64_t gfn)
{
    enum p2m_type t = p2m_lookup(d->p2m, gfn).type;

    switch (t) {
    case P2M_HOLE:
    case P2M_MMIO_DIRECT:
        return HVMMEM_mmio_dm;
    case P2M_RAM_IOREQ:
        return HVMMEM_ioreq_server;
    case P2M_RAM_RO:
    case P2M_GRANT_RO:
    case P2M_FOREIGN_RO:
        return HVMMEM_ram_ro;
    default:
        return HVMMEM_ram_rw;
    }
}

static long get_mem_type(void *p)
{
    struct xen_hvm_get_mem_type *arg = p;
    struct domain *d = domain_get_arg(arg->domid);
    long rc;

    if (!d)
        return -ESRCH;
    rc = access_check(ACCESS_HVM_PARAM, d);
    if (!rc && !d->hvm)
        rc = -EINVAL;
    if (!rc)
        arg->mem_type = (uint16_t)mem_type(d, arg->pfn);
    domain_put(d);
    return rc;
}

static const struct subop operations[] = {
    {HVMOP_set_param, sizeof(struct xen_hvm_param), SUBOP_IN, hvm_param_set},
    {HVMOP_get_param, sizeof(struct xen_hvm_param), SUBOP_OUT, hvm_param_get},
    {HVMOP_pagetable_dying, sizeof(struct xen_hvm_pagetable_dying), SUBOP_IN, pagetable_dying},
    {HVMOP_get_time, sizeof(struct xen_hvm_get_time), SUBOP_OUT, get_time},
    {HVMOP_xentrace, sizeof(struct xen_hvm_xentrace), SUBOP_IN, xentrace},
    {HVMOP_get_mem_type, sizeof(struct xen_hvm_get_mem_type), SUBOP_OUT, get_mem_type},
    {HVMOP_set_evtchn_upcall_vector, sizeof(struct xen_hvm_evtchn_upcall_vector), SUBOP_IN,
     upcall_vector},
};

long hc_hvm_op(uint64_t cmd, uint64_t gva)
{
    switch ((uint32_t)cmd) {
    case HVMOP_flush_tlbs:
        return flush_tlbs(gva);
    case HVMOP_guest_request_vm_event: /* nobody listens */
        return gva ? -EINVAL : 0;
    case HVMOP_set_evtchn_upcall_vector: /* that is asked before what it wants */
        if (!vcpu_current()->domain->hvm)
            return -EINVAL;
        return subop_run(operations, ARRAY_SIZE(operations), (uint32_t)cmd, gva);
    case HVMOP_altp2m: /* alternative views of memory do not exist */
        return -EOPNOTSUPP;
    default:
        return subop_run(operations, ARRAY_SIZE(operations), (uint32_t)cmd, gva);
    }
}
