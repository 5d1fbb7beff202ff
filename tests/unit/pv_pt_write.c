/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes of the guest kernel to its live L1 tables: what is emulated, what is left to the guest. */
/* sources: hypervisor/mm/page.c hypervisor/domain/page_hooks.c hypervisor/pv/type.c */
/* sources: hypervisor/pv/entry_ref.c hypervisor/pv/pte_update.c hypervisor/pv/targets.c */
/* sources: hypervisor/pv/mmu_update.c hypervisor/pv/mmuext.c hypervisor/pv/va_mapping.c */
/* sources: hypervisor/pv/address_space.c hypervisor/pv/grant_map.c hypervisor/pv/pt_write.c */
/* sources: hypervisor/insn/opcodes.c hypervisor/insn/decode.c hypervisor/insn/execute.c */
/* sources: hypervisor/insn/alu.c hypervisor/insn/memory.c hypervisor/insn/string.c */
/* sources: hypervisor/insn/system.c hypervisor/insn/vector.c hypervisor/lib/cpumask.c */
/* sources: hypervisor/lib/bitmap.c hypervisor/lib/range_set.c hypervisor/lib/rbtree.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "pv/bounce.h"
#include "tests/unit/pv_world.h"

enum { L4 = 1, L3, L2, L1, DATA, DATA2 };

#define WINDOW 0x1000ULL      /* the L1 table as the guest sees it */
#define WINDOW_L2 0x2000ULL   /* its L2 table */
#define WINDOW_DATA 0x3000ULL /* ordinary memory, read-only */
#define FAULT 3               /* present, write */
#define FLAG_CF 1ULL
#define FLAG_ZF 0x40ULL
#define FLAG_TF 0x100ULL

static uint8_t code_pages[2 * PAGE_BYTES] aligned(4096);
static unsigned int traps;

void pv_bounce_trap(struct vcpu *v, unsigned int vector, uint32_t error)
{
    WORLD(v == vcpu_current() && vector == 1 && error == 0);
    traps++;
}

static struct vcpu *start(void)
{
    world_reset();
    world_table(L4)[0] = pte_make(MFN(L3), PTE_P | PTE_RW);
    world_table(L3)[0] = pte_make(MFN(L2), PTE_P | PTE_RW);
    world_table(L2)[0] = pte_make(MFN(L1), PTE_P | PTE_RW);
    world_table(L1)[0] = pte_make(MFN(DATA), PTE_P | PTE_RW);
    world_table(L1)[1] = pte_make(MFN(L1), PTE_P);
    world_table(L1)[2] = pte_make(MFN(L2), PTE_P);
    world_table(L1)[3] = pte_make(MFN(DATA2), PTE_P);
    CHECK_EQ(world_mmuext(MMUEXT_NEW_BASEPTR, L4, 0, DOMID_SELF), 0);
    traps = 0;
    return vcpu_current();
}

/* Let the guest fault at @va executing the bytes @hex, which lie at @at in the code pages. */
static bool fault_at(struct vcpu *v, unsigned int at, const char *hex, uint64_t va)
{
    unsigned int byte, n = 0;
    uint64_t rip = (uintptr_t)&code_pages[at];
    bool done;
    int used;

    memset(code_pages, 0xcc, sizeof(code_pages));
    for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used)
        code_pages[at + n++] = (uint8_t)byte;
    v->regs.rip = rip;
    done = pv_pt_write_fault(v, va, FAULT);
    CHECK_EQ(v->regs.rip, rip + (done ? n : 0));
    world_check();
    return done;
}

static bool fault(struct vcpu *v, const char *hex, uint64_t va)
{
    return fault_at(v, 0x100, hex, va);
}

TEST(mov)
{
    struct vcpu *v = start();

    v->regs.rdi = WINDOW + 8 * 9;
    v->regs.rax = pte_make(MFN(DATA2), PTE_P | PTE_G | PTE_A);
    CHECK(fault(v, "48 89 07", v->regs.rdi));
    CHECK_EQ(world_table(L1)[9], pte_make(MFN(DATA2), PTE_P | PTE_US | PTE_A));
    CHECK(fault(v, "48 c7 07 00 00 00 00", v->regs.rdi));
    CHECK_EQ(world_table(L1)[9], 0);
    world_end();
}

TEST(xchg_gives_the_old_entry)
{
    struct vcpu *v = start();
    uint64_t old = world_table(L1)[0];

    v->regs.rbx = WINDOW;
    v->regs.rcx = 0;
    CHECK(fault(v, "48 87 0b", WINDOW));
    CHECK_EQ(v->regs.rcx, old);
    CHECK_EQ(world_table(L1)[0], 0);
    CHECK_EQ(page_type_now(mfn_page(MFN(DATA))), PAGE_NONE);
    world_end();
}

TEST(write_protect_and_age)
{
    struct vcpu *v = start();

    v->regs.rbx = WINDOW;
    v->regs.rflags = 0x2;
    CHECK(fault(v, "f0 80 23 fd", WINDOW));
    CHECK_EQ(world_table(L1)[0], pte_make(MFN(DATA), PTE_P | PTE_US));
    world_table(L1)[0] |= PTE_A | PTE_D; /* as the processor would */
    CHECK(fault(v, "f0 48 0f ba 33 05", WINDOW));
    CHECK_EQ(world_table(L1)[0], pte_make(MFN(DATA), PTE_P | PTE_US | PTE_D));
    CHECK(v->regs.rflags & FLAG_CF);
    CHECK(fault(v, "3e 48 0f ba 33 05", WINDOW));
    CHECK(!(v->regs.rflags & FLAG_CF));
    CHECK(fault(v, "f0 80 0b 02", WINDOW)); /* lock orb $2: writable again */
    CHECK_EQ(page_type_now(mfn_page(MFN(DATA))), PAGE_WRITABLE);
    world_end();
}

TEST(cmpxchg)
{
    struct vcpu *v = start();
    uint64_t old = world_table(L1)[0];

    v->regs.rdi = WINDOW;
    v->regs.rax = old ^ PTE_A;
    v->regs.rcx = 0;
    CHECK(fault(v, "f0 48 0f b1 0f", WINDOW));
    CHECK_EQ(v->regs.rax, old);
    CHECK(!(v->regs.rflags & FLAG_ZF));
    CHECK_EQ(world_table(L1)[0], old);
    CHECK(fault(v, "f0 48 0f b1 0f", WINDOW));
    CHECK(v->regs.rflags & FLAG_ZF);
    CHECK_EQ(world_table(L1)[0], 0);
    world_end();
}

TEST(instruction_over_the_end_of_a_page)
{
    struct vcpu *v = start();

    v->regs.rdi = WINDOW + 8 * 9;
    for (unsigned int at = PAGE_BYTES - 8; at <= PAGE_BYTES; at++) {
        CHECK(!fault_at(v, at, "48 c7 07 01 00 00 00", v->regs.rdi)); /* frame 0: not ours */
        CHECK(fault_at(v, at, "48 c7 07 00 10 00 00", v->regs.rdi));
        CHECK_EQ(world_table(L1)[9], 0x1000);
    }
    world_end();
}

TEST(single_step_trap_follows)
{
    struct vcpu *v = start();

    v->regs.rdi = WINDOW + 8 * 9;
    v->regs.rflags = FLAG_TF;
    CHECK(fault(v, "48 c7 07 00 00 00 00", v->regs.rdi));
    CHECK_EQ(traps, 1);
    CHECK(v->debugreg[6] & 1 << 14);
    world_end();
}

TEST(what_is_left_to_the_guest)
{
    struct vcpu *v = start();
    uint64_t old = world_table(L1)[0];

    v->regs.rdi = WINDOW;
    v->regs.rax = pte_make(MFN(L1), PTE_P | PTE_RW); /* a writable view of the table */
    CHECK(!fault(v, "48 89 07", WINDOW));
    v->regs.rax = pte_make(MFN(PRIVATE_FRAME), PTE_P);
    CHECK(!fault(v, "48 87 07", WINDOW));
    CHECK_EQ(v->regs.rax, pte_make(MFN(PRIVATE_FRAME), PTE_P));
    CHECK_EQ(world_table(L1)[0], old);
    v->regs.rax = 0;
    CHECK(!fault(v, "48 89 07", WINDOW + 8));                 /* not where it faulted */
    CHECK(!fault(v, "48 8b 07", WINDOW));                     /* a load */
    CHECK(!fault(v, "65 48 89 07", WINDOW));                  /* through GS */
    CHECK(!fault(v, "48 89 c7", WINDOW));                     /* no memory operand */
    v->regs.rdi = WINDOW + 4;
    CHECK(!fault(v, "48 89 07", WINDOW + 4));                 /* over two entries */
    v->regs.rdi = WINDOW_L2;
    CHECK(!fault(v, "48 89 07", WINDOW_L2));                  /* not an L1 table */
    v->regs.rdi = WINDOW_DATA;
    CHECK(!fault(v, "48 89 07", WINDOW_DATA));                /* no table at all */
    v->regs.rdi = 0;
    CHECK(!fault(v, "48 89 07", 0));                          /* writable by now */
    v->regs.rdi = 0xffff800000000000;
    CHECK(!fault(v, "48 89 07", v->regs.rdi));
    v->regs.rdi = WINDOW;
    CHECK(!pv_pt_write_fault(v, WINDOW, 2));                  /* not present */
    CHECK(!pv_pt_write_fault(v, WINDOW, FAULT | 16));         /* a fetch */
    v->pv->in_kernel = false;
    CHECK(!fault(v, "48 89 07", WINDOW));
    v->pv->in_kernel = true;
    CHECK(fault(v, "48 89 07", WINDOW));
    world_end();
}
