/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of an HVM guest by the PV guests' calls, and what CPUID tells each of its vCPUs. */
#include "tests/guest/lib/hvm.h"

#define MAGIC 0x1122334455667788

static void wait_for_rbx(void *arg unused)
{
    uint64_t rbx = 0, dr;

    box.value[0] = 1;
    __asm__ volatile("1: pause\n cmpq %1, %0\n jne 1b" : "+b"(rbx) : "r"(MAGIC));
    __asm__ volatile("movq %%dr1, %0" : "=r"(dr));
    CHECK_EQ(dr, 0x5000);
    __asm__ volatile("movq %%dr7, %0" : "=r"(dr));
    CHECK_EQ(dr, 0x400);
    box.finished = 1;
}

/* As a debugger does it. The child has been started: its other registers must stay. */
TEST(hvm, context_by_vcpu)
{
    static vcpu_guest_context_t c;
    struct child *child = child_make(wait_for_rbx, &(const struct child_options){.hvm = true});
    struct xen_domctl op = {.cmd = 0}, get = {.u.vcpucontext.vcpu = 0}, set, msrs = {.cmd = 0};

    NEED(child);
    while (!child->box->value[0])
        sleep_us(1000);
    set_xen_guest_handle(get.u.vcpucontext.ctxt, &c);
    set = get;
    CHECK_EQ(child_domctl(child, XEN_DOMCTL_pausedomain, &op), 0);
    CHECK_EQ(child_domctl(child, XEN_DOMCTL_getvcpucontext, &get), 0);
    CHECK(c.flags & VGCF_online);
    CHECK_EQ(c.user_regs.cs, KERNEL_CS);
    c.user_regs.rbx = MAGIC;
    c.user_regs.rflags |= 1UL << 40; /* reserved: it is left out */
    c.debugreg[1] = 0x5000;
    CHECK_EQ(child_domctl(child, XEN_DOMCTL_setvcpucontext, &set), 0);
    CHECK_EQ(child_domctl(child, XEN_DOMCTL_unpausedomain, &op), 0);
    CHECK_EQ(child_wait(child, 60), SHUTDOWN_poweroff);
    CHECK(child->box->finished);
    CHECK_EQ(child_domctl(child, XEN_DOMCTL_get_vcpu_msrs, &msrs), -EINVAL); /* of PV guests */
    CHECK_EQ(child_domctl(child, XEN_DOMCTL_set_vcpu_msrs, &msrs), -EINVAL);
    child_end(child);
}

static void identity(uint32_t number)
{
    uint32_t a = 1, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    CHECK_EQ(b >> 24, number * 2);
    a = 0xb, c = 1;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    CHECK(!(b | d) || d == number * 2);
    hvm_x2apic();
    CHECK_EQ(hvm_rdmsr(X2APIC_ID), number * 2);
    a = 0x40000004, c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    CHECK_EQ(b, number);
}

static void second(void)
{
    identity(1);
    box.value[0] = 1;
    for (;;)
        __asm__ volatile("pause");
}

static void both(void *arg unused)
{
    identity(0);
    hvm_second(second);
    while (!box.value[0])
        __asm__ volatile("pause");
}

TEST(hvm, numbers_of_vcpus)
{
    child_run_with(both, &(const struct child_options){.hvm = true, .vcpus = 2},
                   SHUTDOWN_poweroff);
}

static void starts_second_when_told(void *arg unused)
{
    while (!box.value[1])
        __asm__ volatile("pause");
    both(NULL);
    for (;;)
        __asm__ volatile("pause");
}

/* Numbers of the vCPUs that have a CPU record, as bits. */
static unsigned int cpu_records(struct child *child)
{
    static char buffer[0x10000];
    struct xen_domctl op = {.u.hvmcontext.size = sizeof(buffer)};
    unsigned int seen = 0;

    set_xen_guest_handle(op.u.hvmcontext.buffer, (uint8_t *)buffer);
    CHECK_EQ(child_domctl(child, XEN_DOMCTL_gethvmcontext, &op), 0);
    for (uint32_t at = 0; at < op.u.hvmcontext.size;) {
        const struct hvm_save_descriptor *d = (const void *)(buffer + at);

        if (d->typecode == HVM_SAVE_CODE(CPU))
            seen |= 1u << d->instance;
        at += (uint32_t)sizeof(*d) + d->length;
    }
    return seen;
}

/* A vCPU that is down has no CPU record, since loading one starts it. */
TEST(hvm, record_of_vcpu_that_is_down)
{
    const struct child_options options = {.hvm = true, .vcpus = 2};
    struct child *child = child_make(starts_second_when_told, &options);

    NEED(child);
    while (!child->box->started)
        sleep_us(1000);
    CHECK_EQ(cpu_records(child), 1);
    child->box->value[1] = 1;
    while (!child->box->value[0])
        sleep_us(1000);
    CHECK_EQ(cpu_records(child), 3);
    child_end(child);
}
