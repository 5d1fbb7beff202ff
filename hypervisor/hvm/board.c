/* SPDX-License-Identifier: BSD-2-Clause */
/* What the platform devices want from the world, and who asks them. */
#include "hvm/board.h"

#include "domain/domain.h"
#include "hvm/dev/vlapic.h"
#include "hvm/dev/vlapic_ipi.h"
#include "hvm/hardware.h"
#include "hvm/hvm.h"
#include "time/time.h"

static struct board *board_of(struct platform *p)
{
    return container_of(p, struct board, platform);
}

static uint64_t now(struct platform *p)
{
    (void)p;
    return time_now_ns();
}

static uint64_t wall(struct platform *p)
{
    (void)p;
    return time_wallclock_ns();
}

static void arm(struct platform *p, uint64_t deadline)
{
    struct timer *t = &board_of(p)->timer;

    if (deadline == VTICK_NEVER)
        timer_stop(t);
    else
        timer_set_here(t, deadline);
}

static bool deliver(struct platform *p, const struct vmsi_message *m)
{
    return vlapic_message(board_of(p)->domain, m);
}

static void pic_output(struct platform *p, bool asserted)
{
    struct board *b = board_of(p);
    struct vcpu *v = domain_vcpu(b->domain, 0);

    WRITE_ONCE(b->pic_asks, asserted);
    if (asserted && v)
        vcpu_raise(v, VCPU_WORK_EVENT);
}

static void clock_set(struct platform *p, int64_t offset, int64_t by)
{
    struct board *b = board_of(p);

    b->domain->time_offset_seconds = offset;
    __atomic_fetch_add(&b->clock_moved, by, __ATOMIC_RELAXED);
}

static const struct platform_ops ops = {
    .now = now,
    .wall = wall,
    .arm = arm,
    .deliver = deliver,
    .pic_output = pic_output,
    .clock_set = clock_set,
};

static void expired(void *data)
{
    platform_expire(data);
}

void board_init(struct domain *d, uint32_t devices)
{
    struct board *b = &d->hvm->board;

    b->domain = d;
    timer_init(&b->timer, expired, &b->platform, 0);
    platform_init(&b->platform, &ops, devices);
}

void board_free(struct domain *d)
{
    platform_destroy(&d->hvm->board.platform);
    timer_kill(&d->hvm->board.timer);
}

bool board_has_port(const struct domain *d, uint16_t port)
{
    uint32_t devices = d->hvm->board.platform.devices;

    switch (port) {
    case 0x20 ... 0x21:
    case 0xa0 ... 0xa1:
    case 0x4d0 ... 0x4d1:
        return devices & XEN_X86_EMU_PIC;
    case 0x40 ... 0x43:
    case 0x61:
        return devices & XEN_X86_EMU_PIT;
    case 0x70 ... 0x71:
        return devices & XEN_X86_EMU_RTC;
    default:
        return false;
    }
}

bool board_port(struct vcpu *v, struct ioreq *r)
{
    struct board *b = &v->domain->hvm->board;
    uint32_t value = (uint32_t)r->data;
    int64_t moved;

    if (!platform_port(&b->platform, (uint16_t)r->addr, r->size, !r->dir, &value))
        return false;
    if (r->dir)
        r->data = value;
    moved = unlikely(READ_ONCE(b->clock_moved))
                ? __atomic_exchange_n(&b->clock_moved, 0, __ATOMIC_RELAXED)
                : 0;
    if (moved) /* not by clock_set(), which holds the inner lock */
        ioreq_time_offset(v->domain, moved);
    return true;
}

bool board_memory(struct vcpu *v, struct ioreq *r)
{
    struct hvm_domain *h = v->domain->hvm;

    if (!platform_mmio(&h->board.platform, r->addr, r->size, !r->dir, &r->data))
        return false;
    if (h->hardware && !r->dir)
        hardware_pins_changed(v->domain);
    return true;
}

void board_ended(struct vcpu *v, uint8_t vector)
{
    uint64_t gsis = platform_eoi(&v->domain->hvm->board.platform, vector);

    if (v->domain->hvm->hardware)
        hardware_eoi(v->domain, gsis);
}

bool board_pic_waits(const struct vcpu *v)
{
    struct board *b = &v->domain->hvm->board;
    struct vmsi_message m;

    if (likely(!READ_ONCE(b->pic_asks)) || v->id)
        return false;
    return vlapic_accepts_pic(v) || platform_passes_pic(&b->platform, &m);
}

uint8_t board_pic_take(struct vcpu *v)
{
    return platform_intack(&v->domain->hvm->board.platform);
}

void board_callback(struct vcpu *v)
{
    struct platform *p = &v->domain->hvm->board.platform;
    bool asserted;

    if (v->id || likely(READ_ONCE(p->gsi.callback) == VGSI_CALLBACK_NONE))
        return;
    /* Linux 6 names a line as well as a vector: the keyboard's */
    asserted = !READ_ONCE(v->hvm->upcall_vector) && READ_ONCE(v->info->evtchn_upcall_pending);
    if (READ_ONCE(p->gsi.callback_asserted) != asserted) /* which nobody else changes */
        platform_callback(p, asserted);
}
