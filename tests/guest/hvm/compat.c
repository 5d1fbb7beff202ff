/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypercalls of 32-bit code, right and wrong ones, and of 64-bit code with arguments by chance. */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

struct reservation32 {
    uint32_t extent_start, nr_extents, extent_order, mem_flags;
    uint16_t domid;
};
struct call32 {
    uint32_t op, result, args[6];
};

static const uint32_t bad[] = {0x10, 0x7ffffff8, 0x40000000, 0xfffff000, 0xfffffffc, 0xffffffff};

static void texts(void)
{
    char *page = page_alloc();

    CHECK_EQ(CALL32(xen_version, XENVER_version), 4 << 16 | 17);
    CHECK_EQ(CALL32(xen_version, XENVER_extraversion, LOW(page)), 0);
    CHECK(page[0] == '.');
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
        CHECK_CASE("extraversion", CALL32(xen_version, XENVER_extraversion, bad[i]), -EFAULT);
    CHECK_EQ(hvm_call32(__HYPERVISOR_mmu_update, (const uint32_t[5]){0}), -ENOSYS);
    CHECK_EQ(hvm_call32(64, (const uint32_t[5]){0}), -ENOSYS);
    CHECK_EQ(hvm_call32(~0u, (const uint32_t[5]){0}), -ENOSYS);
}

static void channels(void)
{
    struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    struct evtchn_send send;
    struct evtchn_close close;

    CHECK_EQ(CALL32(event_channel_op, EVTCHNOP_alloc_unbound, LOW(&a)), 0);
    close.port = a.port;
    CHECK_EQ(CALL32(event_channel_op, EVTCHNOP_close, LOW(&close)), 0);
    CHECK_EQ(CALL32(event_channel_op, EVTCHNOP_close, LOW(&close)), -EINVAL);
    CHECK_EQ(CALL32(event_channel_op, EVTCHNOP_bind_ipi, LOW(&ipi)), 0);
    send.port = ipi.port;
    CHECK_EQ(CALL32(event_channel_op, EVTCHNOP_send, LOW(&send)), 0);
    for (uint32_t cmd = 0; cmd < 14; cmd++)
        for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
            CHECK_CASE("bad", CALL32(event_channel_op, cmd, bad[i]), -EFAULT);
}

static void memory(void)
{
    volatile uint64_t *pages = pages_alloc(40);
    uint32_t *list = page_alloc();
    struct reservation32 r = {LOW(list), 40, 0, 0, DOMID_SELF};
    uint16_t self = DOMID_SELF;
    long before = CALL32(memory_op, XENMEM_current_reservation, LOW(&self));

    CHECK(before > 40);
    for (uint32_t i = 0; i < 40; i++)
        list[i] = (uint32_t)va_pfn(pages) + i;
    for (unsigned int round = 0; round < 20; round++) {
        CHECK_EQ(CALL32(memory_op, XENMEM_decrease_reservation, LOW(&r)), 40);
        CHECK_EQ(CALL32(memory_op, XENMEM_current_reservation, LOW(&self)), before - 40);
        CHECK_EQ(CALL32(memory_op, XENMEM_decrease_reservation, LOW(&r)), 0);
        CHECK_EQ(CALL32(memory_op, XENMEM_populate_physmap, LOW(&r)), 40);
        pages[39 * 512] = round;
        CHECK_EQ(pages[39 * 512], round);
    }
    r.nr_extents = 0xffffffff;
    CHECK(CALL32(memory_op, XENMEM_populate_physmap, LOW(&r)) <= 0);
    r.nr_extents = 0x3ffffff;
    r.extent_start = 0xfffffff0; /* runs out of addresses */
    CHECK(CALL32(memory_op, XENMEM_decrease_reservation, LOW(&r)) <= 4);
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        r.extent_start = bad[i];
        r.nr_extents = 4;
        (void)CALL32(memory_op, XENMEM_populate_physmap, LOW(&r));
        CHECK_CASE("struct", CALL32(memory_op, XENMEM_decrease_reservation, bad[i]), -EFAULT);
    }
    /* how far it has come, above the command: nothing has begun */
    for (uint32_t at = 64; at; at <<= 1)
        (void)CALL32(memory_op, at | XENMEM_decrease_reservation, LOW(&r));
}

static void batches(void)
{
    struct call32 *list = page_alloc();

    for (unsigned int i = 0; i < PAGE_BYTES / sizeof(*list); i++)
        list[i] = (struct call32){.op = __HYPERVISOR_xen_version};
    list[1] = (struct call32){.op = __HYPERVISOR_multicall, .args = {LOW(list), 1}};
    list[2] = (struct call32){.op = ~0u};
    list[3] = (struct call32){__HYPERVISOR_xen_version, 0, {XENVER_extraversion, 0x10}};
    CHECK_EQ(CALL32(multicall, LOW(list), 5), 0);
    CHECK_EQ(list[0].result, 4 << 16 | 17);
    CHECK_EQ((int)list[1].result, -EINVAL);
    CHECK_EQ((int)list[2].result, -ENOSYS);
    CHECK_EQ((int)list[3].result, -EFAULT);
    CHECK_EQ(list[4].result, 4 << 16 | 17);
    hvm_map((char *)list + PAGE_BYTES, 0xfffffffff, PTE_RW_FLAGS); /* nothing behind it */
    CHECK_EQ(CALL32(multicall, LOW(list), 0xffffffff), -EFAULT);
    CHECK_EQ(CALL32(multicall, 0xfffffff0, 2), -EFAULT);
    hvm_map((char *)list + PAGE_BYTES, va_pfn((char *)list + PAGE_BYTES), PTE_RW_FLAGS);
}

static void vcpus(void)
{
    struct {
        uint32_t state;
        uint32_t words[10]; /* four-byte alignment of what has eight */
        uint32_t guard;
    } run = {.guard = 0x12345678};
    struct {
        uint32_t ports, nr_ports;
        uint32_t timeout[2];
    } poll = {.nr_ports = 0xffffffff};

    CHECK_EQ(CALL32(vcpu_op, VCPUOP_is_up, 0, 0), 1);
    CHECK_EQ(CALL32(vcpu_op, VCPUOP_is_up, 1, 0), -ENOENT);
    CHECK_EQ(CALL32(vcpu_op, VCPUOP_is_up, ~0u, 0), -ENOENT);
    CHECK_EQ(CALL32(vcpu_op, VCPUOP_get_runstate_info, 0, LOW(&run)), 0);
    CHECK_EQ(run.state, RUNSTATE_running);
    CHECK_EQ(run.guard, 0x12345678);
    CHECK_EQ(CALL32(sched_op, SCHEDOP_yield), 0);
    CHECK_EQ(CALL32(sched_op, SCHEDOP_poll, LOW(&poll)), -EINVAL);
    CHECK_EQ(CALL32(set_timer_op, 0, 0), 0);
}

static void grants(void)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};
    struct {
        uint16_t dom, pad;
        uint32_t nr_frames;
        int16_t status;
        uint16_t pad2;
        uint32_t frame_list;
    } setup = {.dom = DOMID_SELF, .nr_frames = 1, .frame_list = 0x10};
    char *page = pages_alloc(2);

    CHECK_EQ(CALL32(grant_table_op, GNTTABOP_query_size, LOW(&size), 1), 0);
    CHECK_EQ(size.status, GNTST_okay);
    CHECK(CALL32(grant_table_op, GNTTABOP_setup_table, LOW(&setup), 1) < 0 || setup.status < 0);
    setup.nr_frames = 0xffffffff;
    (void)CALL32(grant_table_op, GNTTABOP_setup_table, LOW(&setup), 1);
    for (uint32_t cmd = 0; cmd < 16; cmd++)
        for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
            CHECK_CASE("bad", CALL32(grant_table_op, cmd, bad[i], 1) < 0, true);
    hvm_map(page + PAGE_BYTES, 0xfffffffff, PTE_RW_FLAGS); /* the list ends there */
    for (uint32_t cmd = 0; cmd < 16; cmd++)
        (void)CALL32(grant_table_op, cmd, LOW(page) + PAGE_BYTES - 64, 0xffffffff);
    hvm_map(page + PAGE_BYTES, va_pfn(page + PAGE_BYTES), PTE_RW_FLAGS);
}

/* Shared structures are as the code lays them out that said last how upcalls arrive. */
static void layout_is_32bit(bool want)
{
    volatile struct vcpu_runstate_info *run = page_alloc();
    struct vcpu_register_runstate_memory_area area = {.addr.v = (struct vcpu_runstate_info *)run};
    struct sched_poll poll = {0};

    CHECK_EQ(hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area), 0);
    memset((void *)run, 0xff, sizeof(*run));
    for (unsigned int i = 0; i < 100 && run->state < 0; i++) { /* off its CPU and on again */
        vcpu_info()->evtchn_upcall_pending = 0;
        poll.timeout = now_ns() + 10000000;
        CHECK_EQ(hc_sched_op(SCHEDOP_poll, &poll), 0);
    }
    CHECK_EQ(run->state, RUNSTATE_running);
    CHECK_EQ(run->time[RUNSTATE_offline] >> 32 == 0xffffffff, want);
}

static void layouts(void)
{
    struct xen_hvm_param p = {.domid = DOMID_SELF,
                              .index = HVM_PARAM_CALLBACK_IRQ,
                              .value = (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | 0xf3};

    CHECK_EQ(CALL32(hvm_op, HVMOP_set_param, LOW(&p)), 0);
    layout_is_32bit(true);
    CHECK_EQ(hc_hvm_op(HVMOP_set_param, &p), 0);
    layout_is_32bit(false);
}

static void calls32(void *arg unused)
{
    hvm_low_alias();
    texts();
    channels();
    memory();
    batches();
    vcpus();
    layouts();
    grants();
}

TEST(hvm, calls_of_32_bits)
{
    const struct child_options options = {.hvm = true, .pool_pages = 80};

    child_run_with(calls32, &options, SHUTDOWN_poweroff);
}

/* ---- by chance ---- */

static uint64_t argument(uint64_t *seed, const uint64_t *scratch)
{
    static const uint64_t some[] = {0, 1, 2, 16, 0x7ff0, DOMID_SELF, 0xffffffff, 0x80000000,
                                    0x7fffffff, BAD_POINTER, HV_POINTER, NONCANONICAL, ~0UL, 4096};
    uint64_t r = draw(seed);

    switch (r % 4) {
    case 0:
        return some[(r >> 8) % ARRAY_SIZE(some)];
    case 1:
        return (uint64_t)scratch + (r >> 8 & 0xff8);
    case 2:
        return r >> 8 & 63;
    default:
        return draw(seed) >> (r >> 8 & 63);
    }
}

/* (Hypercalls that stop or end it come too, and those that take its memory away.) */
static void by_chance(void *arg)
{
    uint64_t seed = (uint64_t)arg, *scratch = page_alloc();

    hvm_low_alias();
    for (;; box.step++) {
        uint64_t number = draw(&seed) % 48, a[5];
        uint32_t narrow[5];

        for (unsigned int i = 0; i < 64; i++)
            scratch[draw(&seed) % 512] = argument(&seed, scratch);
        for (unsigned int i = 0; i < 5; i++)
            narrow[i] = (uint32_t)(a[i] = argument(&seed, scratch));
        if (number == __HYPERVISOR_sched_op && a[0] == SCHEDOP_shutdown)
            continue;
        if (draw(&seed) & 1)
            (void)hypercall(number, a[0], a[1], a[2], a[3], a[4]);
        else
            (void)hvm_call32((uint32_t)number, narrow);
    }
}

static void body_of_fresh(void *arg unused)
{
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}

TEST(hvm, calls_by_chance)
{
    uint64_t rounds = option("rounds", 20);
    struct host_state before;

    hvm_child_run(body_of_fresh, NULL, SHUTDOWN_poweroff);
    before = host_state();
    for (uint64_t i = 1; i <= rounds && !test_failing(); i++) {
        const struct child_options options = {.hvm = true, .arg = (void *)(i * 0x9e3779b97f4a7c15)};

        child_run_wild(by_chance, &options, 400);
    }
    host_check(&before);
    hvm_child_run(body_of_fresh, NULL, SHUTDOWN_poweroff);
}
