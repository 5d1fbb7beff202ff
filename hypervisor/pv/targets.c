/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose tables and frames an MMU hypercall is about, and how its continuation is encoded. */
#include "pv/targets.h"

#include "abi/errno.h"
#include "abi/xen.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "p2m/copy.h"

/* Domain @id as a target of the calling domain @self, referenced unless it is @self. */
static int target_get(struct domain *self, domid_t id, struct domain **out)
{
    *out = self;
    if (id == DOMID_SELF)
        return 0;
    if (id == self->id)
        return -ESRCH; /* oneself is not named by number here */
    if (id == DOMID_IO || id == DOMID_XEN) {
        *out = id == DOMID_IO ? domain_io : domain_xen;
        domain_ref(*out);
    } else {
        *out = domain_get(id);
        if (!*out)
            return -ESRCH;
    }
    if (self->is_control || *out == domain_io)
        return 0;
    domain_put(*out);
    return -EPERM;
}

/* The domain whose tables are meant: here only numbers of domains count, one's own too. */
static int tables_get(struct domain *self, domid_t id, struct domain **out)
{
    *out = self;
    if (id == self->id)
        return 0;
    return id >= DOMID_FIRST_RESERVED ? -ESRCH : target_get(self, id, out);
}

int mmu_targets_find(struct domain *self, uint32_t foreigndom, struct mmu_targets *out)
{
    int error = target_get(self, foreigndom & 0xffff, &out->frames);

    if (error) {
        out->frames = self;
        return error;
    }
    if (foreigndom >> 16) {
        error = tables_get(self, (domid_t)((foreigndom >> 16) - 1), &out->tables);
        if (error)
            out->tables = self;
        else if (!out->tables->pv || READ_ONCE(out->tables->life) >= DOMAIN_DYING)
            error = -EINVAL;
    }
    if (error)
        mmu_targets_put(self, out);
    return error;
}

void mmu_targets_drop(struct domain *self, const struct mmu_targets *t)
{
    if (t->frames != self)
        domain_put(t->frames);
    if (t->tables != self)
        domain_put(t->tables);
}

uint32_t mmu_done_before(uint32_t count, uint64_t done_gva)
{
    uint32_t done = 0;

    if ((count & MMU_CONTINUED) && done_gva && copy_from_guest(&done, done_gva, sizeof(done)))
        return 0;
    return done;
}

long mmu_finish(long result, uint32_t done, uint64_t done_gva, uint64_t gva, uint32_t left)
{
    /* A count that cannot be told changes nothing of what was done. */
    if (done_gva && copy_to_guest(done_gva, &done, sizeof(done)) && result == -ERESTART)
        return -EFAULT;
    if (result == -ERESTART) {
        hypercall_args()[0] = gva;
        hypercall_args()[1] = left | MMU_CONTINUED;
    }
    return result;
}
