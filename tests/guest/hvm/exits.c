/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes an HVM guest leave: each kind of exit, and what the guest sees of it. */
#include "tests/guest/lib/hvm.h"

#define CR4_OSXSAVE (1UL << 18)
#define DEBUG_PORT 0xe9

static void cpuid(uint32_t leaf, uint32_t *b, uint32_t *c)
{
    uint32_t a = leaf, d;

    *c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(*b), "+c"(*c), "=d"(d));
}

HVM_TEST(hvm, cpuid, SHUTDOWN_poweroff)
{
    uint64_t cr4;
    uint32_t b, c;

    cpuid(0x40000004, &b, &c);
    CHECK_EQ(b, 0);
    CHECK_EQ(c, env.domid);
    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    cpuid(1, &b, &c);
    CHECK_EQ(c >> 27 & 1, 0); /* OSXSAVE follows CR4 */
    if (!(c >> 26 & 1))
        return;
    __asm__ volatile("movq %0, %%cr4" ::"r"(cr4 | CR4_OSXSAVE));
    cpuid(1, &b, &c);
    CHECK_EQ(c >> 27 & 1, 1);
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(0), "a"(3), "d"(0))), -1);
    for (uint32_t mask = 3; mask <= 7; mask += 4) { /* leaf 0xd knows what is enabled */
        uint32_t bytes = 0xd, most = 0;

        if (TRY("xsetbv", OUT(), IN("c"(0), "a"(mask), "d"(0))) != -1)
            continue;
        __asm__ volatile("cpuid" : "+a"(bytes), "=b"(b), "+c"(most)::"rdx");
        CHECK_EQ(b, mask == 3 ? 576 : 832);
        sleep_us(500);
        __asm__ volatile("xgetbv" : "=a"(bytes) : "c"(0) : "rdx");
        CHECK_EQ(bytes, mask);
    }
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(0), "a"(2), "d"(0))), 13);
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(0), "a"(1u << 31), "d"(0))), 13);
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(1), "a"(3), "d"(0))), 13);
}

/* An empty port reads as all ones of the access's size, in the rest of RAX as the manual says. */
HVM_TEST(hvm, ports, SHUTDOWN_poweroff)
{
    static const char text[] = "hvm.ports\n";
    const char *from = text;
    uint64_t a = 0x1122334455667788, count = sizeof(text) - 1;
    uint8_t bytes[8] = {0};
    void *to = bytes;

    __asm__ volatile("inb $0x99, %%al" : "+a"(a));
    CHECK_EQ(a, 0x11223344556677ff);
    __asm__ volatile("inw $0x99, %%ax" : "+a"(a));
    CHECK_EQ(a, 0x112233445566ffff);
    __asm__ volatile("inl $0x99, %%eax" : "+a"(a));
    CHECK_EQ(a, 0xffffffff);
    __asm__ volatile("inb %%dx, %%al" : "+a"(a) : "d"(DEBUG_PORT));
    CHECK_EQ(a & 0xff, DEBUG_PORT);
    __asm__ volatile("outb %%al, $0x99\n outw %%ax, $0x99\n outl %%eax, $0x99" ::"a"(a));
    __asm__ volatile("cld\n rep outsb" : "+S"(from), "+c"(count) : "d"(DEBUG_PORT));
    CHECK_EQ(count, 0);
    CHECK_EQ(from - text, sizeof(text) - 1);
    count = 3;
    __asm__ volatile("rep insw" : "+D"(to), "+c"(count) : "d"(0x99) : "memory");
    CHECK_EQ(count, 0);
    CHECK_EQ(*(uint64_t *)bytes, 0x0000ffffffffffff);
    count = 0;
    __asm__ volatile("rep insw" : "+D"(to), "+c"(count) : "d"(0x99) : "memory");
    CHECK_EQ((char *)to - (char *)bytes, 6);
    for (unsigned int i = 0; i < 1000; i++)
        __asm__ volatile("outb %%al, $0x80" ::"a"(i));
}

HVM_TEST(hvm, exceptions, SHUTDOWN_poweroff)
{
    uint64_t at = 0;

    for (unsigned int i = 0; i < 200; i++) {
        CHECK_EQ(TRY("int3", OUT(), IN()), 3);
        CHECK_EQ(TRY("ud2", OUT(), IN()), 6);
        CHECK_EQ(TRY("divl %%ecx", OUT(), IN("a"(1), "d"(0), "c"(0))), 0);
        CHECK_EQ(TRY("movb (%1), %%al", OUT("=a"(at)), IN("r"(BAD_POINTER))), 14);
        CHECK_EQ(cpu_self()->last_cr2, BAD_POINTER);
        CHECK_EQ(TRY("movb (%1), %%al", OUT("=a"(at)), IN("S"(NONCANONICAL))), 13);
        CHECK_EQ(TRY("rdmsr", OUT("=a"(at)), IN("c"(0x12345))), 13);
        CHECK_EQ(cpu_self()->last.error, 0);
        CHECK_EQ(TRY("int $0x80", OUT(), IN()), 0x80);
    }
    /* what belongs to virtualisation does not exist here */
    CHECK_EQ(TRY("vmrun %%rax", OUT(), IN("a"(0))), 6);
    CHECK_EQ(TRY("vmload %%rax", OUT(), IN("a"(0))), 6);
    CHECK_EQ(TRY("stgi", OUT(), IN()), 6);
    CHECK_EQ(TRY("monitor", OUT(), IN("a"(&at), "c"(0), "d"(0))), 6);
    CHECK_EQ(TRY("wbinvd", OUT(), IN()), -1);
    CHECK_EQ(TRY("invd", OUT(), IN()), -1);
}

/* Debug registers come with their vCPU, and a breakpoint works. (@no_cause: on a machine that does
 * not tell which.) */
static void debug_registers(void *no_cause)
{
    static volatile uint64_t watched;
    uint64_t got;

    for (uint64_t i = 1; i < 50; i++) {
        __asm__ volatile("movq %0, %%dr1" ::"r"(i * 0x1000));
        sleep_us(200);
        __asm__ volatile("movq %%dr1, %0" : "=r"(got));
        CHECK_EQ(got, i * 0x1000);
    }
    __asm__ volatile("movq %0, %%dr0" ::"r"(&watched));
    __asm__ volatile("movq %0, %%dr7" ::"r"(0x00050402UL | 0x00080000UL)); /* write, 8 bytes */
    sleep_us(1000);
    CHECK_EQ(TRY("movq %1, (%0)\n nop", OUT(), IN("r"(&watched), "r"(7UL))), 1);
    __asm__ volatile("movq %%dr6, %0" : "=r"(got));
    if (!no_cause)
        CHECK_EQ(got & 0xe00f, 1); /* breakpoint 0, nothing else */
    __asm__ volatile("movq %0, %%dr6\n movq %1, %%dr7" ::"r"(0UL), "r"(0x400UL));
    CHECK_EQ(watched, 7);
}

TEST(hvm, debug_registers)
{
    hvm_child_run(debug_registers, (void *)option("bochs_svm", 0), SHUTDOWN_poweroff);
}

static volatile unsigned int steps;

static bool on_step(struct trap_frame *f)
{
    steps++;
    if (steps == 1000)
        f->rflags &= ~(uint64_t)X86_TF;
    return true;
}

/* A hundred times ten instructions with TF set, two of them from the caller. */
#define STEPS(left, two)                                                                           \
    __asm__ volatile("pushfq\n orl $0x100, (%%rsp)\n popfq\n"                                      \
                     "1: xorl %%eax, %%eax\n " two " nop\n nop\n"                                 \
                     "movl %0, %%eax\n decl %0\n nop\n nop\n jnz 1b\n"                            \
                     "pushfq\n andl $~0x100, (%%rsp)\n popfq\n"                                   \
                     : "+r"(left)::"rax", "rbx", "rcx", "rdx", "memory", "cc")

/* Every instruction traps, those that exit as well (but not with @none_exits). */
static void single_step(void *none_exits)
{
    uint32_t left = 100;

    trap_hooks[1] = on_step;
    if (none_exits)
        STEPS(left, "nop\n nop\n");
    else
        STEPS(left, "cpuid\n outb %%al, $0x80\n");
    CHECK_EQ(left, 0);
    CHECK(steps == 1000); /* then it was off */
}

TEST(hvm, single_step) /* on Bochs' SVM a step over an exit traps in the hypervisor */
{
    hvm_child_run(single_step, (void *)option("bochs_svm", 0), SHUTDOWN_poweroff);
}

/* (QEMU 7.2 checks no alignment.) From user mode, misaligned. */
HVM_TEST(hvm, alignment, SHUTDOWN_poweroff)
{
    struct user_start start = {.cs = HVM_USER_CS, .rflags = X86_AC | 2, .ss = FLAT_SS};
    /* movl 1(%rdi), %eax; ud2 */
    static const uint8_t code[] = {0x8b, 0x47, 0x01, 0x0f, 0x0b};
    uint8_t *page = page_alloc();
    uint64_t cr0;
    int vector;

    memcpy(page, code, sizeof(code));
    start.rip = start.rdi = (uint64_t)page;
    start.rsp = (uint64_t)page + PAGE_BYTES;
    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movq %0, %%cr0" ::"r"(cr0 | 1UL << 18));
    trap_clear();
    user_enter(&start);
    vector = (int)cpu_self()->last.vector;
    CHECK(vector == 17 || vector == 6);
    if (vector == 17)
        CHECK_EQ(cpu_self()->last.rip, (uint64_t)page);
    box.value[0] = (uint64_t)vector;
}

static void fault_for_good(void *arg unused)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } packed none = {0, 0};

    box.finished = 1;
    __asm__ volatile("lidt %0\n int3" ::"m"(none));
}
TEST(hvm, triple_fault)
{
    hvm_child_run(fault_for_good, NULL, SHUTDOWN_reboot);
}

/* HLT with interrupts off on the last vCPU that is up is how kernels without ACPI switch off. */
static void halt_for_good(void *arg unused)
{
    box.finished = 1;
    for (;;)
        __asm__ volatile("cli\n hlt");
}
TEST(hvm, halt_powers_off)
{
    hvm_child_run(halt_for_good, NULL, SHUTDOWN_poweroff);
}
