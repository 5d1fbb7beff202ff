/* SPDX-License-Identifier: BSD-2-Clause */
/* FPU and extended state of vCPUs: saved when one leaves its CPU, loaded when it comes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct vcpu;
struct xstate_record;

/* Allocate @v's area with the power-on state. -ENOMEM. */
int must_check xstate_init(struct vcpu *v);
void xstate_free(struct vcpu *v);

/* Save and load everything @v has ever enabled. Interrupts off, @v leaving or entering this CPU. */
void xstate_save(struct vcpu *v);
void xstate_load(struct vcpu *v);

/* XSETBV of the current vCPU: set its XCR0 and the hardware's. -EINVAL for a forbidden value (SDM
 * vol. 1, 13.3). */
int must_check xstate_set_xcr0(struct vcpu *v, uint64_t xcr0);

/* The current vCPU's XCR0 is what the CPU's is now: for a virtual CPU whose XSETBV cannot be
 * intercepted. What is not switched for guests is switched off again. Interrupts off. */
void xstate_adopt_xcr0(struct vcpu *v);

/*
 * Does XSAVEC lay its area out as it must? Bochs before 2.8 puts the AVX component of a compacted
 * area at byte 416, over the header, where its own XRSTOR does not look for it: a guest that uses
 * XSAVEC loses registers there. Boot CPU, after features_load(), before any guest; changes ymm0.
 */
bool xstate_xsavec_works(void);

/* Bytes of the save area in standard format. */
uint32_t xstate_bytes(void);

/* Load a 512-byte FXSAVE image into @v's area (context set), or copy it out. @v not running. */
void xstate_set_legacy(struct vcpu *v, const void *fxsave);
void xstate_get_legacy(const struct vcpu *v, void *fxsave);

/* Give @v, which does not run, all of @record of @bytes, which xstate_record_check() has passed. */
void xstate_set_record(struct vcpu *v, const struct xstate_record *record, uint64_t bytes);
