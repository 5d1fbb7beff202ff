/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events and grants against the rules: others' ports, malformed FIFO queues (XSA-107, 218, 221
 * class), grants withdrawn and changed while in use (XSA-224, 228, 379 class).
 */
#include "tests/guest/lib/child.h"

#define WORD_PENDING (1u << EVTCHN_FIFO_PENDING)
#define WORD_MASKED (1u << EVTCHN_FIFO_MASKED)
#define WORD_LINKED (1u << EVTCHN_FIFO_LINKED)
#define WORD_BUSY (1u << EVTCHN_FIFO_BUSY)

static evtchn_fifo_control_block_t *control;
static volatile uint32_t *words;
static long ports[32];

static bool fifo_start(void)
{
    struct evtchn_init_control init = {.vcpu = 0};
    struct evtchn_expand_array expand;

    control = page_alloc();
    words = page_alloc();
    init.control_gfn = va_mfn(control);
    expand.array_gfn = va_mfn((void *)words);
    if (hc_event_channel_op(EVTCHNOP_init_control, &init) ||
        hc_event_channel_op(EVTCHNOP_expand_array, &expand))
        return false;
    for (unsigned int i = 0; i < 32; i++)
        ports[i] = port_bind_ipi(0);
    return ports[31] > 0;
}

static void send_all(void)
{
    for (unsigned int i = 0; i < 32; i++) {
        struct evtchn_unmask u = {.port = (evtchn_port_t)ports[i]};

        (void)port_send((evtchn_port_t)ports[i]);
        (void)hc_event_channel_op(EVTCHNOP_unmask, &u);
    }
}

/* Links in circles, to nowhere, to themselves; heads and ready bits that lie. */
static void fifo_malformed(void *arg unused)
{
    uint64_t seed = 88172645463325252;

    NEED(fifo_start());
    for (unsigned int round = 0; round < 200; round++) {
        for (unsigned int i = 0; i < 1024; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            words[i] = round & 1 ? (uint32_t)seed
                                 : WORD_LINKED | (uint32_t)(seed & 1 ? i : (seed >> 8) & 1023);
        }
        for (unsigned int i = 0; i < 16; i++)
            control->head[i] = (uint32_t)(seed >> i);
        control->ready = (uint32_t)seed;
        box.step = round;
        send_all();
        for (unsigned int i = 0; i < 32; i++) {
            struct evtchn_set_priority p = {.port = (evtchn_port_t)ports[i],
                                            .priority = (uint32_t)(seed >> i) & 15};

            (void)hc_event_channel_op(EVTCHNOP_set_priority, &p);
        }
    }
    /* BUSY for ever */
    for (unsigned int i = 0; i < 1024; i++)
        words[i] = WORD_BUSY | WORD_LINKED | 5;
    send_all();
    for (unsigned int i = 0; i < 32; i++)
        CHECK_EQ(port_close((evtchn_port_t)ports[i]), 0);
}

TEST(hostile, xsa107_fifo_malformed)
{
    child_run(fifo_malformed, NULL, SHUTDOWN_poweroff);
}

/* The same while a second vCPU rewrites the words. */
static volatile bool stop;

static void scrambler(void)
{
    uint32_t seed = 12345;

    cpu_self()->id = 1;
    while (!stop) {
        seed = seed * 1664525 + 1013904223;
        words[seed >> 22] = seed;
        control->head[seed & 15] = seed >> 4;
        control->ready = seed;
    }
    for (;;)
        (void)hc_vcpu_op(VCPUOP_down, 1, NULL);
}

static bool start_second(void (*fn)(void))
{
    return second_initialise(fn) == 0 && hc_vcpu_op(VCPUOP_up, 1, NULL) == 0;
}

static void fifo_scrambled(void *arg unused)
{
    NEED(fifo_start());
    NEED(start_second(scrambler));
    for (unsigned int i = 0; i < 300; i++)
        send_all();
    stop = true;
    for (unsigned int i = 0; i < 32; i++)
        CHECK_EQ(port_close((evtchn_port_t)ports[i]), 0);
}

TEST(hostile, fifo_scrambled)
{
    struct child_options o = {.vcpus = 2, .pool_pages = 60};

    child_run_with(fifo_scrambled, &o, SHUTDOWN_poweroff);
}

/* vcpu_info and the shared page full of nonsense. */
static void shared_page_nonsense(void *arg unused)
{
    long port = port_bind_ipi(0), timer = port_bind_virq(VIRQ_TIMER, 0);
    struct sched_poll poll = {.nr_ports = 0};

    for (unsigned int round = 0; round < 20; round++) {
        memset(shared_info, round & 1 ? 0xff : 0xa5, 3136);
        shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
        box.step = round;
        (void)port_send((evtchn_port_t)port);
        (void)hc_set_timer_op(1);
        poll.timeout = 1;
        (void)hc_sched_op(SCHEDOP_poll, &poll);
        (void)port_close((evtchn_port_t)port);
        port = port_bind_ipi(0);
        (void)hc_vcpu_op(VCPUOP_get_runstate_info, 0, page_alloc());
    }
    CHECK(port > 0 && timer > 0);
}

TEST(hostile, shared_page_nonsense)
{
    child_run(shared_page_nonsense, NULL, SHUTDOWN_poweroff);
}

/* ---- grants ---- */

static grant_entry_v1_t *table;

static bool table_open(void)
{
    uint64_t frame = grant_frame();

    if (!frame)
        return false;
    table = window_map(62, frame, DOMID_SELF, PTE_RW_FLAGS, NULL);
    return table != NULL;
}

/* The table's own frames: as page tables, as grants, given away. */
static void table_frames(void *arg unused)
{
    uint64_t frame;
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

    NEED(table_open());
    frame = (pte_read((uint64_t)table) & PTE_ADDRESS) >> PAGE_SHIFT;
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, frame, 0) < 0);
    CHECK(mmuext(MMUEXT_PIN_L4_TABLE, frame, 0) < 0);
    CHECK(hc_set_gdt(&frame, 16) < 0);
    set_xen_guest_handle(r.extent_start, &frame);
    CHECK(hc_memory_op(XENMEM_decrease_reservation, &r) <= 0);
    CHECK(pt_write(frame << PAGE_SHIFT, 0) <= 0);
    table[20] = (grant_entry_v1_t){.flags = GTF_permit_access, .domid = env.domid,
                                   .frame = (uint32_t)frame};
    {
        char *at = page_alloc();
        struct gnttab_map_grant_ref map = {.host_addr = (uint64_t)at, .flags = GNTMAP_host_map,
                                           .ref = 20, .dom = env.domid};

        (void)hc_grant_table_op(GNTTABOP_map_grant_ref, &map, 1);
    }
    /* the shared page itself */
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, env.shared_info_mfn, 0) < 0);
    r.nr_extents = 1;
    frame = env.shared_info_mfn;
    CHECK(hc_memory_op(XENMEM_decrease_reservation, &r) <= 0);
    CHECK(hc_set_gdt(&frame, 16) < 0);
}

TEST(hostile, special_frames)
{
    child_run(table_frames, NULL, SHUTDOWN_poweroff);
}

/* A granted page becomes a page table while it is mapped writable: refused until unmapped. */
static void grant_then_table(void *arg unused)
{
    uint64_t *page = page_alloc();
    char *at = page_alloc();
    struct gnttab_map_grant_ref map = {.host_addr = (uint64_t)at, .flags = GNTMAP_host_map,
                                       .ref = 20, .dom = env.domid};
    struct gnttab_unmap_grant_ref unmap = {.host_addr = (uint64_t)at};

    NEED(table_open());
    (void)hc_update_va_mapping(at, 0, UVMF_INVLPG);
    table[20] = (grant_entry_v1_t){.flags = GTF_permit_access, .domid = env.domid,
                                   .frame = (uint32_t)va_mfn(page)};
    CHECK_EQ(hc_grant_table_op(GNTTABOP_map_grant_ref, &map, 1), 0);
    CHECK_EQ(map.status, GNTST_okay);
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(page), 0) < 0);
    /* the entry rewritten meanwhile: what is unmapped is what was mapped */
    table[20].frame = (uint32_t)va_mfn((void *)env.l4_va);
    table[20].domid = 0;
    unmap.handle = map.handle;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
    CHECK_EQ(unmap.status, GNTST_okay);
    CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, va_mfn(page), 0), 0);
    CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, va_mfn(page), 0), 0);
    /* mapped and then simply overwritten by an ordinary mapping: the handle lives, counts agree */
    table[20] = (grant_entry_v1_t){.flags = GTF_permit_access, .domid = env.domid,
                                   .frame = (uint32_t)va_mfn(page)};
    CHECK_EQ(hc_grant_table_op(GNTTABOP_map_grant_ref, &map, 1), 0);
    CHECK_EQ(map.status, GNTST_okay);
    CHECK_EQ(page_protect(at, PTE_RW_FLAGS), 0);
    unmap.handle = map.handle;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
    box.value[0] = (uint64_t)unmap.status;
}

TEST(hostile, xsa224_grant_then_table)
{
    child_run(grant_then_table, NULL, SHUTDOWN_poweroff);
}

/* All handles used up, and one grant mapped as often as it goes. */
static void grant_exhaustion(void *arg unused)
{
    char *page = page_alloc();
    struct gnttab_map_grant_ref map = {.flags = GNTMAP_host_map | GNTMAP_readonly, .ref = 20,
                                       .dom = env.domid};
    unsigned int count = 0;

    NEED(table_open());
    table[20] = (grant_entry_v1_t){.flags = GTF_permit_access, .domid = env.domid,
                                   .frame = (uint32_t)va_mfn(page)};
    for (; count < 100000; count++) {
        map.host_addr = (uint64_t)window_start + (count & 31) * PAGE_BYTES;
        if (hc_grant_table_op(GNTTABOP_map_grant_ref, &map, 1) || map.status)
            break;
    }
    box.value[0] = count;
    CHECK(count > 100 && count < 100000);
    for (unsigned int handle = 0; handle < count; handle++) {
        struct gnttab_unmap_grant_ref unmap = {.host_addr = (uint64_t)window_start +
                                                            (handle & 31) * PAGE_BYTES,
                                               .handle = handle};

        (void)hc_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1);
    }
}

TEST(hostile, grant_exhaustion)
{
    child_run(grant_exhaustion, NULL, SHUTDOWN_poweroff);
}
