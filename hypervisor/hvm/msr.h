/* SPDX-License-Identifier: BSD-2-Clause */
/* Model-specific registers of hardware-assisted guests. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

struct vcpu;

/* RDMSR and WRMSR of the current vCPU. 0, or -EINVAL for the guest's #GP. */
int must_check hvm_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value);
int must_check hvm_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);
