/* SPDX-License-Identifier: BSD-2-Clause */
/* What gdbsx asks for: a guest's memory, its vCPUs' pauses, its breakpoints. */
#include "tests/guest/lib/child.h"

#define VECTOR_INT3 3

static struct xen_domctl op;
static char here[3 * 4096] aligned(4096);

/* QEMU's emulation does not let INT3 exit from a hardware-assisted guest: then it waits instead. */
static void stops(void *waits)
{
    box.value[0] = 0x1122334455667788;
    here[4095] = 'a';
    here[4096] = 'b';
    if (!waits)
        __asm__ volatile("int3; .globl behind_int3; behind_int3:");
    while (box.value[1] != 77)
        sleep_us(1000);
    CHECK_EQ(box.value[1], 77);
    CHECK_EQ(here[8191], 'c');
    CHECK_EQ(here[8192], 'd');
}
extern const char behind_int3[];

static long memory(struct child *c, const volatile void *theirs, volatile void *ours, uint32_t len,
                   bool write)
{
    memset(&op, 0, sizeof(op));
    op.u.gdbsx_guest_memio.gva = (uint64_t)theirs;
    op.u.gdbsx_guest_memio.uva = (uint64_t)ours;
    op.u.gdbsx_guest_memio.len = len;
    op.u.gdbsx_guest_memio.gwr = write;
    return child_domctl(c, XEN_DOMCTL_gdbsx_guestmemio, &op);
}

static long vcpu_op(struct child *c, uint32_t cmd, uint32_t vcpu)
{
    memset(&op, 0, sizeof(op));
    op.u.gdbsx_pauseunp_vcpu.vcpu = vcpu;
    return child_domctl(c, cmd, &op);
}

static bool stopped(struct child *c)
{
    memset(&op, 0, sizeof(op));
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_gdbsx_domstatus, &op), 0);
    return op.u.gdbsx_domstatus.paused;
}

static long attach(struct child *c, bool on)
{
    memset(&op, 0, sizeof(op));
    op.u.setdebugging.enable = on;
    return child_domctl(c, XEN_DOMCTL_setdebugging, &op);
}

/* A breakpoint has paused it. */
static void look_at(struct child *c)
{
    static char window[8192];
    uint64_t value = 0;

    CHECK_EQ(memory(c, &box.value[0], &value, sizeof(value), false), 0);
    CHECK_EQ(op.u.gdbsx_guest_memio.remain, 0);
    CHECK_EQ(value, 0x1122334455667788);
    CHECK_EQ(memory(c, here + 100, window, sizeof(window), false), 0);
    CHECK(window[3995] == 'a' && window[3996] == 'b');
    value = 77;
    CHECK_EQ(memory(c, &box.value[1], &value, sizeof(value), true), 0);
    CHECK_EQ(memory(c, here + 8191, "cd", 2, true), 0);
    CHECK_EQ(memory(c, NULL, window, 8, false), -EFAULT);
    CHECK_EQ(op.u.gdbsx_guest_memio.remain, 8);
    CHECK_EQ(memory(c, (void *)HV_POINTER, window, 8, false), -EFAULT);
    CHECK_EQ(memory(c, (void *)0x1234567812345678, window, 8, false), -EFAULT);
    CHECK_EQ(memory(c, here, (void *)BAD_POINTER, 8, false), -EFAULT);
    CHECK_EQ(memory(c, here, (void *)HV_POINTER, 8, false), -EFAULT);
    CHECK_EQ(memory(c, here, window, 0, false), 0);
    CHECK_EQ(memory(c, NULL, window, 0xffffffff, true), -EFAULT);
}

/* Until its own breakpoint pauses it; or, if it has none, until it waits: then we do. */
static void let_it_stop(struct child *c, bool waits)
{
    static struct vcpu_guest_context context;

    child_start(c);
    if (waits) {
        for (unsigned int i = 0; i < 5000 && !c->box->value[0]; i++)
            sleep_us(1000);
        sleep_us(10000);
        CHECK_EQ(child_domctl(c, XEN_DOMCTL_pausedomain, &op), 0);
        CHECK(stopped(c));
        CHECK_EQ(op.u.gdbsx_domstatus.vcpu_id, ~0u);
        return;
    }
    for (unsigned int i = 0; i < 5000 && !stopped(c); i++)
        sleep_us(1000);
    CHECK(op.u.gdbsx_domstatus.paused);
    CHECK_EQ(op.u.gdbsx_domstatus.vcpu_id, 0);
    CHECK_EQ(op.u.gdbsx_domstatus.vcpu_ev, VECTOR_INT3);
    CHECK(stopped(c)); /* it was told once */
    CHECK_EQ(op.u.gdbsx_domstatus.vcpu_id, ~0u);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    op.u.vcpucontext.vcpu = 0;
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_getvcpucontext, &op), 0);
    CHECK_EQ(context.user_regs.rip, (uint64_t)behind_int3);
}

static void debug_once(bool hvm)
{
    bool waits = hvm && !option("exact", 0);
    struct child_options options = {.paused = true, .hvm = hvm, .arg = waits ? here : NULL};
    struct child *c = child_make(stops, &options);

    if (!c)
        return;
    CHECK_EQ(attach(c, true), 0);
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_pausevcpu, 7), -EINVAL);
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_pausevcpu, ~0u), -EINVAL);
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_unpausevcpu, 0), -EINVAL); /* it is not */
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_pausevcpu, 0), 0);
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_pausevcpu, 0), 0);
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_unpausevcpu, 0), 0);
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_unpausevcpu, 0), 0);
    CHECK_EQ(vcpu_op(c, XEN_DOMCTL_gdbsx_unpausevcpu, 0), -EINVAL);
    let_it_stop(c, waits);
    look_at(c);
    CHECK_EQ(attach(c, false), 0);
    child_start(c);
    CHECK_EQ(child_wait(c, 10), SHUTDOWN_poweroff);
    child_end(c);
}

/* (a pool that grew once is no leak) */
static void debug(bool hvm)
{
    struct host_state before;

    for (unsigned int tries = 0; tries < 4; tries++) {
        before = host_state();
        debug_once(hvm);
        if (test_failing() || host_same(&before))
            return;
    }
    host_check(&before);
}

TEST(control, debugger)
{
    debug(false);
}

TEST(hvm, debugged)
{
    debug(true);
}
