/* SPDX-License-Identifier: BSD-2-Clause */
/* Trace buffers: made once, found by their list, filled by what happens; nobody else's to map. */
#include "tests/guest/lib/child.h"

#include <xen/trace.h>

#define PAGES 4

static struct xen_sysctl op;

static long trace(uint32_t cmd, uint32_t value)
{
    memset(&op, 0, sizeof(op));
    op.cmd = XEN_SYSCTL_tbuf_op;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    op.u.tbuf_op.cmd = cmd;
    op.u.tbuf_op.evt_mask = op.u.tbuf_op.size = value;
    return hc_sysctl(&op);
}

struct seen {
    unsigned int records, calls, runstates, others;
};

/* Read what is in the buffer of CPU 0, as far as it is well-formed, and take it out. */
static struct seen drain(struct t_buf *shared, uint32_t bytes)
{
    struct seen s = {0};
    const uint8_t *data = (const uint8_t *)(shared + 1);
    uint64_t before = 0;

    while (shared->cons != shared->prod && !test_failing()) {
        uint32_t offset = shared->cons % bytes, head = *(const uint32_t *)(data + offset);
        const uint32_t *words = (const uint32_t *)(data + offset + 4);
        uint32_t event = TRC_HD_TO_EVENT(head), size = 4 + TRC_HD_EXTRA(head) * 4;

        if (TRC_HD_INCLUDES_CYCLE_COUNT(head)) {
            uint64_t tsc = words[0] | (uint64_t)words[1] << 32;

            if (event != TRC_TRACE_WRAP_BUFFER) {
                CHECK(tsc >= before);
                before = tsc;
            }
            words += 2;
            size += 8;
        }
        CHECK(offset + size <= bytes);
        s.records++;
        if (event == TRC_PV_HYPERCALL_V2)
            s.calls += (words[0] & 0xfffff) == __HYPERVISOR_xen_version;
        else if ((event & ~0xff0u) == TRC_SCHED_RUNSTATE_CHANGE)
            s.runstates++;
        else
            s.others++;
        shared->cons = (shared->cons + size) % (2 * bytes);
    }
    return s;
}

static void call(unsigned int times)
{
    while (times--)
        (void)hc_xen_version(XENVER_version, NULL);
}

static void use(struct t_buf *shared)
{
    const uint32_t bytes = PAGES * 4096 - sizeof(*shared);
    struct seen s;

    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_enable, 0), 0);
    call(20);
    sleep_us(20000);
    call(20);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_set_evt_mask, TRC_SCHED), 0);
    call(20);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_disable, 0), 0);
    call(20);
    s = drain(shared, bytes);
    CHECK_EQ(s.calls, 40); /* one CPU, and buffers of its own */
    CHECK(s.runstates > 0);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_get_info, 0), 0);
    CHECK_EQ(op.u.tbuf_op.evt_mask, TRC_SCHED);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_set_evt_mask, TRC_ALL), 0);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_enable, 0), 0);
    call(2000); /* more than there is room for */
    s = drain(shared, bytes);
    CHECK(s.calls > 100 && s.calls < 2000);
    shared->cons = 0xfffffff0; /* nonsense: nothing is written, nothing breaks */
    call(100);
    shared->cons = shared->prod = 12345;
    call(2000);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_disable, 0), 0);
}

TEST(control, trace)
{
    struct sched_pin_override pin = {.pcpu = 0};
    const struct t_info *t;
    struct t_buf *shared = NULL;
    long rc;

    CHECK_EQ(trace(6, 0), -EINVAL);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_enable, 0), -EINVAL);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_set_size, 0), -EINVAL);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_set_size, 100000), -EINVAL);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_set_size, PAGES), 0);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_set_size, PAGES + 1), -EINVAL);
    CHECK_EQ(trace(XEN_SYSCTL_TBUFOP_get_info, 0), 0);
    CHECK_EQ(op.u.tbuf_op.size % 4096, 0);
    NEED(op.u.tbuf_op.buffer_mfn && op.u.tbuf_op.size);
    CHECK(!window_map(0, op.u.tbuf_op.buffer_mfn, DOMID_SELF, PTE_RO_FLAGS, &rc));
    t = window_map(0, op.u.tbuf_op.buffer_mfn, DOMID_XEN, PTE_RO_FLAGS, &rc);
    CHECK_EQ(rc, 0);
    NEED(t);
    CHECK_EQ(t->tbuf_size, PAGES);
    for (unsigned int i = 0; i < PAGES; i++) {
        void *at = window_map(1 + i, ((const uint32_t *)t)[t->mfn_offset[0] + i], DOMID_XEN,
                              PTE_RW_FLAGS, &rc);

        CHECK_EQ(rc, 0);
        shared = i ? shared : at;
    }
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, &pin), 0); /* records come into one buffer */
    if (!test_failing())
        use(shared);
    pin.pcpu = -1;
    CHECK_EQ(hc_sched_op(SCHEDOP_pin_override, &pin), 0);
    for (unsigned int i = 0; i <= PAGES; i++)
        window_unmap(i);
}
