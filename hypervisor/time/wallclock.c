/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wall clock time: system time plus one offset, which the control domain corrects.
 */
#include "acpi/acpi.h"
#include "compat_layout.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "domain/domain.h"
#include "sync/spinlock.h"
#include "time/private.h"
#include "time/rtc.h"
#include "time/time.h"

#define RTC_INDEX 0x70
#define RTC_DATA 0x71
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b
#define RTC_A_UPDATING 0x80
/* An update takes at most 2228 us (MC146818A data sheet); a clock that says longer that it is in
 * one is broken, and nobody waits for it. */
#define RTC_UPDATE_US 3000
#define RTC_TRIES 4

static struct spinlock wall_lock = SPINLOCK_INIT(LOCK_TIMER);
static uint64_t boot_wall_ns; /* (r) [wall_lock] wall clock, ns since 1970, at system time 0 */

static uint8_t cmos_read(uint8_t reg)
{
    outb(RTC_INDEX, reg);
    return inb(RTC_DATA);
}

static void wait_update(void)
{
    for (int us = 0; us < RTC_UPDATE_US && (cmos_read(RTC_STATUS_A) & RTC_A_UPDATING); us += 10)
        time_delay_us(10);
}

static uint64_t read_once(void)
{
    uint8_t century = acpi_century_register();
    struct rtc_registers r = {.has_century = century != 0};

    wait_update();
    r.second = cmos_read(0x00);
    r.minute = cmos_read(0x02);
    r.hour = cmos_read(0x04);
    r.day = cmos_read(0x07);
    r.month = cmos_read(0x08);
    r.year = cmos_read(0x09);
    r.century = century ? cmos_read(century) : 0;
    r.status_b = cmos_read(RTC_STATUS_B);
    return rtc_seconds(&r);
}

/* Two equal readings in a row were not torn by an update. Waiting for the clock to tick would give
 * fractions of a second, at the price of up to a second; the control domain will correct it. */
static uint64_t rtc_read(void)
{
    uint64_t seconds = read_once();

    for (int i = 0; i < RTC_TRIES; i++) {
        uint64_t again = read_once();

        if (again == seconds)
            break;
        seconds = again;
    }
    return seconds;
}

void wallclock_init(void)
{
    uint64_t seconds = acpi_fadt()->no_rtc ? 0 : rtc_read();

    if (!seconds)
        log_warn("the real-time clock holds no date");
    /* On average it shows half a second too little. */
    boot_wall_ns = seconds * NS_PER_S + NS_PER_S / 2 - time_now_ns();
    stamp_init();
}

static uint64_t wall_at_start(void)
{
    uint64_t flags = spin_lock_irqsave(&wall_lock), ns = boot_wall_ns;

    spin_unlock_irqrestore(&wall_lock, flags);
    return ns;
}

uint64_t time_wallclock_seconds(void)
{
    return (wall_at_start() + time_now_ns()) / NS_PER_S;
}

uint64_t time_wallclock_ns(void)
{
    return READ_ONCE(boot_wall_ns) + time_now_ns(); /* one aligned word: never torn */
}

/* wc_version, wc_sec and wc_nsec of shared_info, wherever they are. */
struct wall {
    uint32_t version, sec, nsec;
};
static_assert(offsetof(shared_info_t, wc_nsec) == offsetof(shared_info_t, wc_version) + 8,
              "xen/xen.h");

void time_publish_wallclock(struct domain *d)
{
    uint64_t ns = wall_at_start(), secs = ns / NS_PER_S + (uint64_t)d->time_offset_seconds;
    char *s = (char *)d->shared_info;
    size_t at, high_at;
    struct wall *w;
    uint32_t *high;
    uint64_t flags;
    uint32_t version;

    if (!s)
        return;
    at = d->shared_32bit ? C32_WALLCLOCK_AT : offsetof(shared_info_t, wc_version);
    high_at = d->shared_32bit ? C32_WALLCLOCK_HI_AT : offsetof(shared_info_t, xen_wc_sec_hi);
    w = (struct wall *)(s + at);
    high = (uint32_t *)(s + high_at);
    /* Two CPUs must not write at once; readers retry while the version is odd (xen/xen.h). */
    flags = spin_lock_irqsave(&wall_lock);
    version = (READ_ONCE(w->version) | 1) + 2;
    __atomic_store_n(&w->version, version, __ATOMIC_SEQ_CST);
    WRITE_ONCE(w->sec, (uint32_t)secs);
    WRITE_ONCE(*high, (uint32_t)(secs >> 32));
    WRITE_ONCE(w->nsec, (uint32_t)(ns % NS_PER_S));
    __atomic_store_n(&w->version, version + 1, __ATOMIC_RELEASE);
    spin_unlock_irqrestore(&wall_lock, flags);
}

void time_set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_ns)
{
    uint64_t flags = spin_lock_irqsave(&wall_lock);
    struct domain *d;

    WRITE_ONCE(boot_wall_ns, secs * NS_PER_S + nsecs - system_ns);
    spin_unlock_irqrestore(&wall_lock, flags);
    for (d = domain_next(0); d;) {
        domid_t next = (domid_t)(d->id + 1);

        time_publish_wallclock(d);
        domain_put(d);
        d = next < DOMID_FIRST_RESERVED ? domain_next(next) : NULL;
    }
}
