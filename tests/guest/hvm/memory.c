/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of HVM guests: where there is none, tables that change under the hypervisor's walks, calls
 * with bad pointers, grants by guest-physical address. */
#include "tests/guest/lib/hvm.h"

#define NOWHERE 0x40000 /* a guest frame without memory: 1 GiB */
#define LAPIC_GFN 0xfee00

static void give_away(const volatile void *page)
{
    xen_pfn_t gfn = va_pfn(page);
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, &gfn);
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 1);
}

HVM_TEST(hvm, mmio, SHUTDOWN_poweroff)
{
    volatile uint32_t *page = page_alloc(), *apic = page_alloc();
    volatile uint8_t *bytes = (volatile uint8_t *)page;

    hvm_map(page, NOWHERE, PTE_RW_FLAGS);
    hvm_map(apic, LAPIC_GFN, PTE_RW_FLAGS);
    CHECK_EQ(apic[0x30 / 4] & 0xff, 0x14);
    apic[0xf0 / 4] = 0x1ff;
    CHECK_EQ(apic[0xf0 / 4], 0x1ff);
    for (unsigned int i = 0; i < 2000; i++) {
        page[i % 1024] = i;
        CHECK_EQ(page[i % 1024], 0xffffffff);
        CHECK_EQ(bytes[i], 0xff);
        apic[0x80 / 4] = (i & 0xf) << 4;
        CHECK_EQ(apic[0x80 / 4], (i & 0xf) << 4);
    }
}

/* Memory comes and goes, and an address means what the tables say now. */
HVM_TEST(hvm, balloon, SHUTDOWN_poweroff)
{
    volatile uint64_t *page = page_alloc();

    for (uint64_t i = 0; i < 100; i++) {
        xen_pfn_t gfn = va_pfn(page);
        struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

        *page = ~i;
        give_away(page);
        CHECK_EQ(*page, ~0UL); /* nothing there */
        set_xen_guest_handle(r.extent_start, &gfn);
        CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 1);
        *page = i;
        CHECK_EQ(*page, i);
    }
}

HVM_TEST(hvm, bad_calls, SHUTDOWN_poweroff)
{
    static const uint64_t bad[] = {0, BAD_POINTER, HV_POINTER, M2P_BASE, NONCANONICAL, ~0UL,
                                   0x7ffffffffff8, 0xffff800000000000, VIRT_BASE - 4};
    volatile char *hole = page_alloc(), *edge = pages_alloc(2);

    give_away(hole);
    give_away(edge + PAGE_BYTES);
    for (uint64_t call = 0; call < 64; call++) {
        bool ends = call == __HYPERVISOR_sched_op || call == __HYPERVISOR_sched_op_compat;

        for (unsigned int i = 0; i < ARRAY_SIZE(bad) && !ends; i++)
            for (uint64_t cmd = 0; cmd < 12; cmd++)
                (void)hypercall(call, cmd, bad[i], bad[i], bad[i], bad[i]);
    }
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iopl, &(struct physdev_set_iopl){.iopl = 1}), -ENOSYS);
    CHECK_EQ(hc_physdev_op(PHYSDEVOP_set_iobitmap, &(struct physdev_set_iobitmap){0}), -ENOSYS);
    CHECK_EQ(hypercall(64, 0, 0, 0, 0, 0), -ENOSYS);
    CHECK_EQ(hypercall(~0UL, 0, 0, 0, 0, 0), -ENOSYS);
    CHECK_EQ(hypercall(__HYPERVISOR_mmu_update, 0, 0, 0, 0, 0), -ENOSYS);
    CHECK_EQ(hypercall(__HYPERVISOR_iret, 0, 0, 0, 0, 0), -ENOSYS);
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
        CHECK_EQ(hc_xen_version(XENVER_extraversion, bad[i]), -EFAULT);
    CHECK_EQ(hc_xen_version(XENVER_extraversion, hole), -EFAULT);
    CHECK_EQ(hc_xen_version(XENVER_extraversion, edge + PAGE_BYTES - 4), -EFAULT);
    CHECK_EQ(hc_xen_version(XENVER_extraversion, edge), 0);
    hvm_map(edge, va_pfn(edge), PTE_RO_FLAGS); /* read-only by its own tables */
    CHECK_EQ(hc_xen_version(XENVER_extraversion, edge), -EFAULT);
    hvm_map(edge, 0xfffffffff, PTE_RW_FLAGS);
    CHECK_EQ(hc_xen_version(XENVER_extraversion, edge), -EFAULT);
    hvm_map(edge, va_pfn(edge), PTE_RW_FLAGS);
}

/* ---- one vCPU changes the tables that the other's calls go through ---- */

static volatile bool stop;
static volatile uint64_t *volatile changing;
static uint64_t states[4];

static void change(void)
{
    for (uint64_t i = 0; !stop; i++) {
        *changing = states[i % 4];
        if (i % 1000 == 0)
            __asm__ volatile("pause");
    }
    for (;;)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
}

static void tables_change(void *arg unused)
{
    char *page = page_alloc(), *other = page_alloc();
    unsigned int ok = 0, bad = 0;
    uint64_t *entry = hvm_entry(page);

    states[0] = pte(va_pfn(page), PTE_RW_FLAGS);
    states[1] = 0;
    states[2] = pte(va_pfn(other), PTE_P | PTE_US); /* no accessed bit, read-only */
    states[3] = pte(0xffffffffff, PTE_RW_FLAGS);     /* reserved bits */
    changing = entry;
    hvm_second(change);
    for (unsigned int i = 0; i < 20000; i++) {
        long rc = hc_xen_version(XENVER_extraversion, page);

        ok += rc == 0;
        bad += rc == -EFAULT;
    }
    CHECK_EQ(ok + bad, 20000);
    stop = true;
    box.value[0] = ok;
}

TEST(hvm, tables_change)
{
    const struct child_options options = {.hvm = true, .vcpus = 2};

    child_run_with(tables_change, &options, SHUTDOWN_poweroff);
}

/* ---- one vCPU moves the frame that the other gives up ---- */

#define MOVED_TO 0x41000

static volatile uint64_t moved_from, turn, moved;

static void mover(void)
{
    for (uint64_t round = 1;; round++) {
        struct xen_add_to_physmap a = {.domid = DOMID_SELF, .space = XENMAPSPACE_gmfn,
                                       .gpfn = MOVED_TO};

        while (turn != round)
            __asm__ volatile("pause");
        a.idx = moved_from;
        moved = (uint64_t)(hc_memory_op(XENMEM_add_to_physmap, &a) == 0);
        turn = 0;
    }
}

/* Both cannot succeed, else the frame is free and the guest still has it. */
static void moves_and_gives_up(void *arg unused)
{
    volatile uint64_t *page = page_alloc();
    xen_pfn_t gfn = va_pfn(page), there = MOVED_TO;
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
    unsigned int wins = 0;

    moved_from = gfn;
    hvm_second(mover);
    for (uint64_t round = 1; round <= 3000; round++) {
        long gone;

        box.step = (uint32_t)round;
        turn = round;
        for (uint64_t i = draw(&(uint64_t){round * 0x9e3779b97f4a7c15}) % 40; i; i--)
            (void)hc_xen_version(XENVER_version, NULL);
        set_xen_guest_handle(r.extent_start, &gfn);
        gone = hc_memory_op(XENMEM_decrease_reservation, &r);
        while (turn)
            __asm__ volatile("pause");
        wins += moved != 0;
        if (gone + (long)moved != 1)
            test_fail(__FILE__, __LINE__, "round %lu: given up %ld, moved %lu", round, gone, moved);
        set_xen_guest_handle(r.extent_start, &there);
        CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), (long)moved);
        set_xen_guest_handle(r.extent_start, &gfn);
        NEED(hc_memory_op(XENMEM_populate_physmap, &r) == 1);
    }
    box.value[0] = wins;
}

TEST(hvm, moves_and_gives_up)
{
    const struct child_options options = {.hvm = true, .vcpus = 2};

    child_run_with(moves_and_gives_up, &options, SHUTDOWN_poweroff);
}

/* ---- grants ---- */

static grant_entry_v1_t *table;

/* The child's own table, at a page of its own. */
static bool table_open(void)
{
    void *page = page_alloc();
    struct xen_add_to_physmap a = {.domid = DOMID_SELF, .space = XENMAPSPACE_grant_table,
                                   .gpfn = va_pfn(page)};
    struct gnttab_set_version version = {.version = 1};

    (void)hc_grant_table_op(GNTTABOP_set_version, &version, 1);
    table = page;
    return hc_memory_op(XENMEM_add_to_physmap, &a) == 0;
}

static void offer(grant_ref_t ref, const volatile void *page, uint16_t flags)
{
    table[ref].frame = (uint32_t)va_pfn(page);
    table[ref].domid = env.domid;
    __atomic_store_n(&table[ref].flags, GTF_permit_access | flags, __ATOMIC_SEQ_CST);
}

static int map_at(uint64_t gpa, grant_ref_t ref, uint32_t flags, grant_handle_t *handle)
{
    struct gnttab_map_grant_ref op = {.host_addr = gpa, .flags = flags, .ref = ref,
                                      .dom = env.domid};

    CHECK_EQ(hc_grant_table_op(GNTTABOP_map_grant_ref, &op, 1), 0);
    *handle = op.handle;
    return op.status;
}

static int unmap_at(uint64_t gpa, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {.host_addr = gpa, .handle = handle};

    CHECK_EQ(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

HVM_TEST(hvm, grants, SHUTDOWN_poweroff)
{
    volatile uint64_t *page = page_alloc(), *there = page_alloc();
    uint64_t gpa = va_pfn(there) << PAGE_SHIFT;
    grant_handle_t handle, second;
    struct gnttab_unmap_and_replace r = {0};
    struct gnttab_transfer t = {.mfn = va_pfn(page), .domid = env.domid, .ref = 9};

    NEED(table_open());
    offer(8, page, 0);
    give_away(there);
    for (uint64_t i = 1; i < 50; i++) {
        CHECK_EQ(map_at(gpa, 8, GNTMAP_host_map, &handle), GNTST_okay);
        *page = i;
        CHECK_EQ(*there, i);
        *there = ~i;
        CHECK_EQ(*page, ~i);
        /* our own calls reach it as well */
        CHECK_EQ(hc_xen_version(XENVER_extraversion, there), 0);
        CHECK_EQ(*page, *there);
        CHECK_EQ(unmap_at(gpa + PAGE_BYTES, handle), GNTST_general_error);
        CHECK_EQ(unmap_at(gpa, handle), GNTST_okay);
        CHECK_EQ(*there, ~0UL); /* nobody there again */
    }
    offer(9, page, GTF_readonly);
    CHECK_EQ(map_at(gpa, 9, GNTMAP_host_map, &handle), GNTST_general_error);
    CHECK_EQ(map_at(gpa, 9, GNTMAP_host_map | GNTMAP_readonly, &handle), GNTST_okay);
    CHECK_EQ(*there, *page);
    CHECK_EQ(hc_xen_version(XENVER_extraversion, there), -EFAULT);
    CHECK_EQ(map_at(gpa, 9, GNTMAP_host_map | GNTMAP_readonly | GNTMAP_contains_pte, &second),
             GNTST_general_error);
    r.host_addr = gpa;
    r.new_addr = gpa + PAGE_BYTES;
    r.handle = handle;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_unmap_and_replace, &r, 1), 0);
    CHECK_EQ(r.status, GNTST_general_error);
    CHECK_EQ(unmap_at(gpa, handle), GNTST_okay);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_transfer, &t, 1), 0);
    CHECK(t.status < 0);
    *page = 5;
    CHECK_EQ(*page, 5);
    /* left mapped: the end of the domain lets go */
    CHECK_EQ(map_at(gpa, 8, GNTMAP_host_map, &handle), GNTST_okay);
}
