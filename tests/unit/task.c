/* SPDX-License-Identifier: BSD-2-Clause */
/* Task switches in fake memory: what is saved, loaded and marked, and whose the faults are. */
/* sources: hypervisor/hvm/task.c */
#include "tests/unit/check.h"

#include "hvm/task.h"
#include "cpu/regs.h"
#include "lib/types.h"

#define GDT 0x1000
#define OLD 0x2000 /* TSS */
#define NEW 0x3000
#define LDT 0x4000

enum { NONE, CODE0, DATA0, OLD_SLOT, NEW_SLOT, LDT_SLOT, CODE3, DATA3, SLOTS };
#define SEL(slot) ((uint16_t)((slot) * 8))

static uint8_t memory[0x8000];
static uint32_t bad = ~0u; /* a page that faults */
static bool read_only, paging_ok;

static bool access_memory(struct task_cpu *c, uint32_t linear, void *data, unsigned int bytes,
                          bool write)
{
    CHECK(linear < sizeof(memory) && bytes <= sizeof(memory) - linear);
    if (linear >> 12 == bad >> 12 && (write || !read_only)) {
        c->fault.valid = c->fault.has_error = true;
        c->fault.vector = VEC_PF;
        c->fault.cr2 = linear;
        return false;
    }
    if (write)
        memcpy(memory + linear, data, bytes);
    else
        memcpy(data, memory + linear, bytes);
    return true;
}

static bool paging(struct task_cpu *c)
{
    (void)c;
    return paging_ok;
}

static void descriptor(unsigned int slot, uint32_t base, uint32_t limit, uint32_t ar)
{
    uint64_t d = (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 |
                 (uint64_t)(ar & 0xff) << 40 | (uint64_t)(limit >> 16 & 0xf) << 48 |
                 (uint64_t)(ar & 0xf00) << 44 | (uint64_t)(base >> 24) << 56;

    memcpy(memory + GDT + 8 * slot, &d, sizeof(d));
}

static uint8_t rights(unsigned int slot)
{
    return memory[GDT + 8 * slot + 5];
}

static void put32(uint32_t at, uint32_t value)
{
    memcpy(memory + at, &value, sizeof(value));
}

static uint32_t get32(uint32_t at)
{
    uint32_t value;

    memcpy(&value, memory + at, sizeof(value));
    return value;
}

/* Two 32-bit tasks: the old one runs, the new one is all set. */
static struct task_cpu start(void)
{
    struct task_cpu c = {.access = access_memory, .paging = paging};
    struct hvm_hw_cpu *s = &c.s;

    memset(memory, 0, sizeof(memory));
    bad = ~0u;
    read_only = false;
    paging_ok = true;
    descriptor(CODE0, 0, 0xfffff, 0xc9a); /* not accessed yet */
    descriptor(DATA0, 0, 0xfffff, 0xc93);
    descriptor(CODE3, 0, 0xfffff, 0xcfb);
    descriptor(DATA3, 0, 0xfffff, 0xcf3);
    descriptor(OLD_SLOT, OLD, 0x67, 0x8b);
    descriptor(NEW_SLOT, NEW, 0x67, 0x89);
    descriptor(LDT_SLOT, LDT, 0xff, 0x82);
    put32(NEW + 28, 0x7000);
    for (unsigned int i = 0; i < 10; i++) /* EIP to EDI */
        put32(NEW + 32 + 4 * i, 0x100 + i);
    put32(NEW + 36, 2);      /* EFLAGS */
    put32(NEW + 56, 0x6000); /* ESP */
    for (unsigned int i = 0; i < 6; i++)
        put32(NEW + 72 + 4 * i, SEL(i == 1 ? CODE0 : DATA0));
    s->gdtr_base = GDT, s->gdtr_limit = SLOTS * 8 - 1;
    s->tr_sel = SEL(OLD_SLOT), s->tr_base = OLD, s->tr_limit = 0x67, s->tr_arbytes = 0x8b;
    s->cs_sel = SEL(CODE0), s->ss_sel = SEL(DATA0), s->ds_sel = SEL(DATA0);
    s->cr0 = CR0_PE | CR0_PG, s->cr3 = 0x5000, s->dr7 = 0x7ff;
    s->rip = 0x1234, s->rflags = 0x4246, s->rax = 0xaaaaaaaa, s->rsp = 0xdddddddd;
    return c;
}

TEST(a_call_nests)
{
    struct task_cpu c = start();

    CHECK(task_switch(&c, TASK_CALL, SEL(NEW_SLOT), NULL) && !c.fault.valid);
    CHECK_EQ(get32(OLD + 32), 0x1234);
    CHECK_EQ(get32(OLD + 36), 0x4246);
    CHECK_EQ(get32(OLD + 40), 0xaaaaaaaa);
    CHECK_EQ(get32(OLD + 56), 0xdddddddd);
    CHECK_EQ(get32(OLD + 76), SEL(CODE0));
    CHECK_EQ(get32(OLD + 28), 0); /* CR3 is not saved */
    CHECK_EQ(get32(OLD + 96), 0); /* nor LDTR */
    CHECK_EQ(get32(NEW) & 0xffff, SEL(OLD_SLOT));
    CHECK_EQ(rights(OLD_SLOT), 0x8b);
    CHECK_EQ(rights(NEW_SLOT), 0x8b);
    CHECK_EQ(c.s.rip, 0x100);
    CHECK_EQ(c.s.rax, 0x102);
    CHECK_EQ(c.s.rcx, 0x103);
    CHECK_EQ(c.s.rdi, 0x109);
    CHECK_EQ(c.s.rsp, 0x6000);
    CHECK_EQ(c.s.rflags, 0x4002);
    CHECK_EQ(c.s.cr3, 0x7000);
    CHECK(c.s.cr0 & CR0_TS);
    CHECK_EQ(c.s.dr7, 0x6aa);
    CHECK_EQ(c.s.tr_sel, SEL(NEW_SLOT));
    CHECK_EQ(c.s.tr_arbytes, 0x8b);
    CHECK_EQ(c.s.cs_arbytes, 0xc9b); /* accessed now, in memory too */
    CHECK_EQ(rights(CODE0), 0x9b);
    CHECK_EQ(c.s.cs_limit, ~0u);
    CHECK_EQ(c.s.gs_arbytes, 0xc93);
}

TEST(iret_goes_back)
{
    struct task_cpu c = start();

    CHECK(task_switch(&c, TASK_CALL, SEL(NEW_SLOT), NULL));
    c.s.rip = 0x777;
    CHECK(task_switch(&c, TASK_IRET, SEL(OLD_SLOT), NULL) == true);
    /* its segment was all zero but for what was saved: no ES, FS, GS, and CR3 */
    CHECK(!c.fault.valid);
    CHECK_EQ(c.s.rip, 0x1234);
    CHECK_EQ(c.s.rflags, 0x4246);
    CHECK_EQ(c.s.es_arbytes, 0);
    CHECK_EQ(c.s.ds_arbytes, 0xc93);
    CHECK_EQ(get32(NEW + 32), 0x777);
    CHECK_EQ(get32(NEW + 36), 2); /* NT is gone */
    CHECK_EQ(rights(NEW_SLOT), 0x89);
    CHECK_EQ(rights(OLD_SLOT), 0x8b);
}

TEST(a_jump_leaves_the_old_one)
{
    struct task_cpu c = start();

    CHECK(task_switch(&c, TASK_JMP, SEL(NEW_SLOT), NULL) && !c.fault.valid);
    CHECK_EQ(c.s.rflags, 2);
    CHECK_EQ(get32(NEW) & 0xffff, 0);
    CHECK_EQ(rights(OLD_SLOT), 0x89);
    CHECK_EQ(rights(NEW_SLOT), 0x8b);
}

TEST(sixteen_bits)
{
    struct task_cpu c = start();

    descriptor(NEW_SLOT, NEW, 0x2b, 0x81);
    memset(memory + NEW, 0, 104);
    put32(NEW + 12, 0x4444u << 16);                /* IP behind SS2 */
    put32(NEW + 16, 0x0002u | 0x1111u << 16);      /* flags, AX */
    put32(NEW + 24, 0x2222u | 0x6000u << 16);      /* BX, SP */
    put32(NEW + 32, 0 | (uint32_t)SEL(DATA0) << 16);
    put32(NEW + 36, SEL(CODE0) | (uint32_t)SEL(DATA0) << 16);
    put32(NEW + 40, SEL(DATA0) | (uint32_t)SEL(LDT_SLOT) << 16);
    CHECK(task_switch(&c, TASK_GATE, SEL(NEW_SLOT), &(uint32_t){0x99}) && !c.fault.valid);
    CHECK_EQ(c.s.rip, 0x4444);
    CHECK_EQ(c.s.rax, 0x1111);
    CHECK_EQ(c.s.rsp, 0x5ffe); /* with the error code */
    CHECK_EQ(get32(0x5ffe) & 0xffff, 0x99);
    CHECK_EQ(c.s.cr3, 0x5000);
    CHECK_EQ(c.s.ldtr_base, LDT);
    CHECK_EQ(c.s.fs_arbytes, 0);
    CHECK_EQ(rights(NEW_SLOT), 0x83);
    CHECK(task_switch(&c, TASK_IRET, SEL(OLD_SLOT), NULL) && !c.fault.valid);
    CHECK_EQ(get32(NEW + 12) >> 16, 0x4444); /* saved in its own layout */
    CHECK_EQ(c.s.rip, 0x1234);
}

TEST(virtual_8086)
{
    struct task_cpu c = start();

    put32(NEW + 36, 0x20202);
    put32(NEW + 72, 0x1111); /* ES */
    CHECK(task_switch(&c, TASK_JMP, SEL(NEW_SLOT), NULL) && !c.fault.valid);
    CHECK_EQ(c.s.es_base, 0x11110);
    CHECK_EQ(c.s.cs_arbytes, 0xf3);
    CHECK_EQ(c.s.cs_limit, 0xffff);
}

/* The old task's: nothing has changed. */
static void check_refused(enum task_source source, uint16_t selector, int vector, uint32_t error,
                          struct task_cpu c)
{
    uint64_t rip = c.s.rip;

    CHECK(!task_switch(&c, source, selector, NULL));
    CHECK(c.fault.valid);
    CHECK_EQ(c.fault.vector, vector);
    CHECK_EQ(c.fault.error, error);
    CHECK_EQ(c.s.rip, rip);
    CHECK_EQ(c.s.tr_sel, SEL(OLD_SLOT));
    CHECK_EQ(rights(OLD_SLOT), 0x8b);
}

TEST(faults_of_the_old_task)
{
    struct task_cpu c = start();

    check_refused(TASK_CALL, SEL(DATA0), VEC_GP, SEL(DATA0), c);
    check_refused(TASK_GATE, SEL(DATA0), VEC_TS, SEL(DATA0), c);
    check_refused(TASK_IRET, SEL(NEW_SLOT), VEC_TS, SEL(NEW_SLOT), c); /* not busy */
    check_refused(TASK_JMP, SEL(OLD_SLOT), VEC_GP, SEL(OLD_SLOT), c);  /* busy */
    check_refused(TASK_JMP, SEL(NEW_SLOT) | 4, VEC_GP, SEL(NEW_SLOT) | 4, c);
    check_refused(TASK_JMP, SEL(SLOTS), VEC_GP, SEL(SLOTS), c);
    check_refused(TASK_JMP, 0, VEC_GP, 0, c);
    c.external = true;
    check_refused(TASK_GATE, SEL(DATA0), VEC_TS, SEL(DATA0) | 1, c);
    c.external = false;
    descriptor(NEW_SLOT, NEW, 0x66, 0x89);
    check_refused(TASK_CALL, SEL(NEW_SLOT), VEC_TS, SEL(NEW_SLOT), c);
    descriptor(NEW_SLOT, NEW, 0x67, 0x09);
    check_refused(TASK_CALL, SEL(NEW_SLOT), VEC_NP, SEL(NEW_SLOT), c);
    c = start();
    bad = NEW;
    check_refused(TASK_CALL, SEL(NEW_SLOT), VEC_PF, 0, c);
    read_only = true; /* the way back cannot be written */
    check_refused(TASK_CALL, SEL(NEW_SLOT), VEC_PF, 0, c);
    bad = OLD;
    check_refused(TASK_JMP, SEL(NEW_SLOT), VEC_PF, 0, c);
    bad = ~0u;
    c.s.tr_limit = 0x50;
    check_refused(TASK_JMP, SEL(NEW_SLOT), VEC_TS, SEL(OLD_SLOT), c);
}

/* The new task's: it is there, in a state in which the processor can run it. */
static void check_first_event(int vector, uint32_t error, struct task_cpu c)
{
    CHECK(task_switch(&c, TASK_JMP, SEL(NEW_SLOT), NULL));
    CHECK(c.fault.valid);
    CHECK_EQ(c.fault.vector, vector);
    CHECK_EQ(c.fault.error, error);
    CHECK_EQ(c.s.tr_sel, SEL(NEW_SLOT));
    CHECK_EQ(c.s.cs_arbytes & 0x9b, 0x9b);
    CHECK_EQ((c.s.ss_arbytes >> 5 & 3), c.s.cs_sel & 3u);
}

static void check_new(uint32_t at, uint32_t value, int vector, uint32_t error)
{
    struct task_cpu c = start();

    put32(NEW + at, value);
    check_first_event(vector, error, c);
}

TEST(faults_of_the_new_task)
{
    struct task_cpu c;

    check_new(96, SEL(DATA0), VEC_TS, SEL(DATA0));     /* LDT */
    check_new(96, 4 | 8, VEC_TS, 4 | 8);
    check_new(76, 0, VEC_TS, 0);                       /* CS */
    check_new(76, SEL(DATA0), VEC_TS, SEL(DATA0));
    check_new(76, SEL(CODE3), VEC_TS, SEL(CODE3));     /* RPL 0 */
    check_new(76, SEL(CODE3) | 3, VEC_TS, SEL(DATA0)); /* then SS is not of ring 3 */
    check_new(80, 0, VEC_TS, 0);
    check_new(80, SEL(CODE0), VEC_TS, SEL(CODE0));
    check_new(80, SEL(DATA3), VEC_TS, SEL(DATA3));
    check_new(84, SEL(OLD_SLOT), VEC_TS, SEL(OLD_SLOT)); /* DS */
    check_new(92, SEL(SLOTS), VEC_TS, SEL(SLOTS));       /* GS */
    c = start();
    descriptor(DATA0, 0, 0xfffff, 0xc13);
    check_first_event(VEC_SS, SEL(DATA0), c);
    c = start();
    descriptor(CODE0, 0, 0xfffff, 0xc1b);
    check_first_event(VEC_NP, SEL(CODE0), c);
    c = start();
    descriptor(CODE0, 0, 0x10, 0x49b);
    check_first_event(VEC_GP, 0, c); /* EIP beyond */
    c = start();
    paging_ok = false;
    check_first_event(VEC_GP, 0, c);
    c = start();
    put32(NEW + 100, 1);
    CHECK(task_switch(&c, TASK_JMP, SEL(NEW_SLOT), NULL));
    CHECK(c.fault.valid && c.fault.vector == VEC_DB && !c.fault.has_error);
    CHECK(c.s.dr6 & 0x8000);
    c = start();
    put32(NEW + 56, 2); /* no room for the error code */
    CHECK(task_switch(&c, TASK_GATE, SEL(NEW_SLOT), &(uint32_t){0}));
    CHECK(c.fault.valid && c.fault.vector == VEC_SS);
}
