/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables.
 *
 * What is always true here: one page of descriptors (the flat guest selectors of the ABI, ours, one
 * TSS slot) is shared by all CPUs. It stands as page 14 of every PV vCPU's GDT and alone, at the
 * same offset, in the hypervisor's own. The TSS slot is only looked at by LTR, once per CPU, under
 * a lock; afterwards the hardware holds base and limit itself.
 */
#include "cpu/descriptor.h"

#include "cpu/entry.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/vcpu.h"
#include "mm/hvmap.h"
#include "sync/spinlock.h"

/* Gate of the IDT (SDM vol. 3, 6.14.1). */
struct packed idt_gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_mid;
    uint32_t offset_high;
    uint32_t reserved;
};

struct packed table_register {
    uint16_t limit;
    uint64_t base;
};

#define GATE_INTERRUPT 0x8e /* present, 64-bit interrupt gate: IF cleared on entry */
#define GATE_DPL3 0x60
#define GDT_OUR_OFFSET (14 * PAGE_BYTES)
#define STUB_BYTES 64

static struct idt_gate idt[256] aligned(4096);
static uint64_t descriptors[512] aligned(4096);
static struct spinlock tss_lock = SPINLOCK_INIT(LOCK_TSS);

static void gate_set(unsigned int vector, const char *entry, uint8_t ist, uint8_t dpl_bits)
{
    uint64_t va = (uint64_t)entry;

    idt[vector] = (struct idt_gate){
        .offset_low = (uint16_t)va,
        .selector = SEL_HV_CS,
        .ist = ist,
        .type = GATE_INTERRUPT | dpl_bits,
        .offset_mid = (uint16_t)(va >> 16),
        .offset_high = (uint32_t)(va >> 32),
    };
}

void descriptor_init(void)
{
    for (unsigned int vector = 0; vector < 256; vector++)
        gate_set(vector, entry_stubs + 16 * vector, 0, 0);
    gate_set(VEC_BP, entry_stubs + 16 * VEC_BP, 0, GATE_DPL3);
    gate_set(VEC_OF, entry_stubs + 16 * VEC_OF, 0, GATE_DPL3);
    gate_set(0x80, entry_stubs + 16 * 0x80, 0, GATE_DPL3);
    gate_set(VEC_NMI, entry_nmi, IST_NMI, 0);
    gate_set(VEC_MC, entry_machine_check, IST_MC, 0);
    gate_set(VEC_DF, entry_double_fault, IST_FAULT, 0);
    gate_set(VEC_DB, entry_debug, IST_DEBUG, 0);

    /* Index within the page = selector / 8 - 7168. Flat segments: SDM vol. 3, 3.4.5. */
    descriptors[(SEL_HV_CS - GDT_OUR_OFFSET) / 8] = 0x00af9b000000ffff;  /* ring 0 64-bit code */
    descriptors[(SEL_HV_DS - GDT_OUR_OFFSET) / 8] = 0x00cf93000000ffff;  /* ring 0 data */
    descriptors[(0xe020 - GDT_OUR_OFFSET) / 8] = 0x00cffb000000ffff;     /* 0xe023: 32-bit code */
    descriptors[(0xe028 - GDT_OUR_OFFSET) / 8] = 0x00cff3000000ffff;     /* 0xe02b: data */
    descriptors[(0xe030 - GDT_OUR_OFFSET) / 8] = 0x00affb000000ffff;     /* 0xe033: 64-bit code */
}

mfn_t descriptor_page(void)
{
    return image_mfn(descriptors);
}

void descriptor_load_gdt(uint64_t base)
{
    struct table_register gdtr = {.limit = 0xffff, .base = base};

    __asm__ volatile("lgdt %0" ::"m"(gdtr));
}

void descriptor_load_host_gdt(void)
{
    descriptor_load_gdt((uint64_t)descriptors - GDT_OUR_OFFSET);
}

static void tr_load(struct percpu *cpu)
{
    uint64_t base = (uint64_t)cpu->tss;
    uint32_t limit = TSS_BYTES - 1;
    unsigned int slot = (SEL_TSS - GDT_OUR_OFFSET) / 8;

    spin_lock(&tss_lock);
    descriptors[slot] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x89ULL << 40 |
                        (uint64_t)(limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
    descriptors[slot + 1] = base >> 32;
    __asm__ volatile("ltr %w0" ::"r"(SEL_TSS));
    spin_unlock(&tss_lock);
    cpu->tss_is_cut = false;
}

static void tss_load(struct percpu *cpu)
{
    struct tss *tss = cpu->tss;
    uint64_t block = (uint64_t)cpu;

    tss->rsp[0] = block + PERCPU_STACK_TOP;
    tss->ist[IST_NMI - 1] = block + PERCPU_NMI_STACK_TOP;
    tss->ist[IST_FAULT - 1] = block + PERCPU_FAULT_STACK_TOP;
    tss->ist[IST_MC - 1] = block + PERCPU_FAULT_STACK_TOP - 0x800;
    tss->ist[IST_DEBUG - 1] = block + PERCPU_DEBUG_STACK_TOP;
    tss->io_map_base = TSS_NO_BITMAP;
    tr_load(cpu);
}

/*
 * The SYSCALL entry of one CPU: parks RSP in its block, moves to the current vCPU's frame, pushes
 * SS and the parked RSP, and joins the common entry. Written as bytes because each CPU's copy
 * addresses its own block (no register is free to hold that address).
 */
static void stub_write(uint8_t *at, uint64_t va, const struct percpu *cpu, uint64_t target)
{
    uint64_t save = (uint64_t)&cpu->syscall_rsp;
    uint64_t top = (uint64_t)&cpu->syscall_frame_top;
    uint32_t rel;
    unsigned int n = 0;

#define STUB_REL(op_bytes, address)                                                                \
    do {                                                                                           \
        static const uint8_t op[] = op_bytes;                                                      \
        for (unsigned int i = 0; i < sizeof(op); i++)                                              \
            at[n++] = op[i];                                                                       \
        rel = (uint32_t)((address) - (va + n + 4));                                                \
        for (unsigned int i = 0; i < 4; i++)                                                       \
            at[n++] = (uint8_t)(rel >> (8 * i));                                                   \
    } while (0)
#define BYTES(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
    STUB_REL(BYTES(0x48, 0x89, 0x25), save); /* mov %rsp, syscall_rsp(%rip) */
    STUB_REL(BYTES(0x48, 0x8b, 0x25), top);  /* mov syscall_frame_top(%rip), %rsp */
    at[n++] = 0x68;                          /* push $0xe02b */
    at[n++] = 0x2b;
    at[n++] = 0xe0;
    at[n++] = 0;
    at[n++] = 0;
    STUB_REL(BYTES(0xff, 0x35), save); /* push syscall_rsp(%rip) */
    STUB_REL(BYTES(0xe9), target);     /* jmp target */
#undef STUB_REL
#undef BYTES
}

static void syscall_msrs_load(uint64_t stub)
{
    wrmsr(MSR_STAR, (uint64_t)0xe023 << 48 | (uint64_t)SEL_HV_CS << 32);
    wrmsr(MSR_LSTAR, stub);
    wrmsr(MSR_CSTAR, stub + 32);
    wrmsr(MSR_FMASK, X86_TF | X86_IF | X86_DF | X86_IOPL | X86_NT | X86_RF | X86_VM | X86_AC);
}

void descriptor_after_guest(void)
{
    struct percpu *cpu = cpu_self();

    syscall_msrs_load(VA_STUBS + (uint64_t)cpu->id * STUB_BYTES);
    cpu->tss_is_cut = true;
}

void descriptor_load_syscall(void)
{
    const struct percpu *cpu = cpu_self();
    uint64_t va = VA_STUBS + (uint64_t)cpu->id * STUB_BYTES;
    uint8_t *at = hvmap_stub(cpu->id * STUB_BYTES);

    stub_write(at, va, cpu, (uint64_t)entry_syscall);
    stub_write(at + 32, va + 32, cpu, (uint64_t)entry_syscall32);
    syscall_msrs_load(va);
    if (cpu_features.is_intel) {
        wrmsr(MSR_SYSENTER_CS, SEL_HV_CS);
        wrmsr(MSR_SYSENTER_ESP, (uint64_t)&cpu->syscall_frame_top);
        wrmsr(MSR_SYSENTER_EIP, (uint64_t)entry_sysenter);
    } else {
        wrmsr(MSR_SYSENTER_CS, 0);
    }
}

void descriptor_load(void)
{
    struct percpu *cpu = cpu_self();
    struct table_register idtr = {.limit = sizeof(idt) - 1, .base = (uint64_t)idt};

    descriptor_load_host_gdt();
    __asm__ volatile("pushq %0\n leaq 1f(%%rip), %%rax\n pushq %%rax\n lretq\n 1:\n"
                     "movl %1, %%eax\n movl %%eax, %%ss\n xorl %%eax, %%eax\n movl %%eax, %%ds\n"
                     "movl %%eax, %%es\n movl %%eax, %%fs\n movl %%eax, %%gs\n lldt %%ax"
                     ::"i"(SEL_HV_CS), "i"(SEL_HV_DS)
                     : "rax", "memory");
    __asm__ volatile("lidt %0" ::"m"(idtr));
    tss_load(cpu);
    descriptor_load_syscall();
}

void cpu_set_entry_stack(struct vcpu *v)
{
    struct percpu *cpu = cpu_self();
    struct tss *tss = cpu->tss;

    cpu->syscall_frame_top = (uint64_t)&v->regs.es;
    tss->rsp[0] = (uint64_t)&v->regs.es;
    v->host_stack = (uint64_t)cpu + PERCPU_STACK_TOP;
}

void descriptor_allow_ports(bool allowed)
{
    struct percpu *cpu = cpu_self();
    struct tss *tss = cpu->tss;

    if (unlikely(allowed && cpu->tss_is_cut))
        tr_load(cpu);
    tss->io_map_base = allowed ? TSS_BITMAP_OFFSET : TSS_NO_BITMAP;
}
