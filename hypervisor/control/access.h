/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may do what to whom. */
#pragma once

#include "lib/types.h"

struct domain;

/* What a domain may want to do to a domain, or (target NULL) to the machine. */
enum access_right {
    ACCESS_DOMCTL,    /* create, change, inspect, destroy domains */
    ACCESS_SYSCTL,    /* inspect and steer the hypervisor */
    ACCESS_PLATFORM,  /* steer the machine */
    ACCESS_DM,        /* emulate devices of a translated guest */
    ACCESS_HVM_PARAM, /* read and write parameters of a translated guest */
    ACCESS_COUNT,
};

/* May the calling domain do this to @target? 0 or -EPERM. */
int must_check access_check(enum access_right right, const struct domain *target);
