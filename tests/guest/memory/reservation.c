/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_op: giving frames back and getting new ones, exchange, maps and limits. */
#include "tests/guest/lib/child.h"

static struct xen_memory_reservation one(xen_pfn_t *list, uint64_t count)
{
    struct xen_memory_reservation r = {.nr_extents = count, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    return r;
}

TEST(memory, decrease_populate)
{
    char *pages = pages_alloc(4);
    xen_pfn_t list[4], first = va_pfn(pages);
    struct xen_memory_reservation r;
    domid_t self = DOMID_SELF;
    long before = hc_memory_op(XENMEM_current_reservation, &self);

    for (unsigned int i = 0; i < 4; i++) {
        list[i] = va_mfn(pages + i * PAGE_BYTES);
        CHECK_EQ(hc_update_va_mapping(pages + i * PAGE_BYTES, 0, UVMF_INVLPG), 0);
    }
    r = one(list, 4);
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 4);
    CHECK_EQ(hc_memory_op(XENMEM_current_reservation, &self), before - 4);
    /* not ours any more: neither mapped nor given back twice */
    CHECK(hc_update_va_mapping(pages, pte(list[0], PTE_RW_FLAGS), UVMF_INVLPG) < 0);
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 0);
    for (unsigned int i = 0; i < 4; i++)
        list[i] = first + i;
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 4);
    CHECK_EQ(hc_memory_op(XENMEM_current_reservation, &self), before);
    for (unsigned int i = 0; i < 4; i++) {
        env.p2m[first + i] = list[i];
        CHECK_EQ(((uint64_t *)M2P_BASE)[list[i]], first + i);
        CHECK_EQ(page_protect(pages + i * PAGE_BYTES, PTE_RW_FLAGS), 0);
        /* nobody's data comes along */
        for (unsigned int w = 0; w < 512; w++)
            if (((uint64_t *)(pages + i * PAGE_BYTES))[w])
                CHECK_EQ(((uint64_t *)(pages + i * PAGE_BYTES))[w], 0);
    }
}

TEST(memory, decrease_mapped_page)
{
    char *page = page_alloc();
    xen_pfn_t list[1] = {va_mfn(page)};
    struct xen_memory_reservation r = one(list, 1);

    /* still mapped: the frame leaves the domain's account, but stays until the mapping goes */
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 1);
    page[0] = 1;
    CHECK_EQ(hc_update_va_mapping(page, 0, UVMF_INVLPG), 0);
    CHECK(page_protect(page, PTE_RW_FLAGS) < 0);
    list[0] = va_pfn(page);
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 1);
    env.p2m[va_pfn(page)] = list[0];
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(memory, reservation_errors)
{
    xen_pfn_t list[2] = {0xfffffffff, va_mfn((void *)env.l4_va)};
    struct xen_memory_reservation r = one(list, 1);

    /* what was done is none, or an error: both mean the same to a guest */
    CHECK(hc_memory_op(XENMEM_decrease_reservation, BAD_POINTER) <= 0);
    CHECK(hc_memory_op(XENMEM_decrease_reservation, HV_POINTER) <= 0);
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 0); /* no such frame */
    list[0] = list[1];
    CHECK(hc_memory_op(XENMEM_populate_physmap, BAD_POINTER) <= 0);
    r.domid = 1234;
    CHECK(hc_memory_op(XENMEM_populate_physmap, &r) <= 0);
    CHECK(hc_memory_op(XENMEM_decrease_reservation, &r) <= 0);
    r = one(list, 1);
    r.extent_order = 64;
    CHECK(hc_memory_op(XENMEM_populate_physmap, &r) <= 0);
    CHECK(hc_memory_op(XENMEM_decrease_reservation, &r) <= 0);
    r.extent_order = 0;
    set_xen_guest_handle(r.extent_start, (xen_pfn_t *)BAD_POINTER);
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 0);
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 0);
    r.nr_extents = ~0UL >> 4;
    CHECK(hc_memory_op(XENMEM_populate_physmap, &r) <= 0);
    CHECK_EQ(hc_memory_op(63, NULL), -ENOSYS);
    CHECK_EQ(hc_memory_op(40, NULL), -ENOSYS);
}

TEST(memory, limit)
{
    domid_t self = DOMID_SELF, none = 1234;
    xen_pfn_t list[1] = {0x3ffff};
    struct xen_memory_reservation r = one(list, 1);

    CHECK_EQ(hc_memory_op(XENMEM_maximum_reservation, &self), 64 << 8);
    CHECK_EQ(hc_memory_op(XENMEM_maximum_reservation, &none), -ESRCH);
    CHECK_EQ(hc_memory_op(XENMEM_current_reservation, BAD_POINTER), -EFAULT);
    CHECK(hc_memory_op(XENMEM_maximum_ram_page, NULL) > 0x1000);
    /* at its maximum already */
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 0);
}

TEST(memory, machphys)
{
    struct xen_machphys_mapping m = {0};
    struct xen_machphys_mfn_list l = {.max_extents = 4};
    xen_pfn_t frames[4] = {0};

    CHECK_EQ(hc_memory_op(XENMEM_machphys_mapping, &m), 0);
    CHECK_EQ(m.v_start, M2P_BASE);
    CHECK(m.max_mfn > 0x1000);
    CHECK_EQ(hc_memory_op(XENMEM_machphys_mapping, BAD_POINTER), -EFAULT);
    set_xen_guest_handle(l.extent_start, frames);
    CHECK_EQ(hc_memory_op(XENMEM_machphys_mfn_list, &l), 0);
    CHECK(l.nr_extents >= 1);
    CHECK(frames[0] != 0);
    CHECK_EQ(hc_memory_op(XENMEM_machphys_mfn_list, BAD_POINTER), -EFAULT);
}

struct e820 {
    uint64_t start, bytes;
    uint32_t type;
} packed;

TEST(memory, machine_map)
{
    struct e820 *map = page_alloc();
    struct xen_memory_map m = {.nr_entries = 200};
    bool ram = false;

    set_xen_guest_handle(m.buffer, (void *)map);
    CHECK_EQ(hc_memory_op(XENMEM_machine_memory_map, &m), 0);
    CHECK(m.nr_entries > 2 && m.nr_entries < 100);
    for (unsigned int i = 0; i < m.nr_entries; i++) {
        CHECK(map[i].bytes != 0);
        if (i)
            CHECK(map[i].start >= map[i - 1].start + map[i - 1].bytes);
        ram = ram || map[i].type == 1;
    }
    CHECK(ram);
    CHECK_EQ(hc_memory_op(XENMEM_machine_memory_map, BAD_POINTER), -EFAULT);
    set_xen_guest_handle(m.buffer, (void *)BAD_POINTER);
    CHECK_EQ(hc_memory_op(XENMEM_machine_memory_map, &m), -EFAULT);
    set_xen_guest_handle(m.buffer, (void *)map);
    CHECK_EQ(hc_memory_op(XENMEM_memory_map, &m), -ENOSYS); /* none was set */
}

TEST(memory, exchange)
{
    char *pages = pages_aligned(4, 4 * PAGE_BYTES);
    xen_pfn_t in[4], out[1] = {va_pfn(pages)};
    struct xen_memory_exchange x = {.in = one(in, 4), .out = one(out, 1)};
    domid_t self = DOMID_SELF;
    long before = hc_memory_op(XENMEM_current_reservation, &self);

    for (unsigned int i = 0; i < 4; i++) {
        in[i] = va_mfn(pages + i * PAGE_BYTES);
        CHECK_EQ(hc_update_va_mapping(pages + i * PAGE_BYTES, 0, UVMF_INVLPG), 0);
    }
    x.out.extent_order = 2;
    x.out.mem_flags = XENMEMF_address_bits(32);
    CHECK_EQ(hc_memory_op(XENMEM_exchange, &x), 0);
    CHECK_EQ(x.nr_exchanged, 4);
    CHECK_EQ(out[0] & 3, 0);
    CHECK(out[0] < 1u << 20);
    CHECK_EQ(hc_memory_op(XENMEM_current_reservation, &self), before);
    for (unsigned int i = 0; i < 4; i++) {
        env.p2m[va_pfn(pages) + i] = out[0] + i;
        CHECK_EQ(((uint64_t *)M2P_BASE)[out[0] + i], va_pfn(pages) + i);
        CHECK_EQ(page_protect(pages + i * PAGE_BYTES, PTE_RW_FLAGS), 0);
    }
}

TEST(memory, exchange_errors)
{
    char *page = page_alloc();
    xen_pfn_t in[2] = {va_mfn(page), va_mfn(page)}, out[2] = {va_pfn(page), va_pfn(page)};
    struct xen_memory_exchange x = {.in = one(in, 1), .out = one(out, 2)};

    CHECK_EQ(hc_memory_op(XENMEM_exchange, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_memory_op(XENMEM_exchange, HV_POINTER), -EFAULT);
    CHECK_EQ(hc_memory_op(XENMEM_exchange, &x), -EINVAL); /* sizes differ */
    x = (struct xen_memory_exchange){.in = one(in, 1), .out = one(out, 1)};
    x.nr_exchanged = 2;
    CHECK_EQ(hc_memory_op(XENMEM_exchange, &x), -EINVAL);
    x.nr_exchanged = 0;
    x.in.extent_order = x.out.extent_order = 40;
    CHECK(hc_memory_op(XENMEM_exchange, &x) < 0);
    x = (struct xen_memory_exchange){.in = one(in, 2), .out = one(out, 1)};
    x.out.extent_order = 1;
    CHECK(hc_memory_op(XENMEM_exchange, &x) < 0); /* the same frame twice */
    CHECK_EQ(x.nr_exchanged, 0);
    in[0] = 0xfffffffff;
    x = (struct xen_memory_exchange){.in = one(in, 1), .out = one(out, 1)};
    CHECK(hc_memory_op(XENMEM_exchange, &x) < 0);
    in[0] = va_mfn((void *)env.l4_va);
    x = (struct xen_memory_exchange){.in = one(in, 1), .out = one(out, 1)};
    CHECK(hc_memory_op(XENMEM_exchange, &x) < 0); /* a page table in use */
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(memory, acquire_resource)
{
    xen_pfn_t frames[2] = {0};
    struct xen_mem_acquire_resource r = {.domid = DOMID_SELF, .type = XENMEM_resource_grant_table,
                                         .id = XENMEM_resource_grant_table_id_shared};

    /* nobody may have his own that way */
    CHECK(hc_memory_op(XENMEM_acquire_resource, &r) < 0);
    r.domid = 1234;
    CHECK_EQ(hc_memory_op(XENMEM_acquire_resource, &r), -ESRCH);
    r.pad = 1;
    CHECK_EQ(hc_memory_op(XENMEM_acquire_resource, &r), -EINVAL);
    CHECK_EQ(hc_memory_op(XENMEM_acquire_resource, BAD_POINTER), -EFAULT);
    set_xen_guest_handle(r.frame_list, frames);
}

static void child_memory(void *arg unused)
{
    struct xen_memory_map m = {.nr_entries = 10};
    domid_t self = DOMID_SELF, dom0 = 0;
    xen_pfn_t list[40];
    struct xen_memory_reservation r = one(list, 40);
    char *page = page_alloc();
    long got;

    CHECK_EQ(hc_memory_op(XENMEM_machine_memory_map, &m), -EPERM);
    CHECK_EQ(hc_memory_op(XENMEM_memory_map, &m), -ENOSYS);
    CHECK_EQ(hc_memory_op(XENMEM_current_reservation, &dom0), -EPERM);
    CHECK_EQ(hc_memory_op(XENMEM_maximum_reservation, &self) -
                 hc_memory_op(XENMEM_current_reservation, &self), 20);
    r.domid = 0;
    CHECK(hc_memory_op(XENMEM_populate_physmap, &r) <= 0);
    CHECK(hc_memory_op(XENMEM_decrease_reservation, &r) <= 0);
    r.domid = DOMID_SELF;
    for (unsigned int i = 0; i < 40; i++)
        list[i] = 0x10000 + i;
    got = hc_memory_op(XENMEM_populate_physmap, &r); /* no more than allowed */
    CHECK_EQ(got, 20);
    for (long i = 0; i < got; i++) {
        CHECK_EQ(hc_update_va_mapping(page, pte(list[i], PTE_RW_FLAGS), UVMF_INVLPG), 0);
        for (unsigned int w = 0; w < 512; w++)
            if (((volatile uint64_t *)page)[w])
                CHECK_EQ(((volatile uint64_t *)page)[w], 0);
    }
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    r.nr_extents = 20;
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 20);
}

TEST(memory, child_limits)
{
    struct child_options o = {.more_pages = 20};

    child_run_with(child_memory, &o, SHUTDOWN_poweroff);
}
