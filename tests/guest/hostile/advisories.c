/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small guests after the public text of advisories that concern PV. Each ends in the right error;
 * the host lives, with as many free pages and domains as before (child_run checks those).
 */
#include "tests/guest/lib/rows.h"

#define ADVISORY(id)                                                                               \
    static void guest_##id(void *arg);                                                             \
    TEST(hostile, id)                                                                              \
    {                                                                                              \
        struct child_options o = {.pool_pages = 60, .more_pages = 8};                              \
                                                                                                   \
        child_run_with(guest_##id, &o, SHUTDOWN_poweroff);                                         \
    }                                                                                              \
    static void guest_##id(void *arg unused)

/* The list of new frames lies in the hypervisor, or cannot be written: nothing is traded. */
ADVISORY(xsa212_exchange_output)
{
    static const uint64_t outs[] = {HV_POINTER, M2P_BASE, 0xffff82d040000000, NONCANONICAL,
                                    ~0UL - 7, BAD_POINTER, (uint64_t)image_start};
    uint64_t *page = page_alloc();
    static xen_pfn_t in[1];

    page[0] = 0x1234;
    for (unsigned int i = 0; i < ARRAY_SIZE(outs); i++) {
        struct xen_memory_exchange e = {.in = {.nr_extents = 1, .domid = DOMID_SELF},
                                        .out = {.nr_extents = 1, .domid = DOMID_SELF}};

        in[0] = va_mfn(page);
        set_xen_guest_handle(e.in.extent_start, in);
        set_xen_guest_handle(e.out.extent_start, (xen_pfn_t *)outs[i]);
        CHECK(hc_memory_op(XENMEM_exchange, &e) < 0);
        CHECK_EQ(page[0], 0x1234);
        CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    }
}

/* A list of extents so long that its end wraps round to where the guest may write (XSA-29). */
ADVISORY(xsa29_exchange_wrap)
{
    static xen_pfn_t list[2];
    struct xen_memory_exchange e = {.in = {.nr_extents = 1UL << 61, .domid = DOMID_SELF},
                                    .out = {.nr_extents = 1UL << 61, .domid = DOMID_SELF}};

    set_xen_guest_handle(e.in.extent_start, list);
    set_xen_guest_handle(e.out.extent_start, list);
    CHECK(hc_memory_op(XENMEM_exchange, &e) < 0);
    e.nr_exchanged = (1UL << 61) - 1;
    CHECK(hc_memory_op(XENMEM_exchange, &e) < 0);
    e.in.extent_order = 61;
    e.in.nr_extents = e.out.nr_extents = 8;
    CHECK(hc_memory_op(XENMEM_exchange, &e) < 0);
}

/* Memory from a node that there is none of. */
ADVISORY(xsa231_no_such_node)
{
    xen_pfn_t frame;

    row("populate_node");
    for (unsigned int node = 0; node < 256; node++)
        for (unsigned int exact = 0; exact < 2; exact++) {
            struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
            long rc;

            frame = 0x70000;
            r.mem_flags = exact ? XENMEMF_exact_node(node) : XENMEMF_node(node);
            set_xen_guest_handle(r.extent_start, &frame);
            rc = hc_memory_op(XENMEM_populate_physmap, &r);
            row_at(node * 2 + exact, rc);
            if (rc == 1)
                CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 1);
        }
    row_end();
}

/* A tree of which the last part is wrong: the parts before it are given back (XSA-280, 299,
 * 310). */
ADVISORY(xsa299_partial_tree)
{
    uint64_t *l4 = page_alloc(), *l3 = page_alloc(), *l2 = page_alloc(), *l1 = page_alloc();
    uint64_t *const tables[] = {l4, l3, l2, l1};

    for (unsigned int i = 0; i < 512; i++)
        l2[i] = pte(va_mfn(l1), PTE_RW_FLAGS);
    for (unsigned int i = 0; i < 512; i++)
        l3[i] = pte(va_mfn(l2), PTE_RW_FLAGS);
    for (unsigned int i = 0; i < 200; i++)
        l4[i] = pte(va_mfn(l3), PTE_RW_FLAGS);
    for (unsigned int round = 0; round < 4; round++) {
        /* the last entry of each level in turn: an L1 that maps the L4 writable, no frame at all */
        uint64_t *bad = tables[round];
        unsigned int slot = round ? 511 : 199;
        uint64_t good = bad[slot];

        bad[slot] = round == 3 ? pte(va_mfn(l4), PTE_RW_FLAGS) : pte(0x7fffffff, PTE_RW_FLAGS);
        for (unsigned int i = 0; i < 4; i++)
            CHECK_EQ(page_protect(tables[i], PTE_RO_FLAGS), 0);
        for (unsigned int again = 0; again < 3; again++) {
            CHECK(mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0) < 0);
            CHECK(mmuext(MMUEXT_NEW_USER_BASEPTR, va_mfn(l4), 0) < 0);
            CHECK(mmuext(MMUEXT_NEW_BASEPTR, va_mfn(l4), 0) < 0);
        }
        for (unsigned int i = 0; i < 4; i++)
            CHECK_EQ(page_protect(tables[i], PTE_RW_FLAGS), 0);
        bad[slot] = good;
    }
    for (unsigned int i = 0; i < 4; i++)
        CHECK_EQ(page_protect(tables[i], PTE_RO_FLAGS), 0);
    CHECK_EQ(mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l4), 0), 0);
    for (unsigned int i = 0; i < 4; i++)
        CHECK_EQ(page_protect(tables[i], PTE_RW_FLAGS), 0);
}

/* What may not be in a batch, and a batch that takes its own tables away (XSA-213). */
ADVISORY(xsa213_batch)
{
    static multicall_entry_t list[4];
    static struct mmuext_op ops[2];
    uint64_t own = va_mfn((void *)env.l4_va);

    list[0] = (multicall_entry_t){.op = __HYPERVISOR_multicall, .args = {(uint64_t)list, 1}};
    ROW("batch", "batch", hc_multicall(list, 1) ?: (long)list[0].result);
    ops[0] = (struct mmuext_op){.cmd = MMUEXT_NEW_BASEPTR};
    ops[0].arg1.mfn = own;
    ops[1] = (struct mmuext_op){.cmd = MMUEXT_NEW_USER_BASEPTR};
    list[0] = (multicall_entry_t){.op = __HYPERVISOR_mmuext_op,
                                  .args = {(uint64_t)ops, 2, 0, DOMID_SELF}};
    list[1] = (multicall_entry_t){.op = __HYPERVISOR_xen_version};
    list[2] = (multicall_entry_t){.op = __HYPERVISOR_mmuext_op,
                                  .args = {(uint64_t)ops, 2, 0, DOMID_SELF}};
    (void)hc_multicall(list, 3);
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}

/* A return in a batch: refused, or the end of that guest. */
static void return_in_batch(void *arg unused)
{
    static multicall_entry_t list[2] = {{.op = __HYPERVISOR_iret},
                                        {.op = __HYPERVISOR_xen_version}};

    box.step = 1;
    (void)hc_multicall(list, 2);
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}

TEST(hostile, xsa213_return_in_batch)
{
    struct host_state before = host_state();
    struct child *c = child_make(return_in_batch, NULL);
    int code;

    NEED(c);
    code = child_wait(c, 20);
    CHECK(code == SHUTDOWN_poweroff || (code == SHUTDOWN_crash && c->box->step == 1));
    child_end(c);
    host_check(&before);
}

/* All ports at once, again and again (XSA-343, 344). */
ADVISORY(xsa344_many_ports)
{
    struct evtchn_reset reset = {.dom = DOMID_SELF};
    unsigned int first = 0;

    for (unsigned int round = 0; round < 4; round++) {
        unsigned int count = 0;

        while (count < 5000 && port_alloc(round & 1 ? 0 : DOMID_SELF) > 0)
            count++;
        if (!round)
            first = count;
        CHECK_EQ(count, first);
        for (evtchn_port_t port = 1; port < 200; port++)
            (void)hc_event_channel_op(EVTCHNOP_unmask, &port);
        CHECK_EQ(hc_event_channel_op(EVTCHNOP_reset, &reset), 0);
    }
}

/* Frames of the second kind of grant table, mapped while the kind changes (XSA-379, 387). */
ADVISORY(xsa379_grant_version)
{
    struct gnttab_set_version version = {.version = 2};
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 2};
    struct gnttab_get_status_frames status = {.nr_frames = 1, .dom = DOMID_SELF};
    static xen_pfn_t frames[8];
    static uint64_t list[8];
    long rc;

    set_xen_guest_handle(setup.frame_list, frames);
    set_xen_guest_handle(status.frame_list, list);
    if (hc_grant_table_op(GNTTABOP_set_version, &version, 1))
        return; /* it is an option */
    CHECK_EQ(hc_grant_table_op(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_get_status_frames, &status, 1), 0);
    for (unsigned int round = 0; round < 3; round++) {
        volatile char *map = window_map(0, list[0], DOMID_SELF, PTE_RW_FLAGS, &rc);

        version.version = 1;
        (void)hc_grant_table_op(GNTTABOP_set_version, &version, 1);
        if (map)
            map[0] = 0; /* whatever became of the table, this page is still no one else's */
        window_unmap(0);
        (void)hc_grant_table_op(GNTTABOP_set_version, &version, 1);
        version.version = 2;
        (void)hc_grant_table_op(GNTTABOP_set_version, &version, 1);
        (void)hc_grant_table_op(GNTTABOP_get_status_frames, &status, 1);
    }
}

/* A stop at the stack while SS is being loaded, then an entry (XSA-260); NT at entries
 * (XSA-339). */
ADVISORY(xsa260_mov_ss)
{
    static uint64_t word;
    uint64_t a;

    __asm__ volatile("movw %%ss, %0" : "=m"(word));
    CHECK_EQ(hc_set_debugreg(0, &word), 0);
    CHECK_EQ(hc_set_debugreg(7, 0x000f0003), 0);
    for (unsigned int i = 0; i < 3; i++) {
        a = 0xfff;
        (void)TRY("movw (%[w]), %%ss\n syscall", OUT("+a"(a)), IN([w] "r"(&word)));
        (void)TRY("movw (%[w]), %%ss\n int3", OUT(), IN([w] "r"(&word)));
        (void)TRY("movw (%[w]), %%ss\n int $0x80", OUT(), IN([w] "r"(&word)));
        (void)TRY("movw (%[w]), %%ss\n ud2", OUT(), IN([w] "r"(&word)));
    }
    CHECK_EQ(hc_set_debugreg(7, 0), 0);
    (void)TRY("pushfq\n orl $0x4000, (%%rsp)\n popfq\n int3", OUT(), IN());
    (void)TRY("pushfq\n orl $0x4000, (%%rsp)\n popfq\n int $0x80", OUT(), IN());
    a = 0xfff;
    (void)TRY("pushfq\n orl $0x4000, (%%rsp)\n popfq\n syscall", OUT("+a"(a)), IN());
    (void)TRY("pushfq\n orl $0x40000, (%%rsp)\n popfq\n int3", OUT(), IN());
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}
