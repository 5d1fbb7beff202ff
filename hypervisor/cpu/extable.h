/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that are allowed to fault, and where to go on when they do. */
#pragma once

#ifdef __ASSEMBLY__
#define EXTABLE(fault, fixup)          \
    .pushsection .ex_table, "a";       \
    .balign 8;                         \
    .long fault - ., fixup - .;        \
    .popsection
#else
#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

#define EXTABLE(fault, fixup)                                                                      \
    ".pushsection .ex_table, \"a\"\n.balign 8\n.long " fault " - ., " fixup " - .\n.popsection\n"

/* Begin and end code that is only reached after a fault. */
#define FIXUP_BEGIN ".pushsection .text.fixup, \"ax\"\n"
#define FIXUP_END ".popsection\n"

/* Read MSR @msr; false when it faults (#GP): the CPU does not have it. */
bool rdmsr_safe(uint32_t msr, uint64_t *value);
bool wrmsr_safe(uint32_t msr, uint64_t value);

/* Move @regs to the fix-up of its instruction; false: there is none. */
bool extable_fix(struct cpu_user_regs *regs);
#endif
