/* SPDX-License-Identifier: BSD-2-Clause */
/* Privileged instructions of the guest's kernel, which the hypervisor carries out or refuses. */
#include "tests/guest/lib/child.h"

#define LAST (&cpu_self()->last)

#define MSR_EFER 0xc0000080
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_PAT 0x277
#define MSR_APIC_BASE 0x1b

static int try_rdmsr(uint32_t msr, uint64_t *value)
{
    uint32_t low = 0, high = 0;
    int vector = TRY("rdmsr", OUT("+a"(low), "+d"(high)), IN("c"(msr)));

    *value = (uint64_t)high << 32 | low;
    return vector;
}

static int try_wrmsr(uint32_t msr, uint64_t value)
{
    return TRY("wrmsr", OUT(), IN("c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))));
}

TEST(cpu, control_registers)
{
    uint64_t value = 0;

    CHECK_EQ(TRY("movq %%cr0, %[v]", OUT([v] "=r"(value)), IN()), -1);
    CHECK_EQ(value & 0x80000001, 0x80000001);
    CHECK_EQ(TRY("movq %%cr4, %[v]", OUT([v] "=r"(value)), IN()), -1);
    CHECK_EQ(value & 0x620, 0x620);      /* PAE, OSFXSR, OSXMMEXCPT */
    CHECK_EQ(value & 0x323890, 0);       /* PSE PGE VMXE SMXE UMIP PCIDE SMEP SMAP LA57 */
    CHECK_EQ(TRY("movq %[v], %%cr4", OUT(), IN([v] "r"(value))), -1);
    CHECK_EQ(TRY("movq %%cr3, %[v]", OUT([v] "=r"(value)), IN()), -1);
    CHECK_EQ(value, va_mfn((void *)env.l4_va) << PAGE_SHIFT);
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(BAD_POINTER))), 14);
    CHECK_EQ(TRY("movq %%cr2, %[v]", OUT([v] "=r"(value)), IN()), -1);
    CHECK_EQ(value, BAD_POINTER);
    CHECK_EQ(TRY("movq %[v], %%cr2", OUT(), IN([v] "r"(0x777UL))), -1);
    CHECK_EQ(vcpu_info()->arch.cr2, 0x777);
    CHECK_EQ(TRY("movq %%cr8, %[v]", OUT([v] "=r"(value)), IN()), 13);
}

TEST(cpu, task_switched)
{
    uint64_t value = 0;

    CHECK_EQ(hc_fpu_taskswitch(1), 0);
    CHECK_EQ(TRY("movq %%cr0, %[v]", OUT([v] "=r"(value)), IN()), -1);
    CHECK_EQ(value & 8, 8);
    CHECK_EQ(TRY("fnop", OUT(), IN()), 7);
    CHECK_EQ(hc_fpu_taskswitch(1), 0);
    CHECK_EQ(TRY("clts", OUT(), IN()), -1);
    CHECK_EQ(TRY("fnop", OUT(), IN()), -1);
    CHECK_EQ(TRY("movq %%cr0, %[v]\n orq $8, %[v]\n movq %[v], %%cr0", OUT([v] "=&r"(value)),
                 IN()), -1);
    CHECK_EQ(TRY("fnop", OUT(), IN()), 7);
    CHECK_EQ(hc_fpu_taskswitch(0), 0);
    CHECK_EQ(TRY("fnop", OUT(), IN()), -1);
}

/* The CPU is given to another, and given back. */
static void child_task_switched(void *arg unused)
{
    CHECK_EQ(TRY("fnop", OUT(), IN()), -1);
    CHECK_EQ(hc_fpu_taskswitch(1), 0);
    for (unsigned int i = 0; i < 3; i++) {
        sleep_us(3000);
        CHECK_EQ(TRY("fnop", OUT(), IN()), 7);
    }
}

TEST(cpu, task_switched_while_away)
{
    CHECK_EQ(hc_fpu_taskswitch(1), 0);
    child_run(child_task_switched, NULL, SHUTDOWN_poweroff);
    CHECK_EQ(TRY("fnop", OUT(), IN()), 7);
    CHECK_EQ(hc_fpu_taskswitch(0), 0);
    child_run(child_task_switched, NULL, SHUTDOWN_poweroff);
    CHECK_EQ(TRY("fnop", OUT(), IN()), -1);
}

TEST(cpu, cpuid_forced)
{
    uint32_t a = 1, b = 0, c = 0, d = 0;

    CHECK_EQ(TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n cpuid",
                 OUT("+a"(a), "=b"(b), "+c"(c), "=d"(d)), IN()), -1);
    CHECK_EQ(c & (1u << 5 | 1u << 21 | 1u << 17), 0); /* VMX, x2APIC?, PCID */
    CHECK_EQ(d & (1u << 3 | 1u << 13), 0);            /* PSE, PGE */
    a = 0x40000000;
    c = 0;
    CHECK_EQ(TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n cpuid",
                 OUT("+a"(a), "=b"(b), "+c"(c), "=d"(d)), IN()), -1);
    CHECK_EQ(b, 0x566e6558); /* XenV */
    CHECK_EQ(c, 0x65584d4d);
    CHECK_EQ(d, 0x4d4d566e);
    CHECK(a >= 0x40000002);
    a = 0x40000001;
    c = 0;
    CHECK_EQ(TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n cpuid",
                 OUT("+a"(a), "=b"(b), "+c"(c), "=d"(d)), IN()), -1);
    CHECK_EQ(a, 4 << 16 | 17);
}

TEST(cpu, msr_bases)
{
    static uint64_t word = 0xabcdef;
    uint64_t value;

    CHECK_EQ(try_wrmsr(MSR_GS_BASE, (uint64_t)&word), -1);
    CHECK_EQ(try_rdmsr(MSR_GS_BASE, &value), -1);
    CHECK_EQ(value, (uint64_t)&word);
    __asm__ volatile("movq %%gs:0, %0" : "=r"(value));
    CHECK_EQ(value, 0xabcdef);
    CHECK_EQ(try_wrmsr(MSR_FS_BASE, (uint64_t)&word), -1);
    __asm__ volatile("movq %%fs:0, %0" : "=r"(value));
    CHECK_EQ(value, 0xabcdef);
    CHECK_EQ(try_wrmsr(MSR_GS_BASE, NONCANONICAL), 13);
    CHECK_EQ(try_wrmsr(MSR_FS_BASE, NONCANONICAL), 13);
    CHECK_EQ(try_wrmsr(MSR_GS_BASE, 0), -1);
    CHECK_EQ(try_wrmsr(MSR_FS_BASE, 0), -1);
}

TEST(cpu, msr_list)
{
    uint64_t value;

    CHECK_EQ(try_rdmsr(MSR_EFER, &value), -1);
    CHECK_EQ(value & 0x501, 0x501); /* SCE, LME, LMA */
    CHECK_EQ(try_rdmsr(MSR_PAT, &value), -1);
    CHECK_EQ(value, 0x0000050100070406);
    CHECK_EQ(try_rdmsr(MSR_APIC_BASE, &value), -1);
    CHECK_EQ(try_rdmsr(0xc0000fff, &value), 13);
    CHECK_EQ(try_rdmsr(0x12345678, &value), 13);
    CHECK_EQ(try_wrmsr(0x12345678, 0), 13);
    /* the hypervisor's own entry points stay where they are */
    (void)try_wrmsr(0xc0000082, 0);
    (void)try_wrmsr(0xc0000081, 0);
    (void)try_wrmsr(0xc0000084, ~0UL);
    (void)try_wrmsr(MSR_EFER, 0);
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}

TEST(cpu, xsetbv)
{
    uint32_t low = 0, high = 0;
    uint64_t cr4 = 0;

    CHECK_EQ(TRY("movq %%cr4, %[v]", OUT([v] "=r"(cr4)), IN()), -1);
    cr4 |= 1u << 18; /* OSXSAVE */
    CHECK_EQ(TRY("movq %[v], %%cr4", OUT(), IN([v] "r"(cr4))), -1);
    if (TRY("xgetbv", OUT("=a"(low), "=d"(high)), IN("c"(0))) != -1)
        return; /* no XSAVE here */
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(0), "a"(low | 3), "d"(high))), -1);
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(0), "a"(0), "d"(0))), 13);    /* x87 must be on */
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(0), "a"(5), "d"(0))), 13);    /* AVX without SSE */
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(0), "a"(~0u), "d"(~0u))), 13);
    CHECK_EQ(TRY("xsetbv", OUT(), IN("c"(1), "a"(3), "d"(0))), 13);
    CHECK_EQ(TRY("xgetbv", OUT("=a"(low), "=d"(high)), IN("c"(0))), -1);
    CHECK_EQ(low & 3, 3);
}

TEST(cpu, port_io)
{
    struct physdev_set_iopl iopl = {.iopl = 1};
    uint8_t value = 0;

    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0);
    CHECK_EQ(TRY("outb %%al, $0x80", OUT(), IN("a"(0))), -1);
    CHECK_EQ(TRY("inb $0x61, %%al", OUT("=a"(value)), IN()), -1);
    /* the interrupt controller is the hypervisor's: reads are all ones, writes go nowhere */
    CHECK_EQ(TRY("outb %%al, $0x20", OUT(), IN("a"(0x11))), -1);
    iopl.iopl = 4;
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), -EINVAL);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, BAD_POINTER), -EFAULT);
}

static void user_in(void)
{
    __asm__ volatile("inb $0x61, %%al\n ud2" ::: "rax");
}

/* The right to ports is the kernel's; its programs have those of a bitmap in its memory. */
TEST(cpu, port_io_of_user_mode)
{
    struct physdev_set_iopl iopl = {.iopl = 1};
    struct physdev_set_iobitmap map = {.nr_ports = 0x100};
    struct branch b;
    uint8_t *bitmap = page_alloc(), value;

    events_enable(true); /* what is pending now is not to come in user mode */
    events_enable(false);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0);
    CHECK_EQ(TRY("inb $0x61, %%al", OUT("=a"(value)), IN()), -1);
    CHECK_EQ(user_run(user_in, 0), 13);
    CHECK_EQ(TRY("inb $0x61, %%al", OUT("=a"(value)), IN()), -1);
    /* the bitmap is where only the kernel's tables reach */
    NEED(branch_make(&b, 5));
    CHECK_EQ(hc_update_va_mapping(b.va, pte(va_mfn(bitmap), PTE_RO_FLAGS), UVMF_INVLPG), 0);
    set_xen_guest_handle(map.bitmap, (uint8_t *)b.va);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iobitmap, &map), 0);
    CHECK_EQ(user_run(user_in, 0), 6);
    bitmap[0x61 / 8] = 1 << (0x61 % 8);
    CHECK_EQ(user_run(user_in, 0), 13);
    map.nr_ports = 0;
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iobitmap, &map), 0);
    bitmap[0x61 / 8] = 0;
    CHECK_EQ(user_run(user_in, 0), 13);
    CHECK_EQ(hc_update_va_mapping(b.va, 0, UVMF_INVLPG), 0);
    branch_drop(&b);
}

TEST(cpu, halt_waits_for_event)
{
    struct vcpu_set_periodic_timer tick = {.period_ns = 2000000};
    long port = port_bind_virq(VIRQ_TIMER, 0);
    int halted;

    NEED(port > 0 && port < 1024);
    event_ports_seen[port] = 0;
    /* again and again: on a busy machine the first one may come before the HLT */
    CHECK_EQ(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &tick), 0);
    events_enable(true);
    /* carried out as "wait for an event", or refused: never a stop of the CPU */
    halted = TRY("hlt", OUT(), IN());
    events_enable(false);
    CHECK(halted == 13 || (halted == -1 && event_ports_seen[port] > 0));
    CHECK_EQ(hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
}

TEST(cpu, harmless_instructions)
{
    struct physdev_set_iopl iopl = {.iopl = 1};

    CHECK_EQ(TRY("wbinvd", OUT(), IN()), -1);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0);
    CHECK_EQ(TRY("cli", OUT(), IN()), -1);
    CHECK_EQ(TRY("sti", OUT(), IN()), -1);
    iopl.iopl = 0;
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0);
    CHECK_EQ(TRY("cli", OUT(), IN()), 13);
    CHECK_EQ(TRY("sti", OUT(), IN()), 13);
    CHECK_EQ(TRY("swapgs", OUT(), IN()), 13);
    CHECK_EQ(TRY("lgdt (%[p])", OUT(), IN([p] "r"(image_start))), 13);
    CHECK_EQ(TRY("lidt (%[p])", OUT(), IN([p] "r"(image_start))), 13);
    CHECK_EQ(TRY("ltr %[s]", OUT(), IN([s] "r"((uint16_t)0xe040))), 13);
    CHECK_EQ(TRY("sysretq", OUT(), IN()), 13);
    CHECK_EQ(TRY("invd", OUT(), IN()), 13);
}

/* ---- a child's rights are smaller ---- */

static void child_instructions(void *arg unused)
{
    struct physdev_set_iopl iopl = {.iopl = 1};
    uint8_t value = 0;
    uint64_t msr;

    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0);
    CHECK_EQ(TRY("inb $0x61, %%al", OUT("=a"(value)), IN()), -1);
    CHECK_EQ(value, 0xff);
    CHECK_EQ(TRY("outb %%al, $0x64", OUT(), IN("a"(0xfe))), -1); /* would reset the machine */
    CHECK_EQ(try_rdmsr(0x12345678, &msr), 13);
    CHECK_EQ(try_wrmsr(MSR_PAT, 0), 13);
    iopl.iopl = 0;
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0);
    CHECK_EQ(TRY("inb $0x61, %%al", OUT("=a"(value)), IN()), 13);
}

TEST(cpu, child_instructions)
{
    child_run(child_instructions, NULL, SHUTDOWN_poweroff);
}

/* ---- the register RDTSCP reads ---- */

#define MSR_TSC_AUX 0xc0000103

static uint32_t rdtscp_aux(void)
{
    uint32_t aux;

    __asm__ volatile("rdtscp" : "=c"(aux)::"rax", "rdx");
    return aux;
}

static void child_tsc_aux(void *arg unused)
{
    CHECK_EQ(rdtscp_aux(), 0);
    CHECK_EQ(try_wrmsr(MSR_TSC_AUX, 0x1234), -1);
    sleep_us(3000);
    CHECK_EQ(rdtscp_aux(), 0x1234);
}

TEST(cpu, tsc_aux_of_two_domains)
{
    uint64_t value;

    if (try_rdmsr(MSR_TSC_AUX, &value) != -1) /* not for guests on this CPU */
        return;
    CHECK_EQ(try_wrmsr(MSR_TSC_AUX, 0x777), -1);
    CHECK_EQ(try_wrmsr(MSR_TSC_AUX, 1UL << 32), 13);
    for (unsigned int i = 0; i < 2; i++) {
        child_run(child_tsc_aux, NULL, SHUTDOWN_poweroff);
        CHECK_EQ(rdtscp_aux(), 0x777);
    }
    CHECK_EQ(try_wrmsr(MSR_TSC_AUX, 0), -1);
}

/* ---- FPU state of two domains ---- */

static void fill_sse(uint64_t seed)
{
    uint64_t words[4] = {seed, ~seed, seed * 3, seed * 5};

    __asm__ volatile("movups (%0), %%xmm0\n movups 16(%0), %%xmm7\n movups (%0), %%xmm15\n"
                     "fninit\n fldl (%0)"
                     ::"r"(words)
                     : "memory");
}

static bool sse_holds(uint64_t seed)
{
    uint64_t words[6];

    __asm__ volatile("movups %%xmm0, (%0)\n movups %%xmm7, 16(%0)\n movups %%xmm15, 32(%0)"
                     ::"r"(words)
                     : "memory");
    return words[0] == seed && words[1] == ~seed && words[2] == seed * 3 && words[3] == seed * 5 &&
           words[4] == seed && words[5] == ~seed;
}

static void child_fpu(void *arg)
{
    uint64_t seed = (uint64_t)arg;
    uint32_t mxcsr = 0;

    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    CHECK_EQ(mxcsr, 0x1f80);
    fill_sse(seed);
    for (unsigned int i = 0; i < 300; i++) {
        (void)hc_sched_op(SCHEDOP_yield, NULL);
        if (!sse_holds(seed)) {
            CHECK_EQ(i, -1);
            break;
        }
    }
}

TEST(cpu, fpu_of_two_domains)
{
    struct child_options a = {.arg = (void *)0x1111222233334444},
                         b = {.arg = (void *)0x9999aaaabbbbcccc};
    struct child *one = child_make(child_fpu, &a), *two;

    NEED(one);
    two = child_make(child_fpu, &b);
    NEED(two);
    fill_sse(0x5555);
    for (unsigned int i = 0; i < 300; i++)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    CHECK(sse_holds(0x5555));
    CHECK_EQ(child_wait(one, 20), SHUTDOWN_poweroff);
    CHECK_EQ(child_wait(two, 20), SHUTDOWN_poweroff);
    CHECK(sse_holds(0x5555));
}
