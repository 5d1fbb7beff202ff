/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What exits of a hardware-assisted guest cost, from the instruction to the one behind it, in
 * 64-bit code: a guest with a local APIC and nothing else, as PVH guests are, and one with all
 * devices of an HVM guest ("board"). A vCPU that waits does so in HLT; with one CPU the other vCPU
 * runs meanwhile.
 */
#include "tests/guest/bench/bench.h"
#include "tests/guest/lib/hvm.h"

#define VECTOR 0x41
#define XAPIC_GFN 0xfee00
#define HPET_GFN 0xfed00
#define HOLE_GFN 0xfd000 /* neither memory nor a device */
#define XAPIC_ID 0x20
#define XAPIC_TPR 0x80
#define XAPIC_EOI 0xb0
#define XAPIC_SVR 0xf0
#define XAPIC_ICR 0x300
#define TO_SELF (1u << 18)

/* With EAX 0 and ECX @count. */
#define INSTRUCTION(text, count)                                                                   \
    do {                                                                                           \
        uint32_t a_ = 0, c_ = count;                                                               \
                                                                                                   \
        __asm__ volatile(text : "+a"(a_), "+c"(c_)::"rbx", "rdx", "memory");                       \
    } while (0)

static void end_by_msr(void)
{
    hvm_wrmsr(X2APIC_EOI, 0);
}

static void bench_calls(void)
{
    evtchn_port_t port = (evtchn_port_t)port_bind_ipi(0);
    struct evtchn_send send = {.port = port};

    MEASURE("hvm_null_hypercall", hc_xen_version(XENVER_version, NULL));
    port_mask(port, true);
    MEASURE("hvm_hypercall_4_bytes", hc_event_channel_op(EVTCHNOP_send, &send));
    (void)port_close(port);
}

static void bench_memory(void)
{
    char *page = page_alloc();
    xen_pfn_t pfn = va_pfn(page);
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
    uint64_t start, ticks[3] = {0, 0, 0};

    set_xen_guest_handle(r.extent_start, &pfn);
    for (unsigned int i = 0; i < 100; i++) {
        start = tsc();
        if (hc_memory_op(XENMEM_decrease_reservation, &r) != 1)
            break;
        ticks[0] += tsc() - start;
        start = tsc();
        if (hc_memory_op(XENMEM_populate_physmap, &r) != 1)
            break;
        ticks[1] += tsc() - start;
        start = tsc();
        *(volatile char *)page = 1;
        ticks[2] += tsc() - start;
    }
    report("hvm_decrease_reservation", ticks[0], 100);
    report("hvm_populate_physmap", ticks[1], 100);
}

static void bench_exits(void)
{
    volatile uint32_t *hole = page_alloc();

    MEASURE("hvm_cpuid", INSTRUCTION("cpuid", 0));
    MEASURE("hvm_rdmsr_apic_base", INSTRUCTION("rdmsr", 0x1b));
    MEASURE("hvm_out_no_device", INSTRUCTION("outb %%al, $0x99", 0));
    MEASURE("hvm_in_no_device", INSTRUCTION("inb $0x99, %%al", 0));
    hvm_map(hole, HOLE_GFN, PTE_RW_FLAGS);
    MEASURE("hvm_mmio_no_device", (void)hole[0]);
}

static void bench_x2apic(void)
{
    hvm_x2apic();
    hvm_vector(VECTOR, end_by_msr);
    MEASURE("hvm_x2apic_read_id", (void)hvm_rdmsr(0x802));
    MEASURE("hvm_x2apic_read_timer", (void)hvm_rdmsr(0x839));
    MEASURE("hvm_x2apic_eoi", hvm_wrmsr(X2APIC_EOI, 0));
    MEASURE("hvm_x2apic_timer_set", hvm_wrmsr(0x838, 0));
    __asm__ volatile("sti");
    MEASURE("hvm_x2apic_self_ipi", hvm_wrmsr(X2APIC_SELF, VECTOR));
    MEASURE("hvm_x2apic_icr_self", hvm_wrmsr(X2APIC_ICR, TO_SELF | VECTOR));
    __asm__ volatile("cli");
}

static void bench_pvh(void *arg unused)
{
    print("\n"); /* each figure at the beginning of a line */
    bench_exits();
    bench_calls();
    bench_memory();
    bench_x2apic();
}

/* ---- a guest with all devices ---- */

static volatile uint32_t *xapic;

static void end_by_page(void)
{
    xapic[XAPIC_EOI / 4] = 0;
}

static void bench_board(void *arg unused)
{
    volatile uint32_t *hpet = page_alloc();

    xapic = page_alloc();
    hvm_map(xapic, XAPIC_GFN, PTE_RW_FLAGS);
    hvm_map(hpet, HPET_GFN, PTE_RW_FLAGS);
    print("\n");
    MEASURE("board_cpuid", INSTRUCTION("cpuid", 0));
    MEASURE("board_pit_read", INSTRUCTION("inb $0x40, %%al", 0));
    MEASURE("board_hpet_read", (void)hpet[0xf0 / 4]);
    xapic[XAPIC_SVR / 4] = 0x1ff;
    hvm_vector(VECTOR, end_by_page);
    MEASURE("board_xapic_read_id", (void)xapic[XAPIC_ID / 4]);
    MEASURE("board_xapic_write_tpr", xapic[XAPIC_TPR / 4] = 0);
    MEASURE("board_xapic_eoi", xapic[XAPIC_EOI / 4] = 0);
    __asm__ volatile("sti");
    MEASURE("board_xapic_icr_self", xapic[XAPIC_ICR / 4] = TO_SELF | VECTOR);
    __asm__ volatile("cli");
    hvm_x2apic();
    hvm_vector(VECTOR, end_by_msr);
    MEASURE("board_x2apic_eoi", hvm_wrmsr(X2APIC_EOI, 0));
    __asm__ volatile("sti");
    MEASURE("board_x2apic_icr_self", hvm_wrmsr(X2APIC_ICR, TO_SELF | VECTOR));
    __asm__ volatile("cli");
}

/* ---- two vCPUs ---- */

static evtchn_port_t to_first, to_second;
static volatile uint32_t ball, by_interrupt;

static void wait_for_ball(uint32_t mine)
{
    while ((__atomic_load_n(&ball, __ATOMIC_SEQ_CST) & 1) != mine)
        __asm__ volatile("sti\n hlt\n cli" ::: "memory");
}

/* To the vCPU with this number in x2APIC mode, twice its own. */
static void send_interrupt(uint64_t vcpu)
{
    hvm_wrmsr(X2APIC_ICR, vcpu * 2 << 32 | VECTOR);
}

static void second(void)
{
    hvm_x2apic();
    for (;;) {
        wait_for_ball(1);
        __atomic_fetch_add(&ball, 1, __ATOMIC_SEQ_CST);
        if (by_interrupt)
            send_interrupt(0);
        else
            (void)port_send(to_first);
    }
}

static void bench_pair(void *arg unused)
{
    struct evtchn_send send;

    to_first = (evtchn_port_t)port_bind_ipi(0);
    to_second = (evtchn_port_t)port_bind_ipi(1);
    send.port = to_second;
    events_enable(true);
    events_enable(false);
    hvm_x2apic();
    hvm_vector(VECTOR, end_by_msr);
    hvm_second(second);
    print("\n");
    port_mask(to_second, true);
    MEASURE("hvm_event_send_other_masked", {
        (void)hc_event_channel_op(EVTCHNOP_send, &send);
        shared_info->evtchn_pending[0] = 0;
    });
    port_mask(to_second, false);
    MEASURE("hvm_event_round_trip", {
        __atomic_fetch_add(&ball, 1, __ATOMIC_SEQ_CST);
        (void)port_send(to_second);
        wait_for_ball(0);
    });
    by_interrupt = 1;
    MEASURE("hvm_ipi_round_trip", {
        __atomic_fetch_add(&ball, 1, __ATOMIC_SEQ_CST);
        send_interrupt(1);
        wait_for_ball(0);
    });
}

/* ---- first writes of frames while they are logged, and the look at the log ---- */

#define LOG_ROUNDS 8u
#define LOG_FRAMES 64u

static void bench_writer(void *arg unused)
{
    volatile uint64_t *pages = pages_alloc(LOG_FRAMES);

    for (uint64_t round = 0; round <= LOG_ROUNDS;) {
        uint64_t start = tsc();

        for (unsigned int i = 0; i < LOG_FRAMES; i++)
            pages[i * 512] = round;
        box.value[2] += round ? tsc() - start : 0;
        box.value[1] = ++round;
        while (box.value[0] != round)
            (void)hc_sched_op(SCHEDOP_yield, NULL);
    }
}

TEST_FLAGS(bench, hvm_log, TEST_ONLY_ASKED)
{
    const struct child_options o = {.hvm = true, .pool_pages = LOG_FRAMES + 40};
    struct child *c = child_make(bench_writer, &o);
    struct xen_domctl op;
    uint64_t ticks = 0, start;

    NEED(c);
    CHECK_EQ(child_shadow(c, &op, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, NULL, 0), 0);
    for (uint64_t round = 1; round <= LOG_ROUNDS + 1; round++) {
        while (c->box->value[1] != round)
            (void)hc_sched_op(SCHEDOP_yield, NULL);
        start = tsc();
        CHECK_EQ(child_shadow(c, &op, XEN_DOMCTL_SHADOW_OP_CLEAN, 0, NULL, 4096), 0);
        ticks += tsc() - start;
        c->box->value[0] = round;
    }
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    report("hvm_first_write_logged", c->box->value[2], LOG_ROUNDS * LOG_FRAMES);
    report("hvm_log_clean_4096", ticks, LOG_ROUNDS + 1);
    child_end(c);
}

/* ---- first touches of frames that are only promised ---- */

#define PROMISED_AT 0x1000u
#define PROMISED 256u

static void bench_toucher(void *arg unused)
{
    volatile uint64_t *window = page_alloc();
    uint64_t ticks = 0;

    for (unsigned int i = 0; i < PROMISED; i++) {
        uint64_t start;

        hvm_map(window, PROMISED_AT + i, PTE_RW_FLAGS);
        start = tsc();
        *window = 1;
        ticks += tsc() - start;
    }
    print("\n");
    report("hvm_promised_touch", ticks, PROMISED);
}

TEST_FLAGS(bench, hvm_promised, TEST_ONLY_ASKED)
{
    const struct child_options o = {.hvm = true, .paused = true};
    struct child *c = child_make(bench_toucher, &o);
    struct xen_memory_reservation r = {.nr_extents = 1, .mem_flags = XENMEMF_populate_on_demand};
    struct xen_pod_target target = {0};
    struct xen_domctl op = {0};

    NEED(c);
    op.u.max_mem.max_memkb = (c->pages + 2 * PROMISED) * 4;
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_max_mem, &op), 0);
    memset(&op, 0, sizeof(op));
    op.u.paging_mempool.size = 1 << 20;
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_set_paging_mempool_size, &op), 0);
    r.domid = target.domid = c->domid;
    for (xen_pfn_t gfn = PROMISED_AT; gfn < PROMISED_AT + PROMISED; gfn++) {
        set_xen_guest_handle(r.extent_start, &gfn);
        CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 1);
    }
    CHECK_EQ(hc_memory_op(XENMEM_get_pod_target, &target), 0);
    target.target_pages = target.tot_pages + PROMISED;
    CHECK_EQ(hc_memory_op(XENMEM_set_pod_target, &target), 0);
    child_start(c);
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
}

TEST_FLAGS(bench, hvm, TEST_ONLY_ASKED)
{
    struct child_options o = {.hvm = true};

    child_run_with(bench_pvh, &o, SHUTDOWN_poweroff);
    o.vcpus = 2;
    child_run_with(bench_pair, &o, SHUTDOWN_poweroff);
    o.vcpus = 1;
    o.devices = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI;
    child_run_with(bench_board, &o, SHUTDOWN_poweroff);
}
