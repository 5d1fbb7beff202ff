/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything a guest can say to the processor, right and wrong: all registers, leaves and ports. */
#include "tests/guest/lib/hvm.h"

static uint64_t seed;

/* ---- model-specific registers ---- */

/* What ends the test when it is written: where the local APIC is, long mode, segments, interrupts
 * that reset. */
static bool is_vital(uint32_t msr)
{
    return msr == 0x1b || (msr >= 0xc0000080 && msr <= 0xc0000084) ||
           (msr >= 0xc0000100 && msr <= 0xc0000102) || msr == 0x40000000 || msr == 0x830;
}

static void one_msr(uint32_t msr)
{
    uint32_t low = 0, high = 0;
    int read = TRY("rdmsr", OUT("=a"(low), "=d"(high)), IN("c"(msr))), write = -1;

    if (!is_vital(msr)) {
        uint64_t value = draw(&seed) >> (draw(&seed) & 63);

        write = TRY("wrmsr", OUT(),
                    IN("c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))));
        if (read == -1 && msr != 0x80b && msr != 0x83f) /* as it was, if that is possible */
            (void)TRY("wrmsr", OUT(), IN("c"(msr), "a"(low), "d"(high)));
    }
    if ((read != -1 && read != 13) || (write != -1 && write != 13))
        test_fail(__FILE__, __LINE__, "msr %#x: read %d, write %d", msr, read, write);
}

static void msr_range(uint32_t first, uint32_t last)
{
    for (uint32_t msr = first; msr <= last; msr++)
        one_msr(msr);
}

HVM_TEST(hvm, msrs, SHUTDOWN_poweroff)
{
    seed = 88172645463325252;
    hvm_x2apic();
    /* interrupts are off, but Bochs 2.7 delivers what the virtual APIC holds, whatever IF says,
     * when an interrupt of the host comes */
    hvm_vectors_ignore();
    msr_range(0, 0x1fff);
    msr_range(0x40000000, 0x400001ff);
    msr_range(0xc0000000, 0xc0001fff);
    msr_range(0xc0010000, 0xc0011fff);
    for (unsigned int i = 0; i < 20000; i++)
        one_msr((uint32_t)draw(&seed) >> (draw(&seed) & 15));
    /* those that have to be told apart, with many values */
    for (unsigned int i = 0; i < 20000; i++)
        one_msr((uint32_t[]){0x200, 0x277, 0x2ff, 0x6e0, 0x808, 0x80f, 0x832, 0x838, 0x83e, 0x174,
                             0x10, 0x3b}[draw(&seed) % 12] + (uint32_t)(draw(&seed) & 7));
}

/* ---- CPUID ---- */

static void leaf(uint32_t number, uint32_t sub)
{
    uint32_t b, d;

    __asm__ volatile("cpuid" : "+a"(number), "=b"(b), "+c"(sub), "=d"(d));
}

HVM_TEST(hvm, cpuid_leaves, SHUTDOWN_poweroff)
{
    for (uint32_t sub = 0; sub < 70; sub++)
        for (uint32_t i = 0; i < 0x40; i++) {
            leaf(i, sub);
            leaf(0x40000000 + i, sub);
            leaf(0x80000000 + i, sub);
        }
    for (uint32_t i = 0; i < 0x400; i++) {
        leaf(i, 0);
        leaf(0x40000000 + i, 0);
        leaf(0x80000000 + i, 0);
    }
    seed = 11;
    for (unsigned int i = 0; i < 5000; i++)
        leaf((uint32_t)draw(&seed), (uint32_t)draw(&seed));
}

/* ---- ports ---- */

static uint8_t buffer[64] aligned(64);

/* Each in six ways. The debug port would say much; 0xcf9 and 0x92 nobody has here. */
static void port(uint16_t number)
{
    uint8_t *to = buffer, *from = buffer;
    uint64_t three = 3, four = 4, two = 2;
    uint32_t value = (uint32_t)draw(&seed);

    if (number == 0xe9)
        return;
    __asm__ volatile("inb %%dx, %%al\n inw %%dx, %%ax\n inl %%dx, %%eax\n"
                     "movl %k1, %%eax\n outb %%al, %%dx\n outw %%ax, %%dx\n outl %%eax, %%dx"
                     ::"d"(number), "r"((uint64_t)value)
                     : "rax");
    __asm__ volatile("rep insb" : "+D"(to), "+c"(three) : "d"(number) : "memory");
    __asm__ volatile("rep insw" : "+D"(to), "+c"(four) : "d"(number) : "memory");
    __asm__ volatile("insl" : "+D"(to) : "d"(number) : "memory");
    __asm__ volatile("outsb\n outsw" : "+S"(from) : "d"(number) : "memory");
    __asm__ volatile("rep outsl" : "+S"(from), "+c"(two) : "d"(number) : "memory");
}

static void all_ports(void *arg)
{
    uint32_t stride = (uint32_t)(uint64_t)arg;

    seed = 5;
    for (uint32_t number = 0; number < 0x10000; number += number < 0x500 ? 1 : stride) {
        box.step = number;
        port((uint16_t)number);
    }
    for (unsigned int i = 0; i < 3000; i++) /* the devices' own, in any order */
        port((uint16_t)((uint16_t[]){0x20, 0xa0, 0x40, 0x61, 0x70, 0x4d0, 0xcf8, 0xcfc, 0xb000,
                                     0x1f40}[draw(&seed) % 10] + (draw(&seed) & 3)));
}

TEST(hvm, all_ports)
{
    /* (some minutes: all of them only where there is time) */
    struct child_options options = {.hvm = true, .devices = CHILD_BOARD,
                                    .arg = (void *)(option("rounds", 20) > 20 ? 1UL : 37UL)};

    child_run_with(all_ports, &options, SHUTDOWN_poweroff);
    options.devices = 0;
    options.arg = (void *)997UL;
    child_run_with(all_ports, &options, SHUTDOWN_poweroff);
}

/* A tick each nanosecond is asked for, and at most one each 100 us comes: a CPU serves others
 * besides one guest's timer. */
static volatile uint32_t ticks;

static void on_tick(void)
{
    ticks++;
    hvm_wrmsr(X2APIC_EOI, 0);
}

HVM_TEST(hvm, ticks_without_end, SHUTDOWN_poweroff)
{
    uint64_t begin, most;

    hvm_vector(0x40, on_tick);
    hvm_x2apic();
    hvm_wrmsr(0x83e, 0xb); /* divided by one */
    hvm_wrmsr(0x832, 0x20040);
    begin = now_ns();
    hvm_wrmsr(0x838, 1);
    while (ticks < 2000)
        __asm__ volatile("sti\n hlt\n cli" ::: "memory");
    most = (now_ns() - begin) / 100000 + 1;
    if (ticks > most + most / 8 + 16)
        test_fail(__FILE__, __LINE__, "%u ticks where %lu have room", ticks, most);
}

/* ---- control and debug registers ---- */

/* Bits without which, or with which, our own code does not go on. */
#define CR0_LEFT (1UL << 31 | 1 | 1UL << 16)
/* A processor refuses these, and QEMU 7.2 does not: VMRUN does then, and the guest is crashed. */
#define CR0_QEMU (1UL << 29 | 0xffffffff00000000)
#define CR4_LEFT (1UL << 5 | 1UL << 20 | 1UL << 21)

static bool is_refusal(int vector)
{
    return vector == -1 || vector == 13 || vector == 6;
}

HVM_TEST(hvm, control_registers, SHUTDOWN_poweroff)
{
    uint64_t cr0, cr3, cr4;

    seed = 23;
    __asm__ volatile("movq %%cr0, %0\n movq %%cr3, %1\n movq %%cr4, %2"
                     : "=r"(cr0), "=r"(cr3), "=r"(cr4));
    for (unsigned int i = 0; i < 4000; i++) {
        uint64_t flip = i < 64 ? 1UL << i : draw(&seed) & draw(&seed) >> (draw(&seed) & 63);

        box.step = i;
        CHECK(is_refusal(TRY("movq %0, %%cr0\n movq %1, %%cr0", OUT(),
                             IN("r"(cr0 ^ (flip & ~(CR0_LEFT | CR0_QEMU))), "r"(cr0)))));
        CHECK(is_refusal(TRY("movq %0, %%cr4\n movq %1, %%cr4", OUT(),
                             IN("r"(cr4 ^ (flip & ~CR4_LEFT)), "r"(cr4)))));
        CHECK(is_refusal(TRY("movq %0, %%cr3\n movq %1, %%cr3", OUT(),
                             IN("r"(cr3 ^ (flip & 0x18)), "r"(cr3)))));
        CHECK(is_refusal(TRY("movq %0, %%cr8\n movq %1, %%cr8", OUT(), IN("r"(flip), "r"(0UL)))));
        __asm__ volatile("movq %0, %%cr0\n movq %1, %%cr4\n movq %2, %%cr3" ::"r"(cr0), "r"(cr4),
                         "r"(cr3)
                         : "memory");
    }
    CHECK_EQ(TRY("lmsw %w0", OUT(), IN("r"(cr0 | 0xe))), -1);
    CHECK_EQ(TRY("clts", OUT(), IN()), -1);
    __asm__ volatile("movq %0, %%cr0" ::"r"(cr0));
    CHECK_EQ(TRY("movq %%rax, %%cr1", OUT(), IN("a"(0UL))), 6);
    CHECK_EQ(TRY("movq %%rax, %%cr5", OUT(), IN("a"(0UL))), 6);
    CHECK_EQ(TRY("movq %%rax, %%cr15", OUT(), IN("a"(0UL))), 6);
}

#define DR_WRITE(n, value) TRY("movq %0, %%dr" #n, OUT(), IN("r"(value)))
HVM_TEST(hvm, debug_register_values, SHUTDOWN_poweroff)
{
    uint64_t got;

    seed = 29;
    for (unsigned int i = 0; i < 3000; i++) {
        uint64_t value = i < 64 ? 1UL << i : draw(&seed) >> (draw(&seed) & 63);
        int vector;

        (void)DR_WRITE(0, value);
        (void)DR_WRITE(1, ~value);
        (void)DR_WRITE(2, value);
        (void)DR_WRITE(3, value);
        vector = DR_WRITE(6, value);
        CHECK(vector == (value >> 32 ? 13 : -1) || vector == 1);
        /* breakpoints on our own code may strike at once, and in their handler: none is on */
        vector = DR_WRITE(7, value & ~0xffUL);
        CHECK(vector == (value >> 32 ? 13 : -1) || vector == 1);
        (void)TRY("movq %%dr7, %0", OUT("=r"(got)), IN());
        (void)DR_WRITE(7, 0x400UL);
    }
}

/* ---- instructions that are not a guest's ---- */

#define UNDEFINED(code)                                                                            \
    do {                                                                                           \
        box.step++;                                                                                \
        CHECK_CASE(code, TRY(code, OUT(), IN("a"(0UL), "c"(0UL), "d"(0UL))), 6);                   \
    } while (0)

HVM_TEST(hvm, virtualisation_instructions, SHUTDOWN_poweroff)
{
    static uint64_t memory[4];
    uint32_t low, high;

#define ON(code) CHECK_CASE(code, TRY(code " %0", OUT(), IN("m"(memory))), 6)
    for (unsigned int i = 0; i < 50; i++) {
        box.step = 0;
        ON("vmxon");
        ON("vmclear");
        ON("vmptrld");
        ON("vmptrst");
        UNDEFINED("vmxoff");
        UNDEFINED("vmlaunch");
        UNDEFINED("vmresume");
        UNDEFINED("vmfunc");
        UNDEFINED("vmread %%rax, %%rcx");
        UNDEFINED("vmwrite %%rax, %%rcx");
        CHECK_EQ(TRY("invept %0, %%rax", OUT(), IN("m"(memory), "a"(1UL))), 6);
        CHECK_EQ(TRY("invvpid %0, %%rax", OUT(), IN("m"(memory), "a"(1UL))), 6);
        UNDEFINED("vmrun %%rax");
        UNDEFINED("vmload %%rax");
        UNDEFINED("vmsave %%rax");
        UNDEFINED("stgi");
        UNDEFINED("clgi");
        UNDEFINED(".byte 0x0f, 0x01, 0xde"); /* SKINIT */
        UNDEFINED(".byte 0x0f, 0x01, 0xdf"); /* INVLPGA */
        UNDEFINED("getsec");
        UNDEFINED("rsm");
        UNDEFINED(".byte 0x0f, 0x01, 0xcf"); /* ENCLS */
        CHECK_EQ(TRY("monitor", OUT(), IN("a"(memory), "c"(0UL), "d"(0UL))), 6);
        UNDEFINED("mwait");
        if (env.way == WAY_VMCALL) /* the other vendor's */
            UNDEFINED("vmmcall");
        else
            UNDEFINED("vmcall");
        CHECK_EQ(TRY("rdpmc", OUT(), IN("c"(0UL))), 13);
        CHECK_EQ(TRY("rdpmc", OUT(), IN("c"(0x40000001UL))), 13);
        CHECK_EQ(TRY("rdtsc", OUT("=a"(low), "=d"(high)), IN()), -1);
        CHECK_EQ(TRY("pause", OUT(), IN()), -1);
        CHECK_EQ(TRY("wbinvd", OUT(), IN()), -1);
        CHECK_EQ(TRY("invd", OUT(), IN()), -1);
        CHECK_EQ(TRY("invlpg (%%rax)", OUT(), IN("a"(BAD_POINTER))), -1);
    }
}

/* The same from user mode, where nothing but CPUID comes back with an answer. */
static int in_user_mode(const void *code)
{
    struct user_start start = {.rip = (uint64_t)code, .cs = HVM_USER_CS, .rflags = 2,
                               .ss = FLAT_SS};

    start.rsp = (uint64_t)page_alloc() + PAGE_BYTES;
    start.rdi = start.rsp - 64;
    trap_clear();
    user_enter(&start);
    return cpu_self()->trapped ? (int)cpu_self()->last.vector : -1;
}

HVM_TEST(hvm, user_mode_exits, SHUTDOWN_poweroff)
{
    static const struct {
        uint8_t code[8];
        int vector;
    } cases[] = {
        {{0xf4, 0x0f, 0x0b}, 13},             /* HLT */
        {{0x0f, 0x32, 0x0f, 0x0b}, 13},       /* RDMSR */
        {{0x0f, 0x30, 0x0f, 0x0b}, 13},       /* WRMSR */
        {{0xec, 0x0f, 0x0b}, 13},             /* IN */
        {{0xef, 0x0f, 0x0b}, 13},             /* OUT */
        {{0x6c, 0x0f, 0x0b}, 13},             /* INSB */
        {{0x0f, 0x09, 0x0f, 0x0b}, 13},       /* WBINVD */
        {{0x0f, 0x08, 0x0f, 0x0b}, 13},       /* INVD */
        {{0x0f, 0x20, 0xc0, 0x0f, 0x0b}, 13}, /* MOV from CR0 */
        {{0x0f, 0x22, 0xe0, 0x0f, 0x0b}, 13}, /* MOV to CR4 */
        {{0x0f, 0x23, 0xf8, 0x0f, 0x0b}, 13}, /* MOV to DR7 */
        {{0x0f, 0x01, 0xd1, 0x0f, 0x0b}, 13}, /* XSETBV: or #UD without XSAVE */
        {{0x0f, 0x33, 0x0f, 0x0b}, 13},       /* RDPMC */
        {{0x0f, 0xa2, 0x0f, 0x0b}, 6},        /* CPUID, then our UD2 */
        {{0x0f, 0x01, 0xd9, 0x0f, 0x0b}, 6},  /* VMMCALL */
        {{0x0f, 0x01, 0xc1, 0x0f, 0x0b}, 6},  /* VMCALL */
        {{0x0f, 0x01, 0xd8, 0x0f, 0x0b}, 6},  /* VMRUN: #GP or #UD */
        {{0x0f, 0x01, 0xc2, 0x0f, 0x0b}, 6},  /* VMLAUNCH */
    };
    uint8_t *code = page_alloc();

    for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
        int got;

        memcpy(code, cases[i].code, sizeof(cases[i].code));
        got = in_user_mode(code);
        if (got != cases[i].vector && got != 6 && !(cases[i].code[2] == 0xd8 && got == 13))
            test_fail(__FILE__, __LINE__, "%02x %02x: %d", code[0], code[1], got);
        if (code[1] == 0x01 && (code[2] == 0xd9 || code[2] == 0xc1) &&
            cpu_self()->last.rip == (uint64_t)code + 3)
            CHECK_EQ((long)cpu_self()->last.rax, -EPERM);
    }
}
