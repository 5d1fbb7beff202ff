/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounce frames.
 *
 * What is always true here: a frame is written to the guest's kernel address space; the
 * guest sees RPL 0 in the CS slot when its kernel was interrupted, RPL 3 when its user code was,
 * and RFLAGS.IF as the inverse of its upcall mask. The handler starts on the flat selectors every
 * PV guest has, so the way out may be SYSRET: RCX and R11 are in the frame and free to be lost.
 */
#include "pv/bounce.h"

#include "cpu/regs.h"
#include "domain/domain.h"
#include "p2m/guest_word.h"
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

/* The last five words of every frame, at @at: what the CPU itself would have pushed. */
static inline bool put_return(const struct vcpu *v, bool from_kernel, uint64_t at)
{
    const struct cpu_user_regs *r = &v->regs;
    uint64_t mask = READ_ONCE(v->info->evtchn_upcall_mask);
    uint64_t cs = from_kernel ? r->cs & ~3u : r->cs;

    return guest_put(at, r->rip) && guest_put(at + 8, cs | mask << 32) &&
           guest_put(at + 16, (r->rflags & ~(X86_IF | X86_IOPL)) | (mask ? 0 : X86_IF)) &&
           guest_put(at + 24, r->rsp) && guest_put(at + 32, r->ss);
}

#define RETURN_BYTES 40

static __attribute__((noinline)) void no_stack(struct vcpu *v, uint64_t sp)
{
    domain_crash(v->domain, "its kernel stack at %#lx cannot be written (vector %u, RIP %#lx)", sp,
                 v->regs.entry_vector, v->regs.rip);
}

static __attribute__((noinline)) void no_handler(struct vcpu *v)
{
    domain_crash(v->domain, "no handler for exception %u (error %#x) at %#lx",
                 v->regs.entry_vector, v->regs.error_code, v->regs.rip);
}

/* In kernel mode already: the frame below @top. */
static inline __attribute__((__always_inline__)) void
push_and_enter(struct vcpu *v, bool from_kernel, uint64_t top, uint64_t rip, bool mask_events,
               bool has_error, uint32_t error)
{
    const unsigned int bytes = RETURN_BYTES + (has_error ? 24 : 16);
    uint64_t sp = top - bytes;

    if (unlikely(!rip || !is_canonical(rip)))
        no_handler(v);
    else if (unlikely(!guest_range_ok(sp, bytes) || !guest_put(sp, v->regs.rcx) ||
                      !guest_put(sp + 8, v->regs.r11) ||
                      (has_error && !guest_put(sp + 16, error)) ||
                      !put_return(v, from_kernel, top - RETURN_BYTES)))
        no_stack(v, sp);
    else
        enter_handler(v, rip, sp, mask_events);
}

static __attribute__((noinline)) void bounce_user(struct vcpu *v, uint64_t rip, bool mask_events,
                                                  bool has_error, uint32_t error)
{
    pv_toggle_mode(v);
    push_and_enter(v, false, v->pv->kernel_sp, rip, mask_events, has_error, error);
}

/* Inlined with @has_error known: frames with and without an error code have a way each. */
static inline __attribute__((__always_inline__)) void
bounce(struct vcpu *v, uint64_t rip, bool mask_events, bool has_error, uint32_t error)
{
    if (v->pv->in_kernel)
        push_and_enter(v, true, v->regs.rsp & ~15ULL, rip, mask_events, has_error, error);
    else
        bounce_user(v, rip, mask_events, has_error, error);
}

static off_path void bounce_with_error(struct vcpu *v, uint64_t rip, bool mask_events,
                                       uint32_t error)
{
    bounce(v, rip, mask_events, true, error);
}

void pv_bounce(struct vcpu *v, uint64_t rip, bool mask_events)
{
    bounce(v, rip, mask_events, false, 0);
}

/* Vectors for which the CPU pushes an error code (SDM vol. 3, table 6-1). */
static bool has_error_code(unsigned int vector)
{
    return vector < 32 && (0x20027d00u >> vector & 1);
}

void pv_bounce_trap(struct vcpu *v, unsigned int vector, uint32_t error)
{
    const struct trap_info *t = &v->pv->traps[vector];

    if (has_error_code(vector))
        bounce_with_error(v, t->address, TI_GET_IF(t), error);
    else
        pv_bounce(v, t->address, TI_GET_IF(t));
}

void pv_bounce_failsafe(struct vcpu *v)
{
    const unsigned int bytes = RETURN_BYTES + 48;
    const struct cpu_user_regs *r = &v->regs;
    const struct pv_callback *c = &v->pv->failsafe;
    bool from_kernel = v->pv->in_kernel;
    uint64_t sp;

    pv_save_selectors(v);
    if (!from_kernel)
        pv_toggle_mode(v);
    sp = (from_kernel ? r->rsp & ~15ULL : v->pv->kernel_sp) - bytes;
    if (!c->rip || !is_canonical(c->rip))
        no_handler(v);
    else if (!guest_range_ok(sp, bytes) || !guest_put(sp, r->rcx) || !guest_put(sp + 8, r->r11) ||
             !guest_put(sp + 16, r->ds) || !guest_put(sp + 24, r->es) ||
             !guest_put(sp + 32, r->fs) || !guest_put(sp + 40, r->gs) ||
             !put_return(v, from_kernel, sp + 48))
        no_stack(v, sp);
    else
        enter_handler(v, c->rip, sp, c->mask_events);
}
