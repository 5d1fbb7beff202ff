/* SPDX-License-Identifier: BSD-2-Clause */
/* The physdev hypercall: what other rooms give it. The call itself is in hypercall/table.h. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

struct vcpu;

/* pv/: the current vCPU's I/O privilege level (0-3: the caller checked). 0 or -errno. */
int must_check pv_set_iopl(struct vcpu *v, uint32_t iopl);
/* pv/: its port bitmap at @gva for @ports ports (at most 65536); 0 ports: none. 0 or -errno. */
int must_check pv_set_iobitmap(struct vcpu *v, uint64_t gva, uint32_t ports);
