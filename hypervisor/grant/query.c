/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on a whole table: set up, ask for size and version, change version. */
#include "grant/grant.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "grant/table.h"
#include "hypercall/hypercall.h"
#include "p2m/copy.h"
#include "p2m/m2p.h"

/* Copy one field of the guest's structure back. */
#define PUT_FIELD(gva, op, field) \
    copy_to_guest((gva) + offsetof(__typeof__(*(op)), field), &(op)->field, sizeof((op)->field))

/* The domain an operation is about, referenced: the caller's, or any for the control domain. */
static int16_t target_get(domid_t id, struct domain **out)
{
    struct domain *d = domain_get_arg(id);
    int16_t status = GNTST_okay;

    *out = NULL;
    if (!d)
        return GNTST_bad_domain;
    if (!d->grant)
        status = GNTST_bad_domain;
    else if (d != vcpu_current()->domain && !caller_is_control())
        status = GNTST_permission_denied;
    if (status)
        domain_put(d);
    else
        *out = d;
    return status;
}

/* What @d calls its table's frame at @page: a translated domain, where it has put it. */
static uint64_t frame_number(const struct domain *d, void *page)
{
    mfn_t mfn = table_frame(page);

    return d->is_translated ? m2p_get(mfn) : mfn.n;
}

/* Write the numbers of the first @count of @pages to the list at @list. */
static int16_t list_frames(const struct domain *d, uint64_t list, void *const *pages,
                           uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t frame = frame_number(d, pages[i]);

        if (copy_to_guest(GUEST_ELEM(list, uint64_t, i), &frame, sizeof(frame)))
            return GNTST_bad_virt_addr;
    }
    return GNTST_okay;
}

long grant_setup_table(uint64_t gva)
{
    struct gnttab_setup_table op;
    struct domain *d;
    int rc = 0;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    op.status = target_get(op.dom, &d);
    if (!op.status) {
        spin_lock(&d->grant->lock);
        rc = table_grow(d, op.nr_frames);
        spin_unlock(&d->grant->lock);
        if (rc)
            op.status = GNTST_general_error;
        else
            op.status = list_frames(d, GUEST_VA(op.frame_list), d->grant->shared, op.nr_frames);
        domain_put(d);
    }
    if (rc == -ERESTART)
        return rc;
    return PUT_FIELD(gva, &op, status) ? -EFAULT : 0;
}

long grant_get_status_frames(uint64_t gva)
{
    struct gnttab_get_status_frames op;
    struct domain *d;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    op.status = target_get(op.dom, &d);
    if (!op.status) {
        /* The table may go back to version 1 meanwhile. */
        uint32_t i = 0;

        for (; i < op.nr_frames && !op.status; i++) {
            uint64_t frame = 0;

            spin_lock(&d->grant->lock);
            if (i < d->grant->status_frames && op.nr_frames <= d->grant->status_frames)
                frame = frame_number(d, d->grant->status[i]);
            spin_unlock(&d->grant->lock);
            if (!frame)
                op.status = GNTST_general_error;
            else if (copy_to_guest(GUEST_ELEM(GUEST_VA(op.frame_list), uint64_t, i), &frame,
                                   sizeof(frame)))
                op.status = GNTST_bad_virt_addr;
        }
        domain_put(d);
    }
    return PUT_FIELD(gva, &op, status) ? -EFAULT : 0;
}

long grant_query_size(uint64_t gva)
{
    struct gnttab_query_size op;
    struct domain *d;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    op.status = target_get(op.dom, &d);
    if (!op.status) {
        op.nr_frames = READ_ONCE(d->grant->frames);
        op.max_nr_frames = d->grant->max_frames;
        domain_put(d);
    }
    return copy_to_guest(gva, &op, sizeof(op)) ? -EFAULT : 0;
}

long grant_set_version(uint64_t gva)
{
    struct gnttab_set_version op;
    struct domain *d = vcpu_current()->domain;
    long rc;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    spin_lock(&d->grant->lock);
    rc = table_set_version(d, op.version);
    op.version = d->grant->version;
    spin_unlock(&d->grant->lock);
    /* The version in force is told in any case. */
    if (copy_to_guest(gva, &op, sizeof(op)))
        rc = -EFAULT;
    return rc;
}

long grant_get_version(uint64_t gva)
{
    struct gnttab_get_version op;
    struct domain *d;
    int16_t status;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    status = target_get(op.dom, &d);
    if (status)
        return status == GNTST_permission_denied ? -EPERM : -ESRCH;
    op.version = READ_ONCE(d->grant->version);
    domain_put(d);
    return PUT_FIELD(gva, &op, version) ? -EFAULT : 0;
}
