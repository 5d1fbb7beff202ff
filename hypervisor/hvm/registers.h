/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a vCPU that no vendor keeps for it: in struct vcpu. */
#pragma once

#include "abi/xen.h"

#include <xen/hvm/save.h>

struct vcpu;

/*
 * Between vcpu.regs, DR0-3, TSC_AUX, the x87 and SSE state of @v and a record: svm_state_get() and
 * the others are for all of it. @v does not run, or is current; what is right in vcpu.regs is the
 * caller's to see to. Get clears the rest of the record; set takes what has been checked.
 */
void hvm_registers_get(const struct vcpu *v, struct hvm_hw_cpu *s);
void hvm_registers_set(struct vcpu *v, const struct hvm_hw_cpu *s);
