/* SPDX-License-Identifier: BSD-2-Clause */
/* Pausing, shutting down and crashing whole domains; teardown.c does what comes after. */
#include <stdarg.h>

#include "abi/errno.h"
#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "domain/dump.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "event/event.h"
#include "lib/format.h"
#include "sched/sched.h"

#include <xen/sched.h>

void domain_pause_nowait(struct domain *d)
{
    struct vcpu *v;

    __atomic_fetch_add(&d->pause_count, 1, __ATOMIC_ACQ_REL);
    for_each_vcpu(d, v)
        sched_sleep(v);
}

void domain_pause(struct domain *d)
{
    struct vcpu *v;

    __atomic_fetch_add(&d->pause_count, 1, __ATOMIC_ACQ_REL);
    for_each_vcpu(d, v)
        sched_sleep_sync(v);
}

void domain_unpause(struct domain *d)
{
    struct vcpu *v;

    if (__atomic_sub_fetch(&d->pause_count, 1, __ATOMIC_ACQ_REL) == 0)
        for_each_vcpu(d, v)
            sched_wake(v);
}

int domain_pause_by_controller(struct domain *d)
{
    if (READ_ONCE(d->controller_pauses) >= 0x7fffffff)
        return -EBUSY;
    __atomic_fetch_add(&d->controller_pauses, 1, __ATOMIC_RELAXED);
    domain_pause(d);
    return 0;
}

int domain_unpause_by_controller(struct domain *d)
{
    if (READ_ONCE(d->controller_pauses) == 0) /* only a domctl lowers it */
        return -EINVAL;
    __atomic_fetch_sub(&d->controller_pauses, 1, __ATOMIC_RELAXED);
    d->creation_finished = true;
    domain_unpause(d);
    return 0;
}

void domain_pause_for_debugger(struct vcpu *v, uint32_t vector)
{
    struct domain *d = v->domain;

    if (READ_ONCE(d->controller_pauses) >= 0x7fffffff)
        return;
    WRITE_ONCE(v->debug_event, vector);
    __atomic_fetch_add(&d->controller_pauses, 1, __ATOMIC_RELAXED);
    domain_pause_nowait(d);
    event_raise_global_virq(VIRQ_DEBUGGER);
}

/* A crash is kept on the screen when noreboot= asks for it. */
static void machine_crashed(void)
{
    if (panic_reboot)
        machine_reboot();
    panic("domain 0 crashed");
}

/* dom0 is the machine: when it goes, everything does. */
static void machine_shutdown(int reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        log_info("Domain 0 powered off: powering off the machine");
        machine_poweroff();
        break;
    case SHUTDOWN_watchdog:
    case SHUTDOWN_crash:
        log_error("Domain 0 %s: rebooting the machine",
                  reason == SHUTDOWN_crash ? "crashed" : "was stopped by its watchdog");
        machine_crashed();
        break;
    default:
        log_info("Domain 0 shut down (reason %d): rebooting the machine", reason);
        machine_reboot();
        break;
    }
}

/* Nobody runs any more: true for the caller who has to tell. shutdown_lock held. */
static bool all_stopped(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        if (!v->stopped)
            return false;
    d->is_shut_down = true;
    return true;
}

/* shutdown_lock held; sched_sleep() comes after it. */
static void stop(struct vcpu *v)
{
    if (v->stopped)
        return;
    v->stopped = true;
    __atomic_fetch_add(&v->pause_count, 1, __ATOMIC_ACQ_REL);
}

void domain_shutdown(struct domain *d, int reason)
{
    bool busy, down = false;
    struct vcpu *v;
    uint64_t flags;

    if (d->is_control)
        machine_shutdown(reason);
    flags = spin_lock_irqsave(&d->shutdown_lock);
    if (d->shutdown_code == -1)
        d->shutdown_code = reason;
    if (!d->is_shut_down && (!d->is_shutting_down || reason == SHUTDOWN_crash)) {
        __atomic_store_n(&d->is_shutting_down, true, __ATOMIC_SEQ_CST);
        for_each_vcpu(d, v) {
            busy = d->kind->is_busy && d->kind->is_busy(v);
            if (!busy || reason == SHUTDOWN_crash)
                stop(v);
        }
        down = all_stopped(d);
    }
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    for_each_vcpu(d, v)
        if (v->stopped)
            sched_sleep(v);
    if (down)
        event_raise_global_virq(VIRQ_DOM_EXC);
}

void domain_not_busy(struct vcpu *v)
{
    struct domain *d = v->domain;
    bool down = false;
    uint64_t flags;

    if (likely(!READ_ONCE(d->is_shutting_down)))
        return;
    flags = spin_lock_irqsave(&d->shutdown_lock);
    if (d->is_shutting_down && !v->stopped) {
        stop(v);
        down = all_stopped(d);
    }
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    sched_sleep(v);
    if (down)
        event_raise_global_virq(VIRQ_DOM_EXC);
}

bool domain_may_be_busy(struct vcpu *v)
{
    struct domain *d = v->domain;
    uint64_t flags;
    bool may = true;

    if (unlikely(__atomic_load_n(&d->is_shutting_down, __ATOMIC_SEQ_CST))) {
        flags = spin_lock_irqsave(&d->shutdown_lock);
        may = !v->stopped;
        spin_unlock_irqrestore(&d->shutdown_lock, flags);
    }
    return may;
}

void domain_resume(struct domain *d)
{
    struct vcpu *v;
    uint64_t flags;

    domain_pause(d);
    flags = spin_lock_irqsave(&d->shutdown_lock);
    d->is_shutting_down = d->is_shut_down = false;
    d->shutdown_code = -1;
    for_each_vcpu(d, v) {
        if (v->stopped)
            __atomic_fetch_sub(&v->pause_count, 1, __ATOMIC_ACQ_REL);
        v->stopped = false;
    }
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    domain_unpause(d);
}

void domain_crash(struct domain *d, const char *why, ...)
{
    char text[160];
    va_list args;

    va_start(args, why);
    vsnprintf(text, sizeof(text), why, args);
    va_end(args);
    log_error("d%u crashed: %s", d->id, text);
    if (vcpu_current()->domain == d)
        domain_dump_vcpu(vcpu_current());
    domain_shutdown(d, SHUTDOWN_crash);
}
