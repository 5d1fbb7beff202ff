/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypercalls of 32-bit code: the same handlers, behind widened arguments. */
#pragma once

#include <stdint.h>

#define COMPAT_ARGS 5

/*
 * Hypercall @number with the 32-bit arguments @a, for the current vCPU, a translated guest's. Its
 * result; with -ERESTART @a says how it is to be made again. Interrupts on.
 */
long compat_call(uint32_t number, uint32_t a[COMPAT_ARGS]);
