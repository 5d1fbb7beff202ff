/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors that note by themselves what a guest writes, for the toolstack's log. */
#pragma once

#include <stdbool.h>

#include "lib/types.h"

struct domain;
struct vcpu;

extern bool hvm_pml; /* (c) processors can do that and may */

/*
 * From now on @d's processors do, if they can and there is memory for it; otherwise nothing has
 * changed and first writes fault as ever. Then: all that they have noted is in the frame table
 * (p2m/written.h). And they do no more, when nothing is watched for the log any longer. For all:
 * @d's control lock is held, and @d is not the caller. -ERESTART: to be called once more.
 */
long must_check hvm_log_begin(struct domain *d);
long must_check hvm_log_take(struct domain *d);
long must_check hvm_log_end(struct domain *d);

/* A new vCPU of a domain: as the others do. -ENOMEM. */
int must_check hvm_log_join(struct vcpu *v);
