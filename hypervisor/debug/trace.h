/* SPDX-License-Identifier: BSD-2-Clause */
/* Tracing (xentrace): what happens on each CPU, in buffers that the control domain reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

#include "abi/xen.h"

#include <xen/trace.h>

struct cpumask;

extern uint32_t trace_mask; /* (a) classes and subclasses that are wanted; 0: none */

/* Enter @event with @words into this CPU's buffer if it is wanted. Any context. */
void trace_put(uint32_t event, const uint32_t *words, unsigned int count);

/* The same with its words as arguments; costs a look at trace_mask when nobody traces. */
#define TRACE(event, ...)                                                                          \
    do {                                                                                           \
        if (unlikely(READ_ONCE(trace_mask))) {                                                     \
            const uint32_t words_[] = {__VA_ARGS__};                                               \
            trace_put(event, words_, ARRAY_SIZE(words_));                                          \
        }                                                                                          \
    } while (0)
/* Of functions that run only while somebody traces: they leave every register as it was, so that
 * places which call them cost the look at trace_mask and nothing more. */
#define TRACE_ASIDE __attribute__((noinline, cold, no_caller_saved_registers))
#define TRACE_64(value) (uint32_t)(value), (uint32_t)((uint64_t)(value) >> 32)

/* What XEN_SYSCTL_tbuf_op tells and sets (xen/sysctl.h). One caller at a time. */
struct trace_info {
    uint64_t mfn;  /* of the t_info structure; 0: no buffers yet */
    uint32_t mask, bytes;
};
struct trace_info trace_info(void);
/* Give every CPU a buffer of @pages. Once: later 0 for the same number, else -EINVAL. -ENOMEM. */
int must_check trace_set_size(uint32_t pages);
/* -EINVAL: no buffers. */
int must_check trace_enable(bool on);
void trace_set_mask(uint32_t mask);
void trace_set_cpus(const struct cpumask *cpus);
