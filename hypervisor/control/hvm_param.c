/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of translated guests (xen/hvm/params.h): who may read and write them, and what a value
 * does. */
#include "control/hvm_op.h"

#include "abi/errno.h"
#include "control/access.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hvm/hvm.h"
#include "hvm/ioreq.h"
#include "hvm/start.h"
#include "hypercall/hypercall.h"
#include "lib/index.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/sched.h>

enum right {
    TOOLSTACK = 1,   /* exists: other domains with a right to the guest read and write it */
    GUEST_READS = 2, /* so does the guest itself */
    GUEST_WRITES = 4,
    ONCE = 8, /* what it is once it is not 0 it stays */
};

/* Numbers without rights are holes, or were given up by the ABI. */
static const uint8_t rights[HVM_NR_PARAMS] = {
    [HVM_PARAM_CALLBACK_IRQ] = TOOLSTACK | GUEST_READS | GUEST_WRITES,
    [HVM_PARAM_STORE_PFN] = TOOLSTACK | GUEST_READS,
    [HVM_PARAM_STORE_EVTCHN] = TOOLSTACK | GUEST_READS | GUEST_WRITES,
    [HVM_PARAM_IOREQ_PFN] = TOOLSTACK,
    [HVM_PARAM_BUFIOREQ_PFN] = TOOLSTACK,
    [HVM_PARAM_VIRIDIAN] = TOOLSTACK | ONCE,
    [HVM_PARAM_TIMER_MODE] = TOOLSTACK,
    [HVM_PARAM_HPET_ENABLED] = TOOLSTACK,
    [HVM_PARAM_IDENT_PT] = TOOLSTACK,
    [HVM_PARAM_ACPI_S_STATE] = TOOLSTACK,
    [HVM_PARAM_VM86_TSS] = TOOLSTACK | GUEST_READS | GUEST_WRITES,
    [HVM_PARAM_VPT_ALIGN] = TOOLSTACK,
    [HVM_PARAM_CONSOLE_PFN] = TOOLSTACK | GUEST_READS,
    [HVM_PARAM_CONSOLE_EVTCHN] = TOOLSTACK | GUEST_READS | GUEST_WRITES,
    [HVM_PARAM_ACPI_IOPORTS_LOCATION] = TOOLSTACK | GUEST_WRITES,
    [HVM_PARAM_PAGING_RING_PFN] = TOOLSTACK,
    [HVM_PARAM_MONITOR_RING_PFN] = TOOLSTACK,
    [HVM_PARAM_SHARING_RING_PFN] = TOOLSTACK,
    [HVM_PARAM_TRIPLE_FAULT_REASON] = TOOLSTACK,
    [HVM_PARAM_IOREQ_SERVER_PFN] = TOOLSTACK | ONCE,
    [HVM_PARAM_NR_IOREQ_SERVER_PAGES] = TOOLSTACK | ONCE,
    [HVM_PARAM_VM_GENERATION_ID_ADDR] = TOOLSTACK | GUEST_WRITES,
    [HVM_PARAM_ALTP2M] = TOOLSTACK | ONCE,
    [HVM_PARAM_X87_FIP_WIDTH] = TOOLSTACK,
    [HVM_PARAM_VM86_TSS_SIZED] = TOOLSTACK | GUEST_READS | GUEST_WRITES,
    [HVM_PARAM_MCA_CAP] = TOOLSTACK | ONCE,
};

#define TSS_BYTES_OLD 128ULL /* HVM_PARAM_VM86_TSS does not tell its size */
#define TSS_BYTES_MIN 104ULL /* a 32-bit TSS without the maps behind it (SDM vol. 3, 7.2.1) */

/* How upcalls arrive: the type in the top byte. */
static long set_callback(struct domain *d, uint64_t value)
{
    bool vector = value >> 56 == HVM_PARAM_CALLBACK_TYPE_VECTOR;

    if (d == vcpu_current()->domain)
        hvm_layout_choose(vcpu_current());
    WRITE_ONCE(d->hvm->callback_vector, vector ? (uint8_t)value : 0);
    return platform_param(&d->hvm->board.platform, HVM_PARAM_CALLBACK_IRQ, value);
}

static long set_sleep_state(struct domain *d, uint64_t value)
{
    if (value && value != 3)
        return -EINVAL;
    if (value)
        hvm_sleep(d);
    else
        hvm_wake(d);
    return 0;
}

/* Is the value one of @index? What it does is done; it is stored by the caller. */
static long apply(struct domain *d, uint32_t index, uint64_t value)
{
    switch (index) {
    case HVM_PARAM_CALLBACK_IRQ:
        return set_callback(d, value);
    case HVM_PARAM_TIMER_MODE:
    case HVM_PARAM_HPET_ENABLED:
    case HVM_PARAM_ACPI_IOPORTS_LOCATION:
        return platform_param(&d->hvm->board.platform, index, value);
    case HVM_PARAM_IOREQ_PFN:
    case HVM_PARAM_BUFIOREQ_PFN:
    case HVM_PARAM_IOREQ_SERVER_PFN:
    case HVM_PARAM_NR_IOREQ_SERVER_PAGES:
        return ioreq_param(d, index, value);
    case HVM_PARAM_VIRIDIAN:
        return (value & ~(uint64_t)HVMPV_feature_mask) || !(value & HVMPV_base_freq) ? -EINVAL : 0;
    case HVM_PARAM_ACPI_S_STATE:
        return set_sleep_state(d, value);
    case HVM_PARAM_ALTP2M:
        return value > XEN_ALTP2M_limited ? -EINVAL : 0;
    case HVM_PARAM_TRIPLE_FAULT_REASON:
        return value > SHUTDOWN_MAX ? -EINVAL : 0;
    case HVM_PARAM_X87_FIP_WIDTH:
        return value == 0 || value == 4 || value == 8 ? 0 : -EINVAL;
    case HVM_PARAM_VM86_TSS_SIZED:
        return value >> 32 < TSS_BYTES_MIN ? -EINVAL : 0;
    case HVM_PARAM_MCA_CAP:
        return value & ~(uint64_t)XEN_HVM_MCA_CAP_MASK ? -EINVAL : 0;
    default:
        return 0;
    }
}

static long set(struct domain *d, uint32_t index, uint64_t value)
{
    uint64_t old = READ_ONCE(d->hvm->params[index]);
    long rc;

    if ((rights[index] & ONCE) && old && old != value)
        return -EEXIST;
    if (index == HVM_PARAM_VM86_TSS) {
        if (value >> 32)
            return -EINVAL;
        index = HVM_PARAM_VM86_TSS_SIZED;
        value |= TSS_BYTES_OLD << 32;
    }
    rc = apply(d, index, value);
    if (!rc)
        WRITE_ONCE(d->hvm->params[index], value);
    return rc;
}

static uint64_t get(struct domain *d, uint32_t index)
{
    if (index == HVM_PARAM_VM86_TSS)
        return (uint32_t)READ_ONCE(d->hvm->params[HVM_PARAM_VM86_TSS_SIZED]);
    return READ_ONCE(d->hvm->params[index]);
}

/* The guest an argument is about, referenced, if the caller may do what @needs says a guest may do
 * to itself. The toolstack asks before it knows what kind of guest it deals with. */
static long target(struct xen_hvm_param *arg, enum right needs, struct domain **out)
{
    struct domain *d;
    long rc;

    if (arg->index >= HVM_NR_PARAMS)
        return -EINVAL;
    arg->index = (uint32_t)index_clamp(arg->index, HVM_NR_PARAMS);
    d = domain_get_arg(arg->domid);
    if (!d)
        return -ESRCH;
    rc = d->hvm ? access_check(ACCESS_HVM_PARAM, d) : -EINVAL;
    if (!rc && !rights[arg->index])
        rc = -EINVAL;
    if (!rc && d == vcpu_current()->domain && !(rights[arg->index] & needs))
        rc = -EPERM;
    if (rc)
        domain_put(d);
    else
        *out = d;
    return rc;
}

long hvm_param_set(void *p)
{
    struct xen_hvm_param *arg = p;
    struct domain *d;
    long rc = target(arg, GUEST_WRITES, &d);

    if (rc)
        return rc;
    rc = set(d, arg->index, arg->value);
    domain_put(d);
    return rc;
}

long hvm_param_get(void *p)
{
    struct xen_hvm_param *arg = p;
    struct domain *d;
    long rc = target(arg, GUEST_READS, &d);

    if (rc)
        return rc;
    arg->value = get(d, arg->index);
    domain_put(d);
    return 0;
}
