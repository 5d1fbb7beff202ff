/* SPDX-License-Identifier: BSD-2-Clause */
/* What entry.S and the C it calls share. */
#pragma once

#include "abi/xen.h"

struct vcpu;

/* Labels of entry.S whose addresses go into the IDT and the SYSCALL MSRs. */
extern const char entry_stubs[], entry_syscall[], entry_syscall32[], entry_sysenter[];
extern const char entry_nmi[], entry_machine_check[], entry_double_fault[], entry_debug[];
extern const char entry_iret_guest[];

/* Abandon the stack and go on with whatever vCPU is current on this CPU. */
void gate_return(void) __attribute__((noreturn));
/* Start this CPU's idle loop on an empty stack. */
void idle_restart(void) __attribute__((noreturn));
/* @run(@arg) on the stack that ends at @stack_top. */
void cpu_call_on_stack(void (*run)(void *), void *arg, void *stack_top) __attribute__((noreturn));

/* Called by entry.S with interrupts off, on the CPU's own stack, for a guest's @v, which is
 * current; entry.S then goes through the gate. Interrupts may be on afterwards. */
void exception_guest(struct vcpu *v);
void pv_syscall(struct vcpu *v); /* from user code */
void pv_syscall32(struct vcpu *v);
void pv_sysenter(struct vcpu *v);
/* Of the hypervisor itself. */
void exception_host(struct cpu_user_regs *regs);
void double_fault_handle(struct cpu_user_regs *regs);

/*
 * The gate: everything that must be done before a guest runs is done here and nowhere else; entry.S
 * passes it by only when a few comparisons say that there is nothing (its GATE).
 * Interrupts on or off at entry; off on return. Returns the current vCPU, which is not idle and has
 * nothing pending; when the idle vCPU is current it starts the idle loop instead.
 */
struct vcpu *exit_work(void);

/* Faults of guests, handled by the room of their kind (pv/trap.c). Interrupts are on; @fault_va is
 * CR2 for page faults (also IRET's, 0 for its others) and DR6 for debug exceptions. */
void guest_fault(struct vcpu *v, unsigned int vector, uint64_t fault_va);

/* NMI and machine check (cpu/nmi.c, cpu/machine_check.c): on their own stacks. */
void nmi_handle(struct cpu_user_regs *regs);
void machine_check_handle(struct cpu_user_regs *regs);
