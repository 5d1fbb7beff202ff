/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the loader's jump to the first guest: one straight list of steps, in two halves because the
 * stack moves when the hypervisor's own page tables are loaded.
 */
#include "start/main.h"

#include "acpi/acpi.h"
#include "boot/handover.h"
#include "console/log.h"
#include "console/screen.h"
#include "console/uart.h"
#include "control/console_io.h"
#include "control/mca.h"
#include "control/version.h"
#include "cpu/descriptor.h"
#include "cpu/entry.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/machine_check.h"
#include "cpu/mitigation.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "debug/symbols.h"
#include "domain/domain.h"
#include "efi/runtime.h"
#include "grant/grant.h"
#include "irq/irq.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "sched/sched.h"
#include "start/cmdline.h"
#include "start/dom0.h"
#include "start/memmap.h"
#include "time/time.h"

static struct boot_handover handover;
static struct options options;
static char cmdline[2048];

extern const char zendo_version[], zendo_compiler[];

static void warn(const char *line)
{
    log_warn("%s", line);
}

static void quiet(const char *line)
{
    (void)line;
}

static enum log_level level_of(enum option_level level)
{
    switch (level) {
    case OPTION_LEVEL_NONE:
    case OPTION_LEVEL_ERROR:
        return LOG_ERR;
    case OPTION_LEVEL_WARNING:
        return LOG_WARN;
    case OPTION_LEVEL_INFO:
        return LOG_INFO;
    case OPTION_LEVEL_DEBUG:
        return LOG_DEBUG;
    }
    return LOG_INFO;
}

/* Consoles come first, so the command line is read twice: silently for them, then with a voice. */
static void consoles_init(void)
{
    static const uint16_t usual_base[2] = {0x3f8, 0x2f8};

    cmdline_defaults(&options);
    cmdline_parse(&options, cmdline, quiet);
    for (unsigned int i = 0; i < 2; i++) {
        const struct option_serial *s = &options.com[i];
        uint32_t bit = i == 0 ? OPTION_CONSOLE_COM1 : OPTION_CONSOLE_COM2;

        if ((options.consoles & bit) && (s->given || !options.consoles_given))
            uart_init(s->io_base ? s->io_base : usual_base[i], s->baud ? s->baud : 115200);
    }
    log_set_levels(level_of(options.loglvl), level_of(options.guest_loglvl));
    log_set_stamp(options.console_timestamps == OPTION_STAMP_RAW ? LOG_STAMP_RAW : LOG_STAMP_NONE);
    panic_reboot = options.reboot_on_panic;
    log_info("Zendo %s (%s), %lu ticks after its loader's first instruction", zendo_version,
             zendo_compiler, rdtsc() - handover.entry_tsc);
    log_info("Command line: %s", cmdline);
    cmdline_defaults(&options);
    cmdline_parse(&options, cmdline, warn);
}

static void copy_text(char *to, size_t bytes, struct boot_blob text)
{
    strlcpy(to, text.bytes ? (const char *)text.base : "", bytes);
}

static void describe_machine(void)
{
    const struct cpu_features *f = &cpu_features;

    log_info("CPU: %s %s family %u model %u stepping %u, %u-bit physical addresses", f->vendor,
             f->brand, f->family, f->model, f->stepping, f->physical_bits);
    log_info("RAM: %lu MiB, frames up to %#lx", memmap_ram_bytes() >> 20, hvmap_max_mfn());
}

int smp_cpu_prepare(unsigned int cpu)
{
    int rc = sched_cpu_init(cpu);

    if (!rc)
        rc = vcpu_create(domain_idle, cpu);
    if (!rc) {
        cpu_of(cpu)->idle = domain_idle->vcpus[cpu];
        cpu_of(cpu)->current = cpu_of(cpu)->idle;
        domain_idle->vcpus[cpu]->host_stack = (uint64_t)cpu_of(cpu) + PERCPU_STACK_TOP;
    }
    return rc;
}

void cpu_init_secondary(void)
{
    features_load();
    descriptor_load();
}

static void memory_init(void)
{
    memmap_give_to_heap();
    hvmap_heap_ready();
    if (percpu_create(0, cpuid(1, 0).ebx >> 24, 0))
        panic("no memory for CPU 0");
    descriptor_init();
    descriptor_load();
    domain_system_init();
}

static void grants_configure(void)
{
    if (options.gnttab_max_frames)
        grant_defaults.frames = options.gnttab_max_frames;
    if (options.gnttab_max_maptrack_frames)
        grant_defaults.maptrack_frames = options.gnttab_max_maptrack_frames;
    if (options.gnttab_max_version)
        grant_defaults.version = options.gnttab_max_version;
    grant_defaults.transfer = options.gnttab_transfer;
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
    case OPTION_CLOCK_TSC:
        return NULL;
    }
    return NULL;
}

static void start_second_half(void *unused_arg)
{
    struct cpu_policy_host use = {.xcr0 = cpu_features.xcr0_mask,
                                  .fsgsbase = cpu_features.fsgsbase};

    (void)unused_arg;
    memory_init();
    if (handover.elf.bytes)
        symbols_init(direct_va(PADDR(handover.elf.base)), handover.elf.bytes);
    if (options.consoles & OPTION_CONSOLE_VGA)
        screen_init(&handover.screen);
    describe_machine();
    mitigation_init(options.predictor_barrier);
    cpu_policy_init(&use);
    version_set_commandline(cmdline);
    efi_init(&handover.efi);
    acpi_init(PADDR(handover.acpi_rsdp));
    smp_max_cpus = options.maxcpus == UINT32_MAX ? 0 : options.maxcpus;
    smp_use_threads = options.smt;
    (void)smp_count();
    irq_x2apic = options.x2apic;
    irq_init();
    machine_check_cpu_init();
    if (clock_name(options.clocksource) && !time_choose_source(clock_name(options.clocksource)))
        log_warn("clocksource=: not on this machine");
    time_init();
    sched_init();
    if (vcpu_create(domain_idle, 0))
        panic("no memory for the idle vCPU");
    cpu_self()->idle = cpu_self()->current = domain_idle->vcpus[0];
    cpu_self()->current->host_stack = (uint64_t)cpu_self() + PERCPU_STACK_TOP;
    cpu_self()->online = true;
    cpumask_set(&cpus_online, 0);
    irq_enable();
    console_io_init(); /* early, so that nobody waits for the serial line from here on */
    smp_boot();
    mca_init();
    log_ring_resize((uint32_t)options.conring_bytes);
    grants_configure();
    start_dom0(&handover, &options);
    log_info("Domain 0 starts %lu ticks after the loader's first instruction",
             rdtsc() - handover.entry_tsc);
    idle_restart();
}

void start_main(const struct boot_handover *given)
{
    features_init();
    handover = *given;
    copy_text(cmdline, sizeof(cmdline), handover.cmdline);
    consoles_init();
    if (handover.magic != BOOT_HANDOVER_MAGIC || handover.bytes != sizeof(handover))
        panic("the loader is of another version than the hypervisor");
    memmap_init(&handover);
    hvmap_init(&handover);
    features_load(); /* no-execute must be on before our tables use it */
    hvmap_activate();
    cpu_call_on_stack(start_second_half, NULL, (void *)(PERCPU_BASE + PERCPU_STACK_TOP));
}
