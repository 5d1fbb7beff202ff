/* SPDX-License-Identifier: BSD-2-Clause */
/* Ioreq servers: who may do what to them, what they claim, and a vCPU that asks one. */
/* sources: hypervisor/hvm/ioreq.c hypervisor/hvm/ioreq_send.c hypervisor/hvm/ioreq_page.c */
/* sources: hypervisor/lib/range_set.c hypervisor/lib/rbtree.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "hvm_ioreq_world.h"

static ioservid_t create(void)
{
    ioservid_t id = 99;

    CHECK_EQ(ioreq_create(&guest, HVM_IOREQSRV_BUFIOREQ_ATOMIC, &id), 0);
    return id;
}

static int map(ioservid_t id, uint32_t type, uint64_t start, uint64_t end)
{
    const struct xen_dm_op_ioreq_server_range r = {
        .id = id, .type = type, .start = start, .end = end};

    return ioreq_map_range(&guest, &r);
}

static int unmap(ioservid_t id, uint32_t type, uint64_t start, uint64_t end)
{
    const struct xen_dm_op_ioreq_server_range r = {
        .id = id, .type = type, .start = start, .end = end};

    return ioreq_unmap_range(&guest, &r);
}

/* A server that is ready, and its page of slots as the device model sees it. */
static ioservid_t ready(struct ioreq **slots, struct buffered_iopage **ring)
{
    ioservid_t id = create();
    mfn_t mfn;

    CHECK_EQ(ioreq_resource_frame(&guest, id, 1, &mfn), 0);
    *slots = (struct ioreq *)(void *)fake_ram[mfn.n];
    CHECK_EQ(ioreq_resource_frame(&guest, id, 0, &mfn), 0);
    if (ring)
        *ring = (struct buffered_iopage *)(void *)fake_ram[mfn.n];
    CHECK_EQ(ioreq_set_state(&guest, id, true), 0);
    return id;
}

static void all_gone(void)
{
    ioreq_domain_relinquish(&guest);
    CHECK_EQ(blocks, 0);
    CHECK_EQ(ports, 0);
    for (unsigned int n = 0; n < FRAMES; n++)
        CHECK(!shared[n]);
    ioreq_domain_free(&guest);
    CHECK_EQ(pages, 0);
}

TEST(eight_servers_and_their_owner)
{
    ioservid_t id = 0;
    mfn_t mfn;

    reset();
    CHECK_EQ(ioreq_create(&guest, HVM_IOREQSRV_BUFIOREQ_ATOMIC + 1, &id), -EINVAL);
    for (unsigned int n = 0; n < IOREQ_SERVERS; n++)
        CHECK_EQ(create(), n);
    CHECK_EQ(ioreq_create(&guest, HVM_IOREQSRV_BUFIOREQ_OFF, &id), -ENOSPC);
    CHECK_EQ(ioreq_destroy(&guest, 3), 0);
    CHECK_EQ(ioreq_destroy(&guest, 3), -ENOENT);
    CHECK_EQ(ioreq_destroy(&guest, 300), -ENOENT);
    CHECK_EQ(create(), 3);
    caller.domain = &other;
    CHECK_EQ(ioreq_destroy(&guest, 3), -EPERM);
    CHECK_EQ(ioreq_set_state(&guest, 3, true), -EPERM);
    CHECK_EQ(map(3, XEN_DMOP_IO_RANGE_PORT, 1, 2), -EPERM);
    CHECK_EQ(ioreq_resource_frame(&guest, 3, 1, &mfn), -EPERM);
    caller.domain = &model;
    all_gone();
}

TEST(none_for_a_dying_domain)
{
    ioservid_t id;

    reset();
    CHECK_EQ(ioreq_create(&guest, HVM_IOREQSRV_BUFIOREQ_ATOMIC, &id), 0);
    ioreq_domain_relinquish(&guest);
    CHECK_EQ(ioreq_create(&guest, HVM_IOREQSRV_BUFIOREQ_ATOMIC, &id), -ESRCH);
    all_gone();
}

TEST(a_creation_that_fails_leaves_nothing)
{
    ioservid_t id = 0;

    for (int n = 1; n <= VCPUS + 1; n++) {
        reset();
        port_fails_in = n;
        CHECK_EQ(ioreq_create(&guest, HVM_IOREQSRV_BUFIOREQ_LEGACY, &id), -ENOSPC);
        CHECK_EQ(ports, 0);
        CHECK_EQ(blocks, 0);
    }
}

TEST(pages_come_one_way_only)
{
    struct xen_dm_op_get_ioreq_server_info info = {.flags = XEN_DMOP_no_gfns};
    ioservid_t a, b, c;
    mfn_t first, again;

    reset();
    a = create();
    info.id = a;
    CHECK_EQ(ioreq_info(&guest, &info), 0);
    CHECK(info.bufioreq_port);
    CHECK_EQ(ioreq_resource_frame(&guest, a, 1, &first), 0);
    CHECK_EQ(ioreq_resource_frame(&guest, a, 1, &again), 0);
    CHECK_EQ(first.n, again.n);
    CHECK_EQ(ioreq_resource_frame(&guest, a, 2, &again), -EINVAL);
    info.flags = 0;
    CHECK_EQ(ioreq_info(&guest, &info), -EPERM);
    b = create();
    info.id = b;
    CHECK_EQ(ioreq_info(&guest, &info), -ENOMEM); /* no frames were set aside */
    CHECK_EQ(ioreq_param(&guest, HVM_PARAM_IOREQ_SERVER_PFN, 2), 0);
    CHECK_EQ(ioreq_param(&guest, HVM_PARAM_NR_IOREQ_SERVER_PAGES, 65), -EINVAL);
    CHECK_EQ(ioreq_param(&guest, HVM_PARAM_NR_IOREQ_SERVER_PAGES, 2), 0);
    CHECK_EQ(ioreq_info(&guest, &info), 0);
    CHECK_EQ(info.ioreq_gfn, 2);
    CHECK_EQ(info.bufioreq_gfn, 3);
    CHECK_EQ(ioreq_resource_frame(&guest, b, 1, &again), -EPERM);
    c = create();
    info.id = c;
    CHECK_EQ(ioreq_param(&guest, HVM_PARAM_IOREQ_PFN, 5), 0);
    CHECK_EQ(ioreq_info(&guest, &info), -ENOMEM); /* one is not enough: it is free again */
    CHECK_EQ(ioreq_param(&guest, HVM_PARAM_BUFIOREQ_PFN, 6), 0);
    CHECK_EQ(ioreq_info(&guest, &info), 0);
    CHECK_EQ(info.ioreq_gfn, 5);
    CHECK_EQ(info.bufioreq_gfn, 6);
    CHECK_EQ(ioreq_set_state(&guest, c, true), 0);
    CHECK_EQ(hidden, 1 << 5 | 1 << 6);
    CHECK_EQ(ioreq_set_state(&guest, c, false), 0);
    CHECK_EQ(hidden, 0);
    all_gone();
    for (unsigned int n = 16; n < FRAMES; n++)
        CHECK_EQ(mfn_page(MFN(n))->count, 0);
}

/* A page that a dead device model still maps is not given to the next one. */
/* A frame that the guest has given up must not come back into its table: nobody keeps it there. */
TEST(frames_that_the_guest_gave_up)
{
    struct xen_dm_op_get_ioreq_server_info info = {.flags = 0};

    reset();
    info.id = create();
    CHECK_EQ(ioreq_param(&guest, HVM_PARAM_IOREQ_SERVER_PFN, 2), 0);
    CHECK_EQ(ioreq_param(&guest, HVM_PARAM_NR_IOREQ_SERVER_PAGES, 2), 0);
    CHECK_EQ(ioreq_info(&guest, &info), 0);
    hidden = 1 << 3; /* by the guest */
    CHECK_EQ(ioreq_set_state(&guest, info.id, true), 0);
    CHECK_EQ(hidden, 1 << 2 | 1 << 3);
    CHECK_EQ(ioreq_set_state(&guest, info.id, false), 0);
    CHECK_EQ(hidden, 1 << 3);
    CHECK_EQ(ioreq_destroy(&guest, info.id), 0);
    CHECK_EQ(hidden, 1 << 3);
    all_gone();
}

TEST(pages_of_dead_device_models)
{
    struct ioreq *slots, *next;
    ioservid_t id;

    reset();
    id = ready(&slots, NULL);
    mapped_by_model[direct_mfn(slots).n] = true;
    CHECK_EQ(ioreq_destroy(&guest, id), 0);
    ready(&next, NULL);
    CHECK(next != slots);
    mapped_by_model[direct_mfn(slots).n] = false;
    all_gone();
}

TEST(ranges)
{
    ioservid_t id;

    reset();
    id = create();
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 5, 4), -EINVAL);
    CHECK_EQ(map(id, IOREQ_RANGE_KINDS, 4, 5), -EINVAL);
    CHECK_EQ(map(5, XEN_DMOP_IO_RANGE_PORT, 4, 5), -ENOENT);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 0x100, 0x1ff), 0);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 0x1ff, 0x200), -EEXIST);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_MEMORY, 0x1ff, ~0ULL), 0);
    CHECK_EQ(unmap(id, XEN_DMOP_IO_RANGE_PORT, 0x180, 0x200), -ENOENT);
    CHECK_EQ(unmap(id, XEN_DMOP_IO_RANGE_PORT, 0x180, 0x18f), 0);
    for (uint64_t n = 2; n < IOREQ_RANGES; n++)
        CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, n * 0x1000, n * 0x1000 + 2), 0);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 1, 2), -ENOMEM);
    CHECK_EQ(unmap(id, XEN_DMOP_IO_RANGE_PORT, 0x2001, 0x2001), -ENOMEM); /* one more */
    CHECK_EQ(unmap(id, XEN_DMOP_IO_RANGE_PORT, 0x2000, 0x2000), 0);
    CHECK_EQ(unmap(id, XEN_DMOP_IO_RANGE_PORT, 0x2001, 0x2002), 0);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 1, 2), 0);
    all_gone();
}

static enum ioreq_result send(uint8_t type, uint64_t addr, uint32_t size, bool read, bool buffered)
{
    struct ioreq r = {.type = type, .addr = addr, .size = size, .count = 1, .dir = read};
    enum ioreq_result result = ioreq_send(&vcpus[0], &r, buffered);

    if (result == IOREQ_LATER) {
        CHECK_EQ(hvm_vcpus[0].io.state, IOREQ_SENT);
        CHECK(vcpus[0].work & (1u << VCPU_WORK_CONTINUE));
    }
    return result;
}

static void answer(struct ioreq *slot, uint64_t data)
{
    slot->data = data;
    slot->state = STATE_IORESP_READY;
    CHECK(ioreq_poll(&vcpus[0]));
    CHECK_EQ(vcpus[0].work, 0);
    hvm_vcpus[0].io.state = IOREQ_NONE;
}

TEST(who_gets_an_access)
{
    struct ioreq *a, *b;
    ioservid_t ida, idb;

    reset();
    ida = ready(&a, NULL);
    idb = ready(&b, NULL);
    CHECK_EQ(map(ida, XEN_DMOP_IO_RANGE_PORT, 0x3f8, 0x3ff), 0);
    CHECK_EQ(map(idb, XEN_DMOP_IO_RANGE_PORT, 0x3fc, 0x3fd), 0);
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x2f8, 1, true, false), IOREQ_NOBODY);
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x3ff, 2, true, false), IOREQ_NOBODY); /* partly */
    CHECK_EQ(send(IOREQ_TYPE_COPY, 0x3f8, 1, true, false), IOREQ_NOBODY);
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x3f8, 1, true, false), IOREQ_LATER);
    CHECK_EQ(a[0].state, STATE_IOREQ_READY);
    CHECK_EQ(sent[a[0].vp_eport], 1);
    answer(a, 0);
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x3fc, 2, true, false), IOREQ_LATER);
    CHECK_EQ(b[0].state, STATE_IOREQ_READY); /* the latest first */
    answer(b, 0);
    CHECK_EQ(ioreq_set_state(&guest, idb, false), 0);
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x3fc, 2, true, false), IOREQ_LATER);
    CHECK_EQ(a[0].state, STATE_IOREQ_READY);
    answer(a, 0);
    /* configuration registers by their function */
    CHECK_EQ(map(ida, XEN_DMOP_IO_RANGE_PCI, 0x1234, 0x1234), 0);
    CHECK_EQ(map(ida, XEN_DMOP_IO_RANGE_PORT, 0xcf8, 0xcff), 0);
    hvm.pci_address = 0x80123444;
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0xcfe, 2, true, false), IOREQ_LATER);
    CHECK_EQ(a[0].type, IOREQ_TYPE_PCI_CONFIG);
    CHECK_EQ(a[0].addr, 0x123400000046);
    answer(a, 0);
    hvm.pci_address = 0x80123544;
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0xcfe, 2, true, false), IOREQ_NOBODY);
    hvm.pci_address = 0x00123444;
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0xcfe, 2, true, false), IOREQ_LATER);
    CHECK_EQ(a[0].type, IOREQ_TYPE_PIO);
    answer(a, 0);
    /* memory whose writes were asked for */
    CHECK_EQ(send(IOREQ_TYPE_COPY, 15 << 12, 4, false, false), IOREQ_NOBODY);
    CHECK_EQ(ioreq_claim_memory(&guest, ida, true), 0);
    CHECK_EQ(ioreq_claim_memory(&guest, idb, true), -EBUSY);
    CHECK_EQ(ioreq_claim_memory(&guest, idb, false), -EINVAL);
    CHECK_EQ(send(IOREQ_TYPE_COPY, 15 << 12, 4, true, false), IOREQ_NOBODY);
    CHECK_EQ(send(IOREQ_TYPE_COPY, 15 << 12, 4, false, false), IOREQ_LATER);
    answer(a, 0);
    CHECK_EQ(ioreq_destroy(&guest, ida), 0);
    CHECK(!ioreq_memory_is_claimed(&guest));
    all_gone();
}

TEST(an_answer_is_for_its_question)
{
    struct ioreq r = {.type = IOREQ_TYPE_PIO, .addr = 0x60, .size = 1, .count = 1, .dir = 1};
    struct ioreq *slots, same = r;
    ioservid_t id;

    reset();
    id = ready(&slots, NULL);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x64), 0);
    CHECK(!ioreq_take_answer(&vcpus[0], &same));
    CHECK_EQ(ioreq_send(&vcpus[0], &r, false), IOREQ_LATER);
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK_EQ(sleeps, 1);
    CHECK(!ioreq_take_answer(&vcpus[0], &same));
    slots[0].state = STATE_IOREQ_INPROCESS;
    CHECK(!ioreq_poll(&vcpus[0]));
    slots[0].data = 0xab;
    slots[0].state = STATE_IORESP_READY;
    CHECK(ioreq_poll(&vcpus[0]));
    CHECK(ioreq_take_answer(&vcpus[0], &same));
    CHECK_EQ(same.data, 0xab);
    CHECK(!ioreq_take_answer(&vcpus[0], &same)); /* once */
    CHECK_EQ(ioreq_send(&vcpus[0], &r, false), IOREQ_LATER);
    slots[0].state = STATE_IORESP_READY;
    CHECK(ioreq_poll(&vcpus[0]));
    same.addr++;
    CHECK(!ioreq_take_answer(&vcpus[0], &same));
    same.addr--;
    CHECK(!ioreq_take_answer(&vcpus[0], &same)); /* it was dropped */
    all_gone();
}

TEST(nothing_is_begun_in_a_domain_that_is_shut_down)
{
    struct ioreq r = {.type = IOREQ_TYPE_PIO, .addr = 0x60, .size = 1, .count = 1, .dir = 1};
    struct ioreq *slots;
    ioservid_t id;

    reset();
    id = ready(&slots, NULL);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x64), 0);
    vcpus[0].stopped = true;
    CHECK_EQ(ioreq_send(&vcpus[0], &r, false), IOREQ_LATER);
    CHECK(!ioreq_is_busy(&vcpus[0]));
    CHECK_EQ(slots[0].state, STATE_IOREQ_NONE);
    CHECK_EQ(sent[slots[0].vp_eport], 0);
    ioreq_invalidate(&vcpus[0]);
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK_EQ(slots[0].state, STATE_IOREQ_NONE);
    vcpus[0].stopped = false;
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK_EQ(slots[0].type, IOREQ_TYPE_INVALIDATE);
    CHECK(ioreq_is_busy(&vcpus[0]));
    slots[0].state = STATE_IORESP_READY;
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK(!ioreq_is_busy(&vcpus[0]));
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x60, 1, true, false), IOREQ_LATER);
    answer(slots, 0);
    all_gone();
}

TEST(hostile_device_models)
{
    struct ioreq *slots;
    ioservid_t id;

    reset();
    id = ready(&slots, NULL);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x64), 0);
    slots[0].state = STATE_IOREQ_INPROCESS; /* before anything was asked */
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x60, 1, true, false), IOREQ_FAILED);
    CHECK_EQ(crashes, 1);
    CHECK_EQ(hvm_vcpus[0].io.state, IOREQ_NONE);
    slots[0].state = STATE_IOREQ_NONE;
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x60, 1, true, false), IOREQ_LATER);
    slots[0].state = STATE_IOREQ_INPROCESS;
    CHECK(!ioreq_poll(&vcpus[0]));
    slots[0].state = STATE_IOREQ_READY;
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK_EQ(crashes, 2);
    CHECK_EQ(hvm_vcpus[0].io.state, IOREQ_NONE);
    /* it forgets the request: as if no device were there */
    slots[0].state = STATE_IOREQ_NONE;
    slots[0].vp_eport = 0xffffffff; /* not whom we tell */
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x60, 1, true, false), IOREQ_LATER);
    slots[0].state = STATE_IOREQ_NONE;
    CHECK(ioreq_poll(&vcpus[0]));
    CHECK_EQ(hvm_vcpus[0].io.request.data, ~0ULL);
    hvm_vcpus[0].io.state = IOREQ_NONE;
    /* it goes away while it is asked */
    CHECK_EQ(send(IOREQ_TYPE_PIO, 0x60, 1, true, false), IOREQ_LATER);
    CHECK_EQ(ioreq_destroy(&guest, id), 0);
    CHECK_EQ(kicks, 1);
    CHECK(ioreq_poll(&vcpus[0]));
    CHECK_EQ(hvm_vcpus[0].io.request.data, ~0ULL);
    all_gone();
}

TEST(buffered_requests)
{
    struct buffered_iopage *ring;
    struct ioreq *slots;
    ioservid_t id;

    reset();
    id = ready(&slots, &ring);
    CHECK_EQ(map(id, XEN_DMOP_IO_RANGE_MEMORY, 0xa0000, 0xbffff), 0);
    CHECK_EQ(send(IOREQ_TYPE_COPY, 0xb8000, 2, false, true), IOREQ_OK);
    CHECK_EQ(ring->write_pointer, 1);
    CHECK_EQ(send(IOREQ_TYPE_COPY, 0xb8000, 2, true, true), IOREQ_LATER); /* a read waits */
    answer(slots, 1);
    ring->read_pointer = ring->write_pointer - IOREQ_BUFFER_SLOT_NUM; /* full */
    CHECK_EQ(send(IOREQ_TYPE_COPY, 0xb8000, 2, false, true), IOREQ_LATER);
    answer(slots, 1);
    ring->read_pointer = ring->write_pointer;
    ioreq_time_offset(&guest, -3600);
    CHECK_EQ(ring->write_pointer, ring->read_pointer + 2);
    CHECK_EQ(ring->buf_ioreq[1].type, IOREQ_TYPE_TIMEOFFSET);
    CHECK_EQ((int32_t)ring->buf_ioreq[1].data, -3600);
    all_gone();
}

TEST(everyone_is_told_to_forget)
{
    struct ioreq *a, *b;

    reset();
    ready(&a, NULL);
    (void)create(); /* not enabled: it has mapped nothing */
    ready(&b, NULL);
    ioreq_invalidate(&vcpus[0]);
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK_EQ(a[0].type, IOREQ_TYPE_INVALIDATE);
    CHECK_EQ(a[0].state, STATE_IOREQ_READY);
    CHECK_EQ(b[0].state, STATE_IOREQ_NONE);
    a[0].state = STATE_IORESP_READY;
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK_EQ(b[0].state, STATE_IOREQ_READY);
    CHECK(vcpus[0].work & (1u << VCPU_WORK_CONTINUE));
    b[0].state = STATE_IORESP_READY;
    CHECK(!ioreq_poll(&vcpus[0]));
    CHECK_EQ(vcpus[0].work, 0);
    CHECK_EQ(crashes, 0);
    all_gone();
}
