/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long hypercalls take, by the TSC: in an emulator whose TSC counts instructions (Bochs, QEMU
 * with -icount shift=0) these are instructions, the same in every run. Not part of a plain run:
 * asked for by `make bench` (bench/), which runs this on two hypervisors.
 */
#include "tests/guest/bench/bench.h"

static void bench_calls(void)
{
    static multicall_entry_t calls[16];

    MEASURE("null_hypercall", hc_xen_version(XENVER_version, NULL));
    MEASURE("unknown_hypercall", hypercall(50, 0, 0, 0, 0, 0));
    for (unsigned int i = 0; i < 16; i++)
        calls[i] = (multicall_entry_t){.op = __HYPERVISOR_xen_version};
    MEASURE("multicall_16", hc_multicall(calls, 16));
    MEASURE("yield", hc_sched_op(SCHEDOP_yield, NULL));
    MEASURE("fpu_taskswitch", hc_fpu_taskswitch(0));
    MEASURE("stack_switch",
            hc_stack_switch(FLAT_SS, (uint64_t)cpu_self() + STACK_BYTES / 2));
    MEASURE("set_segment_base", hc_set_segment_base(SEGBASE_GS_USER, 0));
}

static void bench_mmu(void)
{
    char *page = page_alloc();
    uint64_t entry = pte(va_mfn(page), PTE_RW_FLAGS), at = pte_machine(0, (uint64_t)page, 1);
    struct mmu_update same = {.ptr = at, .val = entry};
    struct mmu_update many[32];
    struct mmuext_op flush = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};

    *(volatile char *)page = 1;
    MEASURE("mmu_update_1", hc_mmu_update(&same, 1, NULL, DOMID_SELF));
    for (unsigned int i = 0; i < 32; i++)
        many[i] = (struct mmu_update){.ptr = at, .val = i & 1 ? entry : 0};
    MEASURE("mmu_update_32_toggle", hc_mmu_update(many, 32, NULL, DOMID_SELF));
    MEASURE("update_va_same", hc_update_va_mapping(page, entry, UVMF_INVLPG));
    MEASURE("update_va_toggle",
            hc_update_va_mapping(page, i & 1 ? entry : entry & ~PTE_P, UVMF_INVLPG));
    MEASURE("update_va_protect",
            hc_update_va_mapping(page, i & 1 ? entry : entry & ~PTE_RW, UVMF_INVLPG));
    MEASURE("tlb_flush_local", hc_mmuext_op(&flush, 1, NULL, DOMID_SELF));
}

/* A process switch as Linux does it, and pinning of a small address space. */
static void bench_tables(void)
{
    uint64_t *l4 = page_alloc(), *own = (uint64_t *)env.l4_va;
    uint64_t own_mfn = va_mfn(own);
    struct mmuext_op switch_ops[2] = {{.cmd = MMUEXT_NEW_BASEPTR},
                                      {.cmd = MMUEXT_NEW_USER_BASEPTR}};

    for (unsigned int i = 0; i < 512; i++)
        if (i < 256 || i > 271)
            l4[i] = own[i];
    (void)page_protect(l4, PTE_RO_FLAGS);
    MEASURE("pin_unpin_l4", {
        (void)mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0);
        (void)mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l4), 0);
    });
    (void)mmuext(MMUEXT_PIN_L4_TABLE, va_mfn(l4), 0);
    MEASURE("address_space_switch", {
        switch_ops[0].arg1.mfn = i & 1 ? own_mfn : va_mfn(l4);
        switch_ops[1].arg1.mfn = i & 1 ? own_mfn : va_mfn(l4);
        (void)hc_mmuext_op(switch_ops, 2, NULL, DOMID_SELF);
    });
    (void)mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0);
    (void)mmuext(MMUEXT_NEW_BASEPTR, own_mfn, 0);
    (void)mmuext(MMUEXT_UNPIN_TABLE, va_mfn(l4), 0);
}

static bool just_return(struct trap_frame *f)
{
    (void)f;
    return true;
}

static void bench_traps(void)
{
    volatile char *page = page_alloc();
    uint64_t at = pte_machine(0, (uint64_t)page, 1);
    volatile uint64_t *entry = mfn_va(at >> PAGE_SHIFT);
    uint64_t value;

    trap_hooks[3] = just_return;
    MEASURE("int3_bounce_iret", __asm__ volatile("int3" ::: "memory"));
    MEASURE("rdmsr_emulated",
            __asm__ volatile("rdmsr" ::"c"(0xc0000080) : "rax", "rdx", "memory"));
    MEASURE("cpuid_forced", {
        uint32_t a = 0;

        __asm__ volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n cpuid"
                         : "+a"(a)::"rbx", "rcx", "rdx", "memory");
    });
    /* a store to a live page table, emulated */
    entry += at % PAGE_BYTES / 8;
    value = *entry;
    MEASURE("pte_write_emulated", *entry = value);
}

static void user_loop(void)
{
    __asm__ volatile("1: syscall\n jmp 1b" ::: "rcx", "r11", "memory");
}

static uint64_t user_calls, user_start_tsc;

static bool on_syscall(struct trap_frame *f)
{
    (void)f;
    if (user_calls++ == 8)
        user_start_tsc = tsc();
    return user_calls < ROUNDS + 9;
}

static void bench_user(void)
{
    trap_hooks[VECTOR_SYSCALL] = on_syscall;
    user_calls = 0;
    (void)user_run(user_loop, 0);
    report("user_syscall_iret", tsc() - user_start_tsc, ROUNDS);
}

static void bench_events(void)
{
    long port = port_bind_ipi(0);
    struct evtchn_send send = {.port = (evtchn_port_t)port};

    NEED(port > 0);
    port_mask((evtchn_port_t)port, true);
    MEASURE("event_send_pending", hc_event_channel_op(EVTCHNOP_send, &send));
    MEASURE("event_send_masked", {
        (void)hc_event_channel_op(EVTCHNOP_send, &send);
        shared_info->evtchn_pending[0] = 0;
    });
    port_mask((evtchn_port_t)port, false);
    events_enable(true);
    MEASURE("event_send_upcall", hc_event_channel_op(EVTCHNOP_send, &send));
    events_enable(false);
    (void)port_close((evtchn_port_t)port);
    port = port_alloc(DOMID_SELF);
    NEED(port > 0);
    send.port = (evtchn_port_t)port;
    port = port_bind(DOMID_SELF, (evtchn_port_t)port);
    NEED(port > 0);
    port_mask((evtchn_port_t)port, true);
    port_mask(send.port, true);
    MEASURE("event_send_interdomain", {
        (void)hc_event_channel_op(EVTCHNOP_send, &send);
        shared_info->evtchn_pending[0] = 0;
    });
    (void)port_close((evtchn_port_t)port);
    (void)port_close(send.port);
}

static grant_entry_v1_t *grants;

static bool grant_table_map(void)
{
    uint64_t frame = grant_frame();

    if (!frame)
        return false;
    grants = window_map(63, frame, DOMID_SELF, PTE_RW_FLAGS, NULL);
    return grants != NULL;
}

static void bench_grant_copy(const char *name, void *from, uint16_t bytes)
{
    struct gnttab_copy copy = {.len = bytes, .flags = GNTCOPY_source_gref};
    char *to = page_alloc();

    (void)from;
    copy.source.u.ref = 20;
    copy.source.domid = 0;
    copy.dest.u.gmfn = va_mfn(to);
    copy.dest.domid = DOMID_SELF;
    MEASURE(name, hc_grant_table_op(GNTTABOP_copy, &copy, 1));
    CHECK_EQ(copy.status, GNTST_okay);
}

static void bench_grants(void)
{
    char *page = page_alloc(), *at = page_alloc();
    struct gnttab_map_grant_ref map = {.host_addr = (uint64_t)at, .flags = GNTMAP_host_map,
                                       .ref = 20, .dom = 0};
    struct gnttab_unmap_grant_ref unmap = {.host_addr = (uint64_t)at};

    NEED(grant_table_map());
    grants[20] = (grant_entry_v1_t){.flags = GTF_permit_access, .domid = 0,
                                    .frame = (uint32_t)va_mfn(page)};
    MEASURE("grant_map_unmap", {
        (void)hc_grant_table_op(GNTTABOP_map_grant_ref, &map, 1);
        unmap.handle = map.handle;
        (void)hc_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1);
    });
    CHECK_EQ(map.status, GNTST_okay);
    CHECK_EQ(unmap.status, GNTST_okay);
    bench_grant_copy("grant_copy_64", page, 64);
    bench_grant_copy("grant_copy_4096", page, 4096);
    grants[20].flags = 0;
    window_unmap(63);
}

void bench_reservation(uint64_t ticks[2])
{
    char *page = page_alloc();
    xen_pfn_t frame = va_mfn(page), pfn = va_pfn(page);
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
    uint64_t start;

    ticks[0] = ticks[1] = 0;
    for (unsigned int i = 0; i < 100; i++) {
        (void)hc_update_va_mapping(page, 0, UVMF_INVLPG);
        set_xen_guest_handle(r.extent_start, &frame);
        start = tsc();
        if (hc_memory_op(XENMEM_decrease_reservation, &r) != 1)
            break;
        ticks[0] += tsc() - start;
        frame = pfn;
        start = tsc();
        if (hc_memory_op(XENMEM_populate_physmap, &r) != 1)
            break;
        ticks[1] += tsc() - start;
        env.p2m[pfn] = frame;
        (void)page_protect(page, PTE_RW_FLAGS);
    }
}

static void bench_memory(void)
{
    uint64_t ticks[2];

    bench_reservation(ticks);
    report("decrease_reservation_1", ticks[0], 100);
    report("populate_physmap_1", ticks[1], 100);
}

static void child_yields(void *arg)
{
    (void)arg;
    for (;;)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
}

/* Two domains on one CPU taking turns: needs a boot with one CPU. */
static void bench_switch(void)
{
    struct child *c = child_make(child_yields, NULL);

    NEED(c);
    sleep_us(20000);
    MEASURE("yield_to_other_domain", hc_sched_op(SCHEDOP_yield, NULL));
}

long bench_create(domid_t *domid, bool hvm, uint32_t vcpus)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
    struct xen_domctl_createdomain *config = &op.u.createdomain;
    long rc;

    if (hvm) {
        config->flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
        config->arch.emulation_flags = XEN_X86_EMU_LAPIC;
    }
    config->max_vcpus = vcpus;
    config->max_evtchn_port = 1023;
    config->max_grant_frames = 4;
    config->max_maptrack_frames = 4;
    config->grant_opts = XEN_DOMCTL_GRANT_version(2);
    rc = hc_domctl(&op);
    if (rc)
        return rc;
    *domid = op.domain;
    op.cmd = XEN_DOMCTL_max_vcpus;
    op.u.max_vcpus.max = vcpus;
    return hc_domctl(&op);
}

/* Pages that an idle domain costs, of sixteen (what is cut into objects is shared). */
static void bench_pages(const char *kind, bool hvm)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_destroydomain,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
    uint64_t free_before = host_state().free_pages, free_after;
    domid_t made[16];

    for (unsigned int i = 0; i < 16; i++)
        NEED(bench_create(&made[i], hvm, 1) == 0);
    free_after = host_state().free_pages;
    for (unsigned int i = 0; i < 16; i++) {
        op.domain = made[i];
        CHECK_EQ(hc_domctl(&op), 0);
    }
    sleep_us(20000);
    print("BENCH %spages_per_idle_domain %lu\n", kind, (free_before - free_after + 8) / 16);
}

static void bench_domains(const char *kind, bool hvm)
{
    uint64_t create = 0, destroy = 0;

    for (unsigned int i = 0; i < 20; i++) {
        struct xen_domctl op = {.cmd = XEN_DOMCTL_destroydomain,
                                .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
        uint64_t start;

        start = tsc();
        NEED(bench_create(&op.domain, hvm, 1) == 0);
        create += tsc() - start;
        start = tsc();
        CHECK_EQ(hc_domctl(&op), 0);
        destroy += tsc() - start;
        sleep_us(3000);
    }
    print("BENCH %screatedomain_max_vcpus %lu\n", kind, create / 20);
    print("BENCH %sdestroydomain_call %lu\n", kind, destroy / 20);
    bench_pages(kind, hvm);
}

/* Extents of a translated domain, given and taken by the toolstack: ticks for each. */
static void bench_extents(domid_t domid, const char *name, unsigned int order, unsigned int count)
{
    static xen_pfn_t list[64];
    struct xen_memory_reservation r = {.nr_extents = count, .extent_order = order,
                                       .domid = domid};
    uint64_t start, ticks[2];

    for (unsigned int i = 0; i < count; i++)
        list[i] = 0x1000 + ((xen_pfn_t)i << order);
    set_xen_guest_handle(r.extent_start, list);
    start = tsc();
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), count);
    ticks[0] = tsc() - start;
    for (unsigned int i = 0; i < count; i++)
        list[i] = 0x1000 + ((xen_pfn_t)i << order);
    start = tsc();
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), count);
    ticks[1] = tsc() - start;
    print("BENCH hvm_populate_%s %lu\n", name, ticks[0] / count);
    print("BENCH hvm_decrease_%s %lu\n", name, ticks[1] / count);
}

static void bench_hvm_memory(void)
{
    struct xen_domctl op = {.interface_version = XEN_DOMCTL_INTERFACE_VERSION};

    NEED(bench_create(&op.domain, true, 1) == 0);
    op.cmd = XEN_DOMCTL_max_mem;
    op.u.max_mem.max_memkb = 16384;
    CHECK_EQ(hc_domctl(&op), 0);
    op.cmd = XEN_DOMCTL_set_paging_mempool_size;
    op.u.paging_mempool.size = 2 << 20;
    CHECK_EQ(hc_domctl(&op), 0);
    for (unsigned int i = 0; i < 2; i++) { /* the second time without a new table */
        bench_extents(op.domain, i ? "4k" : "4k_first", 0, 64);
        bench_extents(op.domain, i ? "2m" : "2m_first", 9, 4);
    }
    op.cmd = XEN_DOMCTL_destroydomain;
    CHECK_EQ(hc_domctl(&op), 0);
    sleep_us(3000);
}

TEST_FLAGS(bench, all, TEST_ONLY_ASKED)
{
    bench_calls();
    bench_mmu();
    bench_tables();
    bench_traps();
    bench_user();
    bench_events();
    bench_grants();
    bench_memory();
    bench_domains("", false);
    bench_switch();
}

/* What a hardware-assisted guest costs its toolstack. */
TEST_FLAGS(bench, hvm, TEST_ONLY_ASKED)
{
    bench_domains("hvm_", true);
    bench_hvm_memory();
}
