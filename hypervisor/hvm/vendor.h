/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boundary: what SVM and VMX each do, by one name. One well-predicted branch and a direct call;
 * no pointers to aim at.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "insn/execute.h"
#include "lib/types.h"
#include "p2m/walk.h"

#include <xen/hvm/save.h>

struct vcpu;

extern bool hvm_is_vmx; /* set once at boot */

/* F(result, name, parameters, arguments, return or nothing): svm_name, vmx_name and vendor_name. */
#define VENDOR_FUNCTIONS(F)                                                                        \
    /* switch it on for this CPU; -ENOMEM, -ENODEV */                                              \
    F(int, cpu_enable, (void), (), return )                                                        \
    /* and off, for good; any context */                                                           \
    F(void, cpu_disable, (void), (), )                                                             \
    /* a vCPU's control block; -ENOMEM */                                                          \
    F(int, vcpu_init, (struct vcpu * v), (v), return )                                             \
    F(void, vcpu_free, (struct vcpu * v), (v), )                                                   \
    /* does the frame table have entries of 1 GiB? */                                              \
    F(bool, page_1g, (void), (), return )                                                          \
    /* onto and off this CPU; interrupts off */                                                    \
    F(void, switch_in, (struct vcpu * v), (v), )                                                   \
    F(void, switch_out, (struct vcpu * v), (v), )                                                  \
    /* handle the last exit of the current vCPU once more; interrupts on */                        \
    F(void, exit_again, (struct vcpu * v), (v), )                                                  \
    /* the registers that decide about translation and privilege, as they are now; @v is loaded */ \
    F(void, walk_mode, (const struct vcpu *v, struct walk_mode *mode), (v, mode), )                \
    F(unsigned int, cpl, (const struct vcpu *v), (v), return )                                     \
    F(unsigned int, code_bits, (const struct vcpu *v), (v), return )                               \
    F(uint64_t, segment_base, (const struct vcpu *v, unsigned int segment), (v, segment), return ) \
    F(void, segment_read,                                                                          \
      (struct vcpu * v, enum insn_segment segment, struct insn_segment_state *s),                  \
      (v, segment, s), )                                                                           \
    /* the current vCPU is behind an instruction: no interrupt shadow, its single step is due */   \
    F(void, retired, (struct vcpu * v), (v), )                                                  \
    /* all of it, for vCPUs that do not run */                                                     \
    F(void, state_get, (struct vcpu * v, struct hvm_hw_cpu * s), (v, s), )                         \
    F(void, state_set, (struct vcpu * v, const struct hvm_hw_cpu *s), (v, s), )                    \
    /* two registers that exits are about */                                                       \
    F(void, set_cr2, (struct vcpu * v, uint64_t value), (v, value), )                              \
    F(uint64_t, efer, (const struct vcpu *v), (v), return )                                        \
    F(void, set_efer, (struct vcpu * v, uint64_t value), (v, value), )                             \
    /* the PAT that counts (hvm_set_pat()); @v is loaded or does not run */                        \
    F(void, set_pat, (struct vcpu * v, uint64_t value), (v, value), )                              \
    /* breakpoint instructions exit, for a debugger, or not; @v does not run */                    \
    F(void, breakpoint_exits, (struct vcpu * v, bool on), (v, on), )                               \
    F(void, set_tsc_offset, (struct vcpu * v, uint64_t offset), (v, offset), )                     \
    /* the processor notes what @v, which does not run, writes to memory whose entry asks for it   \
     * (P2M_RAM_PML); -ENOMEM, -EOPNOTSUPP */                                                      \
    F(int, log_begin, (struct vcpu * v), (v), return )                                             \
    /* what is noted is in the frame table; @v does not run, or is current and exited for that */  \
    F(void, log_take, (struct vcpu * v), (v), )                                                    \
    F(void, log_end, (struct vcpu * v), (v), )

#define VENDOR_DECLARE(result, name, parameters, arguments, ret) \
    result svm_##name parameters;                                \
    result vmx_##name parameters;                                \
    static inline result vendor_##name parameters                \
    {                                                            \
        if (hvm_is_vmx)                                          \
            ret vmx_##name arguments;                            \
        else                                                     \
            ret svm_##name arguments;                            \
    }
VENDOR_FUNCTIONS(VENDOR_DECLARE)
#undef VENDOR_DECLARE

/* Is it there and complete? Names what is missing on the console. */
bool svm_probe(void);
bool vmx_probe(bool use_apicv);
