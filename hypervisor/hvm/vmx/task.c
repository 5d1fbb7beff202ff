/* SPDX-License-Identifier: BSD-2-Clause */
/* A task switch that left the guest: its registers out of the structure, the switch, and back. */
#include "hvm/task.h"

#include "cpu/insn.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/vmx/event.h"
#include "hvm/vmx/vmx.h"
#include "p2m/copy.h"

/* Exit qualification (SDM vol. 3, table 27-2) */
#define TASK_SELECTOR(q) ((uint16_t)(q))
#define TASK_SOURCE(q)   ((enum task_source)(((q) >> 30) & 3))

struct switching {
    struct task_cpu cpu;
    struct vcpu *v;
    bool lost; /* the domain has crashed: its tasks are no memory */
};

static bool lose(struct switching *x, uint64_t gpa)
{
    x->lost = true;
    domain_crash(x->v->domain, "vCPU %u: task switch at %#lx through %#lx, which is no memory",
                 x->v->id, x->v->regs.rip, gpa);
    return false;
}

/* Does @linear lead to memory, for the system itself? */
static bool translate(struct switching *x, uint32_t linear, bool write)
{
    struct task_cpu *c = &x->cpu;
    struct walk_mode mode;
    struct walk w;

    vmx_walk_mode(x->v, &mode);
    do /* again: another vCPU changes the tables */
        w = walk_tables(x->v, &mode, linear, write ? WALK_WRITE : WALK_READ);
    while (w.result == WALK_AGAIN);
    if (w.result == WALK_FAULT) {
        c->fault.valid = c->fault.has_error = true;
        c->fault.vector = VEC_PF;
        c->fault.error = w.error;
        c->fault.cr2 = linear;
        return false;
    }
    return w.result == WALK_OK || lose(x, w.gpa);
}

static bool access(struct task_cpu *c, uint32_t linear, void *data, unsigned int bytes, bool write)
{
    struct switching *x = container_of(c, struct switching, cpu);

    for (unsigned int at = 0, n; at < bytes; at += n) {
        uint32_t from = linear + at;

        n = min(bytes - at, (unsigned int)(PAGE_BYTES - (from & ~PAGE_MASK)));
        if (!translate(x, from, write))
            return false;
        if (write ? copy_to_guest(from, (char *)data + at, n) :
                    copy_from_guest((char *)data + at, from, n))
            return lose(x, from);
    }
    return true;
}

static bool paging(struct task_cpu *c)
{
    struct vcpu *v = container_of(c, struct switching, cpu)->v;

    vmwrite(VMCS_GUEST_CR3, c->s.cr3);
    vmx_flush_own(v);
    return vmx_load_pdptes(v);
}

/* What task_switch() does not know of: NMIs stay blocked, but IRET ends that. */
static void take_over(struct vcpu *v, struct hvm_hw_cpu *s, enum task_source source)
{
    uint64_t blocked = vmread(VMCS_GUEST_INTERRUPTIBILITY) & BLOCKED_NMI;

    s->flags = 0; /* the x87's registers are where they are */
    vmx_state_set(v, s);
    if (v->hvm->debug_loaded)
        write_dr6(s->dr6);
    vmwrite(VMCS_GUEST_INTERRUPTIBILITY, source == TASK_IRET ? 0 : blocked);
}

enum exit_verdict vmx_task_switch(struct vcpu *v)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);
    enum task_source source = TASK_SOURCE(q);
    const struct hvm_event event = source == TASK_GATE ? v->hvm->event : (struct hvm_event){0};
    struct switching x = {.v = v, .cpu = {.access = access, .paging = paging}};
    bool software = vmx_event_is_software(event.type);

    x.cpu.external = event.valid && !software;
    vmx_state_get(v, &x.cpu.s);
    if (source != TASK_GATE || software) /* an instruction, which is done when it comes back */
        x.cpu.s.rip = (uint32_t)(x.cpu.s.rip + vmread(VMCS_EXIT_LENGTH));
    if (task_switch(&x.cpu, source, TASK_SELECTOR(q), event.has_error ? &event.error : NULL)) {
        v->hvm->event.valid = false;
        take_over(v, &x.cpu.s, source);
    }
    if (x.lost)
        return EXIT_CRASH;
    if (!x.cpu.fault.valid)
        return EXIT_RESUME;
    if (x.cpu.fault.vector == VEC_PF)
        vmx_set_cr2(v, x.cpu.fault.cr2);
    hvm_inject_exception(v, x.cpu.fault.vector, x.cpu.fault.has_error, x.cpu.fault.error);
    return EXIT_INJECTED;
}
