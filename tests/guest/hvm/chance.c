/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that do what they like, each from another seed: devices in memory, control registers,
 * instructions by chance on memory of devices, code and tables that change under the hypervisor's
 * eyes. They may die of it, nobody else. `rounds=N` makes more of them.
 */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/hvm_vcpu.h>

#define NOBODY_GFN 0x40000
#define IOAPIC_GFN 0xfec00
#define HPET_GFN   0xfed00
#define LAPIC_GFN  0xfee00

static uint64_t seed;

/* ---- the local APIC and the other devices in memory ---- */

static volatile uint8_t *map_page(uint64_t gfn)
{
    volatile uint8_t *page = page_alloc();

    hvm_map(page, gfn, PTE_RW_FLAGS);
    return page;
}

static void access(volatile uint8_t *at, bool write)
{
    uint64_t value = draw(&seed) >> (draw(&seed) & 63);

    switch (draw(&seed) & 3) {
    case 0:
        write ? (void)(*at = (uint8_t)value) : (void)*at;
        break;
    case 1:
        write ? (void)(*(volatile uint16_t *)at = (uint16_t)value) : (void)*(volatile uint16_t *)at;
        break;
    case 2:
        write ? (void)(*(volatile uint32_t *)at = (uint32_t)value) : (void)*(volatile uint32_t *)at;
        break;
    default:
        write ? (void)(*(volatile uint64_t *)at = value) : (void)*(volatile uint64_t *)at;
        break;
    }
}

/* Every offset in every size, aligned or not; commands of the local APIC only where @wild. */
static void registers(volatile uint8_t *page, bool wild)
{
    for (uint32_t at = 0; at < PAGE_BYTES - 8; at++)
        for (unsigned int i = 0; i < 4; i++) {
            access(page + at, false);
            if (wild || at + 8 < 0x300 || at >= 0x320)
                access(page + at, true);
        }
}

HVM_TEST(hvm, apic_registers, SHUTDOWN_poweroff)
{
    seed = 17;
    registers(map_page(LAPIC_GFN), false);
}

/* All commands too: INIT and NMI to itself, whatever else. */
static void apic_commands(void *arg unused)
{
    volatile uint8_t *page = map_page(LAPIC_GFN);

    *(volatile uint32_t *)(page + 0xf0) = 0x1ff;
    registers(page, true);
    for (;; box.step++)
        access(page + (draw(&seed) % 2 ? 0x300 : draw(&seed) & 0xff8), true);
}

static void board_registers(void *arg unused)
{
    volatile uint8_t *const pages[] = {map_page(HPET_GFN), map_page(IOAPIC_GFN)};

    for (;; box.step++) {
        volatile uint8_t *page = pages[draw(&seed) % 2];

        access(page + (draw(&seed) % 2 ? draw(&seed) & 0x1f8 : draw(&seed) & 0x1ff),
               draw(&seed) % 4);
    }
}

/* The hypercall page's register with any value: the guest's own memory may be overwritten. */
static void hypercall_pages(void *arg unused)
{
    for (box.step = 0; box.step < 20000; box.step++) {
        uint64_t value = draw(&seed) >> (draw(&seed) & 63);

        (void)TRY("wrmsr", OUT(), IN("c"(0x40000000), "a"((uint32_t)value),
                                     "d"((uint32_t)(value >> 32))));
    }
    child_exit();
}

/* Those as well, and whatever else ends a guest. */
static void registers_by_chance(void *arg unused)
{
    for (;; box.step++) {
        uint64_t value = draw(&seed) & draw(&seed), now;

        __asm__ volatile("movq %%cr0, %0" : "=r"(now));
        if (draw(&seed) % 2)
            (void)TRY("movq %0, %%cr0", OUT(), IN("r"(now ^ (value & ~1UL))));
        __asm__ volatile("movq %%cr4, %0" : "=r"(now));
        if (draw(&seed) % 2)
            (void)TRY("movq %0, %%cr4", OUT(), IN("r"(now ^ value)));
        if (draw(&seed) % 64 == 0)
            (void)TRY("movq %0, %%cr3", OUT(), IN("r"(value)));
    }
}

/* ---- instructions by chance, on memory of devices ---- */

static struct {
    uint64_t rax, rcx, rdx, rbx, rbp, rsi, r8, r9, rdi, code;
} start;

__asm__("fuzz_jump:\n"
        " movq 0(%rdi), %rax\n movq 8(%rdi), %rcx\n movq 16(%rdi), %rdx\n movq 24(%rdi), %rbx\n"
        " movq 32(%rdi), %rbp\n movq 40(%rdi), %rsi\n movq 48(%rdi), %r8\n movq 56(%rdi), %r9\n"
        " movq 72(%rdi), %r10\n movq 64(%rdi), %rdi\n jmp *%r10\n");
extern char fuzz_jump[];

static const uint8_t plain[] = {
    0x00, 0x01, 0x02, 0x03, 0x08, 0x0a, 0x11, 0x13, 0x19, 0x21, 0x23, 0x29, 0x2b, 0x31, 0x33, 0x38,
    0x39, 0x3a, 0x3b, 0x63, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c,
    0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xc0, 0xc1,
    0xc6, 0xc7, 0xd0, 0xd1, 0xd2, 0xd3, 0xf6, 0xf7, 0xfe, 0x6c, 0x6d, 0x6e, 0x6f};
static const uint8_t extended[] = {
    0x01, 0x0d, 0x18, 0x40, 0x44, 0x4f, 0x90, 0x9f, 0xa3, 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xb0,
    0xb1, 0xb3, 0xb6, 0xb7, 0xba, 0xbb, 0xbe, 0xbf, 0xc0, 0xc1, 0xc3, 0xc7};
static const uint8_t prefixes[] = {0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x64, 0x65, 0x26};

static void make_code(uint8_t *code)
{
    static const uint8_t through[] = {3, 6, 7, 0x43, 0x46, 0x47};
    unsigned int at = 0;
    bool any = draw(&seed) % 32 == 0;

    for (unsigned int i = 0; i < 64; i += 2) {
        code[i] = 0x0f;
        code[i + 1] = 0x0b;
    }
    while (draw(&seed) % 3 == 0 && at < 6)
        code[at++] = prefixes[draw(&seed) % ARRAY_SIZE(prefixes)];
    if (draw(&seed) % 2)
        code[at++] = (uint8_t)(0x40 | (draw(&seed) & 15));
    if (any) {
        for (unsigned int i = 0; i < 8; i++)
            code[at++] = (uint8_t)draw(&seed);
        return;
    }
    if (draw(&seed) % 3) {
        code[at++] = plain[draw(&seed) % ARRAY_SIZE(plain)];
    } else {
        code[at++] = 0x0f;
        code[at++] = extended[draw(&seed) % ARRAY_SIZE(extended)];
    }
    /* mostly through a register alone */
    code[at++] = (uint8_t)((draw(&seed) & 0x38) |
                           (draw(&seed) % 4 ? through[draw(&seed) % ARRAY_SIZE(through)]
                                            : draw(&seed) & 0xff));
    for (unsigned int i = 0; i < 3; i++)
        code[at++] = (uint8_t)draw(&seed);
}

static uint64_t place(volatile uint8_t *const *pages, unsigned int count)
{
    uint64_t at = (uint64_t)pages[draw(&seed) % count];

    return at + (draw(&seed) % 4 ? draw(&seed) & 0xff8 : PAGE_BYTES - 1 - (draw(&seed) & 15));
}

static volatile uint8_t *volatile code_page;

static void streams(void *arg)
{
    volatile uint8_t *ram = pages_alloc(2); /* memory, and nothing behind it */
    volatile uint8_t *const pages[] = {map_page(NOBODY_GFN), map_page(LAPIC_GFN),
                                       map_page(HPET_GFN), map_page(IOAPIC_GFN), ram};
    uint8_t *code = page_alloc();

    hvm_map(ram + PAGE_BYTES, NOBODY_GFN + 1, PTE_RW_FLAGS);
    seed = (uint64_t)arg;
    code_page = code;
    for (;; box.step++) {
        make_code(code);
        start.rax = draw(&seed);
        start.rcx = draw(&seed) % 8;
        start.rdx = draw(&seed) & 0xffff;
        start.rbx = place(pages, 5);
        start.rbp = place(pages, 5);
        start.rsi = place(pages, 5);
        start.rdi = place(pages, 5);
        start.r8 = place(pages, 5);
        start.r9 = draw(&seed);
        start.code = (uint64_t)code;
        (void)trap_call((void (*)(void *))fuzz_jump, &start);
    }
}

/* The code and the tables change while the hypervisor looks at them. */
static void changes(void)
{
    uint64_t own = 0x123456789abcdef, *entry = NULL, was = 0;

    for (;;) {
        volatile uint8_t *code = code_page;

        if (!code)
            continue;
        if (!entry) {
            entry = hvm_entry(code);
            was = *entry;
        }
        code[draw(&own) % 12] = (uint8_t)draw(&own);
        if (draw(&own) % 8 == 0) {
            *(volatile uint64_t *)entry = draw(&own) % 2 ? 0 : pte(NOBODY_GFN, PTE_RW_FLAGS);
            *(volatile uint64_t *)entry = was;
        }
    }
}

static void streams_of_two(void *arg)
{
    hvm_second(changes);
    streams(arg);
}

/* ---- a vCPU that is started in two ways at once ---- */

static volatile uint32_t go;

static void starter(void)
{
    hvm_x2apic();
    while (!go)
        __asm__ volatile("pause");
    hvm_wrmsr(X2APIC_ICR, 4UL << 32 | 0x4608); /* a start-up interrupt for vCPU 2 */
    go = 2;
    for (;;)
        __asm__ volatile("pause");
}

static void starts_twice(void *arg)
{
    static struct vcpu_hvm_context c = {.mode = VCPU_HVM_MODE_32B};

    seed = (uint64_t)arg;
    c.cpu_regs.x86_32.cr0 = 0x11;
    c.cpu_regs.x86_32.cs_limit = c.cpu_regs.x86_32.ss_limit = ~0u;
    c.cpu_regs.x86_32.tr_limit = 0x67;
    c.cpu_regs.x86_32.cs_ar = 0xc9b;
    c.cpu_regs.x86_32.ss_ar = c.cpu_regs.x86_32.ds_ar = c.cpu_regs.x86_32.es_ar = 0xc93;
    c.cpu_regs.x86_32.tr_ar = 0x8b;
    hvm_x2apic();
    hvm_second(starter);
    for (uint64_t i = draw(&seed) % 2000; i; i--)
        __asm__ volatile("pause");
    go = 1;
    for (uint64_t i = draw(&seed) % 300; i; i--)
        __asm__ volatile("pause");
    (void)hc_vcpu_op(VCPUOP_initialise, 2, &c);
    (void)hc_vcpu_op(VCPUOP_up, 2, NULL);
    while (go != 2)
        __asm__ volatile("pause");
    child_exit();
}

static void body_of_fresh(void *arg unused)
{
    volatile uint32_t *page = (volatile uint32_t *)map_page(NOBODY_GFN);

    CHECK_EQ(*page, 0xffffffff);
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}

/* Children that do @fn, each from another seed; then all is as it was, and a guest works. */
static void wild(void (*fn)(void *), unsigned int vcpus, uint64_t rounds, unsigned int ms)
{
    struct host_state before;

    for (unsigned int tries = 0; tries < 3; tries++) { /* a pool may have to grow, but not again */
        hvm_child_run(body_of_fresh, NULL, SHUTDOWN_poweroff);
        before = host_state();
        for (uint64_t i = 1; i <= rounds && !test_failing(); i++) {
            struct child_options options = {.hvm = true, .devices = CHILD_BOARD, .vcpus = vcpus,
                                            .pool_pages = 60,
                                            .arg = (void *)(i * 0x9e3779b97f4a7c15)};

            seed = i;
            child_run_wild(fn, &options, ms);
        }
        if (test_failing() || host_same(&before))
            break;
    }
    host_check(&before);
    hvm_child_run(body_of_fresh, NULL, SHUTDOWN_poweroff);
}

TEST(hvm, hypercall_pages)
{
    wild(hypercall_pages, 1, 3, 500);
}

TEST(hvm, registers_by_chance)
{
    wild(registers_by_chance, 1, 2 * option("rounds", 20), 100);
}

TEST(hvm, apic_commands)
{
    wild(apic_commands, 1, 4, 500);
}

TEST(hvm, board_registers)
{
    wild(board_registers, 1, 4, 700);
}

TEST(hvm, starts_twice)
{
    wild(starts_twice, 3, 2 * option("rounds", 20), 200);
}

TEST(hvm, instructions_by_chance)
{
    wild(streams, 1, option("rounds", 20), 300);
}

TEST(hvm, instructions_that_change)
{
    wild(streams_of_two, 2, option("rounds", 20), 300);
}
