/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's command line. What is always true here: the table below is the only list of
 * options that do something; each row owns its fields of struct options; whatever the text says,
 * every other word costs one warning and nothing else.
 */
#include "start/cmdline.h"

#include "lib/chars.h"
#include "lib/format.h"
#include "lib/number.h"
#include "lib/string.h"
#include "start/cmdline_value.h"

enum option_type {
    TYPE_BOOL,   /* bool */
    TYPE_NOT,    /* bool, set to the opposite */
    TYPE_NUMBER, /* uint32_t */
    TYPE_SIZE,   /* uint64_t; a number without a suffix is in KiB */
    TYPE_WORD,   /* an enum: the position of the value in `form`, counted from 1 */
    TYPE_OWN,    /* parsed by the row's own function */
    TYPE_SILENT, /* accepted, has no meaning here */
};

struct option {
    const char *name;
    enum option_type type;
    size_t field; /* offset in struct options */
    bool (*parse)(struct options *options, const char *value);
    const char *form, *help;
};

#define FIELD(member) offsetof(struct options, member)

static const struct option table[] = {
    {"console", TYPE_OWN, 0, cmdline_value_console, "com1|com2|vga|none,...", "consoles to use"},
    {"com1", TYPE_OWN, 0, cmdline_value_com1, "BAUD|auto[,8n1[,IO-BASE[,IRQ]]]", "serial port 1"},
    {"com2", TYPE_OWN, 0, cmdline_value_com2, "BAUD|auto[,8n1[,IO-BASE[,IRQ]]]", "serial port 2"},
    {"vga", TYPE_OWN, 0, cmdline_value_vga, "current|ask|text-80xN|gfx-WxHxD|mode-N[,keep]",
     "keep the screen when dom0 runs; its mode is the boot loader's"},
    {"loglvl", TYPE_OWN, 0, cmdline_value_loglvl, "none|error|warning|info|debug|all[/LEVEL]",
     "own messages up to the level; up to LEVEL rate-limited"},
    {"guest_loglvl", TYPE_OWN, 0, cmdline_value_guest_loglvl,
     "none|error|warning|info|debug|all[/LEVEL]", "the same for messages guests cause"},
    {"console_timestamps", TYPE_OWN, 0, cmdline_value_timestamps, "none|date|datems|boot|raw",
     "time before each line"},
    {"conring_size", TYPE_SIZE, FIELD(conring_bytes), NULL, "SIZE", "log kept for xl dmesg"},
    {"console_to_ring", TYPE_BOOL, FIELD(console_to_ring), NULL, "BOOL", "log guests' output too"},
    {"sync_console", TYPE_BOOL, FIELD(sync_console), NULL, "BOOL", "wait for each character"},
    {"conswitch", TYPE_OWN, 0, cmdline_value_conswitch, "CHAR[x]",
     "Ctrl-CHAR three times moves the input; x: it does not go to dom0 by itself"},

    {"noreboot", TYPE_NOT, FIELD(reboot_on_panic), NULL, "BOOL", "stay after a panic"},
    {"reboot", TYPE_OWN, 0, cmdline_value_reboot, "t|k|a|p|P|e|n[,w|c]", "how to reset"},
    {"maxcpus", TYPE_NUMBER, FIELD(maxcpus), NULL, "NUMBER", "CPUs to start"},
    {"nosmp", TYPE_OWN, 0, cmdline_value_nosmp, "BOOL", "start one CPU only"},
    {"smt", TYPE_BOOL, FIELD(smt), NULL, "BOOL", "use all threads of a core"},
    {"mem", TYPE_SIZE, FIELD(mem_bytes), NULL, "SIZE", "leave RAM above this address alone"},
    {"availmem", TYPE_SIZE, FIELD(availmem_bytes), NULL, "SIZE", "use this much RAM"},
    {"badpage", TYPE_OWN, 0, cmdline_value_badpage, "FRAME|FRAME-FRAME,...", "RAM never to use"},
    {"spec-ctrl", TYPE_OWN, 0, cmdline_value_spec_ctrl, "BOOL|ibpb=BOOL,gds-mit=BOOL,...",
     "what is done against speculation"},
    {"x2apic", TYPE_BOOL, FIELD(x2apic), NULL, "BOOL", "x2APIC mode where the CPUs have it"},
    {"nmi", TYPE_WORD, FIELD(nmi), NULL, "ignore|dom0|fatal",
     "what an NMI of the chipset does; dom0: it is logged"},
    {"watchdog", TYPE_OWN, 0, cmdline_value_watchdog, "force|BOOL", "panic when a CPU is stuck"},
    {"watchdog_timeout", TYPE_OWN, 0, cmdline_value_watchdog_timeout, "SECONDS",
     "until the watchdog bites; 0: it never does"},
    {"clocksource", TYPE_WORD, FIELD(clocksource), NULL, "pit|hpet|acpi|tsc", "platform timer"},
    {"tsc", TYPE_WORD, FIELD(tsc), NULL, "unstable|skewed|stable:socket", "trust in the TSC"},

    {"dom0", TYPE_OWN, 0, cmdline_value_dom0, "pv|pvh[,verbose=BOOL]", "kind of dom0"},
    {"dom0_mem", TYPE_OWN, 0, cmdline_value_dom0_mem, "SIZE[,min:SIZE][,max:SIZE]",
     "its memory; also -SIZE, N% and SIZE+N%"},
    {"dom0_max_vcpus", TYPE_OWN, 0, cmdline_value_dom0_max_vcpus, "N|MIN-MAX", "its vCPUs"},
    {"dom0_vcpus_pin", TYPE_BOOL, FIELD(dom0_vcpus_pin), NULL, "BOOL", "vCPU n stays on CPU n"},

    {"sched", TYPE_OWN, 0, cmdline_value_sched, "credit2", "the scheduler"},
    {"ept", TYPE_OWN, 0, cmdline_value_ept, "ad=BOOL,pml=BOOL",
     "pml: processors log which pages guests modify"},
    {"apicv", TYPE_BOOL, FIELD(apicv), NULL, "BOOL", "processors serve guests' local APICs"},
    {"gnttab", TYPE_OWN, 0, cmdline_value_gnttab, "max-ver:1|2,transitive=BOOL,transfer=BOOL",
     "what grant tables offer"},
    {"gnttab_max_frames", TYPE_NUMBER, FIELD(gnttab_max_frames), NULL, "NUMBER",
     "frames of a grant table"},
    {"gnttab_max_maptrack_frames", TYPE_NUMBER, FIELD(gnttab_max_maptrack_frames), NULL, "NUMBER",
     "frames that record a domain's grant mappings"},

    /* Written by boot loader scripts into every entry. */
    {"placeholder", TYPE_SILENT, 0, NULL, "", "stands for the file name in GRUB's entries"},
    {"no-real-mode", TYPE_SILENT, 0, NULL, "", "real mode is never used"},
    {"edd", TYPE_SILENT, 0, NULL, "off", "BIOS disk data is never asked for"},
};

/* Options of Xen on x86 that do nothing here: known, so that no typing error is suspected. */
static const char *const no_effect[] = {
    "acpi", "acpi_apic_instance", "acpi_pstate_strict", "acpi_skip_timer_override", "acpi_sleep",
    "allow_unsafe", "altp2m", "apic", "apic_verbosity", "arat", "argo", "asid",
    "async-show-all", "ats", "bootscrub", "bootscrub_chunk", "cet", "cmci-threshold",
    "cmos-rtc-probe", "core_parking",
    "cpu_type", "cpufreq", "cpuid", "cpuid_mask_cpu", "cpuid_mask_ecx", "cpuid_mask_edx",
    "cpuid_mask_ext_ecx", "cpuid_mask_ext_edx", "cpuid_mask_l7s0_eax", "cpuid_mask_l7s0_ebx",
    "cpuid_mask_thermal_ecx", "cpuid_mask_xsave_eax", "cpuidle", "cpuinfo", "crash-debug-debugkey",
    "crash-debug-hwdom", "crash-debug-kexeccmd", "crash-debug-panic", "crash-debug-watchdog",
    "crashinfo_maxaddr", "crashkernel", "credit2_balance_over", "credit2_balance_under",
    "credit2_cap_period_ms", "credit2_load_precision_shift", "credit2_load_window_shift",
    "credit2_runqueue", "dbgp", "debug_stack_lines", "debugtrace", "dit", "dma_bits", "dom0-cpuid",
    "dom0-iommu", "dom0_ioports_disable", "dom0_nodes", "e820-mtrr-clip", "e820-verbose", "edid",
    "efi", "extra_guest_irqs", "flask", "font", "force-ept", "gdb", "global-pages", "hap",
    "hap_1gb", "hap_2mb", "hardware_dom", "hest_disable", "highmem-start", "hpet", "hpetbroadcast",
    "hvm_debug", "hvm_fep", "hvm_port80", "idle_latency_factor", "invpcid", "ioapic_ack", "iommu",
    "iommu_dev_iotlb_timeout", "iommu_inclusive_mapping", "irq-max-guests", "irq_ratelimit",
    "irq_vector_map", "ivmd", "ivrs_hpet", "ivrs_ioapic", "lapic", "lapic_timer_c2_ok", "ler",
    "low_crashinfo", "low_mem_virq_limit", "max_cstate", "max_gsi_irqs", "mce", "mce_fb",
    "mce_verbosity", "memop-max-order", "mmcfg", "mmio-relax", "msi", "mtrr.show", "mwait-idle",
    "noapic", "noirqbalance", "nolapic", "nr_irqs", "numa", "pci", "pci-phantom", "pcid",
    "pku", "ple_gap", "ple_window", "preferred-cstates", "psr", "pv", "pv-l1tf", "pv-linear-pt",
    "pv-shim", "rcu-idle-timer-period-ms", "rmrr", "ro-hpet", "sched-gran",
    "sched_credit2_max_cpus_runqueue", "sched_credit2_migrate_resist", "sched_credit_tslice_ms",
    "sched_ratelimit_us", "sched_smt_power_savings", "scrub-domheap", "serial_tx_buffer",
    "shim_mem", "smap", "smep", "snb_igd_quirk", "tboot", "tbuf_size", "tdt",
    "tevt_mask", "tickle_one_idle_cpu", "timer_slop", "tsx", "ucode", "unrestricted_guest",
    "vcpu_migration_delay", "vesa-ram", "viridian-spinlock-retry-count", "viridian-version",
    "vm-notify-window", "vpid", "vpmu", "x2apic-mode", "x2apic_phys", "xpti", "xsave", "xsm",
};

#define NAME_MAX 40
#define TOKEN_MAX 256

/* One word of the command line: NAME or NAME=VALUE. */
struct word {
    char name[TOKEN_MAX]; /* the whole word, cut at its = */
    const char *value;    /* "" without = */
    bool has_value;
};

void cmdline_defaults(struct options *options)
{
    static const struct option_serial port = {.data_bits = 8, .stop_bits = 1, .parity = 'n'};

    *options = (struct options){
        .consoles = OPTION_CONSOLE_COM1 | OPTION_CONSOLE_VGA,
        .com = {port, port},
        .loglvl = OPTION_LEVEL_WARNING,
        .loglvl_limited = OPTION_LEVEL_WARNING,
        .guest_loglvl_limited = OPTION_LEVEL_WARNING,
        .conring_bytes = 16 * KiB,
        .conswitch = 'a',
        .maxcpus = UINT32_MAX,
        .reboot_on_panic = true,
        .smt = true,
        .x2apic = true,
        .predictor_barrier = true,
        .no_gather = true,
        .watchdog_timeout = 5,
        .dom0_vcpus_min = 1,
        .dom0_vcpus_max = UINT32_MAX,
        .ept_pml = true,
        .apicv = true,
        .gnttab_max_frames = 64,
        .gnttab_max_maptrack_frames = 1024,
        .gnttab_max_version = 2,
        .gnttab_transitive = true,
        .gnttab_transfer = true,
    };
}

/* Names are the same with - and _. */
static char fold(char c)
{
    return c == '-' ? '_' : c;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && fold(*a) == fold(*b); a++, b++)
        ;
    return fold(*a) == fold(*b);
}

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        if (same_name(name, table[i].name))
            return &table[i];
    return NULL;
}

/* Letters to change, add or leave out to make one name of the other (Levenshtein's distance). */
static unsigned int distance(const char *a, const char *b)
{
    unsigned int row[NAME_MAX + 1], width = (unsigned int)strlen(b);

    if (width > NAME_MAX || strlen(a) > NAME_MAX)
        return UINT32_MAX;
    for (unsigned int j = 0; j <= width; j++)
        row[j] = j;
    for (unsigned int i = 1; a[i - 1]; i++) {
        unsigned int diagonal = row[0];

        row[0] = i;
        for (unsigned int j = 1; j <= width; j++) {
            unsigned int above = row[j];
            unsigned int changed = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));

            row[j] = min(min(row[j - 1], above) + 1, changed);
            diagonal = above;
        }
    }
    return row[width];
}

/* The known name most like `name`, or NULL when none is near enough to be meant. */
static const char *nearest(const char *name)
{
    unsigned int best = (unsigned int)strlen(name) / 3 + 2; /* this far is too far */
    const char *found = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(table) + ARRAY_SIZE(no_effect); i++) {
        const char *known = i < ARRAY_SIZE(table) ? table[i].name
                                                  : no_effect[i - ARRAY_SIZE(table)];
        unsigned int away = distance(name, known);

        if (away < best) {
            best = away;
            found = known;
        }
    }
    return found;
}

static bool parse_bool(const struct word *word, bool *value)
{
    *value = true;
    return !word->has_value || number_parse_bool(word->value, strlen(word->value), value);
}

/* The value's place among the alternatives of `form`, from 1; 0 when it is none of them. */
static uint32_t place_in_form(const char *form, const char *value)
{
    size_t length = strlen(value);

    for (uint32_t place = 1;; place++) {
        const char *end = strchr(form, '|');
        size_t bytes = end ? (size_t)(end - form) : strlen(form);

        if (bytes == length && !strncmp(form, value, length))
            return place;
        if (!end)
            return 0;
        form = end + 1;
    }
}

/* Stores a word's value; false when it has not the option's form. */
static bool apply(const struct option *option, struct options *options, const struct word *word)
{
    void *field = (char *)options + option->field;
    uint64_t number;
    uint32_t place;
    bool on;

    switch (option->type) {
    case TYPE_BOOL:
    case TYPE_NOT:
        if (!parse_bool(word, &on))
            return false;
        *(bool *)field = on == (option->type == TYPE_BOOL);
        return true;
    case TYPE_NUMBER:
        if (!number_parse(word->value, &number) || number == 0 || number > UINT32_MAX)
            return false;
        *(uint32_t *)field = (uint32_t)number;
        return true;
    case TYPE_SIZE:
        if (!number_parse_size(word->value, 10, &number))
            return false;
        *(uint64_t *)field = number;
        return true;
    case TYPE_WORD:
        place = place_in_form(option->form, word->value);
        if (!place)
            return false;
        *(uint32_t *)field = place;
        return true;
    case TYPE_OWN:
        return option->parse(options, word->value);
    case TYPE_SILENT:
        return true;
    }
    return false;
}
static_assert(sizeof(enum option_clock) == sizeof(uint32_t), "TYPE_WORD stores a uint32_t");

static bool is_bool(const struct option *option)
{
    return option->type == TYPE_BOOL || option->type == TYPE_NOT ||
           option->parse == cmdline_value_watchdog || option->parse == cmdline_value_nosmp;
}

static bool has_no_effect(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(no_effect); i++)
        if (same_name(name, no_effect[i]))
            return true;
    return false;
}

static void warn_unknown(const char *name, void (*warn)(const char *line))
{
    char line[TOKEN_MAX + 96];
    const char *meant = nearest(name);

    if (has_no_effect(name) || (!strncmp(name, "no-", 3) && has_no_effect(name + 3)))
        snprintf(line, sizeof(line), "option '%s' has no effect here", name);
    else if (meant)
        snprintf(line, sizeof(line), "unknown option '%s' ignored; is '%s' meant?", name, meant);
    else
        snprintf(line, sizeof(line), "unknown option '%s' ignored", name);
    warn(line);
}

static void apply_word(struct options *options, struct word *word,
                       void (*warn)(const char *line))
{
    const struct option *option = find_option(word->name);
    char line[TOKEN_MAX + 128];

    if (!option && !strncmp(word->name, "no-", 3) && !word->has_value) {
        option = find_option(word->name + 3);
        if (option && is_bool(option)) {
            word->value = "off";
            word->has_value = true;
        } else {
            option = NULL;
        }
    }
    if (!option) {
        warn_unknown(word->name, warn);
    } else if (!apply(option, options, word)) {
        snprintf(line, sizeof(line), "option '%s': bad value '%s' ignored; its form is %s=%s",
                 option->name, word->value, option->name, option->form);
        warn(line);
    }
}

/* Takes the next word off the text; false at its end. A word too long for any option is cut. */
static bool next_word(const char **text, struct word *word)
{
    size_t length = 0;
    char *equals;

    while (is_space(**text))
        (*text)++;
    for (; **text && !is_space(**text); (*text)++)
        if (length < sizeof(word->name) - 1)
            word->name[length++] = **text;
    word->name[length] = '\0';
    equals = strchr(word->name, '=');
    word->has_value = equals != NULL;
    word->value = "";
    if (equals) {
        *equals = '\0';
        word->value = equals + 1;
    }
    return length > 0;
}

void cmdline_parse(struct options *options, const char *text, void (*warn)(const char *line))
{
    struct word word;
    bool first = true;

    while (next_word(&text, &word)) {
        /* Some loaders put the image's own path in front. */
        if (!first || word.name[0] != '/')
            apply_word(options, &word, warn);
        first = false;
    }
}

void cmdline_help(void (*show)(const char *line))
{
    char line[TOKEN_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        snprintf(line, sizeof(line), "%s%s%s: %s", table[i].name, *table[i].form ? "=" : "",
                 table[i].form, table[i].help);
        show(line);
    }
}
