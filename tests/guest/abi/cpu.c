/* SPDX-License-Identifier: BSD-2-Clause */
/* What a PV kernel sees of the CPU: CPUID, MSRs, privileged instructions, ports, frames of
 * traps. */
#include "tests/guest/lib/rows.h"

#define LAST (&cpu_self()->last)

/* A trap as one number: vector and error code; "ok" when there was none. */
static void outcome(const char *item, int vector)
{
    if (vector < 0)
        row_text(item, "ok");
    else if (LAST->error)
        row_text(item, "#%d/%#lx", vector, LAST->error);
    else
        row_text(item, "#%d", vector);
}
#define OUTCOME(key, item, code, outputs, inputs)                                                  \
    do {                                                                                           \
        int vector_ = TRY(code, OUT(outputs), IN(inputs));                                         \
        row(key);                                                                                  \
        outcome(item, vector_);                                                                    \
        row_end();                                                                                 \
    } while (0)

/* ---- CPUID: a PV guest's by the forced-emulation prefix ---- */

static void leaf(uint32_t a, uint32_t c)
{
    uint32_t in = a, sub = c, b = 0, d = 0;
    int vector = -1;
    char name[24];

    if (env.way)
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    else
        vector = TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n cpuid",
                     OUT("+a"(a), "=b"(b), "+c"(c), "=d"(d)), IN());
    row("cpuid.%x.%u", in, sub);
    if (vector >= 0) {
        outcome("trap", vector);
    } else {
        format_append(name, sizeof(name), 0, "%#x", a);
        row_text("a", "%#x", a);
        row_text("b", "%#x", b);
        if (!env.way || in != 0x40000004) /* an HVM domain's number */
            row_text("c", "%#x", c);
        row_text("d", "%#x", d);
    }
    row_end();
}

static void cpuid_leaves(void)
{
    for (uint32_t a = 0; a <= 0x20; a++)
        leaf(a, 0);
    for (uint32_t c = 1; c < 4; c++) {
        leaf(4, c);
        leaf(7, c);
        leaf(0xb, c);
        leaf(0xd, c);
    }
    for (uint32_t a = 0x80000000; a <= 0x80000022; a++)
        leaf(a, 0);
    leaf(0x40000000, 0);
    leaf(0x40000001, 0);
    leaf(0x40000002, 0);
    leaf(0x40000004, 0);
    leaf(0x40000005, 0);
    leaf(0x40000006, 0);
    leaf(0x40000100, 0);
    leaf(0x40010000, 0);
    leaf(0xc0000000, 0);
    leaf(0xffffffff, 0);
}

/* ---- MSRs ---- */

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

static const struct {
    uint32_t msr;
    bool no_value; /* of the machine or of the moment */
} msrs[] = {
    {0, 0}, {0x10, 1}, {0x17, 1}, {0x1b, 0}, {0x2c, 1}, {0x34, 0}, {0x3a, 0}, {0x3b, 1}, {0x48, 0},
    {0x49, 0}, {0x79, 0}, {0x8b, 1}, {0xc1, 0}, {0xce, 0}, {0xe7, 1}, {0xe8, 1}, {0xfe, 0},
    {0x10a, 0}, {0x10b, 0}, {0x122, 0}, {0x140, 0}, {0x174, 0}, {0x175, 0}, {0x176, 0}, {0x179, 0},
    {0x17a, 0}, {0x17b, 0}, {0x186, 0}, {0x198, 0}, {0x199, 0}, {0x19a, 0}, {0x19c, 0}, {0x1a0, 0},
    {0x1a2, 0}, {0x1ad, 0}, {0x1b0, 0}, {0x1c9, 0}, {0x1d9, 0}, {0x1fc, 0}, {0x200, 0}, {0x250, 0},
    {0x277, 0}, {0x280, 0}, {0x2ff, 1}, {0x309, 0}, {0x345, 0}, {0x38d, 0}, {0x38f, 0}, {0x391, 0},
    {0x400, 0}, {0x401, 0}, {0x403, 0}, {0x480, 0}, {0x570, 0}, {0x606, 0}, {0x611, 0}, {0x6e0, 0},
    {0x770, 0}, {0x800, 0}, {0x802, 0}, {0x8ff, 0}, {0xc90, 0}, {0xda0, 0}, {0x40000000, 1},
    {0x40000200, 0}, {0xc0000080, 0}, {0xc0000081, 0}, {0xc0000082, 0}, {0xc0000083, 0},
    {0xc0000084, 0}, {0xc0000100, 0}, {0xc0000101, 0}, {0xc0000102, 0}, {0xc0000103, 1},
    {0xc0000104, 0}, {0xc00000e7, 1}, {0xc0000408, 0}, {0xc0010000, 0}, {0xc0010004, 1},
    {0xc0010010, 0}, {0xc0010015, 0}, {0xc001001a, 1}, {0xc001001f, 0}, {0xc0010020, 0},
    {0xc0010055, 0}, {0xc0010058, 0}, {0xc0010061, 0}, {0xc0010062, 0}, {0xc0010063, 0},
    {0xc0010064, 0}, {0xc0010071, 0}, {0xc0010112, 0}, {0xc0010113, 0}, {0xc0010114, 0},
    {0xc0010115, 0}, {0xc0010117, 0}, {0xc0010118, 0}, {0xc0010140, 0}, {0xc0010141, 0},
    {0xc0010200, 1}, {0xc0011019, 0}, {0xc001101b, 0}, {0xc0011020, 0}, {0xc0011022, 0},
    {0xc0011023, 0}, {0xc0011027, 0}, {0xc0011029, 0}, {0xc001102a, 0}, {0xc001102c, 0},
    {0xc001103a, 0}, {0xc001104b, 0}, {0xc001f000, 0}, {0xffffffff, 0},
};

static void msr_reads(void)
{
    row("rdmsr");
    for (unsigned int i = 0; i < ARRAY_SIZE(msrs); i++) {
        uint64_t value;
        int vector = try_rdmsr(msrs[i].msr, &value);
        char name[16];

        format_append(name, sizeof(name), 0, "%#x", msrs[i].msr);
        if (vector < 0 && !msrs[i].no_value)
            row_text(name, "%#lx", value);
        else
            outcome(name, vector);
    }
    row_end();
}

static void msr_writes(void)
{
    static const uint64_t values[] = {0, 1, ~0UL};

    for (unsigned int n = 0; n < ARRAY_SIZE(values); n++) {
        row("wrmsr.%lx", values[n]);
        for (unsigned int i = 0; i < ARRAY_SIZE(msrs); i++) {
            char name[16];

            if (msrs[i].msr == 0xc0000102)
                continue;
            format_append(name, sizeof(name), 0, "%#x", msrs[i].msr);
            outcome(name, try_wrmsr(msrs[i].msr, values[n]));
        }
        row_end();
    }
    row("wrmsr.same");
    for (unsigned int i = 0; i < ARRAY_SIZE(msrs); i++) {
        uint64_t value;
        char name[16];

        if (msrs[i].no_value || try_rdmsr(msrs[i].msr, &value) >= 0)
            continue;
        format_append(name, sizeof(name), 0, "%#x", msrs[i].msr);
        outcome(name, try_wrmsr(msrs[i].msr, value));
    }
    row_end();
    (void)try_wrmsr(0xc0000100, 0);
    (void)try_wrmsr(0xc0000101, 0);
}

/* ---- control and debug registers ---- */

static void control_registers(void)
{
    uint64_t value = 0, cr4 = 0;
    char name[8];

    row("mov_from_cr");
    outcome("1", TRY("movq %%cr0, %[v]", OUT([v] "=r"(value)), IN()));
    row_text("cr0", "%#lx", value);
    (void)TRY("movq %%cr4, %[v]", OUT([v] "=r"(cr4)), IN());
    row_text("cr4", "%#lx", cr4);
    outcome("cr8", TRY("movq %%cr8, %[v]", OUT([v] "=r"(value)), IN()));
    outcome("cr1", TRY(".byte 0x0f, 0x20, 0xc8", OUT("=a"(value)), IN()));
    outcome("cr5", TRY(".byte 0x0f, 0x20, 0xe8", OUT("=a"(value)), IN()));
    row_end();
    for (unsigned int bit = 0; bit < 33; bit++) {
        format_append(name, sizeof(name), 0, "%u", bit);
        OUTCOME("mov_to_cr4.flip", name, "movq %[v], %%cr4", , [v] "r"(cr4 ^ (1UL << bit)));
        (void)TRY("movq %[v], %%cr4", OUT(), IN([v] "r"(cr4)));
        (void)TRY("movq %%cr0, %[v]", OUT([v] "=r"(value)), IN());
        OUTCOME("mov_to_cr0.flip", name, "movq %[v], %%cr0", , [v] "r"(value ^ (1UL << bit)));
        (void)hc_fpu_taskswitch(0);
    }
    row("mov_to_cr");
    outcome("cr8", TRY("movq %[v], %%cr8", OUT(), IN([v] "r"(0UL))));
    outcome("cr3_far", TRY("movq %[v], %%cr3", OUT(), IN([v] "r"(0x7fffffff000UL))));
    outcome("cr3_same", TRY("movq %[v], %%cr3", OUT(),
                            IN([v] "r"(va_mfn((void *)env.l4_va) << PAGE_SHIFT))));
    outcome("cr2", TRY("movq %[v], %%cr2", OUT(), IN([v] "r"(0UL))));
    row_end();
#define DR(n)                                                                                      \
    row("dr" #n);                                                                                  \
    outcome("read", TRY("movq %%db" #n ", %[v]", OUT([v] "=r"(value)), IN()));                     \
    outcome("zero", TRY("movq %[v], %%db" #n, OUT(), IN([v] "r"(0UL))));                           \
    outcome("hv", TRY("movq %[v], %%db" #n, OUT(), IN([v] "r"(HV_POINTER))));                      \
    outcome("big", TRY("movq %[v], %%db" #n, OUT(), IN([v] "r"(1UL << 32))));                      \
    outcome("gd", TRY("movq %[v], %%db" #n, OUT(), IN([v] "r"(0x2000UL))));                        \
    (void)TRY("movq %[v], %%db" #n, OUT(), IN([v] "r"(0UL)));                                      \
    row_end();
    DR(0) DR(1) DR(2) DR(3) DR(4) DR(5) DR(6) DR(7)
}

/* ---- instructions ---- */

static void instructions(void)
{
    uint64_t word[2] = {0, 0};
    uint16_t sel = 0;

    uint64_t a = 0, c = 0, d = 0;

/* what instructions without operands may change */
#define ACD OUT("+a"(a), "+c"(c), "+d"(d))
#define I(name, code) OUTCOME("instruction", name, code, ACD, )
    I("clts", "clts");
    I("cli", "cli");
    I("sti", "sti");
    I("invd", "invd");
    I("wbinvd", "wbinvd");
    I("swapgs", "swapgs");
    I("sysretq", "sysretq");
    I("sysretl", "sysretl");
    I("sysenter", "sysenter");
    I("sysexit", "sysexit");
    I("monitor", "xorl %%ecx, %%ecx\n xorl %%edx, %%edx\n leaq (%%rsp), %%rax\n monitor");
    I("rsm", "rsm");
    I("vmcall", "vmcall");
    I("vmmcall", "vmmcall");
    I("vmload", ".byte 0x0f, 0x01, 0xda");
    I("stgi", ".byte 0x0f, 0x01, 0xdc");
    I("skinit", ".byte 0x0f, 0x01, 0xde");
    I("vmxoff", ".byte 0x0f, 0x01, 0xc4");
    I("into", ".byte 0xce");
    I("ud0", ".byte 0x0f, 0xff, 0xc0");
    I("ud1", ".byte 0x0f, 0xb9, 0xc0");
    I("clac", ".byte 0x0f, 0x01, 0xca");
    I("int3", "int3");
    I("int_2", "int $2");
    I("int_4", "int $4");
    I("int_0e", "int $0x0e");
    I("int_80", "int $0x80");
    OUTCOME("instruction", "lgdt", "lgdt (%[p])", , [p] "r"(image_start));
    OUTCOME("instruction", "lidt", "lidt (%[p])", , [p] "r"(image_start));
    OUTCOME("instruction", "lldt", "lldt %[s]", , [s] "r"(sel));
    OUTCOME("instruction", "ltr", "ltr %[s]", , [s] "r"(sel));
    OUTCOME("instruction", "lmsw", "lmsw %[s]", , [s] "r"(sel));
    OUTCOME("instruction", "smsw", "smsw %[s]", [s] "=r"(sel), );
    OUTCOME("instruction", "str", "str %[s]", [s] "=r"(sel), );
    OUTCOME("instruction", "sldt", "sldt %[s]", [s] "=r"(sel), );
    OUTCOME("instruction", "sgdt", "sgdt (%[p])", , [p] "r"(word));
    OUTCOME("instruction", "sidt", "sidt (%[p])", , [p] "r"(word));
    OUTCOME("instruction", "invlpg", "invlpg (%[p])", , [p] "r"(image_start));
    OUTCOME("instruction", "rdtsc", "rdtsc", ACD, );
    OUTCOME("instruction", "rdtscp", "rdtscp", ACD, );
    OUTCOME("instruction", "rdpmc", "xorl %%ecx, %%ecx\n rdpmc", ACD, );
    OUTCOME("instruction", "xgetbv1", "movl $1, %%ecx\n xgetbv", ACD, );
    OUTCOME("instruction", "xgetbv7", "movl $7, %%ecx\n xgetbv", ACD, );
    OUTCOME("instruction", "rdfsbase", "rdfsbase %%rax", ACD, );
    OUTCOME("instruction", "wrfsbase", "xorl %%eax, %%eax\n wrfsbase %%rax", ACD, );
    OUTCOME("instruction", "forced_nop", ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n nop", ACD, );
    OUTCOME("instruction", "forced_hlt", ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n hlt", ACD, );
    OUTCOME("instruction", "forced_twice",
            ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0x0b, 0x78, 0x65, 0x6e\n cpuid", ACD, );
    OUTCOME("instruction", "forced_mov_cr",
            ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n movq %%cr0, %%rax", ACD, );
}

static void instructions_prepare(void)
{
    OUTCOME("instruction", "lar_null", "lar %[s], %%eax", , [s] "r"(0));
    OUTCOME("instruction", "mov_ss_null", "movl %[s], %%ss", , [s] "r"(0));
    OUTCOME("instruction", "mov_ds_null", "movl %[s], %%ds", , [s] "r"(0));
    OUTCOME("instruction", "mov_ds_hv", "movl %[s], %%ds", , [s] "r"(0xe008));
    OUTCOME("instruction", "mov_ds_out", "movl %[s], %%ds", , [s] "r"(0xfff8));
    OUTCOME("instruction", "mov_ds_ldt", "movl %[s], %%ds", , [s] "r"(7));
    OUTCOME("instruction", "noncanonical_ds", "movb (%[p]), %%r14b", , [p] "r"(NONCANONICAL));
    OUTCOME("instruction", "read_hv", "movb (%[p]), %%r14b", , [p] "r"(HV_POINTER));
    OUTCOME("instruction", "read_m2p", "movb (%[p]), %%r14b", , [p] "r"(M2P_BASE));
    OUTCOME("instruction", "write_m2p", "movb $1, (%[p])", , [p] "r"(M2P_BASE));
    OUTCOME("instruction", "jump_low", "jmp *%[p]", , [p] "r"(BAD_POINTER));
    OUTCOME("instruction", "jump_hv", "jmp *%[p]", , [p] "r"(HV_POINTER));
}

static void ports(uint32_t iopl)
{
    static const uint16_t numbers[] = {0x20, 0x21, 0x40, 0x42, 0x43, 0x61, 0x64, 0x70, 0x71, 0x80,
                                       0xa1, 0xcf8, 0xcfc, 0xcfb, 0x3f8, 0xb004, 0xffff};
    struct physdev_set_iopl op = {.iopl = iopl};
    uint64_t a = 0, bad = BAD_POINTER;

    (void)hc_physdev_op(PHYSDEVOP_set_iopl, &op);
    row("in.iopl%u", iopl);
    for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++) {
        char name[16];

        format_append(name, sizeof(name), 0, "%#x", numbers[i]);
        outcome(name, TRY("inb %%dx, %%al", OUT("+a"(a)), IN("d"(numbers[i]))));
    }
    row_end();
    row("out.iopl%u", iopl);
    outcome("0x80", TRY("outb %%al, $0x80", OUT(), IN("a"(0))));
    outcome("0x20", TRY("outb %%al, $0x20", OUT(), IN("a"(0))));
    outcome("0x80w", TRY("outw %%ax, $0x80", OUT(), IN("a"(0))));
    outcome("0x80l", TRY("outl %%eax, $0x80", OUT(), IN("a"(0))));
    outcome("insb_bad", TRY("cld\n insb", OUT("+D"(bad)), IN("d"(0x80))));
    outcome("outsb_bad", TRY("cld\n outsb", OUT("+S"(bad)), IN("d"(0x80))));
    row_end();
    op.iopl = 0;
    (void)hc_physdev_op(PHYSDEVOP_set_iopl, &op);
}

static void everything(void)
{
    cpuid_leaves();
    msr_reads();
    msr_writes();
    control_registers();
    instructions();
    instructions_prepare();
    ports(0);
    ports(1);
    ports(3);
}

/* Not of CR0: bits that are no question of policy. Not of CR4, where the CPU has them: SMEP and
 * SMAP, because this kernel's own pages are a user's, as a PV kernel's. */
static bool can_flip(const char *reg, unsigned int bit)
{
    uint32_t a = 7, b, c = 0, d;

    if (!strcmp(reg, "cr0"))
        return 0x5003eUL >> bit & 1;
    if (strcmp(reg, "cr4") || (bit != 20 && bit != 21))
        return true;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return !(b >> (bit == 20 ? 7 : 20) & 1);
}

/* What an HVM kernel can do to its control registers: change one bit, and back. */
#define FLIPS(key, reg)                                                                            \
    do {                                                                                           \
        uint64_t was_;                                                                             \
        __asm__ volatile("movq %%" reg ", %0" : "=r"(was_));                                       \
        row(key);                                                                                  \
        for (unsigned int bit_ = 0; bit_ < 64; bit_++) {                                           \
            int vector_;                                                                           \
            if (!can_flip(reg, bit_))                                                              \
                continue;                                                                          \
            vector_ = TRY("movq %0, %%" reg, OUT(), IN("a"(was_ ^ 1UL << bit_)));                  \
            row_at(bit_, vector_ < 0 ? 0 : vector_);                                               \
            __asm__ volatile("movq %0, %%" reg ::"a"(was_));                                       \
        }                                                                                          \
        row_end();                                                                                 \
    } while (0)

static void hvm_registers(void)
{
    uint64_t efer;

    FLIPS("flip.cr4", "cr4");
    FLIPS("flip.cr0", "cr0");
    FLIPS("flip.cr8", "cr8");
    (void)try_rdmsr(0xc0000080, &efer);
    row("flip.efer");
    for (unsigned int bit = 0; bit < 64; bit++) {
        int vector = try_wrmsr(0xc0000080, efer ^ 1UL << bit);

        row_at(bit, vector < 0 ? 0 : vector);
        (void)try_wrmsr(0xc0000080, efer);
    }
    row_end();
}

static long read_result(uint64_t msr)
{
    uint64_t value;
    int vector = try_rdmsr((uint32_t)msr, &value);

    return vector < 0 ? 0 : vector;
}

static void hvm_child(void *arg unused)
{
    uint64_t pat;

    cpuid_leaves();
    msr_reads();
    RANGE("rdmsr.low", 0, 0x1fff, (void)0, read_result(v));
    RANGE("rdmsr.xen", 0x3fffff00, 0x400001ff, (void)0, read_result(v));
    RANGE("rdmsr.ext", 0xc0000000, 0xc0001fff, (void)0, read_result(v));
    RANGE("rdmsr.amd", 0xc0010000, 0xc0011fff, (void)0, read_result(v));
    hvm_registers();
    (void)try_rdmsr(0x277, &pat);
    msr_writes();
    (void)try_wrmsr(0x277, pat);
}

TEST(abi, cpu_of_hvm)
{
    hvm_child_run(hvm_child, NULL, SHUTDOWN_poweroff);
}

TEST(abi, cpu)
{
    everything();
}

static void cpu_child(void *arg unused)
{
    everything();
}

TEST(abi, cpu_of_child)
{
    child_run(cpu_child, NULL, SHUTDOWN_poweroff);
}
