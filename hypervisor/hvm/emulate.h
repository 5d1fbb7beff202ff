/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that exits hand over whole: accesses to device registers in memory, port strings. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hvm/exit.h"
#include "insn/decode.h"
#include "insn/execute.h"

struct vcpu;

/* The instruction under way, kept while a device model works on it. Zero: none. */
struct hvm_emulation {
    bool kept;
    struct insn insn;
    struct insn_replay replay;
};

/* Carry out the instruction of the current vCPU @v. @io: the port access that its string is about,
 * which the processor has allowed; else NULL. EXIT_CRASH for an instruction not understood. */
enum exit_verdict hvm_emulate(struct vcpu *v, const struct exit_io *io);
