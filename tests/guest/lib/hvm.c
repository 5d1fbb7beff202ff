/* SPDX-License-Identifier: BSD-2-Clause */
/* HVM children: how their maker starts them, and what they set up that a PV kernel is given. */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/hvm_vcpu.h>
#include <xen/hvm/params.h>

#define CR0_START 0x80050033UL /* paging, write protection, x87 with exceptions */
#define CR4_START 0x620UL      /* PAE, SSE */
#define EFER_START 0xd01UL     /* long mode, system calls, no-execute */
#define GDT_FIRST 0xe000       /* only its last page exists: selectors are those of PV kernels */

extern const uint64_t hvm_stubs[];
extern char hvm_stub_event[];

/* ---- the maker's side ---- */

enum hypercall_way hvm_way(void)
{
    uint32_t a = 0, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return b == 0x756e6547 ? WAY_VMCALL : WAY_VMMCALL; /* "Genu" */
}

void hvm_context_fill(struct hvm_context *x, const struct child *c)
{
    memset(x, 0, sizeof(*x));
    x->header_head =
        (struct hvm_save_descriptor){HVM_SAVE_CODE(HEADER), 0, sizeof(x->header)};
    x->header.magic = 0x54381286; /* HVM_FILE_MAGIC */
    x->header.version = 1;
    x->cpu_head = (struct hvm_save_descriptor){HVM_SAVE_CODE(CPU), 0, sizeof(x->cpu)};
    x->cpu = (struct hvm_hw_cpu){
        .rax = (uint64_t)guest_child_main,
        .rsp = (uint64_t)pool_start + STACK_BYTES,
        .rip = (uint64_t)guest_thread,
        .rflags = 2,
        .cr0 = CR0_START,
        .cr3 = c->l4_mfn << PAGE_SHIFT,
        .cr4 = CR4_START,
        .dr6 = 0xffff0ff0,
        .dr7 = 0x400,
        .msr_efer = EFER_START,
        .cs_sel = KERNEL_CS,
        .cs_limit = ~0u,
        .cs_arbytes = 0xa9b,
        .ss_sel = HVM_SS,
        .ss_limit = ~0u,
        .ss_arbytes = 0xc93,
        .ds_sel = HVM_SS,
        .ds_limit = ~0u,
        .ds_arbytes = 0xc93,
        .es_sel = HVM_SS,
        .es_limit = ~0u,
        .es_arbytes = 0xc93,
        .tr_sel = HVM_TSS,
        .tr_limit = 0x67,
        .tr_arbytes = 0x8b,
    };
}

long hvm_context_set(struct child *c, const void *records, uint32_t bytes)
{
    struct xen_domctl op = {.u.hvmcontext.size = bytes};

    set_xen_guest_handle(op.u.hvmcontext.buffer, (uint8_t *)records);
    return child_domctl(c, XEN_DOMCTL_sethvmcontext, &op);
}

long dm_op(domid_t domid, struct xen_dm_op *op)
{
    struct xen_dm_op_buf buffer = {.size = sizeof(*op)};

    set_xen_guest_handle(buffer.h, op);
    return hc_dm_op(domid, 1, &buffer);
}

bool hvm_child_start_vcpu(struct child *c)
{
    static struct hvm_context context;

    hvm_context_fill(&context, c);
    return hvm_context_set(c, &context, sizeof(context)) == 0;
}

/* ---- inside ---- */

struct gate {
    uint16_t low, selector, type, middle;
    uint32_t high, reserved;
};
static struct gate idt[256];
static uint64_t gdt_page[512] aligned(PAGE_BYTES);
static struct {
    uint32_t reserved;
    uint64_t stack[3];
    uint8_t rest[76];
    uint16_t io_map;
} packed tss;

static void set_gate(unsigned int vector, uint64_t to, unsigned int dpl)
{
    idt[vector] = (struct gate){.low = (uint16_t)to, .selector = KERNEL_CS,
                                .type = (uint16_t)(0x8e00 | dpl << 13),
                                .middle = (uint16_t)(to >> 16), .high = (uint32_t)(to >> 32)};
}

static void load_table(bool interrupts, uint64_t base, uint16_t limit)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } packed table = {limit, base};

    if (interrupts)
        __asm__ volatile("lidt %0" ::"m"(table));
    else
        __asm__ volatile("lgdt %0" ::"m"(table));
}

void hvm_set_param(uint32_t index, uint64_t value)
{
    struct xen_hvm_param p = {.domid = DOMID_SELF, .index = index, .value = value};

    if (hc_hvm_op(HVMOP_set_param, &p))
        test_fail(__FILE__, __LINE__, "parameter %u cannot be set", index);
}

void hvm_init(void)
{
    static const uint8_t vectors[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,    10,
                                      11, 12, 13, 14, 15, 16, 17, 18, 19, 0x80, 0x81};
    uint64_t *gdt = gdt_page, at = (uint64_t)&tss;

    gdt[(USER_CS32 & 0xff8) / 8] = 0x00cffb000000ffff;
    gdt[(FLAT_SS & 0xff8) / 8] = 0x00cff3000000ffff;
    gdt[(KERNEL_CS & 0xff8) / 8] = 0x00af9b000000ffff;
    gdt[(HVM_CS32 & 0xff8) / 8] = 0x00cf9b000000ffff;
    gdt[(HVM_USER_CS & 0xff8) / 8] = 0x00affb000000ffff;
    gdt[(HVM_SS & 0xff8) / 8] = 0x00cf93000000ffff;
    gdt[(HVM_TSS & 0xff8) / 8] = 0x0000890000000067 | (at & 0xffffff) << 16 |
                                 (at >> 24 & 0xff) << 56;
    gdt[(HVM_TSS & 0xff8) / 8 + 1] = at >> 32;
    tss.stack[0] = (uint64_t)cpu_self() + STACK_BYTES / 2;
    load_table(false, (uint64_t)gdt - GDT_FIRST, GDT_FIRST + 0xfff);
    __asm__ volatile("ltr %w0" ::"r"(HVM_TSS));
    for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
        set_gate(vectors[i], hvm_stubs[i], vectors[i] >= 0x80 || vectors[i] == 3 ? 3 : 0);
    set_gate(HVM_UPCALL_VECTOR, (uint64_t)hvm_stub_event, 0);
    load_table(true, (uint64_t)idt, sizeof(idt) - 1);
    hvm_set_param(HVM_PARAM_CALLBACK_IRQ,
              (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | HVM_UPCALL_VECTOR);
}

void hvm_shared_info(void *page)
{
    struct xen_add_to_physmap a = {.domid = DOMID_SELF, .space = XENMAPSPACE_shared_info,
                                   .gpfn = va_pfn(page)};

    if (hc_memory_op(XENMEM_add_to_physmap, &a))
        test_fail(__FILE__, __LINE__, "no shared_info");
}

/* ---- pages ---- */

/* Tables are mapped read-only, as a PV child's: write protection is off for the moment. */
static void write_entry(uint64_t *entry, uint64_t value)
{
    uint64_t cr0;

    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movq %0, %%cr0" ::"r"(cr0 & ~0x10000UL));
    __atomic_store_n(entry, value, __ATOMIC_SEQ_CST);
    __asm__ volatile("movq %0, %%cr0" ::"r"(cr0));
}

static uint64_t *table_at(uint64_t entry)
{
    return (uint64_t *)(VIRT_BASE + (entry & PTE_ADDRESS));
}

uint64_t *hvm_entry(const volatile void *va)
{
    uint64_t at = (uint64_t)va, *table = (uint64_t *)env.l4_va;

    for (unsigned int level = 4; level > 1; level--)
        table = table_at(table[at >> (12 + 9 * (level - 1)) & 511]);
    /* the table itself becomes writable on the way */
    {
        uint64_t *self = (uint64_t *)env.l4_va;

        for (unsigned int level = 4; level > 1; level--)
            self = table_at(self[(uint64_t)table >> (12 + 9 * (level - 1)) & 511]);
        write_entry(&self[(uint64_t)table >> 12 & 511],
                    self[(uint64_t)table >> 12 & 511] | PTE_RW);
        hvm_flush(table);
    }
    return &table[at >> 12 & 511];
}

void hvm_map(const volatile void *va, uint64_t gfn, uint64_t flags)
{
    *hvm_entry(va) = pte(gfn, flags);
    hvm_flush(va);
}

void hvm_low_alias(void)
{
    uint64_t *l4 = (uint64_t *)env.l4_va, *l3 = table_at(l4[511]);

    write_entry(&l3[2], l3[510]);
    write_entry(&l4[0], l4[511]);
    hvm_flush((void *)0x80000000UL);
}

/* The same stack, code and data at addresses of 32 bits; R8 and up are not 32-bit code's. */
__asm__(".globl hvm_call32\n"
        "hvm_call32:\n"
        " pushq %rbx\n pushq %rbp\n subq $16, %rsp\n"
        " leaq 3f(%rip), %rax\n movl %eax, (%rsp)\n movw $0xe030, 4(%rsp)\n"
        " leaq 1f(%rip), %rax\n leaq 2f(%rip), %rcx\n"
        " cmpb $1, env(%rip)\n cmovne %rcx, %rax\n"
        " movl %eax, 8(%rsp)\n movw $0xe050, 12(%rsp)\n"
        " movl %edi, %eax\n"
        " movl (%rsi), %ebx\n movl 4(%rsi), %ecx\n movl 8(%rsi), %edx\n"
        " movl 16(%rsi), %edi\n movl 12(%rsi), %esi\n"
        " movl %esp, %esp\n ljmpl *8(%rsp)\n"
        " .code32\n"
        "1: vmmcall\n ljmpl *(%esp)\n"
        "2: vmcall\n ljmpl *(%esp)\n"
        " .code64\n"
        "3: movslq %esp, %rsp\n"
        " leaq 4f(%rip), %rcx\n movslq %ecx, %rcx\n jmp *%rcx\n"
        "4: cltq\n addq $16, %rsp\n popq %rbp\n popq %rbx\n ret\n");
_Static_assert(KERNEL_CS == 0xe030 && HVM_CS32 == 0xe050, "hvm_call32");

uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- interrupts ---- */

void hvm_x2apic(void)
{
    hvm_wrmsr(0x1b, hvm_rdmsr(0x1b) | 0xc00);
    hvm_wrmsr(X2APIC_SVR, 0x1ff);
}

static void (*vector_fn[16])(void);

static void vector_entry(unsigned int index);
#define VECTOR_GATE(n)                                                                             \
    static void __attribute__((interrupt)) gate_##n(void *frame unused)                            \
    {                                                                                              \
        vector_entry(n);                                                                           \
    }
VECTOR_GATE(0)
VECTOR_GATE(1)
VECTOR_GATE(2)
VECTOR_GATE(3)

static void vector_entry(unsigned int index)
{
    vector_fn[index]();
}

void hvm_vector(unsigned int vector, void (*fn)(void))
{
    void (*const gates[4])(void *) = {gate_0, gate_1, gate_2, gate_3};

    vector_fn[vector - 0x40] = fn;
    set_gate(vector, (uint64_t)gates[vector - 0x40], 0);
}

static void end_only(void)
{
    hvm_wrmsr(X2APIC_EOI, 0);
}

void hvm_vectors_ignore(void)
{
    vector_fn[0] = end_only;
    for (unsigned int vector = 16; vector < 256; vector++) /* the APIC's, some exceptions' too */
        if (vector != HVM_UPCALL_VECTOR)
            set_gate(vector, (uint64_t)gate_0, 0);
}

/* ---- the second vCPU ---- */

static void (*second_fn)(void);

static void second_main(void)
{
    cpu_self()->id = 1;
    load_table(false, (uint64_t)gdt_page - GDT_FIRST, GDT_FIRST + 0xfff);
    load_table(true, (uint64_t)idt, sizeof(idt) - 1);
    /* the segments it began with came from nowhere */
    __asm__ volatile("movl %0, %%ss\n movl %0, %%ds\n movl %0, %%es\n"
                     "pushq %1\n leaq 1f(%%rip), %%rax\n pushq %%rax\n lretq\n1:" ::"r"(HVM_SS),
                     "r"((uint64_t)KERNEL_CS)
                     : "rax", "memory");
    second_fn();
}

void hvm_second_context(struct vcpu_hvm_context *c, void (*fn)(void))
{
    static char *stack;
    uint64_t cr3;

    if (!stack)
        stack = pages_aligned(STACK_BYTES / PAGE_BYTES, STACK_BYTES);
    second_fn = fn;
    __asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
    *c = (struct vcpu_hvm_context){.mode = VCPU_HVM_MODE_64B};
    c->cpu_regs.x86_64.rip = (uint64_t)guest_thread;
    c->cpu_regs.x86_64.rax = (uint64_t)second_main;
    c->cpu_regs.x86_64.rsp = (uint64_t)stack + STACK_BYTES;
    c->cpu_regs.x86_64.rflags = 2;
    c->cpu_regs.x86_64.cr0 = CR0_START;
    c->cpu_regs.x86_64.cr3 = cr3;
    c->cpu_regs.x86_64.cr4 = CR4_START;
    c->cpu_regs.x86_64.efer = EFER_START;
}

void hvm_second(void (*fn)(void))
{
    struct vcpu_hvm_context start;

    hvm_second_context(&start, fn);
    if (hc_vcpu_op(VCPUOP_initialise, 1, &start) || hc_vcpu_op(VCPUOP_up, 1, NULL))
        test_fail(__FILE__, __LINE__, "no second vCPU");
}
