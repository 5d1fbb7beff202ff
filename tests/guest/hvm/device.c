/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile device model, and a hostile toolstack: requests that are answered wrongly or not at
 * all, dm_op, parameters and state records by chance. The guest may suffer; nobody else does.
 */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/ioreq.h>
#include <xen/hvm/params.h>

#define DEVICE_GFN 0x40000
#define DEVICE_PORT 0x300
#define DELAY_PORT 0x80 /* its writes are none of a device model's business, its reads are */
#define SLOTS 2 /* of the window: the page of slots, and the ring */

static uint64_t seed = 88172645463325252;
static struct ioreq *slots;
static struct buffered_iopage *ring;
static ioservid_t server;
static long local_port;
static unsigned int delay_reads, delay_writes;

/* ---- the guest ---- */

static void asks(void *arg)
{
    volatile uint32_t *page = page_alloc();
    uint32_t value = 0;

    hvm_map(page, DEVICE_GFN, PTE_RW_FLAGS);
    for (uint64_t i = 0; i < (uint64_t)arg; i++) {
        uint8_t *to = (uint8_t *)&box.value[2];
        uint64_t count = 4;

        box.value[0] = page[i % 1000];
        page[i % 1000] = (uint32_t)i;
        __asm__ volatile("inl %%dx, %%eax" : "=a"(value) : "d"(DEVICE_PORT));
        box.value[1] = value;
        __asm__ volatile("outw %%ax, %%dx" ::"a"(i), "d"(DEVICE_PORT));
        __asm__ volatile("rep insw" : "+D"(to), "+c"(count) : "d"(DEVICE_PORT) : "memory");
        __asm__ volatile("outb %%al, %0\n outb %%al, %0" ::"N"(DELAY_PORT), "a"(i));
        __asm__ volatile("inb %1, %%al" : "=a"(value) : "N"(DELAY_PORT));
        box.value[3] = value & 0xff;
        count = 4;
        to = (uint8_t *)page;
        __asm__ volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(i) : "memory");
        __asm__ volatile("lock xaddl %0, %1" : "+r"(value), "+m"(page[5]));
        box.step++;
    }
    child_exit();
}

/* ---- the device model ---- */

static void *resource_frame(struct child *c, uint64_t frame, unsigned int slot)
{
    xen_pfn_t mfn = 0;
    struct xen_mem_acquire_resource r = {.domid = c->domid, .type = XENMEM_resource_ioreq_server,
                                         .id = server, .nr_frames = 1, .frame = frame};
    struct mmu_update u;

    set_xen_guest_handle(r.frame_list, &mfn);
    if (hc_memory_op(XENMEM_acquire_resource, &r))
        return NULL;
    /* a machine frame, though its owner has numbers of its own */
    u.ptr = pte_machine(0, (uint64_t)window_start + slot * PAGE_BYTES, 1) |
            MMU_PT_UPDATE_NO_TRANSLATE;
    u.val = pte(mfn, PTE_RW_FLAGS);
    CHECK_EQ(hc_mmu_update(&u, 1, NULL, c->domid), 0);
    (void)mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    return window_start + slot * PAGE_BYTES;
}

static long claim(struct child *c, uint32_t type, uint64_t first, uint64_t last)
{
    struct xen_dm_op op = {.op = XEN_DMOP_map_io_range_to_ioreq_server,
                           .u.map_io_range_to_ioreq_server = {
                               .id = server, .type = type, .start = first, .end = last}};

    return dm_op(c->domid, &op);
}

static bool serve(struct child *c)
{
    struct xen_dm_op op = {.op = XEN_DMOP_create_ioreq_server,
                           .u.create_ioreq_server.handle_bufioreq = HVM_IOREQSRV_BUFIOREQ_ATOMIC};

    long rc = dm_op(c->domid, &op);

    CHECK_EQ(rc, 0);
    server = op.u.create_ioreq_server.id;
    ring = resource_frame(c, XENMEM_resource_ioreq_server_frame_bufioreq, 1);
    slots = resource_frame(c, XENMEM_resource_ioreq_server_frame_ioreq(0), 0);
    CHECK(slots && ring);
    if (!slots || !ring)
        return false;
    op = (struct xen_dm_op){.op = XEN_DMOP_set_ioreq_server_state,
                            .u.set_ioreq_server_state = {.id = server, .enabled = 1}};
    local_port = port_bind(c->domid, slots[0].vp_eport);
    CHECK(local_port > 0);
    return local_port > 0 && !dm_op(c->domid, &op) &&
           !claim(c, XEN_DMOP_IO_RANGE_MEMORY, DEVICE_GFN << 12, (DEVICE_GFN << 12) + 0xfff) &&
           !claim(c, XEN_DMOP_IO_RANGE_PORT, DEVICE_PORT, DEVICE_PORT + 3) &&
           !claim(c, XEN_DMOP_IO_RANGE_PORT, DELAY_PORT, DELAY_PORT);
}

static void leave(void)
{
    window_unmap(0);
    window_unmap(1);
    if (local_port > 0)
        (void)port_close((evtchn_port_t)local_port);
    slots = NULL;
    ring = NULL;
}

static void answer(uint64_t data)
{
    volatile struct ioreq *r = &slots[0];

    if (r->state != STATE_IOREQ_READY) {
        sleep_us(20); /* QEMU runs one CPU at a time: who never waits keeps it for 100 ms */
        return;
    }
    r->state = STATE_IOREQ_INPROCESS;
    if (r->type == IOREQ_TYPE_PIO && r->addr == DELAY_PORT)
        ++*(r->dir ? &delay_reads : &delay_writes);
    if (r->dir && !r->data_is_ptr)
        r->data = data;
    __asm__ volatile("" ::: "memory");
    r->state = STATE_IORESP_READY;
    (void)port_send((evtchn_port_t)local_port);
}

static bool has_ended(const struct child *c)
{
    struct xen_domctl_getdomaininfo info;

    return child_info(c, &info) || (info.flags & XEN_DOMINF_shutdown);
}

static struct child *guest_with_device(uint64_t rounds, unsigned int vcpus)
{
    const struct child_options options = {.hvm = true, .devices = CHILD_BOARD, .paused = true,
                                          .vcpus = vcpus, .arg = (void *)rounds};
    struct child *c = child_make(asks, &options);

    if (!c)
        return NULL;
    if (!serve(c)) {
        test_fail(__FILE__, __LINE__, "no ioreq server");
        leave();
        return NULL;
    }
    child_start(c);
    return c;
}

static void idle(void *arg unused)
{
    child_exit();
}

/* What everything here ends with: it is all gone, and a new guest works. */
static void after(const struct host_state *before)
{
    host_check(before);
    hvm_child_run(idle, NULL, SHUTDOWN_poweroff);
}

static struct host_state begin(void)
{
    const struct child_options options = {.hvm = true, .devices = CHILD_BOARD};

    child_run_with(idle, &options, SHUTDOWN_poweroff); /* what is kept after a first one */
    return host_state();
}

/* First of all one that keeps to the rules, so that the rest is known to get that far. */
TEST(hvm, device_model)
{
    struct host_state before = begin();
    struct child *c = guest_with_device(50, 1);
    uint64_t end = now_ns() + 30000000000UL;

    delay_reads = delay_writes = 0;
    NEED(c);
    while (!has_ended(c) && now_ns() < end)
        answer(0x5a5a5a5a);
    CHECK_EQ(c->box->step, 50);
    CHECK_EQ(c->box->value[0], 0x5a5a5a5a);
    CHECK_EQ(c->box->value[1], 0x5a5a5a5a);
    CHECK_EQ(c->box->value[3], 0x5a);
    CHECK_EQ(delay_reads, 50);
    CHECK_EQ(delay_writes, 0);
    leave();
    child_end(c);
    after(&before);
}

/* ---- wrong answers ---- */

static uint64_t word(void)
{
    static const uint64_t some[] = {0, 1, ~0UL, 0xffffffff, 0x80000000, 0xfee00000, 0xfffff000};
    uint64_t r = draw(&seed);

    return r % 4 ? some[(r >> 8) % ARRAY_SIZE(some)] : r >> (draw(&seed) & 63);
}

static void scribble(void)
{
    volatile struct ioreq *r = &slots[draw(&seed) % 4 ? 0 : draw(&seed) % 128];

    switch (draw(&seed) % 12) {
    case 0:
        r->state = (uint8_t)(draw(&seed) & 15);
        break;
    case 1:
        r->count = (uint32_t)word();
        break;
    case 2:
        r->size = (uint32_t)word();
        break;
    case 3:
        r->addr = word();
        break;
    case 4:
        r->data = word();
        break;
    case 5:
        r->vp_eport = (uint32_t)word();
        break;
    case 6:
        ((volatile uint64_t *)r)[draw(&seed) % 4] = draw(&seed);
        break;
    case 7:
        ring->write_pointer = (uint32_t)word();
        break;
    case 8:
        ring->read_pointer = (uint32_t)word();
        break;
    case 9:
        (void)port_send((evtchn_port_t)local_port);
        break;
    default: /* or the guest comes no further */
        answer(word());
        break;
    }
}

/* Until it ends or @ms have gone. */
static void torment(struct child *c, void (*step)(struct child *), unsigned int ms)
{
    uint64_t end = now_ns() + ms * 1000000UL;

    while (now_ns() < end && !has_ended(c))
        for (unsigned int i = 0; i < 50; i++)
            step(c);
}

static void step_scribble(struct child *c unused)
{
    scribble();
}

static void each(void (*step)(struct child *), uint64_t rounds, unsigned int ms, unsigned int vcpus)
{
    struct host_state before;

    for (unsigned int tries = 0; tries < 3; tries++) { /* a pool may have to grow, but not again */
        before = begin();
        for (uint64_t i = 0; i < rounds && !test_failing(); i++) {
            struct child *c = guest_with_device(1000000, vcpus);

            if (!c)
                return;
            torment(c, step, ms);
            child_distrust(c);
            leave();
            child_end(c);
        }
        if (test_failing() || host_same(&before))
            break;
    }
    after(&before);
}

TEST(hvm, wrong_answers)
{
    each(step_scribble, option("rounds", 20), 300, 1);
}

/* ---- no answer at all ---- */

static void wait_for_request(void)
{
    for (unsigned int i = 0; i < 2000 && slots[0].state != STATE_IOREQ_READY; i++)
        sleep_us(500);
}

/* A guest that is shut down from outside ends its access first, and begins no other: who saves it
 * finds it between two instructions. */
TEST(hvm, shutdown_waits_for_device)
{
    struct host_state before = begin();
    struct child *c = guest_with_device(3, 1);
    struct sched_remote_shutdown suspend = {.reason = SHUTDOWN_suspend};
    uint64_t end = now_ns() + 60000000000UL;
    struct xen_domctl op = {.cmd = 0};

    NEED(c);
    suspend.domain_id = c->domid;
    for (uint64_t n = 1; c->box->step < 3 && now_ns() < end; n++) {
        wait_for_request();
        if (slots[0].state != STATE_IOREQ_READY)
            break; /* it ended */
        CHECK_EQ(hc_sched_op(SCHEDOP_remote_shutdown, &suspend), 0);
        sleep_us(2000);
        CHECK(!has_ended(c));
        for (unsigned int i = 0; i < 20000 && !has_ended(c); i++) {
            answer(n); /* an instruction may be more than one access */
            sleep_us(100);
        }
        CHECK_EQ(child_wait(c, 1), SHUTDOWN_suspend);
        CHECK(slots[0].state != STATE_IOREQ_READY);
        CHECK_EQ(child_domctl(c, XEN_DOMCTL_resumedomain, &op), 0);
    }
    CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
    CHECK_EQ(c->box->step, 3);
    leave();
    child_end(c);
    after(&before);
}

/* What ends a vCPU's waiting: its domain's end, its server's, other registers. */
TEST(hvm, no_answer)
{
    struct host_state before = begin();

    for (unsigned int how = 0; how < 6; how++) {
        struct child *c = guest_with_device(1000, 1);
        struct xen_dm_op op = {.op = XEN_DMOP_destroy_ioreq_server,
                               .u.destroy_ioreq_server.id = server};
        struct xen_domctl pause = {.cmd = 0};
        static struct hvm_context context;

        NEED(c);
        wait_for_request();
        CHECK_EQ(slots[0].state, STATE_IOREQ_READY);
        if (how == 1)
            CHECK_EQ(dm_op(c->domid, &op), 0); /* all ones, then nobody: the guest goes on */
        if (how == 2) {
            op = (struct xen_dm_op){.op = XEN_DMOP_set_ioreq_server_state,
                                    .u.set_ioreq_server_state.id = server};
            CHECK_EQ(dm_op(c->domid, &op), 0);
            answer(1);
        }
        if (how == 3) { /* it begins anew, and asks again when its old question is answered */
            hvm_context_fill(&context, c);
            CHECK_EQ(child_domctl(c, XEN_DOMCTL_pausedomain, &pause), 0);
            CHECK_EQ(hvm_context_set(c, &context, sizeof(context)), 0);
            CHECK_EQ(child_domctl(c, XEN_DOMCTL_unpausedomain, &pause), 0);
            for (unsigned int i = 0; i < 100; i++)
                answer(7);
        }
        if (how == 4) {
            op = (struct xen_dm_op){.op = XEN_DMOP_inject_event,
                                    .u.inject_event = {.type = XEN_DMOP_EVENT_hw_exc, .vector = 6,
                                                       .error_code = ~0u}};
            (void)dm_op(c->domid, &op);
            for (unsigned int i = 0; i < 100; i++)
                answer(7);
        }
        if (how == 1)
            CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
        sleep_us(3000);
        child_distrust(c);
        leave();
        child_end(c);
    }
    after(&before);
}

/* ---- dm_op by chance ---- */

static void step_dm_op(struct child *c)
{
    static uint8_t bytes[512];
    struct xen_dm_op op = {.op = (uint32_t)(draw(&seed) % 22)};
    struct xen_dm_op_buf buffers[2] = {{.size = sizeof(op)}, {.size = sizeof(bytes)}};
    uint64_t *words = (uint64_t *)(void *)&op.u;

    /* (not a shutdown: that is a short test) */
    if (op.op == XEN_DMOP_remote_shutdown || (draw(&seed) & 1)) {
        answer(word());
        return;
    }
    for (unsigned int i = 0; i < 4; i++)
        words[i] = draw(&seed) % 3 ? word() : draw(&seed) & 15;
    if (draw(&seed) % 2) { /* what gets further: the words as pairs of small numbers */
        uint32_t *halves = (uint32_t *)words;

        for (unsigned int i = 0; i < 8; i++)
            halves[i] = draw(&seed) % 2 ? 0 : (uint32_t)(draw(&seed) % 600);
    }
    /* four milliards of frames are done in steps, but take their time */
    if (op.op == XEN_DMOP_set_mem_type)
        op.u.set_mem_type.nr &= 0xfff;
    if (op.op == XEN_DMOP_relocate_memory)
        op.u.relocate_memory.size &= 0xff;
    if (op.op == XEN_DMOP_pin_memory_cacheattr)
        op.u.pin_memory_cacheattr.end = op.u.pin_memory_cacheattr.start + (draw(&seed) & 0xfff);
    for (unsigned int i = 0; i < 4; i++)
        ((uint64_t *)bytes)[draw(&seed) % 64] = draw(&seed) % 600;
    set_xen_guest_handle(buffers[0].h, &op);
    set_xen_guest_handle(buffers[1].h, (void *)bytes);
    if (draw(&seed) % 8 == 0) { /* (what is said to be longer than it is would be written to) */
        set_xen_guest_handle(buffers[1].h, (void *)BAD_POINTER);
        buffers[1].size = word();
    }
    if (draw(&seed) % 8 == 0)
        buffers[0].size = draw(&seed) % 64;
    (void)hc_dm_op(c->domid, draw(&seed) % 16 ? 2 : word(), buffers);
}

/* Asked for by name only: what it asks for can take minutes, where a guest frame with a high number
 * was once in use. */
TEST_FLAGS(hvm, dm_op_by_chance, TEST_ONLY_ASKED)
{
    each(step_dm_op, option("rounds", 20), 400, 2);
}

/* ---- parameters ---- */

static void step_param(struct child *c)
{
    struct xen_hvm_param p = {.domid = c->domid, .index = (uint32_t)(draw(&seed) % 44),
                              .value = word()};

    if (draw(&seed) % 16 == 0)
        p.index = (uint32_t)word();
    if (draw(&seed) % 3 == 0)
        p.value = (draw(&seed) % 4) << 56 | (draw(&seed) & 0xff);
    answer(word());
    (void)hc_hvm_op(draw(&seed) % 4 ? HVMOP_set_param : HVMOP_get_param, &p);
}

TEST(hvm, params_by_chance)
{
    each(step_param, option("rounds", 20), 300, 1);
}

/* ---- state records ---- */

static char saved[0x8000], changed[0x8000];
static uint32_t saved_bytes;

static bool save(struct child *c)
{
    struct xen_domctl op = {.u.hvmcontext.size = sizeof(saved)};

    set_xen_guest_handle(op.u.hvmcontext.buffer, (uint8_t *)saved);
    if (child_domctl(c, XEN_DOMCTL_gethvmcontext, &op))
        return false;
    saved_bytes = op.u.hvmcontext.size;
    return true;
}

/* One record of those that are, with some of its bits others; or all of them by chance. */
static void step_context(struct child *c)
{
    struct hvm_save_descriptor *head;
    uint32_t at = 0, out, wanted = (uint32_t)(draw(&seed) % 24);
    const uint32_t first = sizeof(*head) + sizeof(struct hvm_save_header);

    answer(word());
    if (!saved_bytes || draw(&seed) % 16 == 0)
        NEED(save(c));
    for (uint32_t i = 0; i <= wanted; i++) {
        head = (struct hvm_save_descriptor *)(saved + at);
        if (!head->typecode || at + sizeof(*head) + head->length >= saved_bytes)
            at = 0;
        else
            at += (uint32_t)sizeof(*head) + head->length;
    }
    head = (struct hvm_save_descriptor *)(saved + at);
    memcpy(changed, saved, first);
    memcpy(changed + first, head, sizeof(*head) + head->length);
    out = first + (uint32_t)sizeof(*head);
    if (head->length) {
        uint64_t changes = draw(&seed) % 4 ? draw(&seed) % 4 + 1 : head->length;

        for (uint64_t i = 0; i < changes; i++) {
            char *byte = changed + out + draw(&seed) % head->length;

            *byte = (char)(draw(&seed) % 2 ? *byte ^ 1 << draw(&seed) % 8 : (int)draw(&seed));
        }
    }
    if (draw(&seed) % 32 == 0)
        ((struct hvm_save_descriptor *)(changed + first))->length = (uint32_t)word();
    out += head->length;
    memset(changed + out, 0, sizeof(*head));
    (void)hvm_context_set(c, changed, out + (uint32_t)sizeof(*head));
    if (draw(&seed) % 64 == 0) { /* and all back */
        struct xen_domctl pause = {.cmd = 0};

        (void)child_domctl(c, XEN_DOMCTL_pausedomain, &pause);
        (void)hvm_context_set(c, saved, saved_bytes);
        (void)child_domctl(c, XEN_DOMCTL_unpausedomain, &pause);
    }
}

TEST(hvm, contexts_by_chance)
{
    saved_bytes = 0;
    each(step_context, option("rounds", 20), 300, 1);
}

/* ---- the end, at any moment ---- */

/* While its device model answers, its guest runs, and both are in the middle of it. */
TEST(hvm, killed_at_any_time)
{
    struct host_state before = begin();

    for (uint64_t i = 0; i < 2 * option("rounds", 20) && !test_failing(); i++) {
        struct child *c = guest_with_device(1000000, 2);
        uint64_t end = now_ns() + draw(&seed) % 30000000;

        NEED(c);
        while (now_ns() < end)
            answer(draw(&seed));
        child_distrust(c);
        if (i % 2) { /* its end begins while its device model holds its pages */
            struct xen_domctl op = {.cmd = 0};

            (void)child_domctl(c, XEN_DOMCTL_destroydomain, &op);
            answer(1);
        }
        leave();
        child_end(c);
    }
    after(&before);
}
