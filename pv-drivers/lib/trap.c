/* SPDX-License-Identifier: BSD-2-Clause */
/* What a vCPU needs of its own: a number, traps, upcalls. */
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/smp.h"
#include "pv-drivers/lib/start.h"

#define TRAPS      32u
#define MSR_GS     0xc0000101u
#define RFLAGS_IF  0x200u

extern uint8_t pv_trap_stubs[TRAPS][16];
extern void pv_upcall_pv(void), pv_upcall_hvm(void), pv_failsafe(void);
void pv_trap(unsigned int vector, const uint64_t *frame);
void pv_upcall(void);

/* PV puts RCX and R11 on top of what a processor pushes. */
void pv_trap(unsigned int vector, const uint64_t *frame)
{
    bool has_error = 0x00227d00u >> vector & 1; /* 8, 10 to 14, 17, 21 */
    uint64_t error = 0;

    frame += pv_guest.is_pv ? 2 : 0;
    if (has_error)
        error = *frame++;
    pv_panic("pv: trap %u, error %#lx at %#lx, stack %#lx", vector, error, frame[0], frame[3]);
}

void pv_upcall(void)
{
    (void)pv_event_dispatch();
}

static void init_pv(const struct pv_cpu *cpu)
{
    static struct trap_info traps[TRAPS + 1]; /* (the same for all) */

    for (unsigned int i = 0; i < TRAPS; i++)
        traps[i] = (struct trap_info){.vector = (uint8_t)i, .cs = FLAT_KERNEL_CS,
                                      .address = (uintptr_t)pv_trap_stubs[i]};
    (void)pv_hypercall(__HYPERVISOR_set_trap_table, (uintptr_t)traps, 0, 0, 0, 0);
    (void)pv_hypercall(__HYPERVISOR_set_segment_base, SEGBASE_GS_KERNEL, (uintptr_t)cpu, 0, 0, 0);
    (void)pv_hypercall(__HYPERVISOR_set_callbacks, (uintptr_t)pv_upcall_pv,
                       (uintptr_t)pv_failsafe, 0, 0, 0);
}

static void set_gate(uint64_t *gate, uintptr_t at)
{
    gate[0] = (at & 0xffff) | 8u << 16 | 0x8e00ull << 32 | (at >> 16 & 0xffff) << 48;
    gate[1] = at >> 32;
}

static void init_hvm(const struct pv_cpu *cpu)
{
    static uint64_t idt[PV_CALLBACK_VECTOR + 1][2];
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((__packed__)) idtr = {sizeof(idt) - 1, (uintptr_t)idt};
    uint64_t base = (uintptr_t)cpu;

    for (unsigned int i = 0; i < TRAPS; i++)
        set_gate(idt[i], (uintptr_t)pv_trap_stubs[i]);
    set_gate(idt[PV_CALLBACK_VECTOR], (uintptr_t)pv_upcall_hvm);
    __asm__ volatile("lidt %0" ::"m"(idtr));
    __asm__ volatile("wrmsr" ::"c"(MSR_GS), "a"((uint32_t)base), "d"((uint32_t)(base >> 32)));
}

void pv_cpu_init(struct pv_cpu *cpu)
{
    if (pv_guest.is_pv)
        init_pv(cpu);
    else
        init_hvm(cpu);
}

unsigned int pv_cpu(void)
{
    uint32_t number;

    __asm__("movl %%gs:%c1, %0" : "=r"(number) : "i"(PV_CPU_NUMBER));
    return number;
}

/* PV guests have a byte for it, the others their processor's interrupt flag. */
bool pv_upcalls(bool on)
{
    struct vcpu_info *info = &pv_guest.shared_info->vcpu_info[pv_cpu()];
    uint64_t flags;
    bool were_on;

    if (pv_guest.is_pv) {
        were_on = !info->evtchn_upcall_mask;
    } else {
        __asm__ volatile("pushfq\n popq %0" : "=r"(flags));
        were_on = flags & RFLAGS_IF;
    }
    if (on && !were_on) /* waiting may have forgotten that there is something */
        (void)pv_event_dispatch();
    if (!pv_guest.is_pv) {
        if (on)
            __asm__ volatile("sti" ::: "memory");
        else
            __asm__ volatile("cli" ::: "memory");
        return were_on;
    }
    PV_STORE(info->evtchn_upcall_mask, !on);
    PV_BARRIER();
    if (on && PV_LOAD(info->evtchn_upcall_pending)) /* any hypercall ends with a look */
        (void)pv_hypercall(__HYPERVISOR_xen_version, 0, 0, 0, 0, 0);
    return were_on;
}
