/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_op: every sub-operation with every kind of argument. */
#include "tests/guest/lib/rows.h"

static xen_pfn_t frames[8];

static long reserve(unsigned int cmd, uint64_t count, unsigned int order, unsigned int flags,
                    domid_t domid, void *list)
{
    struct xen_memory_reservation r = {.nr_extents = count, .extent_order = order,
                                       .mem_flags = flags, .domid = domid};

    for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++)
        frames[i] = 0x7fff0 + i; /* frame numbers far from any in use */
    set_xen_guest_handle(r.extent_start, list);
    return hc_memory_op(cmd, &r);
}

static void drop(void)
{
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, frames);
    (void)hc_memory_op(XENMEM_decrease_reservation, &r);
}

static void reservations(void)
{
    static const unsigned int cmds[] = {XENMEM_increase_reservation, XENMEM_decrease_reservation,
                                        XENMEM_populate_physmap};
    struct xen_memory_reservation r = {.domid = DOMID_SELF};

    for (unsigned int i = 0; i < 3; i++) {
        unsigned int c = cmds[i];
        char key[40];

        format_append(key, sizeof(key), 0, "reservation_%u", c);
        POINTERS_ALL(key, __HYPERVISOR_memory_op, c, r);
        row("reservation_%u.list", c);
        row_result("null", reserve(c, 1, 0, 0, DOMID_SELF, NULL));
        row_result("low", reserve(c, 1, 0, 0, DOMID_SELF, (void *)BAD_POINTER));
        row_result("hv", reserve(c, 1, 0, 0, DOMID_SELF, (void *)HV_POINTER));
        row_result("noncanonical", reserve(c, 1, 0, 0, DOMID_SELF, (void *)NONCANONICAL));
        row_result("ones", reserve(c, 1, 0, 0, DOMID_SELF, (void *)~0UL));
        row_end();
        format_append(key, sizeof(key), 0, "reservation_%u.domid", c);
        DOMIDS(key, (void)0, reserve(c, 0, 0, 0, v, frames));
        format_append(key, sizeof(key), 0, "reservation_%u.domid1", c);
        DOMIDS(key, (void)0, reserve(c, 1, 0, 0, v, (void *)BAD_POINTER));
        format_append(key, sizeof(key), 0, "reservation_%u.order", c);
        SWEEP(key, (void)0, reserve(c, 0, (unsigned int)v, 0, DOMID_SELF, frames), 0, 1, 9, 10, 18,
              19, 20, 31, 32, 63, 64, 0xffffffff);
        format_append(key, sizeof(key), 0, "reservation_%u.order1", c);
        SWEEP(key, (void)0, reserve(c, 1, (unsigned int)v, 0, DOMID_SELF, (void *)BAD_POINTER), 0,
              1, 9, 10, 18, 19, 20, 31, 32, 63, 64, 0xffffffff);
        format_append(key, sizeof(key), 0, "reservation_%u.flags", c);
        SWEEP(key, (void)0, reserve(c, 0, 0, (unsigned int)v, DOMID_SELF, frames), 0, 1, 12, 31, 32,
              64, 255, 0x100, 0x200, 0xff00, 0x10000, 0x20000, 0x40000, 0x80000000, 0xffffffff);
        format_append(key, sizeof(key), 0, "reservation_%u.count", c);
        SWEEP(key, (void)0, reserve(c, v, 0, 0, DOMID_SELF, (void *)BAD_POINTER), 1UL << 32,
              ~0UL >> 7, ~0UL >> 6, ~0UL >> 5, ~0UL);
    }
    /* without a right to more memory */
    ROW("increase", "beyond", reserve(XENMEM_increase_reservation, 1, 0, 0, DOMID_SELF, frames));
    ROW("populate", "beyond", reserve(XENMEM_populate_physmap, 1, 0, 0, DOMID_SELF, frames));
    (void)drop;
    ROW("decrease", "nothing", reserve(XENMEM_decrease_reservation, 1, 0, 0, DOMID_SELF, frames));
    SWEEP("start_bits", (void)0, hc_memory_op(v | XENMEM_maximum_ram_page, NULL) > 0, 1UL << 6,
          1UL << 32, 1UL << 63);
}

static long of_domid(unsigned int cmd, domid_t domid, bool sign_only)
{
    long rc = hc_memory_op(cmd, &domid);

    return sign_only && rc > 0 ? 1 : rc;
}

static void numbers(void)
{
    domid_t self = DOMID_SELF;

    DOMIDS("current_reservation", (void)0, of_domid(XENMEM_current_reservation, v, true));
    DOMIDS("maximum_reservation", (void)0, of_domid(XENMEM_maximum_reservation, v, true));
    DOMIDS("maximum_gpfn", (void)0, of_domid(XENMEM_maximum_gpfn, v, true));
    row("numbers");
    row_result("null", hc_memory_op(XENMEM_current_reservation, NULL));
    row_result("hv", hc_memory_op(XENMEM_maximum_gpfn, HV_POINTER));
    row_result("low", hc_memory_op(XENMEM_maximum_reservation, BAD_POINTER));
    row_result("ram_page", hc_memory_op(XENMEM_maximum_ram_page, NULL));
    row_end();
    POINTERS("maximum_gpfn", __HYPERVISOR_memory_op, XENMEM_current_reservation, self);
}

static void maps(void)
{
    struct xen_machphys_mfn_list list = {.max_extents = 1};
    static xen_pfn_t mfn[32];
    struct xen_machphys_mapping mapping = {0};
    static struct {
        struct xen_memory_map map;
        char entries[40 * 20]; /* as the BIOS gives them */
    } m;

    set_xen_guest_handle(list.extent_start, mfn);
    POINTERS_ALL("machphys_mfn_list", __HYPERVISOR_memory_op, XENMEM_machphys_mfn_list, list);
    SWEEP("machphys_mfn_list.max", (void)0, ({
              list.max_extents = (unsigned int)v;
              hc_memory_op(XENMEM_machphys_mfn_list, &list) ?: (long)list.nr_extents;
          }), 0, 1, 2, 16);
    set_xen_guest_handle(list.extent_start, (xen_pfn_t *)BAD_POINTER);
    list.max_extents = 1;
    ROW("machphys_mfn_list", "low", hc_memory_op(XENMEM_machphys_mfn_list, &list));
    POINTERS_ALL("machphys_mapping", __HYPERVISOR_memory_op, XENMEM_machphys_mapping, mapping);
    ROW("machphys_mapping", "rc", hc_memory_op(XENMEM_machphys_mapping, &mapping));
    ROW("machphys_mapping", "start", (long)mapping.v_start);
    ROW("machphys_mapping", "max", (long)mapping.max_mfn);
    for (unsigned int cmd = XENMEM_memory_map; cmd <= XENMEM_machine_memory_map; cmd++) {
        char key[32];

        m.map.nr_entries = 40;
        set_xen_guest_handle(m.map.buffer, m.entries);
        format_append(key, sizeof(key), 0, "memory_map_%u", cmd);
        POINTERS_ALL(key, __HYPERVISOR_memory_op, cmd, m.map);
        format_append(key, sizeof(key), 0, "memory_map_%u.entries", cmd);
        SWEEP(key, (void)0, ({
                  m.map.nr_entries = (unsigned int)v;
                  hc_memory_op(cmd, &m.map) ?: (long)(v > 3 ? m.map.nr_entries > 0
                                                            : m.map.nr_entries);
              }), 0, 1, 40);
        set_xen_guest_handle(m.map.buffer, (void *)BAD_POINTER);
        ROW(key, "low", hc_memory_op(cmd, &m.map));
    }
}

static long add(domid_t domid, unsigned int space, uint64_t idx, uint64_t gpfn)
{
    struct xen_add_to_physmap a = {.domid = domid, .space = space, .idx = idx, .gpfn = gpfn};

    return hc_memory_op(XENMEM_add_to_physmap, &a);
}

static long remove_(domid_t domid, uint64_t gpfn)
{
    struct xen_remove_from_physmap r = {.domid = domid, .gpfn = gpfn};

    return hc_memory_op(XENMEM_remove_from_physmap, &r);
}

static void physmap(void)
{
    struct xen_add_to_physmap a = {.domid = DOMID_SELF};
    struct xen_remove_from_physmap r = {.domid = DOMID_SELF};
    struct xen_add_to_physmap_batch b = {.domid = DOMID_SELF};
    struct xen_foreign_memory_map f = {.domid = 7000};

    DOMIDS("add_to_physmap.domid", (void)0, add(v, XENMAPSPACE_grant_table, 0, 0x7fff0));
    RANGE("add_to_physmap.space", 0, 8, (void)0, add(DOMID_SELF, (unsigned int)v, 0, 0x7fff0));
    DOMIDS("remove_from_physmap.domid", (void)0, remove_(v, 0x7fff0));
    DOMIDS("add_batch.domid", (void)0, ({
               b.domid = v;
               b.size = 1;
               hc_memory_op(XENMEM_add_to_physmap_batch, &b);
           }));
    RANGE("add_batch.space", 0, 8, (void)0, ({
              b.domid = DOMID_SELF;
              b.space = (uint16_t)v;
              hc_memory_op(XENMEM_add_to_physmap_batch, &b);
          }));
    DOMIDS("set_memory_map.domid", (void)0, ({
               f.domid = v;
               f.map.nr_entries = 1;
               hc_memory_op(XENMEM_set_memory_map, &f);
           }));
    POINTERS("add_to_physmap", __HYPERVISOR_memory_op, XENMEM_add_to_physmap, a);
    POINTERS("remove_from_physmap", __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, r);
    POINTERS("add_batch", __HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, b);
    POINTERS("set_memory_map", __HYPERVISOR_memory_op, XENMEM_set_memory_map, f);
}

static long acquire(domid_t domid, uint16_t type, uint32_t id, uint64_t frame, uint32_t count,
                    void *list)
{
    struct xen_mem_acquire_resource a = {.domid = domid, .type = type, .id = id, .frame = frame,
                                         .nr_frames = count};
    long rc;

    set_xen_guest_handle(a.frame_list, list);
    rc = hc_memory_op(XENMEM_acquire_resource, &a);
    return rc || list ? rc : (long)a.nr_frames;
}

static void resources(void)
{
    struct xen_mem_acquire_resource a = {.domid = DOMID_SELF};
    domid_t who = cast_live() ? cast_live()->domid : DOMID_SELF;
    struct xen_pod_target p = {.domid = 7000};
    struct xen_memory_reservation claim = {.domid = DOMID_SELF};
    struct xen_vnuma_topology_info t = {.domid = DOMID_SELF};
    struct xen_reserved_device_memory_map d = {.nr_entries = 0};

    DOMIDS("acquire.domid", (void)0, acquire(v, XENMEM_resource_grant_table, 0, 0, 0, NULL));
    RANGE("acquire.type", 0, 5, (void)0, acquire(who, (uint16_t)v, 0, 0, 0, NULL));
    RANGE("acquire.type_frames", 0, 5, (void)0, acquire(who, (uint16_t)v, 0, 0, 1, frames));
    SWEEP("acquire.id", (void)0, acquire(who, 1, (uint32_t)v, 0, 1, frames), 0, 1, 2, 0xffffffff);
    SWEEP("acquire.frame", (void)0, acquire(who, 1, 0, v, 1, frames), 0, 1, 3, 4, 5, 0xffffffff,
          1UL << 32, ~0UL);
    SWEEP("acquire.count", (void)0, acquire(who, 1, 0, 0, (uint32_t)v, frames), 0, 1, 2, 4, 5, 32,
          33, 0x80000000, 0xffffffff);
    ROW("acquire.list", "low", acquire(who, 1, 0, 0, 1, (void *)BAD_POINTER));
    POINTERS_ALL("acquire", __HYPERVISOR_memory_op, XENMEM_acquire_resource, a);
    DOMIDS("get_pod_target", (void)0, ({
               p.domid = v;
               hc_memory_op(XENMEM_get_pod_target, &p);
           }));
    DOMIDS("set_pod_target", (void)0, ({
               p.domid = v;
               hc_memory_op(XENMEM_set_pod_target, &p);
           }));
    DOMIDS("claim.domid", (void)0, ({
               claim.domid = v;
               hc_memory_op(XENMEM_claim_pages, &claim);
           }));
    SWEEP("claim.count", (void)0, ({
              claim.domid = who;
              claim.nr_extents = v;
              hc_memory_op(XENMEM_claim_pages, &claim);
          }), 0, 1, 1000000, 1UL << 40, ~0UL, 0);
    SWEEP("claim.order", (void)0, ({
              claim.nr_extents = 0;
              claim.extent_order = (unsigned int)v;
              hc_memory_op(XENMEM_claim_pages, &claim);
          }), 0, 1, 9, 0xffffffff);
    POINTERS("claim", __HYPERVISOR_memory_op, XENMEM_claim_pages, claim);
    DOMIDS("vnuma.domid", (void)0, ({
               t.domid = v;
               hc_memory_op(XENMEM_get_vnumainfo, &t);
           }));
    SWEEP("rdm.entries", (void)0, ({
              d.nr_entries = (unsigned int)v;
              hc_memory_op(XENMEM_reserved_device_memory_map, &d);
          }), 0, 1, 0xffffffff);
    SWEEP("rdm.flags", (void)0, ({
              d.flags = (uint32_t)v;
              hc_memory_op(XENMEM_reserved_device_memory_map, &d);
          }), 0, 1, 2, 0xffffffff);
    DOMIDS("access_op", (void)0, ({
               xen_mem_access_op_t o = {.op = 2, .domid = v};
               hc_memory_op(XENMEM_access_op, &o);
           }));
}

static long exchange(uint64_t in_count, unsigned int in_order, uint64_t out_count,
                     unsigned int out_order, domid_t in_dom, domid_t out_dom, uint64_t done)
{
    static xen_pfn_t in[8], out[8];
    struct xen_memory_exchange e = {
        .in = {.nr_extents = in_count, .extent_order = in_order, .domid = in_dom},
        .out = {.nr_extents = out_count, .extent_order = out_order, .domid = out_dom},
        .nr_exchanged = done};
    static char *page;

    if (!page)
        page = page_alloc();
    for (unsigned int i = 0; i < 8; i++) {
        in[i] = 0x7ffffff0 + i; /* no such frame */
        out[i] = 0x7fff0 + i;
    }
    set_xen_guest_handle(e.in.extent_start, in);
    set_xen_guest_handle(e.out.extent_start, out);
    return hc_memory_op(XENMEM_exchange, &e);
}

static void exchanges(void)
{
    struct xen_memory_exchange e = {.in = {.domid = DOMID_SELF}, .out = {.domid = DOMID_SELF}};

    POINTERS_ALL("exchange", __HYPERVISOR_memory_op, XENMEM_exchange, e);
    ROW("exchange", "nothing", exchange(0, 0, 0, 0, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "no_frame", exchange(1, 0, 1, 0, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "unequal", exchange(2, 0, 1, 0, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "orders", exchange(2, 0, 1, 1, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "orders_wrong", exchange(2, 0, 2, 1, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "both_orders", exchange(1, 1, 1, 1, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "huge_order", exchange(1, 63, 1, 63, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "order_64", exchange(1, 64, 1, 0, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "other_out", exchange(1, 0, 1, 0, DOMID_SELF, 0, 0));
    ROW("exchange", "done_1", exchange(1, 0, 1, 0, DOMID_SELF, DOMID_SELF, 1));
    ROW("exchange", "done_2", exchange(1, 0, 1, 0, DOMID_SELF, DOMID_SELF, 2));
    ROW("exchange", "done_ones", exchange(1, 0, 1, 0, DOMID_SELF, DOMID_SELF, ~0UL));
    ROW("exchange", "huge", exchange(~0UL, 0, ~0UL, 0, DOMID_SELF, DOMID_SELF, 0));
    ROW("exchange", "huge_wraps", exchange(1UL << 63, 1, 0, 0, DOMID_SELF, DOMID_SELF, 0));
    DOMIDS("exchange.domid", (void)0, exchange(1, 0, 1, 0, v, v, 0));
}

static void everything(void)
{
    reservations();
    numbers();
    maps();
    physmap();
    resources();
    exchanges();
}

TEST(abi, memory)
{
    NEED(cast_begin());
    everything();
    cast_end();
}

static void memory_child(void *arg unused)
{
    everything();
}

TEST(abi, memory_of_child)
{
    child_run(memory_child, NULL, SHUTDOWN_poweroff);
}
