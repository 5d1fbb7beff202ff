/* SPDX-License-Identifier: BSD-2-Clause */
/* What control/ calls for vCPUs and for translated domains; part of control_world.h. */
#include "control/domctl.h"
#include "control/hvm_op.h"
#include "cpu/xstate_record.h"
#include "domain/translated.h"
#include "hvm/dev/platform.h"
#include "hvm/hvm.h"

void vcpu_nmi(struct vcpu *v)
{
    (void)v;
}

bool vcpu_bring_up(struct vcpu *v)
{
    bool was_down = v->down;

    v->down = 0;
    return was_down;
}

/* What was checked is taken over as it is (cpu/xstate.c). */
void xstate_set_record(struct vcpu *v, const struct xstate_record *record, uint64_t bytes)
{
    WORLD(bytes >= sizeof(*record) && bytes - sizeof(*record) <= xstate_bytes());
    v->xcr0 = record->xcr0;
    v->xcr0_accum = record->xcr0_accum;
    memcpy(v->xsave, record->area, bytes - sizeof(*record));
}

/* Operations of translated domains alone, of which there are none here. */
bool hvm_enabled;
#define FOR_HVM(name)                                                                              \
    long domctl_##name(struct domain *d, struct xen_domctl *op)                                    \
    {                                                                                              \
        (void)op;                                                                                  \
        return d->is_translated ? 0 : -EINVAL;                                                     \
    }
FOR_HVM(set_paging_mempool_size)
FOR_HVM(get_paging_mempool_size)
FOR_HVM(gethvmcontext)
FOR_HVM(gethvmcontext_partial)
FOR_HVM(sethvmcontext)
FOR_HVM(set_target)
FOR_HVM(shadow_op)

long hvm_param_set(void *arg)
{
    (void)arg;
    return -EINVAL;
}

long hvm_param_get(void *arg)
{
    (void)arg;
    return -EINVAL;
}

int platform_time_offset(struct platform *p, int64_t seconds)
{
    (void)p;
    (void)seconds;
    return 0;
}

void translated_flush(struct domain *d)
{
    WORLD(d->is_translated);
}

/* Tables of sub-operations are run by hypercall/dispatch.c, which is not part of this. */
long subop_run(const struct subop *table, unsigned int count, uint32_t number, uint64_t gva)
{
    for (unsigned int i = 0; i < count; i++)
        if (table[i].number == number)
            return copy_from_guest((char[SUBOP_MAX_BYTES]){0}, gva, table[i].bytes) ? -EFAULT
                                                                                    : -EPERM;
    return -ENOSYS;
}

int guest_tsc_set(struct domain *d, const struct xen_domctl_tsc_info *info)
{
    d->tsc.mode = info->tsc_mode;
    return info->tsc_mode > GUEST_TSC_NEVER_EMULATE ? -EINVAL : 0;
}

uint64_t guest_tsc_now(const struct domain *d)
{
    (void)d;
    return 0;
}

void hvm_look_mode(struct vcpu *v, struct walk_mode *mode)
{
    (void)v, (void)mode;
}

void hvm_debugger(struct domain *d)
{
    (void)d;
}

void hvm_move_tsc(struct domain *d, uint64_t by)
{
    (void)d;
    (void)by;
}

void guest_tsc_get(const struct domain *d, struct xen_domctl_tsc_info *info)
{
    info->tsc_mode = d->tsc.mode;
}

void platform_button(struct platform *p, uint16_t button)
{
    (void)p;
    (void)button;
}

void platform_wall_changed(struct platform *p)
{
    (void)p;
}
