/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that assembly needs from C structures; the Makefile turns them into asm_offsets.h. */
#include "cpu/percpu.h"
#include "domain/vcpu.h"
#include "hvm/hvm.h"
#include "hvm/svm/vmcb.h"
#include "hypercall/hypercall.h"
#include "pv/pv.h"

#define OFFSET(name, type, field) \
    __asm__ volatile("# OFFSET " #name " %c0" ::"i"(offsetof(type, field)))

#define NUMBER(name, value) __asm__ volatile("# OFFSET " #name " %c0" ::"i"(value))

/* entry.S clears both at once. */
static_assert(offsetof(struct hypercall_state, args_taken) ==
                  offsetof(struct hypercall_state, in_multicall) + 1,
              "two bytes side by side");

void asm_offsets(void);

void asm_offsets(void)
{
    OFFSET(REGS_R15, struct cpu_user_regs, r15);
    OFFSET(REGS_R14, struct cpu_user_regs, r14);
    OFFSET(REGS_R13, struct cpu_user_regs, r13);
    OFFSET(REGS_R12, struct cpu_user_regs, r12);
    OFFSET(REGS_RBP, struct cpu_user_regs, rbp);
    OFFSET(REGS_RBX, struct cpu_user_regs, rbx);
    OFFSET(REGS_R11, struct cpu_user_regs, r11);
    OFFSET(REGS_R10, struct cpu_user_regs, r10);
    OFFSET(REGS_R9, struct cpu_user_regs, r9);
    OFFSET(REGS_R8, struct cpu_user_regs, r8);
    OFFSET(REGS_RAX, struct cpu_user_regs, rax);
    OFFSET(REGS_RCX, struct cpu_user_regs, rcx);
    OFFSET(REGS_RDX, struct cpu_user_regs, rdx);
    OFFSET(REGS_RSI, struct cpu_user_regs, rsi);
    OFFSET(REGS_RDI, struct cpu_user_regs, rdi);
    OFFSET(REGS_ERROR, struct cpu_user_regs, error_code);
    OFFSET(REGS_VECTOR, struct cpu_user_regs, entry_vector);
    OFFSET(REGS_RIP, struct cpu_user_regs, rip);
    OFFSET(REGS_CS, struct cpu_user_regs, cs);
    OFFSET(REGS_RFLAGS, struct cpu_user_regs, rflags);
    OFFSET(REGS_RSP, struct cpu_user_regs, rsp);
    OFFSET(REGS_SS, struct cpu_user_regs, ss);
    OFFSET(REGS_ES, struct cpu_user_regs, es);
    OFFSET(VCPU_HOST_STACK, struct vcpu, host_stack);
    OFFSET(VCPU_REGS, struct vcpu, regs);
    OFFSET(VCPU_WORK, struct vcpu, work);
    OFFSET(VCPU_INFO, struct vcpu, info);
    OFFSET(VCPU_INFO_PENDING, struct vcpu_info, evtchn_upcall_pending);
    OFFSET(VCPU_INFO_MASK, struct vcpu_info, evtchn_upcall_mask);
    OFFSET(VCPU_HC_FLAGS, struct vcpu, hc.in_multicall);
    OFFSET(VCPU_PV, struct vcpu, pv);
    OFFSET(PV_IN_KERNEL, struct pv_vcpu, in_kernel);
    OFFSET(VCPU_HVM, struct vcpu, hvm);
    OFFSET(HVM_VMCB, struct hvm_vcpu, vmcb);
    OFFSET(HVM_VMCB_ADDRESS, struct hvm_vcpu, vmcb_address);
    OFFSET(HVM_HOST_ADDRESS, struct hvm_vcpu, host_address);
    OFFSET(VMCB_RIP, struct vmcb, rip);
    OFFSET(VMCB_RFLAGS, struct vmcb, rflags);
    OFFSET(VMCB_RSP, struct vmcb, rsp);
    OFFSET(VMCB_RAX, struct vmcb, rax);
    OFFSET(PERCPU_CURRENT, struct percpu, current);
    OFFSET(PERCPU_SOFTIRQ_PENDING, struct percpu, softirq_pending);
    OFFSET(PERCPU_SYSCALL_RSP, struct percpu, syscall_rsp);
    OFFSET(PERCPU_SYSCALL_FRAME_TOP, struct percpu, syscall_frame_top);
    NUMBER(PERCPU_STACK_TOP, PERCPU_STACK_TOP);
    NUMBER(PERCPU_BLOCK_BYTES, PERCPU_BLOCK_BYTES);
    NUMBER(ERESTART, ERESTART);
}
