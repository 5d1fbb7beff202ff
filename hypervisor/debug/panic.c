/* SPDX-License-Identifier: BSD-2-Clause */
/* Panic: say why on every console, stop. */
#include "debug/panic.h"

#include <stdarg.h>

#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "cpu/smp.h"
#include "debug/backtrace.h"
#include "lib/format.h"
#include "abi/xen.h"

bool panic_reboot = true;
void (*panic_reboot_hook)(void);

static void print_regs(const struct cpu_user_regs *r)
{
    log_error("RIP %04x:%016lx RSP %04x:%016lx RFLAGS %08lx", r->cs, r->rip, r->ss, r->rsp,
              r->rflags);
    log_error("RAX %016lx RBX %016lx RCX %016lx RDX %016lx", r->rax, r->rbx, r->rcx, r->rdx);
    log_error("RSI %016lx RDI %016lx RBP %016lx R8  %016lx", r->rsi, r->rdi, r->rbp, r->r8);
    log_error("R9  %016lx R10 %016lx R11 %016lx R12 %016lx", r->r9, r->r10, r->r11, r->r12);
    log_error("R13 %016lx R14 %016lx R15 %016lx", r->r13, r->r14, r->r15);
    log_error("CR0 %016lx CR2 %016lx CR3 %016lx CR4 %016lx", read_cr0(), read_cr2(), read_cr3(),
              read_cr4());
}

static void __attribute__((noreturn)) finish(const struct cpu_user_regs *regs, const char *format,
                                             va_list args)
{
    static int entered;
    char text[200];
    uint64_t rbp;

    irq_disable();
    console_force();
    if (__atomic_fetch_add(&entered, 1, __ATOMIC_RELAXED) > 1)
        for (;;)
            halt();
    vsnprintf(text, sizeof(text), format, args);
    log_error("*** Zendo panic on CPU %u: %s", cpu_id(), text);
    if (regs)
        print_regs(regs);
    __asm__ volatile("mov %%rbp, %0" : "=r"(rbp));
    if (regs) {
        backtrace_print(regs->rip, regs->rbp);
        backtrace_stack(regs->rsp);
    } else {
        backtrace_print(0, rbp);
    }
    smp_stop_others();
    if (panic_reboot && panic_reboot_hook)
        panic_reboot_hook();
    log_error("Manual reset required ('noreboot' specified)");
    for (;;)
        halt();
}

void panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finish(NULL, format, args);
}

void panic_regs(const struct cpu_user_regs *regs, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finish(regs, format, args);
}
