/* SPDX-License-Identifier: BSD-2-Clause */
/* Traps: what the hypervisor delivers, recorded, and a way back for code that expected one. */
#include "tests/guest/lib/guest.h"

trap_hook *trap_hooks[VECTORS];
uint32_t trap_counts[VECTORS];
uint64_t failsafe_segments[4];

_Static_assert(offsetof(struct cpu, resume_rip) == 0, "entry.S");
_Static_assert(offsetof(struct cpu, resume_rsp) == 8, "entry.S");
_Static_assert(offsetof(struct cpu, user_rip) == 16, "entry.S");
_Static_assert(offsetof(struct cpu, user_rsp) == 24, "entry.S");

static const uint8_t stub_vectors[22] = {0,  1,  2,  3,  4,  5,  6,  7,  8,    9,   10,
                                         11, 12, 13, 14, 15, 16, 17, 18, 19, 0x80, 0x81};

uint64_t trap_stub(unsigned int vector)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(stub_vectors); i++)
        if (stub_vectors[i] == vector)
            return trap_stubs[i];
    return 0;
}

void trap_entry(struct trap_frame *f);
void trap_entry(struct trap_frame *f)
{
    struct cpu *cpu = cpu_self();
    bool from_user = (f->cs & 3) == 3;

    trap_counts[f->vector]++;
    if (trap_hooks[f->vector] && trap_hooks[f->vector](f))
        return;
    cpu->last = *f;
    cpu->trapped = true;
    if (env.way) {
        __asm__ volatile("movq %%cr2, %0" : "=r"(cpu->last_cr2));
        cpu->last_mask = !(f->rflags & X86_IF);
    } else if (shared_info) {
        cpu->last_cr2 = vcpu_info()->arch.cr2;
        cpu->last_mask = vcpu_info()->evtchn_upcall_mask;
    }
    if (from_user && cpu->user_rip) {
        f->rip = cpu->user_rip;
        f->rsp = cpu->user_rsp;
    } else if (cpu->resume_rip) {
        f->rip = cpu->resume_rip;
        f->rsp = cpu->resume_rsp;
    } else {
        struct sched_shutdown s = {.reason = SHUTDOWN_crash};

        print("FAIL guest.trap %lu error %#lx at %#lx rsp %#lx cs %#x\n", f->vector, f->error,
              f->rip, f->rsp, f->cs);
        (void)hc_sched_op(SCHEDOP_shutdown, &s);
    }
    f->cs = KERNEL_CS;
    f->ss = KERNEL_SS;
    f->rflags &= ~(uint64_t)(X86_TF | X86_DF | X86_NT | X86_AC | X86_RF);
    if (cpu->last_mask)
        f->rflags &= ~(uint64_t)X86_IF;
}

/* Debug traps and system calls from user mode are allowed for 3, 4 and 0x80; all mask events. */
void trap_default_table(void)
{
    static struct trap_info table[ARRAY_SIZE(stub_vectors) + 1];

    for (unsigned int i = 0; i < ARRAY_SIZE(stub_vectors); i++) {
        uint8_t v = stub_vectors[i];

        table[i] = (struct trap_info){.vector = v, .cs = KERNEL_CS, .address = trap_stubs[i]};
        table[i].flags = (v == 3 || v == 4 || v == 0x80 ? 3 : v == 0x81 ? 1 : 0) | 4;
    }
    (void)hc_set_trap_table(table);
}

static void callback(uint16_t type, char *entry)
{
    struct callback_register r = {.type = type, .flags = CALLBACKF_mask_events,
                                  .address = (xen_callback_t)entry};

    (void)hc_callback_op(CALLBACKOP_register, &r);
}

void trap_init(void)
{
    uint64_t top = (uint64_t)cpu_self() + STACK_BYTES;

    trap_default_table();
    callback(CALLBACKTYPE_event, entry_event);
    callback(CALLBACKTYPE_failsafe, entry_failsafe);
    callback(CALLBACKTYPE_syscall, entry_syscall);
    callback(CALLBACKTYPE_sysenter, entry_sysenter);
    callback(CALLBACKTYPE_syscall32, entry_syscall32);
    /* half of the block below stays for kernel code that went to user mode */
    (void)hc_stack_switch(FLAT_SS, top - STACK_BYTES / 2);
}

/* ---- guest user mode ---- */

bool user_prepare(void)
{
    uint64_t *l4, *own;

    if (env.user_l4_mfn)
        return true;
    /* for the life of the guest: from the end of the pool, where no test looks */
    env.pool_end -= 2 * PAGE_BYTES;
    l4 = (uint64_t *)env.pool_end;
    env.user_stack = env.pool_end + PAGE_BYTES;
    own = (uint64_t *)env.l4_va;
    memset(l4, 0, PAGE_BYTES);
    for (unsigned int i = 0; i < 512; i++)
        if (i < 256 || i > 271)
            l4[i] = own[i];
    if (page_protect(l4, PTE_RO_FLAGS) || mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0) ||
        mmuext(MMUEXT_NEW_USER_BASEPTR, va_mfn(l4), 0))
        return false;
    env.user_l4_mfn = va_mfn(l4);
    return true;
}

int user_run(void (*code)(void), uint64_t rdi)
{
    struct user_start start = {.rip = (uint64_t)code, .cs = USER_CS, .rflags = X86_IF | 2,
                               .ss = FLAT_SS, .rdi = rdi};

    if (!user_prepare())
        return -1;
    start.rsp = env.user_stack + PAGE_BYTES;
    trap_clear();
    user_enter(&start);
    return cpu_self()->trapped ? (int)cpu_self()->last.vector : -1;
}
