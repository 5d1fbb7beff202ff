/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors guests may have, and LDT pages that are mapped when they are first used. */
/* sources: hypervisor/pv/descriptor.c hypervisor/mm/page.c */
/* sources: hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c tests/unit/fake/pv_only.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "hypercall/table.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/page_hooks.h"
#include "mm/page_word.h"
#include "mm/tlb.h"
#include "p2m/copy.h"
#include "pv/pte_update.h"
#include "pv/pv.h"
#include "pv/type.h"

#define FRAMES 8
#define LDT_FRAME 3
#define BASE 0x7000ULL

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
uint64_t frame_limit = FRAMES;
struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
struct cpumask cpus_online;
static struct domain dom;
static struct pv_domain pvd;
static struct vcpu vcpu;
static struct pv_vcpu pv;
static uint64_t leaf, slots[512];
static unsigned int unlocked_walks;

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format);
    abort();
}
mfn_t image_mfn(const void *in_image unused)
{
    return MFN(FRAMES - 1);
}
uint64_t *pte_find_leaf(mfn_t l4 unused, uint64_t va)
{
    unlocked_walks += !spin_is_locked(&pvd.update_lock);
    return va == BASE ? &leaf : NULL;
}
bool pte_guest_address(uint64_t va unused)
{
    return true;
}
uint32_t tlb_clock(void)
{
    return 1;
}
void tlb_flush_local(enum tlb_flush_kind kind unused, uint64_t va unused) {}
void tlb_flush_stale(const struct cpumask *mask unused, uint32_t stamp unused) {}
void page_hook_flush(const struct page *pg unused, uint32_t stamp unused) {}
void page_hook_limbo(bool many unused) {}
void page_hook_release(struct page *pg unused) {}
void domain_pages_freed(struct page *first unused, uint64_t n unused, domid_t owner unused) {}
int page_hook_check(struct page *pg, enum page_type type)
{
    int rc;

    pv_update_lock(&dom); /* as the real one: must be free */
    rc = pv_descriptor_page_validate(page_mfn(pg));
    if (!rc)
        pg->type = word_make_used(type);
    pv_update_unlock(&dom);
    return rc;
}
int copy_from_guest(void *to unused, uint64_t gva unused, size_t bytes unused)
{
    return -EFAULT;
}

static void reset(void)
{
    memset(fake_frame_table, 0, sizeof(fake_frame_table));
    memset(fake_ram, 0, sizeof(fake_ram));
    memset(slots, 0, sizeof(slots));
    pvd = (struct pv_domain){.gdt_ldt_l1[0] = slots};
    spin_init(&pvd.update_lock, LOCK_PV_UPDATE);
    pv = (struct pv_vcpu){.ldt_base = BASE, .ldt_entries = 512};
    dom = (struct domain){.id = 2, .pv = &pvd};
    vcpu = (struct vcpu){.domain = &dom, .pv = &pv};
    fake_percpu[0].current = &vcpu;
    page_assign(mfn_page(MFN(LDT_FRAME)), dom.id, 0);
    leaf = pte_make(MFN(LDT_FRAME), PTE_P | PTE_US);
    unlocked_walks = 0;
}

TEST(ldt_page_comes_in_on_first_use)
{
    reset();
    CHECK(pv_ldt_fault(&vcpu, 0x18));
    CHECK_EQ(pte_mfn(slots[16]).n, LDT_FRAME);
    CHECK_EQ(page_type_now(mfn_page(MFN(LDT_FRAME))), PAGE_DESCRIPTOR);
    CHECK(!pv_ldt_fault(&vcpu, 0x18)); /* there already */
    CHECK(!pv_ldt_fault(&vcpu, PAGE_BYTES)); /* beyond its limit */
    pv_drop_ldt(&vcpu);
    CHECK_EQ(slots[16], 0);
    CHECK_EQ(page_type_now(mfn_page(MFN(LDT_FRAME))), PAGE_NONE);
    CHECK_EQ(mfn_page(MFN(LDT_FRAME))->count & PAGE_REFS_MASK, 1);
}

TEST(the_walk_holds_the_lock)
{
    reset();
    CHECK(pv_ldt_fault(&vcpu, 0));
    CHECK_EQ(unlocked_walks, 0);
    CHECK(!spin_is_locked(&pvd.update_lock));
    pv_drop_ldt(&vcpu);
    leaf = 0;
    CHECK(!pv_ldt_fault(&vcpu, 0));
    pv.ldt_base = BASE + PAGE_BYTES; /* no table */
    CHECK(!pv_ldt_fault(&vcpu, 0));
    CHECK_EQ(unlocked_walks, 0);
    CHECK(!spin_is_locked(&pvd.update_lock));
}

TEST(gdt_pages_without_a_frame_read_as_zeros)
{
    uint64_t frame = LDT_FRAME;

    reset();
    fake_percpu[0].current = NULL;
    pv_gdt_init(&vcpu);
    for (unsigned int i = 0; i < PV_GDT_GUEST_FRAMES; i++) {
        CHECK_EQ(pte_mfn(slots[i]).n, FRAMES - 1);
        CHECK_EQ(slots[i] & (PTE_P | PTE_RW | PTE_US), PTE_P);
    }
    CHECK_EQ(slots[PV_GDT_GUEST_FRAMES], 0); /* ours */
    CHECK_EQ(pv_set_gdt(&vcpu, &frame, 16), 0);
    CHECK_EQ(pte_mfn(slots[0]).n, LDT_FRAME);
    CHECK_EQ(pte_mfn(slots[1]).n, FRAMES - 1);
    pv_drop_gdt(&vcpu);
    CHECK_EQ(pte_mfn(slots[0]).n, FRAMES - 1);
    CHECK_EQ(mfn_page(MFN(LDT_FRAME))->count & PAGE_REFS_MASK, 1);
}

TEST(only_segments_of_the_least_privilege)
{
    /* every type and S, present or not, of each DPL: what passes is a segment of DPL 3 */
    for (uint64_t access = 0; access < 256; access++) {
        uint64_t d = access << 40 | 0xaf << 16;
        bool present = access & 0x80, segment = access & 0x10;

        CHECK_EQ(pv_descriptor_fix(&d), !present || segment);
        if (present && segment)
            CHECK_EQ(d >> 45 & 3, 3);
    }
    reset();
    ((uint64_t *)fake_ram[LDT_FRAME])[511] = 0x0000ec0000080000; /* call gate, DPL 3 */
    CHECK(!pv_ldt_fault(&vcpu, 0));
    CHECK_EQ(mfn_page(MFN(LDT_FRAME))->count & PAGE_REFS_MASK, 1);
}
