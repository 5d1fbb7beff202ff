/* SPDX-License-Identifier: BSD-2-Clause */
/* HVM domains that are dead but still on the list, because somebody holds a frame of theirs: what a
 * device model or a toolstack that has not noticed asks of them fails, and nothing is left. */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#define FREE_GFN 0x1234

static void ends(void *arg unused)
{
    child_exit();
}

/* What the test harness keeps mapped of @c is its only frame left. */
static bool destroy(struct child *c)
{
    struct xen_domctl_getdomaininfo info;

    for (unsigned int tries = 0; tries < 500; tries++) {
        struct xen_domctl op = {.cmd = 0};

        (void)child_domctl(c, XEN_DOMCTL_destroydomain, &op);
        if (child_info(c, &info))
            return false;
        if ((info.flags & XEN_DOMINF_dying) && info.tot_pages <= 1)
            return true;
        sleep_us(2000);
    }
    return false;
}

static void memory_of_dead(const struct child *c)
{
    uint64_t gfn = va_pfn(&box);
    struct xen_hvm_get_mem_type type = {.domid = c->domid, .pfn = gfn};
    struct xen_dm_op op = {.op = XEN_DMOP_set_mem_type,
                           .u.set_mem_type = {.nr = 1, .first_pfn = gfn}};
    struct xen_add_to_physmap add = {.domid = c->domid, .space = XENMAPSPACE_shared_info,
                                     .gpfn = FREE_GFN};
    struct xen_remove_from_physmap gone = {.domid = c->domid, .gpfn = gfn};
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = c->domid};
    xen_pfn_t extent = FREE_GFN;
    long rc;

    CHECK_EQ(hc_hvm_op(HVMOP_get_mem_type, &type), 0);
    CHECK_EQ(type.mem_type, HVMMEM_mmio_dm);
    CHECK(!window_map(0, gfn, c->domid, PTE_RW_FLAGS, &rc));
    CHECK(dm_op(c->domid, &op) < 0);
    op = (struct xen_dm_op){.op = XEN_DMOP_pin_memory_cacheattr, .u.pin_memory_cacheattr = {
                                .start = 0, .end = gfn, .type = XEN_DMOP_MEM_CACHEATTR_UC}};
    (void)dm_op(c->domid, &op);
    op = (struct xen_dm_op){.op = XEN_DMOP_relocate_memory, .u.relocate_memory = {
                                .size = 4, .src_gfn = gfn, .dst_gfn = FREE_GFN}};
    CHECK(dm_op(c->domid, &op) < 0);
    CHECK(hc_memory_op(XENMEM_add_to_physmap, &add) < 0);
    CHECK(hc_memory_op(XENMEM_remove_from_physmap, &gone) < 0);
    set_xen_guest_handle(r.extent_start, &extent);
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 0);
    extent = gfn;
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 0);
}

/* (A server made now would be nobody's to end.) */
static void servers_of_dead(const struct child *c)
{
    struct xen_dm_op op = {.op = XEN_DMOP_create_ioreq_server,
                           .u.create_ioreq_server.handle_bufioreq = HVM_IOREQSRV_BUFIOREQ_ATOMIC};

    for (unsigned int i = 0; i < 8; i++)
        CHECK_EQ(dm_op(c->domid, &op), -ESRCH);
    op = (struct xen_dm_op){.op = XEN_DMOP_inject_msi,
                            .u.inject_msi = {.addr = 0xfee00000, .data = 0x40}};
    (void)dm_op(c->domid, &op);
    op = (struct xen_dm_op){.op = XEN_DMOP_inject_event,
                            .u.inject_event = {.type = XEN_DMOP_EVENT_nmi, .vector = 2}};
    (void)dm_op(c->domid, &op);
}

TEST(hvm, dead_domain)
{
    const struct child_options options = {.hvm = true};
    struct host_state before;
    struct child *c;

    for (unsigned int i = 0; i < 2; i++) { /* the first makes the host allocate what it keeps */
        before = host_state();
        c = child_make(ends, &options);
        NEED(c && child_wait(c, 60) == SHUTDOWN_poweroff);
        NEED(destroy(c));
        memory_of_dead(c);
        servers_of_dead(c);
        child_end(c);
    }
    host_check(&before);
}
