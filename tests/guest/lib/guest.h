/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The small PV kernel all guest tests are linked with.
 *
 * One image runs as dom0 straight from the boot loader. Children are copies of that image, made by
 * the test itself through domctl (child.h): same code at the same addresses, `env` says who we are.
 * Output lines: `run NAME` before a test, then `ok NAME` or `FAIL NAME why`; `GUEST-END` at last.
 */
#pragma once

#include "lib/format.h"
#include "lib/string.h"
#include "lib/types.h"
#include "tests/guest/lib/hypercall.h"

#define PAGE_BYTES 4096ULL
#define PAGE_SHIFT 12
#define STACK_BYTES 0x4000ULL
#define VIRT_BASE 0xffffffff80000000ULL

/* Selectors every PV guest has (xen/arch-x86/xen-x86_64.h). */
#define KERNEL_CS 0xe030
#define USER_CS 0xe033
#define USER_CS32 0xe023
#define FLAT_SS 0xe02b
/* The same selectors mean the same in an HVM child's descriptor table; its kernel stack's: */
#define HVM_SS 0xe038
#define HVM_TSS 0xe040
#define HVM_CS32 0xe050
#define HVM_USER_CS 0xe05b
#define HVM_UPCALL_VECTOR 0xf3
#define KERNEL_SS (env.way ? HVM_SS : FLAT_SS)

/* Some addresses that no argument may have. */
#define BAD_POINTER 0x10ULL                     /* nothing mapped there */
#define HV_POINTER 0xffff828000000000ULL        /* the hypervisor's */
#define M2P_BASE 0xffff800000000000ULL
#define NONCANONICAL 0x8000000000000000ULL

/* Who we are. A child's copy is filled in by its maker. */
struct env {
    uint8_t way; /* enum hypercall_way; first: the code of hypercall() knows; SYSCALL: we are PV */
    bool is_child;
    domid_t domid;
    start_info_t *start_info;     /* dom0 */
    uint64_t *p2m;                /* by pfn; a child's is valid for its own pfns only */
    uint64_t shared_info_mfn;
    uint64_t l4_va;               /* top-level table, as mapped in the linear region */
    uint64_t pool_next, pool_end; /* pages not given out yet */
    uint64_t user_l4_mfn;         /* 0 until user_prepare() */
    uint64_t user_stack;
    void (*child_fn)(void *);
    void *child_arg;
};
extern struct env env;
extern shared_info_t *shared_info;
extern char image_start[], image_end[], window_start[], pool_start[], pool_end[];

/* At the bottom of every stack block. */
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector, error, rip;
    uint16_t cs, cs_pad;
    uint8_t saved_mask, mask_pad[3]; /* the upcall mask before the trap */
    uint64_t rflags, rsp, ss;
};
struct cpu {
    uint64_t resume_rip, resume_rsp; /* where an unexpected trap in kernel mode goes */
    uint64_t user_rip, user_rsp;     /* where any trap from user mode goes */
    uint32_t id;
    bool trapped;                    /* `last` is from after trap_clear() */
    struct trap_frame last;          /* the last trap, as delivered */
    uint64_t last_cr2;
    uint8_t last_mask;               /* upcall mask in the handler */
};

static inline struct cpu *cpu_self(void)
{
    uint64_t sp;

    __asm__ volatile("movq %%rsp, %0" : "=r"(sp));
    return (struct cpu *)(sp & ~(STACK_BYTES - 1));
}

/* ---- main.c: output, tests ---- */

void print(const char *format, ...) printf_like(1, 2);
/* Say why the current test fails; the first reason is the one reported. */
void test_fail(const char *file, int line, const char *format, ...) printf_like(3, 4);
bool test_failing(void);
/* A number from the command line: `name=N`, or @otherwise. */
uint64_t option(const char *name, uint64_t otherwise);
void noreturn_fn machine_off(void);
uint64_t now_ns(void);
void sleep_us(uint64_t us);

struct test {
    const char *name;
    void (*run)(void);
    unsigned int flags;
};
#define TEST_ONLY_ASKED 1 /* not part of a plain run */
#define TEST_DOM0_SMP 2   /* needs a second vCPU of dom0 */

#define TEST_FLAGS(folder, id, flag)                                                               \
    static void test_##id(void);                                                                   \
    static const struct test case_##id = {#folder "." #id, test_##id, flag};                      \
    static const struct test *const listed_##id                                                    \
        __attribute__((__used__, __section__(".tests." #folder))) = &case_##id;                    \
    static void test_##id(void)
#define TEST(folder, id) TEST_FLAGS(folder, id, 0)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            test_fail(__FILE__, __LINE__, "%s", #condition);                                       \
    } while (0)
#define CHECK_EQ(got, want)                                                                        \
    do {                                                                                           \
        long got_ = (long)(got), want_ = (long)(want);                                             \
        if (got_ != want_)                                                                         \
            test_fail(__FILE__, __LINE__, "%s: %#lx (%ld), not %#lx (%ld)", #got, got_, got_,      \
                      want_, want_);                                                               \
    } while (0)
/* The same with a line of its own, for loops: @what names the case. */
#define CHECK_CASE(what, got, want)                                                                \
    do {                                                                                           \
        long got_ = (long)(got), want_ = (long)(want);                                             \
        if (got_ != want_)                                                                         \
            test_fail(__FILE__, __LINE__, "%s: %#lx (%ld), not %#lx (%ld)", what, got_, got_,      \
                      want_, want_);                                                               \
    } while (0)
/* Stop this test when there is no point in going on. */
#define NEED(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            test_fail(__FILE__, __LINE__, "%s", #condition);                                       \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* ---- memory.c ---- */

#define PTE_P 1ULL
#define PTE_RW 2ULL
#define PTE_US 4ULL
#define PTE_A 0x20ULL
#define PTE_D 0x40ULL
#define PTE_PSE 0x80ULL
#define PTE_G 0x100ULL
#define PTE_NX (1ULL << 63)
#define PTE_RO_FLAGS (PTE_P | PTE_US | PTE_A)
#define PTE_RW_FLAGS (PTE_P | PTE_US | PTE_A | PTE_D | PTE_RW)
#define PTE_ADDRESS 0x000ffffffffff000ULL

static inline uint64_t va_pfn(const volatile void *va)
{
    return ((uint64_t)va - VIRT_BASE) >> PAGE_SHIFT;
}
static inline uint64_t va_mfn(const volatile void *va)
{
    return env.p2m[va_pfn(va)];
}
static inline uint64_t pte(uint64_t mfn, uint64_t flags)
{
    return mfn << PAGE_SHIFT | flags;
}

/* Zeroed pages of the linear region; given back when the test ends, which checks that each can
 * still be mapped writable. */
void *page_alloc(void);
void *pages_alloc(unsigned int count);
/* @count pages from a border of @align bytes. */
void *pages_aligned(unsigned int count, uint64_t align);
uint64_t pool_mark(void);
void pool_release(uint64_t mark);

/* Machine address of the entry of @level (1..4) that translates @va under @l4 (0: our own). 0 when
 * a table on the way is missing. */
uint64_t pte_machine(uint64_t l4_va, uint64_t va, unsigned int level);
/* The entry's contents as the hypervisor keeps it. */
uint64_t pte_read(uint64_t va);
/* Linear address of one of our frames. */
void *mfn_va(uint64_t mfn);

/* Change how a page of the linear region is mapped. */
int page_protect(const volatile void *va, uint64_t flags);
/* Map any frame of @domid at slot 0..63 of the window; NULL with *rc when refused. */
void *window_map(unsigned int slot, uint64_t mfn, domid_t domid, uint64_t flags, long *rc);
/* The first frame of our grant table, which a domain has from its creation; 0: refused. */
uint64_t grant_frame(void);
void window_unmap(unsigned int slot);
#define WINDOW_SLOTS 64

int mmuext(unsigned int cmd, uint64_t arg1, uint64_t arg2);
int mmuext_for(domid_t domid, unsigned int cmd, uint64_t arg1, uint64_t arg2);
long pt_write(uint64_t machine, uint64_t value);

/* Tables of a private range (L4 slot @slot), empty but for the path to one page table; the page
 * tables are read-only mapped and the L4 entry is installed. */
struct branch {
    uint64_t *l3, *l2, *l1;
    uint64_t va; /* of entry 0 of l1 */
    unsigned int slot;
};
bool branch_make(struct branch *b, unsigned int slot);
void branch_drop(struct branch *b);

/* ---- trap.c ---- */

typedef bool trap_hook(struct trap_frame *f); /* true: handled, go on as the frame says */
#define VECTOR_EVENT 256
#define VECTOR_FAILSAFE 257
#define VECTOR_SYSCALL 258
#define VECTOR_SYSENTER 259
#define VECTOR_SYSCALL32 260
#define VECTOR_NMI_CALLBACK 261
#define VECTORS 262
extern trap_hook *trap_hooks[VECTORS];
extern uint32_t trap_counts[VECTORS];
extern uint64_t failsafe_segments[4];
extern const uint64_t trap_stubs[22];
extern char entry_event[], entry_failsafe[], entry_syscall[], entry_sysenter[], entry_syscall32[],
    entry_nmi[], guest_thread[], guest_entry[];

void trap_init(void); /* this vCPU: trap table, callbacks, kernel stack */
int trap_call(void (*fn)(void *), void *arg);
void trap_default_table(void);
uint64_t trap_stub(unsigned int vector);
static inline void trap_clear(void)
{
    cpu_self()->trapped = false;
}

/* hvm.c: descriptor tables, upcalls and shared_info of an HVM child. */
void hvm_init(void);
void hvm_shared_info(void *page);

#define OUT(...) __VA_ARGS__
#define IN(...) __VA_ARGS__
/* Run instructions that may trap: the vector, or -1. RAX.. are free for operands; R14 and R15 are
 * not. What the trap looked like is in cpu_self()->last. */
#define TRY(code, outputs, inputs)                                                                 \
    ({                                                                                             \
        struct cpu *try_cpu_ = cpu_self();                                                         \
        uint64_t try_rip_ = try_cpu_->resume_rip, try_rsp_ = try_cpu_->resume_rsp;                 \
        try_cpu_->trapped = false;                                                                 \
        __asm__ volatile("movq %%rsp, %%r15\n andq $-0x4000, %%r15\n leaq 771f(%%rip), %%r14\n"    \
                         "movq %%r14, (%%r15)\n movq %%rsp, 8(%%r15)\n" code "\n771:"              \
                         : outputs                                                                 \
                         : inputs                                                                  \
                         : "r14", "r15", "memory", "cc");                                          \
        try_cpu_->resume_rip = try_rip_;                                                           \
        try_cpu_->resume_rsp = try_rsp_;                                                           \
        try_cpu_->trapped ? (int)try_cpu_->last.vector : -1;                                       \
    })

struct user_start {
    uint64_t rip, cs, rflags, rsp, ss, rdi;
};
void user_enter(const struct user_start *start);
void raw_iret(const uint64_t frame[9]);
/* A user L4 that shares all our mappings, made on first use; run @code there until it traps: the
 * vector. The user's stack is a page of its own. */
int user_run(void (*code)(void), uint64_t rdi);
bool user_prepare(void);

#define X86_TF 0x100
#define X86_IF 0x200
#define X86_DF 0x400
#define X86_NT 0x4000
#define X86_RF 0x10000
#define X86_AC 0x40000

/* ---- event.c ---- */

static inline bool port_pending(evtchn_port_t port)
{
    return shared_info->evtchn_pending[port / 64] >> (port % 64) & 1;
}
void port_clear(evtchn_port_t port);
void port_mask(evtchn_port_t port, bool on);
void events_enable(bool on); /* this vCPU's upcall mask; pending ones come before it returns */
/* Count of upcalls since boot; what to do with each port. */
extern uint32_t event_upcalls, event_ports_seen[1024];
/* Sleep until @port is pending or @us have gone by: true when pending. */
bool port_wait(evtchn_port_t port, uint64_t us);
long port_alloc(domid_t remote);  /* port or -errno */
long port_bind_virq(uint32_t virq, uint32_t vcpu);
long port_bind_ipi(uint32_t vcpu);
long port_bind(domid_t remote, evtchn_port_t port);
long port_close(evtchn_port_t port);
long port_send(evtchn_port_t port);
vcpu_info_t *vcpu_info(void);
