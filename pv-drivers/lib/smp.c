/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting vCPUs, and locks. */
#include "pv-drivers/lib/smp.h"

#include <xen/hvm/hvm_vcpu.h>
#include <xen/vcpu.h>

#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/text.h"

#define STACK_PAGES 8u
#define CR0_PE      1u
#define CR0_PG      0x80000000u
#define CR4_PAE     0x20u
#define EFER_LONG   0x500u     /* LME, LMA */
#define RFLAGS_IOPL 0x1000u    /* 1, as PV kernels have */

/* Interrupt command register of the local APIC (SDM vol. 3, 10.6) where firmware leaves it */
#define APIC_ICR       ((volatile uint32_t *)0xfee00300)
#define APIC_ICR_DEST  ((volatile uint32_t *)0xfee00310)
#define APIC_INIT      0x4500u
#define APIC_START_UP  0x4600u
#define TRAMPOLINE     0x8000ul /* its page: memory that PC firmware leaves to whoever was booted */

_Static_assert(offsetof(struct pv_cpu, stack) == PV_CPU_STACK, "start.S");
_Static_assert(offsetof(struct pv_cpu, main) == PV_CPU_MAIN, "start.S");
_Static_assert(offsetof(struct pv_cpu, number) == PV_CPU_NUMBER, "start.S");

enum state { DOWN, ASKED, RUNS };

extern uint8_t pv_boot_stack_end[], pv_page_table[], pv_trampoline[], pv_trampoline_end[];
extern void pv_entry(void), pv_entry_64(void);
void pv_start(void *info, bool is_pv);

static struct pv_cpu cpus[PV_CPUS] = {
    {.stack = (uintptr_t)pv_boot_stack_end, .main = pv_start, .state = RUNS},
};
struct pv_cpu *pv_starting = cpus;

static long vcpu_op(unsigned int op, const struct pv_cpu *cpu, void *arg)
{
    return pv_hypercall(__HYPERVISOR_vcpu_op, op, cpu->number, (uintptr_t)arg, 0, 0);
}

unsigned int pv_smp_count(void)
{
    unsigned int count = 1;

    while (count < PV_CPUS &&
           vcpu_op(VCPUOP_is_up, &(struct pv_cpu){.number = count}, NULL) >= 0)
        count++;
    return count;
}

bool pv_smp_runs(unsigned int cpu)
{
    return cpu < PV_CPUS && PV_LOAD(cpus[cpu].state) != DOWN;
}

/* The life of a vCPU that was started. */
static void secondary(void *info, bool is_pv)
{
    struct pv_cpu *cpu = pv_starting;

    (void)info, (void)is_pv;
    pv_cpu_init(cpu);
    for (;;) {
        if (PV_LOAD(cpu->state) != ASKED) {
            (void)vcpu_op(VCPUOP_down, cpu, NULL);
            continue;
        }
        PV_STORE(cpu->state, RUNS);
        cpu->run(cpu->arg);
        (void)pv_upcalls(false);
        PV_STORE(cpu->state, DOWN);
    }
}

static long initialise_pv(const struct pv_cpu *cpu)
{
    static struct vcpu_guest_context context; /* (of five kilobytes) */

    pv_guest.shared_info->vcpu_info[cpu->number].evtchn_upcall_mask = 1;
    memset(&context, 0, sizeof(context));
    context.flags = VGCF_in_kernel;
    context.user_regs.rip = (uintptr_t)pv_entry;
    context.user_regs.cs = FLAT_KERNEL_CS;
    context.user_regs.ss = context.kernel_ss = FLAT_KERNEL_SS;
    context.user_regs.rsp = context.kernel_sp = cpu->stack;
    context.user_regs.rflags = RFLAGS_IOPL;
    context.ctrlreg[3] = xen_pfn_to_cr3(pv_frame_of((void *)pv_guest.tables));
    return vcpu_op(VCPUOP_initialise, cpu, &context);
}

static void send(const struct pv_cpu *cpu, uint32_t command)
{
    *APIC_ICR_DEST = cpu->number * 2 << 24; /* the hypervisor's APIC numbers */
    *APIC_ICR = command;
}

/* The firmware of HVM guests has used all vCPUs: the processor's own way is left. */
static void start_up(const struct pv_cpu *cpu)
{
    memcpy((void *)TRAMPOLINE, pv_trampoline, (size_t)(pv_trampoline_end - pv_trampoline));
    send(cpu, APIC_INIT);
    send(cpu, APIC_START_UP | TRAMPOLINE >> PV_PAGE_SHIFT);
}

static long initialise_hvm(const struct pv_cpu *cpu)
{
    struct vcpu_hvm_context context = {
        .mode = VCPU_HVM_MODE_64B,
        .cpu_regs.x86_64 = {.rip = (uintptr_t)pv_entry_64, .cr0 = CR0_PE | CR0_PG,
                            .cr3 = (uintptr_t)pv_page_table & 0x7fffffff, .cr4 = CR4_PAE,
                            .efer = EFER_LONG},
    };
    long rc = vcpu_op(VCPUOP_initialise, cpu, &context);

    if (rc == -XEN_EEXIST) {
        start_up(cpu);
        rc = 0;
    }
    return rc;
}

static int prepare(struct pv_cpu *cpu)
{
    uint8_t *stack = pv_pages_alloc(STACK_PAGES);
    int rc;

    if (!stack)
        return -XEN_ENOMEM;
    cpu->stack = (uintptr_t)stack + STACK_PAGES * PV_PAGE_BYTES;
    cpu->main = secondary;
    pv_starting = cpu;
    rc = pv_event_init_cpu(cpu->number);
    if (!rc)
        rc = (int)(pv_guest.is_pv ? initialise_pv(cpu) : initialise_hvm(cpu));
    if (rc) {
        pv_pages_free(stack, STACK_PAGES);
        cpu->stack = 0;
    }
    return rc;
}

int pv_smp_start(unsigned int number, void (*run)(void *arg), void *arg)
{
    struct pv_cpu *cpu = &cpus[number];
    int rc;

    if (number >= PV_CPUS)
        return -XEN_ENOENT;
    if (PV_LOAD(cpu->state) != DOWN)
        return -XEN_EBUSY;
    cpu->number = number;
    if (vcpu_op(VCPUOP_is_up, cpu, NULL) < 0)
        return -XEN_ENOENT;
    cpu->run = run;
    cpu->arg = arg;
    rc = cpu->stack ? 0 : prepare(cpu);
    if (rc)
        return rc;
    PV_STORE(cpu->state, ASKED);
    /* more than once: it may just be going down */
    for (; PV_LOAD(cpu->state) == ASKED; (void)pv_sched_op(SCHEDOP_yield, NULL))
        (void)vcpu_op(VCPUOP_up, cpu, NULL);
    return 0;
}

void pv_lock(struct pv_lock *lock)
{
    uint32_t turn = __atomic_fetch_add(&lock->next, 1, __ATOMIC_ACQ_REL);

    while (PV_LOAD(lock->now) != turn)
        (void)pv_sched_op(SCHEDOP_yield, NULL);
}

void pv_unlock(struct pv_lock *lock)
{
    PV_STORE(lock->now, lock->now + 1);
}
