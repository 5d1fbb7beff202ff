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
#include "cpu/xstate.h"
#include "debug/panic.h"
#include "debug/symbols.h"
#include "domain/domain.h"
#include "efi/runtime.h"
#include "hvm/hvm.h"
#include "irq/irq.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "sched/pool.h"
#include "sched/sched.h"
#include "start/cmdline.h"
#include "start/configure.h"
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

/* Consoles come first, so the command line is read twice: silently for them, then with a voice. */
static void consoles_init(void)
{
    cmdline_defaults(&options);
    cmdline_parse(&options, cmdline, quiet);
    configure_consoles(&options);
    log_always("Zendo %s (%s), %lu ticks after its loader's first instruction", zendo_version,
               zendo_compiler, rdtsc() - handover.entry_tsc);
    log_always("Command line: %s", cmdline);
    cmdline_defaults(&options);
    cmdline_parse(&options, cmdline, warn);
    if (options.vga_mode_asked)
        log_warn("vga=: the screen's mode is the boot loader's business");
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
    if (hvm_cpu_enable())
        log_error("CPU %u lacks what hardware-assisted guests need: none can run", cpu_id());
}

/* This CPU's APIC ID: leaf 0xB has all 32 bits of it (SDM vol. 3, 9.9). */
static uint32_t own_apic_id(void)
{
    if (cpuid(0, 0).eax >= 0xb && cpuid(0xb, 0).ebx)
        return cpuid(0xb, 0).edx;
    return cpuid(1, 0).ebx >> 24;
}

static void memory_init(void)
{
    memmap_give_to_heap();
    hvmap_heap_ready();
    if (percpu_create(0, own_apic_id(), 0))
        panic("no memory for CPU 0");
    descriptor_init();
    descriptor_load();
    domain_system_init();
}

static void policy_init(void)
{
    struct cpu_policy_host use = {.xcr0 = cpu_features.xcr0_mask,
                                  .xsavec = xstate_xsavec_works(),
                                  .fsgsbase = cpu_features.fsgsbase,
                                  .hvm = hvm_enabled};

    if (cpu_features.xsavec && !use.xsavec)
        log_warn("XSAVEC misplaces the AVX state on this CPU: guests do not get it");
    cpu_policy_init(&use);
}

static void start_second_half(void *unused_arg)
{
    (void)unused_arg;
    dom0_reserve(&handover, &options);
    memory_init();
    if (handover.elf.bytes)
        symbols_init(direct_va(PADDR(handover.elf.base)), handover.elf.bytes);
    if (options.consoles & OPTION_CONSOLE_VGA)
        screen_init(&handover.screen);
    describe_machine();
    mitigation_init(options.predictor_barrier, options.no_gather);
    hvm_init(options.ept_pml, options.apicv);
    policy_init();
    version_set_commandline(cmdline);
    efi_init(&handover.efi);
    acpi_init(PADDR(handover.acpi_rsdp));
    configure_rooms(&options);
    (void)smp_count();
    irq_init();
    machine_check_cpu_init();
    time_init();
    cpu_policy_tsc_khz = (uint32_t)time_tsc_khz();
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
    sched_pool_init();
    mca_init();
    configure_running(&options);
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
    configure_memory(&options);
    hvmap_init(&handover);
    features_load(); /* no-execute must be on before our tables use it */
    hvmap_activate();
    cpu_call_on_stack(start_second_half, NULL, (void *)(PERCPU_BASE + PERCPU_STACK_TOP));
}
