/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PVH guest that tries what makes a processor leave a guest, one thing after the other, checks
 * what it then sees and says what some of it costs. Text goes to port 0xe9. It knows nothing of
 * the hypervisor below it: the real Xen passes all but "cr0 nw".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct frame {
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
    uint32_t vector, error;
    uint32_t eip, cs, eflags;
};

enum { DB = 1, NMI = 2, BP = 3, OF = 4, UD = 6, NP = 11, GP = 13 };
enum { FLAG_TF = 0x100, FLAG_IF = 0x200 };
enum { IPI = 0x80, TIMER = 0x81, SOFTWARE = 0x60, TASK_SOFTWARE = 0x61, TASK_IPI = 0x82 };
enum { MSR_APIC_BASE = 0x1b, X2APIC_TPR = 0x808, X2APIC_EOI = 0x80b, X2APIC_SVR = 0x80f,
       X2APIC_ISR4 = 0x814, X2APIC_IRR4 = 0x824, X2APIC_ICR = 0x830, X2APIC_LVTT = 0x832,
       X2APIC_TMICT = 0x838, X2APIC_TMCCT = 0x839, X2APIC_TDCR = 0x83e, X2APIC_SELF = 0x83f };

extern char stubs[];
extern uint8_t hypercalls[];
void probe(void);
void caught(struct frame *f);

static uint64_t idt[256];
static volatile uint32_t seen[256];  /* how often each vector came */
static volatile uint32_t last_error, last_eip, last_dr6;
static volatile uint32_t steps[32], step_count; /* where single steps ended */
static volatile uint32_t resume;     /* where a fault goes on */
static volatile uint32_t nmi_depth, nmi_deepest, nmi_again;
static volatile uint32_t isr_in_handler;
static unsigned int passed, failed;

/* ---- text ---- */

static void put(const char *text)
{
    for (; *text; text++)
        __asm__ volatile("outb %0, $0xe9" ::"a"(*text));
}

static void put_number(uint32_t n)
{
    char text[12], *at = text + sizeof(text) - 1;

    *at = 0;
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    put(at);
}

static void check(const char *name, bool ok)
{
    if (ok) {
        passed++;
        return;
    }
    failed++;
    put("PROBE-FAIL ");
    put(name);
    put(" eip=");
    put_number(last_eip);
    put("\n");
}

/* ---- instructions ---- */

static uint64_t rdmsr(uint32_t msr)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return low | (uint64_t)high << 32;
}

static void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

static uint32_t ticks(void)
{
    uint32_t low;

    __asm__ volatile("lfence; rdtsc" : "=a"(low)::"edx", "memory");
    return low;
}

static bool is_intel(void)
{
    uint32_t a = 0, b, c, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    return b == 0x756e6547; /* "Genu" */
}

#define READ(reg)                                                       \
    ({                                                                  \
        uint32_t read_value;                                            \
        __asm__ volatile("movl %%" reg ", %0" : "=r"(read_value));      \
        read_value;                                                     \
    })
#define WRITE(reg, value) __asm__ volatile("movl %0, %%" reg ::"r"(value) : "memory")

/* Did @text fault with @vector? */
#define FAULTS(want, text, ...)                                                               \
    ({                                                                                        \
        uint32_t before = seen[want];                                                         \
        __asm__ volatile("movl $1f, %0\n" text "\n1: movl $0, %0" : "+m"(resume)              \
                         : __VA_ARGS__ : "memory", "cc");                                     \
        seen[want] == before + 1;                                                             \
    })
#define WRITE_FAULTS(reg, value) FAULTS(GP, "movl %1, %%" reg, "r"((uint32_t)(value)))

void caught(struct frame *f)
{
    seen[f->vector]++;
    last_error = f->error;
    last_eip = f->eip;
    if (f->vector == DB) {
        last_dr6 = READ("dr6");
        WRITE("dr6", 0xffff0ff0);
        if (step_count < ARRAY_SIZE(steps))
            steps[step_count++] = f->eip;
    } else if (f->vector == NMI) {
        if (++nmi_depth > nmi_deepest)
            nmi_deepest = nmi_depth;
        if (nmi_again) {
            nmi_again--;
            wrmsr(X2APIC_ICR, 0x400 | rdmsr(0x802) << 32);
            for (volatile int i = 0; i < 100; i++)
                ;
        }
        nmi_depth--;
    } else if (f->vector == IPI || f->vector == TIMER) {
        isr_in_handler = (uint32_t)rdmsr(X2APIC_ISR4);
        wrmsr(X2APIC_EOI, 0);
    } else if (resume && f->vector < 32 && f->vector != BP && f->vector != OF) {
        f->eip = resume;
    }
}

static void load_idt(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) idtr = {sizeof(idt) - 1, (uint32_t)idt};

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t at = (uint32_t)stubs + 16 * i;

        idt[i] = (at & 0xffff) | 8u << 16 | 0x8e00ULL << 32 | (uint64_t)(at & 0xffff0000) << 32;
    }
    __asm__ volatile("lidt %0" ::"m"(idtr));
}

/* ---- the tests ---- */

static void undefined_instructions(void)
{
    static uint64_t memory[2];

    check("vmclear", FAULTS(UD, "vmclear %1", "m"(memory)));
    check("vmptrld", FAULTS(UD, "vmptrld %1", "m"(memory)));
    check("vmxon", FAULTS(UD, "vmxon %1", "m"(memory)));
    check("vmlaunch", FAULTS(UD, "vmlaunch", "m"(memory)));
    check("vmresume", FAULTS(UD, "vmresume", "m"(memory)));
    check("vmxoff", FAULTS(UD, "vmxoff", "m"(memory)));
    check("invept", FAULTS(UD, "invept %1, %%eax", "m"(memory)));
    check("invvpid", FAULTS(UD, "invvpid %1, %%eax", "m"(memory)));
    check("monitor", FAULTS(UD, "monitor", "a"(memory), "c"(0), "d"(0)));
    check("mwait", FAULTS(UD, "mwait", "a"(0), "c"(0)));
    check("vmfunc", FAULTS(UD, ".byte 0x0f, 0x01, 0xd4", "a"(0)));
    check("encls", FAULTS(UD, ".byte 0x0f, 0x01, 0xcf", "a"(0)));
    check("ud2", FAULTS(UD, "ud2", "a"(0)));
    check("rdpmc", FAULTS(GP, "rdpmc", "c"(0x12345)));
    check("rdmsr of none", FAULTS(GP, "rdmsr", "c"(0x4badbad)));
    check("wrmsr of none", FAULTS(GP, "wrmsr", "c"(0x4badbad), "a"(0), "d"(0)));
    check("wrmsr efer", FAULTS(GP, "wrmsr", "c"(0xc0000080), "a"(0x40000), "d"(0)));
}

static void control_registers(void)
{
    uint32_t cr0 = READ("cr0"), cr4 = READ("cr4");

    check("cr4 vmxe", WRITE_FAULTS("cr4", cr4 | 1u << 13));
    check("cr4 reserved", WRITE_FAULTS("cr4", cr4 | 1u << 31));
    check("cr4 pcide", WRITE_FAULTS("cr4", cr4 | 1u << 17));
    check("cr4 as before", READ("cr4") == cr4);
    WRITE("cr4", cr4 | 1u << 7);
    check("cr4 pge", READ("cr4") == (cr4 | 1u << 7));
    WRITE("cr4", cr4);
    if (is_intel()) { /* on AMD these are the processor's to refuse, and QEMU's does not */
        check("cr0 nw", WRITE_FAULTS("cr0", (cr0 | 1u << 29) & ~(1u << 30)));
        check("cr0 pg alone", WRITE_FAULTS("cr0", (cr0 | 1u << 31) & ~1u));
    }
    WRITE("cr0", cr0 | 1u << 30);
    check("cr0 cd", READ("cr0") == (cr0 | 1u << 30));
    WRITE("cr0", cr0 | 1u << 3);
    check("cr0 ts", READ("cr0") == (cr0 | 1u << 3));
    __asm__ volatile("clts");
    check("clts", READ("cr0") == cr0);
    WRITE("cr0", cr0 ^ 1u << 5);
    check("cr0 ne", READ("cr0") == (cr0 ^ 1u << 5));
    WRITE("cr0", cr0);
    __asm__ volatile("lmsw %w0" ::"r"((cr0 & 0xf) | 2));
    check("lmsw", READ("cr0") == (cr0 | 2));
    __asm__ volatile("lmsw %w0" ::"r"(0)); /* does not clear PE */
    check("lmsw keeps pe", (READ("cr0") & 0xf) == 1);
    WRITE("cr0", cr0);
}

/* One step with TF for each instruction, those that leave the guest among them. */
static void single_step(void)
{
    extern char step_cpuid[], step_out[], step_nop[], step_msr[];
    uint32_t want[] = {(uint32_t)step_nop, (uint32_t)step_cpuid, (uint32_t)step_out,
                       (uint32_t)step_msr};
    bool ok = true;

    step_count = 0;
    __asm__ volatile("pushfl\n orl $0x100, (%%esp)\n popfl\n"
                     "nop\nstep_nop: cpuid\nstep_cpuid: outb %%al, $0x80\n"
                     "step_out: movl $0x1b, %%ecx\n rdmsr\nstep_msr: pushfl\n"
                     "andl $~0x100, (%%esp)\n popfl" ::"a"(0)
                     : "ebx", "ecx", "edx", "memory", "cc");
    for (unsigned int i = 0; i < ARRAY_SIZE(want); i++) {
        bool found = false;

        for (unsigned int j = 0; j < step_count; j++)
            found |= steps[j] == want[i];
        ok &= found;
    }
    check("single steps", ok);
    check("one a step", step_count == 8);
    check("dr6 bs", last_dr6 & 1u << 14);
}

static void breakpoints(void)
{
    static volatile uint32_t watched;
    uint32_t before = seen[DB];

    WRITE("dr0", &watched);
    WRITE("dr1", 0x12345678);
    WRITE("dr7", 0x000d0402); /* DR0: writes of four bytes */
    check("dr0", READ("dr0") == (uint32_t)&watched && READ("dr1") == 0x12345678);
    check("dr7", READ("dr7") == 0x000d0402);
    watched = 1;
    check("breakpoint", seen[DB] == before + 1 && (last_dr6 & 15) == 1);
    __asm__ volatile("cpuid" ::"a"(0) : "ebx", "ecx", "edx");
    watched = 2;
    check("breakpoint after an exit", seen[DB] == before + 2);
    WRITE("dr7", 0x400);
    watched = 3;
    check("no breakpoint", seen[DB] == before + 2);
    if (!is_intel()) /* QEMU's AMD processor does not know INT1 */
        return;
    extern char int1_next[];
    __asm__ volatile("int1_here: .byte 0xf1\nint1_next:");
    check("int1", seen[DB] == before + 3 && last_eip == (uint32_t)int1_next);
}

static void software_events(void)
{
    extern char int3_next[], intn_next[], into_next[];
    uint32_t before = seen[BP];

    __asm__ volatile("int3\nint3_next:" ::: "memory");
    check("int3", seen[BP] == before + 1 && last_eip == (uint32_t)int3_next);
    __asm__ volatile("int $0x60\nintn_next:" ::: "memory");
    check("int n", seen[SOFTWARE] == 1 && last_eip == (uint32_t)intn_next);
    __asm__ volatile("movb $0x7f, %%al\n addb $1, %%al\n into\ninto_next:" ::
                         : "eax", "memory", "cc");
    check("into", seen[OF] == 1 && last_eip == (uint32_t)into_next);
}

static void x2apic_on(void)
{
    wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | 0xc00);
    wrmsr(X2APIC_SVR, 0x1ff);
    wrmsr(X2APIC_TPR, 0);
}

static void interrupts(void)
{
    extern char shadow_end[];

    __asm__ volatile("cli");
    wrmsr(X2APIC_SELF, IPI);
    check("irr", (uint32_t)rdmsr(X2APIC_IRR4) & 1);
    check("if holds it off", seen[IPI] == 0);
    /* STI lets one instruction pass, which leaves the guest here */
    __asm__ volatile("sti\n cpuid\nshadow_end: nop\n cli" ::"a"(0)
                     : "ebx", "ecx", "edx", "memory");
    check("interrupt", seen[IPI] == 1);
    check("after the shadow", last_eip == (uint32_t)shadow_end);
    check("isr", isr_in_handler & 1);
    check("no isr", !((uint32_t)rdmsr(X2APIC_ISR4) & 1));
    wrmsr(X2APIC_TPR, 0xf0);
    __asm__ volatile("sti");
    wrmsr(X2APIC_SELF, IPI);
    __asm__ volatile("cpuid" ::"a"(0) : "ebx", "ecx", "edx");
    check("priority holds it off", seen[IPI] == 1);
    wrmsr(X2APIC_TPR, 0);
    __asm__ volatile("nop");
    check("priority lets it in", seen[IPI] == 2);
    __asm__ volatile("cli");
}

/* ---- tasks ---- */

enum { MAIN_TASK = 0x18, CALLED = 0x20, FAULTED = 0x28, JUMPED = 0x30, ABSENT = 0x38 };
enum { TSS_WORDS = 26, TSS_EIP = 8, TSS_EBX = 13, TSS_ESP = 14, TSS_ES = 18, TSS_CS = 19,
       TSS_GS = 23 };

extern uint64_t gdt[];
extern char task_called[], task_faulted[], task_jumped[];
uint32_t main_tss[TSS_WORDS];
volatile uint32_t task_runs, task_flags, task_cr0, task_error;

static void task_make(uint32_t selector, uint32_t *tss, const char *entry)
{
    static uint32_t stacks[4][256];
    uint32_t at = (uint32_t)tss;

    gdt[selector / 8] = 0x67 | (uint64_t)(at & 0xffffff) << 16 | 0x89ULL << 40 |
                        (uint64_t)(at >> 24) << 56;
    tss[TSS_EIP] = (uint32_t)entry;
    tss[TSS_EIP + 1] = 2;
    tss[TSS_ESP] = (uint32_t)stacks[selector / 8 - 3 + 1];
    for (uint32_t i = TSS_ES; i <= TSS_GS; i++)
        tss[i] = i == TSS_CS ? 8 : 16;
}

static uint64_t task_gate(uint32_t selector)
{
    return selector << 16 | 0x8500ULL << 32;
}

static uint32_t task_register(void)
{
    uint32_t selector = 0;

    __asm__ volatile("str %w0" : "+r"(selector));
    return selector;
}

static void task_switches(void)
{
    static uint32_t called[TSS_WORDS], faulted[TSS_WORDS], jumped[TSS_WORDS];
    uint64_t np = idt[NP];
    uint32_t flags, magic = 0x12345678, sp;
    uint8_t busy;

    task_make(MAIN_TASK, main_tss, NULL);
    task_make(CALLED, called, task_called);
    task_make(FAULTED, faulted, task_faulted);
    task_make(JUMPED, jumped, task_jumped);
    __asm__ volatile("ltr %w0" ::"r"(MAIN_TASK));
    idt[TASK_SOFTWARE] = idt[TASK_IPI] = task_gate(CALLED);
    idt[NP] = task_gate(FAULTED);

    __asm__ volatile("lcall %3, $0\n pushfl\n popl %0\n movl %%esp, %1"
                     : "=&r"(flags), "=&r"(sp), "+b"(magic)
                     : "i"(CALLED)
                     : "memory", "cc");
    check("task called", task_runs == 1 && (task_flags & 0x4000) && (task_cr0 & 8));
    check("task's way back", (called[0] & 0xffff) == MAIN_TASK && !(flags & 0x4000));
    check("task left", main_tss[TSS_EBX] == 0x12345678 && magic == 0x12345678 &&
                           main_tss[TSS_ESP] == sp && main_tss[TSS_CS] == 8);
    check("task register", task_register() == MAIN_TASK);
    busy = (uint8_t)(gdt[CALLED / 8] >> 40);
    check("task not busy", busy == 0x89 && (uint8_t)(gdt[MAIN_TASK / 8] >> 40) == 0x8b);
    check("busy task", FAULTS(GP, "lcall %1, $0", "i"(MAIN_TASK)) && last_error == MAIN_TASK);
    __asm__ volatile("clts\n int %0" ::"i"(TASK_SOFTWARE) : "memory", "cc");
    check("task gate", task_runs == 2);
    __asm__ volatile("movl %0, %%eax\n movl %%eax, %%gs" ::"i"(ABSENT) : "eax", "memory", "cc");
    check("task with an error code", task_error == ABSENT);
    __asm__ volatile("ljmp %0, $0" ::"i"(JUMPED) : "memory", "cc");
    check("task jumped to", task_runs == 3 && task_register() == MAIN_TASK);
    busy = (uint8_t)(gdt[JUMPED / 8] >> 40);
    check("task jumped from", busy == 0x89);
    __asm__ volatile("sti");
    wrmsr(X2APIC_SELF, TASK_IPI);
    __asm__ volatile("nop\n cli" ::: "memory");
    check("task by an interrupt", task_runs == 4);
    wrmsr(X2APIC_EOI, 0);
    __asm__ volatile("clts");
    idt[NP] = np;
}

static void nmis(void)
{
    uint64_t self = rdmsr(0x802) << 32;
    bool intel = is_intel();

    nmi_again = 2;
    wrmsr(X2APIC_ICR, 0x400 | self);
    for (volatile int i = 0; i < 1000; i++)
        if (!intel) /* AMD's tells nobody that the handler is done: the next comes with an exit */
            rdmsr(0x802);
    check("nmi", seen[NMI] == 3);
    check("one at a time", nmi_deepest == 1);
}

static void timer(void)
{
    uint32_t before = seen[TIMER];

    wrmsr(X2APIC_TDCR, 0xb);
    wrmsr(X2APIC_LVTT, TIMER);
    wrmsr(X2APIC_TMICT, 1000000);
    check("timer counts", (uint32_t)rdmsr(X2APIC_TMCCT) <= 1000000);
    __asm__ volatile("sti; hlt; cli" ::: "memory");
    check("timer ends hlt", seen[TIMER] == before + 1);
    check("timer at its end", rdmsr(X2APIC_TMCCT) == 0);
}

static void others(void)
{
    uint32_t value;

    __asm__ volatile("wbinvd" ::: "memory");
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"((uint16_t)0x1234));
    check("no such port", value == ~0u);
    __asm__ volatile("pause");
    check("xsetbv", FAULTS(UD, "xsetbv", "c"(0), "a"(3), "d"(0))); /* CR4.OSXSAVE is clear */
}

/* ---- what it costs ---- */

enum { ROUNDS = 500 };

#define COST(name, text, ...)                                                        \
    do {                                                                             \
        uint32_t start = ticks();                                                    \
        for (unsigned int i = 0; i < ROUNDS; i++)                                    \
            __asm__ volatile(text ::__VA_ARGS__ : "memory", "cc");                   \
        report(name, ticks() - start);                                               \
    } while (0)

static uint32_t empty_loop;

static void report(const char *name, uint32_t took)
{
    put("PROBE-COST ");
    put(name);
    put(" ");
    put_number((took - empty_loop) / ROUNDS);
    put("\n");
}

#define SAVED(text) "pushal\n" text "\npopal"

static void costs(void)
{
    uint32_t start = ticks();

    for (unsigned int i = 0; i < ROUNDS; i++)
        __asm__ volatile(SAVED("nop") ::: "memory");
    empty_loop = ticks() - start;
    COST("cpuid", SAVED("xorl %%eax, %%eax\n cpuid"), "m"(idt));
    /* xen_version(XENVER_version, NULL): number 17 of the hypercall page */
    COST("hypercall", SAVED("xorl %%ebx, %%ebx\n xorl %%ecx, %%ecx\n calll *%0"),
         "r"(hypercalls + 17 * 32));
    COST("port-out", SAVED("movw $0x1234, %%dx\n outb %%al, %%dx"), "m"(idt));
    COST("port-in", SAVED("movw $0x1234, %%dx\n inb %%dx, %%al"), "m"(idt));
    COST("rdmsr", SAVED("movl $0x1b, %%ecx\n rdmsr"), "m"(idt));
    COST("x2apic-tpr", SAVED("movl $0x808, %%ecx\n xorl %%eax, %%eax\n xorl %%edx, %%edx\n wrmsr"),
         "m"(idt));
    __asm__ volatile("sti");
    COST("self-ipi", SAVED("movl $0x83f, %%ecx\n movl $0x80, %%eax\n xorl %%edx, %%edx\n wrmsr\n"
                           "nop"), "m"(idt));
    __asm__ volatile("cli");
}

static void hypercall_page(void)
{
    uint32_t eax = 0x40000002, ebx, ecx, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    wrmsr(ebx, (uint32_t)hypercalls);
}

void probe(void)
{
    static const uint32_t poweroff;

    put("PROBE-UP\n");
    load_idt();
    hypercall_page();
    undefined_instructions();
    control_registers();
    single_step();
    breakpoints();
    software_events();
    x2apic_on();
    interrupts();
    task_switches();
    nmis();
    timer();
    others();
    costs();
    put(failed ? "PROBE-BAD " : "PROBE-GOOD ");
    put_number(passed);
    put(" passed ");
    put_number(failed);
    put(" failed\n");
    __asm__ volatile("calll *%0" ::"r"(hypercalls + 29 * 32), "b"(2), "c"(&poweroff) : "memory");
}
