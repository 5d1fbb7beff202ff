/* SPDX-License-Identifier: BSD-2-Clause */
/* The FIFO ABI, in a child (a domain cannot go back to two levels without a reset). */
#include "tests/guest/lib/child.h"

#define WORD_PENDING (1u << EVTCHN_FIFO_PENDING)
#define WORD_MASKED (1u << EVTCHN_FIFO_MASKED)
#define WORD_LINKED (1u << EVTCHN_FIFO_LINKED)
#define WORD_LINK ((1u << EVTCHN_FIFO_LINK_BITS) - 1)

static evtchn_fifo_control_block_t *control;
static volatile uint32_t *words;

static long init_control(uint64_t gfn, uint32_t offset, uint32_t vcpu)
{
    struct evtchn_init_control op = {.control_gfn = gfn, .offset = offset, .vcpu = vcpu};
    long rc = hc_event_channel_op(EVTCHNOP_init_control, &op);

    if (!rc)
        CHECK_EQ(op.link_bits, EVTCHN_FIFO_LINK_BITS);
    return rc;
}

static long expand(uint64_t gfn)
{
    struct evtchn_expand_array op = {.array_gfn = gfn};

    return hc_event_channel_op(EVTCHNOP_expand_array, &op);
}

static bool fifo_start(void)
{
    control = page_alloc();
    words = page_alloc();
    if (init_control(va_mfn(control), 0, 0))
        return false;
    for (unsigned int i = 0; i < 1024; i++)
        words[i] = WORD_MASKED;
    return expand(va_mfn((void *)words)) == 0;
}

/* Take the first event of queue @q: its port, 0 when the queue is empty. */
static uint32_t fifo_take(unsigned int q)
{
    uint32_t port = control->head[q], word = words[port], link = word & WORD_LINK;

    if (!port)
        return 0;
    words[port] &= ~(WORD_LINKED | WORD_LINK);
    if (!link)
        control->ready &= ~(1u << q);
    control->head[q] = link;
    return port;
}

static void child_fifo_errors(void *arg unused)
{
    char *page = page_alloc();

    CHECK_EQ(init_control(va_mfn(page), 4096 - 8, 0), -EINVAL);
    CHECK_EQ(init_control(va_mfn(page), 4, 0), -EINVAL);
    CHECK_EQ(init_control(va_mfn(page), 0, 99), -ENOENT);
    CHECK_EQ(init_control(0xfffffffff, 0, 0), -EINVAL);
    CHECK_EQ(init_control(va_mfn((void *)env.l4_va), 0, 0), -EINVAL); /* a page table */
    CHECK_EQ(expand(va_mfn(page)), -EOPNOTSUPP);                      /* before init_control */
    CHECK_EQ(init_control(va_mfn(page), 0, 0), 0);
    CHECK_EQ(init_control(va_mfn(page), 0, 0), -EINVAL);
    CHECK_EQ(expand(0xfffffffff), -EINVAL);
    CHECK_EQ(expand(va_mfn((void *)env.l4_va)), -EINVAL);
}

TEST(event, fifo_errors)
{
    child_run(child_fifo_errors, NULL, SHUTDOWN_poweroff);
}

static void child_fifo_queues(void *arg unused)
{
    struct evtchn_set_priority p;
    long ports[5];

    NEED(fifo_start());
    for (unsigned int i = 0; i < 5; i++) {
        ports[i] = port_bind_ipi(0);
        NEED(ports[i] > 0 && ports[i] < 1024);
        words[ports[i]] &= ~WORD_MASKED;
    }
    p.port = (evtchn_port_t)ports[4];
    p.priority = EVTCHN_FIFO_PRIORITY_MAX;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_set_priority, &p), 0);
    p.priority = EVTCHN_FIFO_PRIORITY_MIN + 1;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_set_priority, &p), -EINVAL);
    p.port = 2000;
    p.priority = 0;
    CHECK_EQ(hc_event_channel_op(EVTCHNOP_set_priority, &p), -EINVAL);
    /* in order of sending; a second send of a pending one changes nothing */
    for (unsigned int i = 0; i < 5; i++)
        CHECK_EQ(port_send((evtchn_port_t)ports[4 - i]), 0);
    CHECK_EQ(port_send((evtchn_port_t)ports[3]), 0);
    CHECK_EQ(vcpu_info()->evtchn_upcall_pending, 1);
    CHECK_EQ(control->ready, 1u << 7 | 1u);
    CHECK_EQ(fifo_take(0), ports[4]);
    CHECK_EQ(fifo_take(0), 0);
    for (unsigned int i = 1; i < 5; i++) {
        CHECK_EQ(words[ports[4 - i]] & WORD_PENDING, WORD_PENDING);
        CHECK_EQ(fifo_take(7), ports[4 - i]);
        words[ports[4 - i]] &= ~WORD_PENDING;
    }
    CHECK_EQ(fifo_take(7), 0);
    CHECK_EQ(control->ready, 0);
    /* masked: pending but not linked, until unmasked */
    words[ports[0]] |= WORD_MASKED;
    CHECK_EQ(port_send((evtchn_port_t)ports[0]), 0);
    CHECK_EQ(words[ports[0]] & (WORD_PENDING | WORD_LINKED), WORD_PENDING);
    {
        struct evtchn_unmask u = {.port = (evtchn_port_t)ports[0]};

        CHECK_EQ(hc_event_channel_op(EVTCHNOP_unmask, &u), 0);
    }
    CHECK_EQ(words[ports[0]] & (WORD_MASKED | WORD_LINKED), WORD_LINKED);
    CHECK_EQ(fifo_take(7), ports[0]);
}

TEST(event, fifo_queues)
{
    child_run(child_fifo_queues, NULL, SHUTDOWN_poweroff);
}

static void child_fifo_expand(void *arg unused)
{
    static char *page[4];
    unsigned int got = 0;
    long p;

    NEED(fifo_start());
    /* each array page brings 1024 ports; the domain's own limit is 1023 */
    while ((p = port_bind_ipi(0)) > 0)
        got++;
    CHECK_EQ(p, -ENOSPC);
    CHECK(got >= 1000 && got <= 1023);
    for (unsigned int i = 0; i < 4; i++)
        page[i] = page_alloc();
    for (unsigned int i = 0; i < 130; i++) {
        long rc = expand(va_mfn(page[i & 3]));

        if (rc) {
            CHECK_EQ(rc, -ENOSPC);
            break;
        }
    }
}

TEST(event, fifo_expand)
{
    child_run(child_fifo_expand, NULL, SHUTDOWN_poweroff);
}
