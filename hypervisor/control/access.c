/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may do what to whom: one table. */
#include "control/access.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"

enum who {
    WHO_CONTROL = 1, /* the control domain, to anyone */
    WHO_SELF = 2,    /* any domain, to itself */
    WHO_TARGET = 4,  /* the device model's domain, to its guest (XEN_DOMCTL_set_target) */
};

static const uint8_t table[ACCESS_COUNT] = {
    [ACCESS_DOMCTL] = WHO_CONTROL,
    [ACCESS_SYSCTL] = WHO_CONTROL,
    [ACCESS_PLATFORM] = WHO_CONTROL,
    [ACCESS_DM] = WHO_CONTROL | WHO_TARGET,
    [ACCESS_HVM_PARAM] = WHO_CONTROL | WHO_SELF | WHO_TARGET,
};

int access_check(enum access_right right, const struct domain *target)
{
    const struct domain *caller = vcpu_current()->domain;

    if ((table[right] & WHO_CONTROL) && caller->is_control)
        return 0;
    if ((table[right] & WHO_TARGET) && target && target == caller->target)
        return 0;
    if ((table[right] & WHO_SELF) && target == caller)
        return 0;
    return -EPERM;
}
