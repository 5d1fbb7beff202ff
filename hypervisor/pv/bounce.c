/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounce frames.
 *
 * What is always true here: a frame is written in one copy to the guest's kernel address space; the
 * guest sees RPL 0 in the CS slot when its kernel was interrupted, RPL 3 when its user code was,
 * and RFLAGS.IF as the inverse of its upcall mask. The handler starts on the flat selectors every
 * PV guest has, so the way out may be SYSRET: RCX and R11 are in the frame and free to be lost.
 */
#include "pv/bounce.h"

#include "cpu/regs.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "p2m/copy.h"
#include "pv/pv.h"

#include <xen/callback.h>

/* Flags a handler starts without: as an interrupt gate clears them, and the guest's AC. */
#define HANDLER_CLEARS (X86_TF | X86_NT | X86_RF | X86_VM | X86_AC | X86_IOPL | X86_VIF | X86_VIP)

static void enter_handler(struct vcpu *v, uint64_t rip, uint64_t sp, bool mask_events)
{
    struct cpu_user_regs *r = &v->regs;

    r->rip = rip;
    r->cs = PV_FLAT_CS64;
    r->ss = PV_FLAT_SS;
    r->rsp = sp;
    r->rflags = (r->rflags & ~HANDLER_CLEARS) | X86_IF | 2;
    r->entry_vector = VEC_SYSCALL;
    if (mask_events)
        v->info->evtchn_upcall_mask = 1;
}

/* Move to kernel mode; where the frame goes. */
static uint64_t frame_top(struct vcpu *v)
{
    if (v->pv->in_kernel)
        return v->regs.rsp & ~15ULL;
    pv_toggle_mode(v);
    return v->pv->kernel_sp;
}

/* The last five words of every frame: what the CPU itself would have pushed. */
static void fill_return(const struct vcpu *v, bool from_kernel, uint64_t *words)
{
    const struct cpu_user_regs *r = &v->regs;
    uint8_t mask = READ_ONCE(v->info->evtchn_upcall_mask);

    words[0] = r->rip;
    words[1] = (from_kernel ? r->cs & ~3u : r->cs) | (uint64_t)mask << 32;
    words[2] = (r->rflags & ~(X86_IF | X86_IOPL)) | (mask ? 0 : X86_IF);
    words[3] = r->rsp;
    words[4] = r->ss;
}

static void push_and_enter(struct vcpu *v, const uint64_t *words, unsigned int count, uint64_t top,
                           uint64_t rip, bool mask_events)
{
    uint64_t sp = top - count * sizeof(*words);

    if (unlikely(!rip || !is_canonical(rip))) {
        domain_crash(v->domain, "no handler for exception %u (error %#x) at %#lx",
                     v->regs.entry_vector, v->regs.error_code, v->regs.rip);
        return;
    }
    if (unlikely(copy_to_guest(sp, words, count * sizeof(*words)))) {
        domain_crash(v->domain, "its kernel stack at %#lx cannot be written (vector %u, RIP %#lx)",
                     sp, v->regs.entry_vector, v->regs.rip);
        return;
    }
    enter_handler(v, rip, sp, mask_events);
}

void pv_bounce(struct vcpu *v, uint64_t rip, bool mask_events, bool has_error, uint32_t error)
{
    uint64_t words[8];
    bool from_kernel = v->pv->in_kernel;
    uint64_t top = frame_top(v);
    unsigned int n = 0;

    words[n++] = v->regs.rcx;
    words[n++] = v->regs.r11;
    if (has_error)
        words[n++] = error;
    fill_return(v, from_kernel, words + n);
    push_and_enter(v, words, n + 5, top, rip, mask_events);
}

/* Vectors for which the CPU pushes an error code (SDM vol. 3, table 6-1). */
static bool has_error_code(unsigned int vector)
{
    return vector < 32 && (0x20027d00u >> vector & 1);
}

void pv_bounce_trap(struct vcpu *v, unsigned int vector, uint32_t error)
{
    const struct trap_info *t = &v->pv->traps[vector];

    pv_bounce(v, t->address, TI_GET_IF(t), has_error_code(vector), error);
}

void pv_bounce_failsafe(struct vcpu *v)
{
    uint64_t words[11];
    bool from_kernel = v->pv->in_kernel;
    uint64_t top = frame_top(v);

    pv_save_selectors(v);
    words[0] = v->regs.rcx;
    words[1] = v->regs.r11;
    words[2] = v->regs.ds;
    words[3] = v->regs.es;
    words[4] = v->regs.fs;
    words[5] = v->regs.gs;
    fill_return(v, from_kernel, words + 6);
    push_and_enter(v, words, 11, top, v->pv->failsafe.rip, v->pv->failsafe.mask_events);
}
