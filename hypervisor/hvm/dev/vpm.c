/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ACPI power management timer, 32 bits wide, and the PM1a event registers (ACPI 6.0, 4.8.2 and
 * 4.8.3.1). PM1a control, which puts the machine to sleep, is the device model's.
 *
 * What is always true here: the timer only adds to the guest's time. Its overflows (changes of its
 * top bit) are noticed when somebody looks, or when one that interrupts is due.
 */
#include "hvm/dev/vpm.h"

#include "abi/errno.h"
#include "hvm/dev/platform.h"
#include "lib/bits.h"

#include <xen/hvm/ioreq.h>

#define STATUS 0 /* offsets in the block, in bytes */
#define ENABLE 2
#define CONTROL 4
#define TIMER 8

#define EVENTS 0x0721 /* timer, global lock, power and sleep button, RTC */
#define HALF_SHIFT 31 /* the timer's top bit */

static uint64_t full_timer(struct platform *p)
{
    return vtick_clock(VPM_HZ, vtick_guest_time(&p->policy, p->now)) + p->pm.offset;
}

/* Overflows since we last looked, the SCI, and when to look next. */
static void notice(struct platform *p)
{
    struct vpm *pm = &p->pm;
    uint64_t timer = full_timer(p), ahead;

    if (timer >> HALF_SHIFT != pm->seen >> HALF_SHIFT)
        pm->hw.pm1a_sts |= VPM_TIMER;
    pm->seen = timer;
    vgsi_own_set(p, VGSI_PM, pm->hw.pm1a_sts & pm->hw.pm1a_en & EVENTS ? BIT(VGSI_SCI) : 0);

    pm->deadline = VTICK_NEVER;
    if (pm->hw.pm1a_en & VPM_TIMER && !(pm->hw.pm1a_sts & VPM_TIMER)) {
        ahead = BIT(HALF_SHIFT) - (timer & (BIT(HALF_SHIFT) - 1));
        pm->deadline = vtick_ns(VPM_HZ, vtick_clock(VPM_HZ, p->now) + ahead);
    }
}

bool vpm_has_port(const struct platform *p, uint16_t port)
{
    uint32_t offset = (uint32_t)port - p->pm.port;

    return offset < CONTROL || offset - TIMER < 4;
}

uint8_t vpm_port_read(struct platform *p, uint16_t port)
{
    uint32_t offset = (uint32_t)port - p->pm.port;

    if (offset >= TIMER)
        return (uint8_t)(full_timer(p) >> (offset - TIMER) * 8);
    notice(p);
    if (offset < ENABLE)
        return (uint8_t)(p->pm.hw.pm1a_sts >> offset * 8);
    return (uint8_t)(p->pm.hw.pm1a_en >> (offset - ENABLE) * 8);
}

void vpm_port_write(struct platform *p, uint16_t port, uint8_t value)
{
    uint32_t offset = (uint32_t)port - p->pm.port, shift = offset % 2 * 8;

    if (offset >= TIMER)
        return; /* read only */
    notice(p);
    if (offset < ENABLE) /* what is written as 1 becomes 0 */
        p->pm.hw.pm1a_sts &= (uint16_t)~((uint32_t)value << shift);
    else
        p->pm.hw.pm1a_en =
            (uint16_t)((p->pm.hw.pm1a_en & ~(0xffu << shift)) | (value << shift & EVENTS));
    notice(p);
}

void vpm_expire(struct platform *p)
{
    if (p->pm.deadline <= p->now)
        notice(p);
}

void vpm_button(struct platform *p, uint16_t button)
{
    p->pm.hw.pm1a_sts |= button & (VPM_POWER_BUTTON | VPM_SLEEP_BUTTON);
    notice(p);
}

void vpm_reset(struct platform *p)
{
    uint16_t port = p->pm.port;

    p->pm = (struct vpm){.port = port, .deadline = VTICK_NEVER};
    vpm_loaded(p);
}

int vpm_locate(struct platform *p, uint64_t location)
{
    if (location > 1)
        return -EINVAL;
    p->pm.port = location ? ACPI_PM1A_EVT_BLK_ADDRESS_V1 : ACPI_PM1A_EVT_BLK_ADDRESS_V0;
    return 0;
}

void vpm_save(struct platform *p)
{
    notice(p);
    p->pm.hw.tmr_val = (uint32_t)p->pm.seen;
}

int vpm_load(struct platform *p, const struct hvm_hw_pmtimer *record)
{
    p->pm.hw = *record;
    p->pm.hw.pm1a_en &= EVENTS;
    return 0;
}

void vpm_loaded(struct platform *p)
{
    p->pm.offset = 0;
    p->pm.offset = p->pm.hw.tmr_val - full_timer(p);
    p->pm.seen = full_timer(p);
    notice(p);
}
