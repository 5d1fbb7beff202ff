/* SPDX-License-Identifier: BSD-2-Clause */
/* grant_table_op: statuses of every operation for every kind of argument. */
#include "tests/guest/lib/rows.h"

static grant_entry_v1_t *table;
static char *page, *at;

/* A status is no errno: 1000 less, so that -1 reads as -1001. */
static long single(unsigned int cmd, void *op, const int16_t *status)
{
    long rc = hc_grant_table_op(cmd, op, 1);

    return rc || !*status ? rc : -1000 + *status;
}

static long setup(domid_t dom, uint32_t frames)
{
    static xen_pfn_t list[64];
    struct gnttab_setup_table op = {.dom = dom, .nr_frames = frames};

    set_xen_guest_handle(op.frame_list, list);
    return single(GNTTABOP_setup_table, &op, &op.status);
}

static long map(domid_t dom, uint32_t ref, uint32_t flags, uint64_t host)
{
    struct gnttab_map_grant_ref op = {.host_addr = host, .flags = flags, .ref = ref, .dom = dom};
    struct gnttab_unmap_grant_ref un = {.host_addr = flags & GNTMAP_host_map ? host : 0};
    long rc = single(GNTTABOP_map_grant_ref, &op, &op.status);

    if (!rc) {
        un.handle = op.handle;
        un.dev_bus_addr = flags & GNTMAP_device_map ? op.dev_bus_addr : 0;
        (void)hc_grant_table_op(GNTTABOP_unmap_grant_ref, &un, 1);
    }
    return rc;
}

static bool table_open(void)
{
    uint64_t frame = grant_frame();

    if (!frame)
        return false;
    table = window_map(20, frame, DOMID_SELF, PTE_RW_FLAGS, NULL);
    return table != NULL;
}

static void entry(uint32_t ref, uint16_t flags, domid_t dom)
{
    table[ref] = (grant_entry_v1_t){.flags = flags, .domid = dom, .frame = (uint32_t)va_mfn(page)};
}

static void tables(void)
{
    struct gnttab_query_size q = {.dom = DOMID_SELF};
    struct gnttab_get_version g = {.dom = DOMID_SELF};
    struct gnttab_set_version s = {.version = 0};

    DOMIDS("setup_table.dom", (void)0, setup(v, 1));
    SWEEP("setup_table.frames", (void)0, setup(DOMID_SELF, (uint32_t)v), 0, 1, 2, 4, 5, 64, 65,
          0x80000000, 0xffffffff);
    DOMIDS("query_size.dom", (void)0, ({
               q.dom = v;
               q.nr_frames = 0;
               single(GNTTABOP_query_size, &q, &q.status);
           }));
    DOMIDS("get_version.dom", (void)0, ({
               g.dom = v;
               hc_grant_table_op(GNTTABOP_get_version, &g, 1);
           }));
    SWEEP("set_version", (void)0, ({
              s.version = (uint32_t)v;
              hc_grant_table_op(GNTTABOP_set_version, &s, 1);
          }), 0, 3, 0xffffffff, 1);
    for (unsigned int cmd = 0; cmd < 13; cmd++) {
        char key[24];

        if (cmd == GNTTABOP_transfer || cmd == GNTTABOP_cache_flush)
            continue; /* see differences.txt: refused */
        format_append(key, sizeof(key), 0, "count_%u", cmd);
        SWEEP(key, (void)0, hc_grant_table_op(cmd, BAD_POINTER, v), 0, 1, 2, 0x7fffffff, 0x80000000,
              0xffffffff);
    }
    POINTERS("query_size", __HYPERVISOR_grant_table_op, GNTTABOP_query_size, q);
}

static void maps(void)
{
    static const uint16_t flags[] = {0, 1, 2, 3, 5, 9, 0x11, 0x19, 0x21, 0x101};
    struct gnttab_unmap_grant_ref un = {.host_addr = (uint64_t)at};
    char name[12];

    entry(20, GTF_permit_access, env.domid);
    DOMIDS("map.dom", (void)0, map(v, 20, GNTMAP_host_map, (uint64_t)at));
    SWEEP("map.ref", (void)0, map(env.domid, (uint32_t)v, GNTMAP_host_map, (uint64_t)at), 0, 8, 20,
          21, 511, 512, 2047, 2048, 0x7fffffff, 0xffffffff);
    RANGE("map.flags", 0, 70, (void)0, map(env.domid, 20, (uint32_t)v, (uint64_t)at));
    SWEEP("map.flags_big", (void)0, map(env.domid, 20, (uint32_t)v, (uint64_t)at), 0x10002,
          0x70002, 0x80000002, 0xffffffff);
    SWEEP("map.host", (void)0, map(env.domid, 20, GNTMAP_host_map, v), 0, BAD_POINTER, HV_POINTER,
          M2P_BASE, NONCANONICAL, ~0xfffUL, 0x00007ffffffff000);
    for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++) {
        entry(20, flags[i], env.domid);
        format_append(name, sizeof(name), 0, "%#x", flags[i]);
        ROW("entry.rw", name, map(env.domid, 20, GNTMAP_host_map, (uint64_t)at));
        entry(20, flags[i], env.domid);
        ROW("entry.ro", name, map(env.domid, 20, GNTMAP_host_map | GNTMAP_readonly, (uint64_t)at));
    }
    entry(20, GTF_permit_access, 7000);
    ROW("entry", "not_for_us", map(env.domid, 20, GNTMAP_host_map, (uint64_t)at));
    entry(20, GTF_permit_access, env.domid);
    table[20].frame = 0x7ffffff;
    ROW("entry", "no_frame", map(env.domid, 20, GNTMAP_host_map, (uint64_t)at));
    table[20].frame = (uint32_t)va_mfn((void *)env.l4_va);
    ROW("entry", "table", map(env.domid, 20, GNTMAP_host_map, (uint64_t)at));
    ROW("entry", "table_ro", map(env.domid, 20, GNTMAP_host_map | GNTMAP_readonly, (uint64_t)at));
    SWEEP("unmap.handle", (void)0, ({
              un.handle = (uint32_t)v;
              single(GNTTABOP_unmap_grant_ref, &un, &un.status);
          }), 0, 1, 1000, 0x7fffffff, 0xffffffff);
}

static long copy(uint16_t flags, uint64_t src, domid_t src_dom, uint64_t dst, domid_t dst_dom,
                 uint16_t src_off, uint16_t dst_off, uint16_t len)
{
    struct gnttab_copy op = {.flags = flags, .len = len};

    op.source.domid = src_dom;
    op.source.offset = src_off;
    op.dest.domid = dst_dom;
    op.dest.offset = dst_off;
    if (flags & GNTCOPY_source_gref)
        op.source.u.ref = (uint32_t)src;
    else
        op.source.u.gmfn = src;
    if (flags & GNTCOPY_dest_gref)
        op.dest.u.ref = (uint32_t)dst;
    else
        op.dest.u.gmfn = dst;
    return single(GNTTABOP_copy, &op, &op.status);
}

static void copies(void)
{
    uint64_t from = va_mfn(page), to = va_mfn(at);
    struct gnttab_swap_grant_ref swap;

    entry(20, GTF_permit_access, env.domid);
    entry(21, GTF_permit_access | GTF_readonly, env.domid);
    RANGE("copy.flags", 0, 8, (void)0,
          copy((uint16_t)v, v & 1 ? 20 : from, v & 1 ? env.domid : DOMID_SELF, v & 2 ? 20 : to,
               v & 2 ? env.domid : DOMID_SELF, 0, 0, 8));
    DOMIDS("copy.source", (void)0, copy(0, from, v, to, DOMID_SELF, 0, 0, 8));
    DOMIDS("copy.dest", (void)0, copy(0, from, DOMID_SELF, to, v, 0, 0, 8));
    DOMIDS("copy.source_gref", (void)0, copy(1, 20, v, to, DOMID_SELF, 0, 0, 8));
    SWEEP("copy.length", (void)0, copy(1, 20, env.domid, to, DOMID_SELF, 0, 0, (uint16_t)v), 0, 1,
          4095, 4096, 4097, 65535);
    SWEEP("copy.source_offset", (void)0, copy(1, 20, env.domid, to, DOMID_SELF, (uint16_t)v, 0, 2),
          0, 4094, 4095, 4096, 65535);
    SWEEP("copy.dest_offset", (void)0, copy(1, 20, env.domid, to, DOMID_SELF, 0, (uint16_t)v, 2), 0,
          4094, 4095, 4096, 65535);
    SWEEP("copy.ref", (void)0, copy(1, v, env.domid, to, DOMID_SELF, 0, 0, 8), 0, 8, 20, 21, 511,
          512, 2048, 0xffffffff);
    SWEEP("copy.dest_ref", (void)0, copy(2, from, DOMID_SELF, v, env.domid, 0, 0, 8), 0, 8, 20, 21,
          511, 512, 2048, 0xffffffff);
    SWEEP("copy.frame", (void)0, copy(0, v, DOMID_SELF, to, DOMID_SELF, 0, 0, 8), 0, 0xb8,
          0x7ffffff, ~0UL);
    ROW("copy.frame", "to_table",
        copy(0, from, DOMID_SELF, va_mfn((void *)env.l4_va), DOMID_SELF, 0, 0, 8));
    ROW("copy.frame", "from_table",
        copy(0, va_mfn((void *)env.l4_va), DOMID_SELF, to, DOMID_SELF, 0, 0, 8));
    SWEEP("swap", (void)0, ({
              swap = (struct gnttab_swap_grant_ref){.ref_a = 20, .ref_b = (uint32_t)v};
              single(GNTTABOP_swap_grant_ref, &swap, &swap.status);
          }), 20, 21, 511, 512, 0xffffffff, 21);
}

static void everything(void)
{
    page = page_alloc();
    at = page_alloc();
    if (!table_open()) {
        test_fail(__FILE__, __LINE__, "no grant table");
        return;
    }
    tables();
    maps();
    (void)page_protect(at, PTE_RW_FLAGS);
    copies();
    window_unmap(20);
}

TEST(abi, grant)
{
    NEED(cast_begin());
    everything();
    cast_end();
}

static void grant_child(void *arg unused)
{
    everything();
}

TEST(abi, grant_of_child)
{
    child_run(grant_child, NULL, SHUTDOWN_poweroff);
}
