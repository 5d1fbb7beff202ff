/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From options to the rooms they are for. What is always true here: every field of struct options
 * that is not about dom0's size is handed over here, once; no room sees the struct itself.
 */
#include "start/configure.h"

#include "acpi/acpi.h"
#include "console/log.h"
#include "console/uart.h"
#include "control/console_io.h"
#include "cpu/nmi.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "grant/grant.h"
#include "irq/irq.h"
#include "mm/pool.h"
#include "sched/sched.h"
#include "sched/stall.h"
#include "start/cmdline.h"
#include "start/memmap.h"
#include "time/time.h"

static_assert((int)LOG_ALWAYS == (int)OPTION_LEVEL_NONE && (int)LOG_DEBUG == OPTION_LEVEL_DEBUG,
              "levels are handed over as they are");
static_assert((int)LOG_STAMP_DATE == (int)OPTION_STAMP_DATE &&
                  (int)LOG_STAMP_RAW == (int)OPTION_STAMP_RAW,
              "and so are stamps");
static_assert((int)REBOOT_TRIPLE == (int)OPTION_REBOOT_TRIPLE &&
                  (int)REBOOT_EFI == (int)OPTION_REBOOT_EFI,
              "and ways to reboot");
static_assert((int)TIME_TSC_UNSTABLE == (int)OPTION_TSC_UNSTABLE &&
                  (int)TIME_TSC_STABLE == (int)OPTION_TSC_STABLE,
              "and opinions of the TSC");

static void configure_serial(const struct options *options, unsigned int i)
{
    static const uint16_t usual_base[2] = {0x3f8, 0x2f8};
    const struct option_serial *s = &options->com[i];
    uint32_t bit = i == 0 ? OPTION_CONSOLE_COM1 : OPTION_CONSOLE_COM2;
    const struct uart_line line = {
        .base = s->io_base ? s->io_base : usual_base[i],
        .baud = s->given ? s->baud : 115200,
        .base_baud = s->base_baud,
        .data_bits = s->data_bits,
        .stop_bits = s->stop_bits,
        .parity = s->parity,
        .irq = s->irq_given ? (int)s->irq : -1,
    };

    if ((options->consoles & bit) && (s->given || !options->consoles_given))
        uart_init(&line);
}

/* The domain whose vCPU runs here has caused the line, with few exceptions. */
static uint32_t running_domain(void)
{
    const struct vcpu *v = vcpu_current();

    return v && v->domain ? v->domain->id : 0;
}

void configure_consoles(const struct options *options)
{
    configure_serial(options, 0);
    configure_serial(options, 1);
    log_set_levels((struct log_levels){(enum log_level)options->loglvl,
                                       (enum log_level)options->loglvl_limited},
                   (struct log_levels){(enum log_level)options->guest_loglvl,
                                       (enum log_level)options->guest_loglvl_limited});
    log_set_stamp((enum log_stamp)options->console_timestamps);
    log_guest_id = running_domain;
    panic_reboot = options->reboot_on_panic;
}

void configure_memory(const struct options *options)
{
    memmap_limit(options->mem_bytes, options->availmem_bytes);
    for (uint32_t i = 0; i < options->bad_page_count; i++) {
        const struct option_pages *bad = &options->bad_pages[i];

        if (!memmap_bad_frames(bad->first, bad->last))
            log_warn("badpage=%#lx-%#lx: no free RAM there", bad->first, bad->last);
    }
}

static const char *clock_name(enum option_clock clock)
{
    switch (clock) {
    case OPTION_CLOCK_PIT:
        return "pit";
    case OPTION_CLOCK_HPET:
        return "hpet";
    case OPTION_CLOCK_ACPI:
        return "acpi";
    case OPTION_CLOCK_AUTO:
    case OPTION_CLOCK_TSC: /* system time is the TSC's anyway */
        return NULL;
    }
    return NULL;
}

static enum nmi_policy policy_of(enum option_nmi nmi)
{
    switch (nmi) {
    case OPTION_NMI_IGNORE:
        return NMI_IGNORE;
    case OPTION_NMI_FATAL:
        return NMI_FATAL;
    case OPTION_NMI_USUAL:
    case OPTION_NMI_REPORT:
        break;
    }
    return NMI_REPORT;
}

static void configure_grants(const struct options *options)
{
    if (options->gnttab_max_frames)
        grant_defaults.frames = options->gnttab_max_frames;
    if (options->gnttab_max_maptrack_frames)
        grant_defaults.maptrack_frames = options->gnttab_max_maptrack_frames;
    if (options->gnttab_max_version)
        grant_defaults.version = options->gnttab_max_version;
    grant_defaults.transfer = options->gnttab_transfer;
}

void configure_rooms(const struct options *options)
{
    const char *clock = clock_name(options->clocksource);

    smp_max_cpus = options->maxcpus == UINT32_MAX ? 0 : options->maxcpus;
    smp_use_threads = options->smt;
    irq_x2apic = options->x2apic;
    if (clock && !time_choose_source(clock))
        log_warn("clocksource=%s: not on this machine", clock);
    time_trust_tsc((enum time_tsc)options->tsc);
    machine_reboot_configure((enum reboot_method)options->reboot_method, options->reboot_warm);
    nmi_policy = policy_of(options->nmi);
    configure_grants(options);
}

void configure_running(const struct options *options)
{
    const struct console_io_config console = {
        .switch_char = options->conswitch,
        .stay = options->conswitch_stay,
        .sync = options->sync_console,
        .to_ring = options->console_to_ring,
    };

    log_ring_resize(options->conring_bytes);
    console_io_configure(&console);
    if (options->watchdog && options->watchdog_timeout)
        stall_watch_start(options->watchdog_timeout);
}

void configure_dom0_affinity(struct domain *d, const struct options *options)
{
    struct cpumask *only;
    struct vcpu *v;

    if (!options->dom0_vcpus_pin)
        return;
    only = pool_new(struct cpumask);
    if (!only)
        panic("no memory for domain 0's affinity");
    for_each_vcpu(d, v) {
        if (v->id >= cpu_count)
            break;
        cpumask_set_only(only, v->id);
        if (sched_set_affinity(v, only, NULL, false))
            log_warn("dom0_vcpus_pin: no CPU %u for vCPU %u", v->id, v->id);
    }
    pool_free(only);
}
