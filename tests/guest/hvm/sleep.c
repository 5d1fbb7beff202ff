/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI S3 as device model and toolstack ask for it, and the buttons of XEN_DOMCTL_sendtrigger. */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#define RESET_GPA  0xffff0 /* f000:fff0 */
#define FLAG_GPA   0xff800

/* What runs at the reset vector: cs: f000:f800 becomes 0x5a, and the machine is switched off. */
static const uint8_t wake_code[] = {0x2e, 0xc6, 0x06, 0x00, 0xf8, 0x5a, 0xfa, 0xf4};

static long set_state(const struct child *c, uint64_t value)
{
    struct xen_hvm_param p = {
        .domid = c->domid, .index = HVM_PARAM_ACPI_S_STATE, .value = value};

    return hc_hvm_op(HVMOP_set_param, &p);
}

static void sleeper(void *arg unused)
{
    static xen_pfn_t gfn = RESET_GPA >> PAGE_SHIFT;
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
    volatile uint8_t *page = page_alloc();

    set_xen_guest_handle(r.extent_start, &gfn);
    if (hc_memory_op(XENMEM_populate_physmap, &r) != 1)
        test_fail(__FILE__, __LINE__, "no page for the reset vector");
    hvm_map(page, RESET_GPA >> PAGE_SHIFT, PTE_RW_FLAGS);
    memcpy((void *)&page[RESET_GPA & 0xfff], wake_code, sizeof(wake_code));
    page[FLAG_GPA & 0xfff] = 0;
    box.finished = 1;
    for (;; box.value[0]++)
        __asm__ volatile("pause");
}

TEST(hvm, sleeps_and_wakes)
{
    struct child *c = child_make(
        sleeper, &(const struct child_options){.hvm = true, .vcpus = 2, .more_pages = 1});
    uint64_t seen;

    NEED(c);
    CHECK_EQ(set_state(c, 1), -EINVAL);
    CHECK_EQ(set_state(c, 0), 0); /* it is awake */
    while (c->box->value[0] < 10 && !c->box->failures)
        sleep_us(1000);
    CHECK_EQ(set_state(c, 3), 0);
    seen = c->box->value[0];
    CHECK_EQ(set_state(c, 3), 0); /* twice is once */
    sleep_us(10000);
    CHECK_EQ(c->box->value[0], seen);
    CHECK_EQ(set_state(c, 0), 0);
    CHECK_EQ(set_state(c, 0), 0);
    CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
    CHECK_EQ(c->box->value[0], seen);
    child_end(c);
}

/* A guest that sleeps can be destroyed. */
TEST(hvm, sleeps_for_good)
{
    struct host_state before = host_state();
    struct child *c = child_make(sleeper, &(const struct child_options){.hvm = true,
                                                                        .more_pages = 1});

    NEED(c);
    while (c->box->value[0] < 10 && !c->box->failures)
        sleep_us(1000);
    CHECK_EQ(set_state(c, 3), 0);
    child_end(c);
    host_check(&before);
}

static long press(struct child *c, uint32_t what)
{
    struct xen_domctl op = {.u.sendtrigger = {.trigger = what, .vcpu = 0}};

    return child_domctl(c, XEN_DOMCTL_sendtrigger, &op);
}

static void spin(void *arg unused)
{
    box.finished = 1;
    while (!box.step)
        __asm__ volatile("pause");
}

/* One without ACPI is told of no button, and whoever presses it need not know that. */
TEST(hvm, buttons)
{
    struct child *c = child_make(spin, &(const struct child_options){.hvm = true});

    NEED(c);
    CHECK_EQ(press(c, XEN_DOMCTL_SENDTRIGGER_POWER), 0);
    CHECK_EQ(press(c, XEN_DOMCTL_SENDTRIGGER_SLEEP), 0);
    CHECK_EQ(press(c, XEN_DOMCTL_SENDTRIGGER_INIT), -ENOSYS);
    CHECK_EQ(press(c, XEN_DOMCTL_SENDTRIGGER_RESET), -ENOSYS);
    c->box->step = 1;
    CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
    child_end(c);
    c = child_make(spin, NULL);
    NEED(c);
    CHECK_EQ(press(c, XEN_DOMCTL_SENDTRIGGER_POWER), -EINVAL);
    c->box->step = 1;
    CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
    child_end(c);
}
