/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's command line: text to one struct of options. Names and meanings are those of
 * Xen 4.17 (xen-command-line in package xen-doc), so that existing boot entries keep working.
 */
#pragma once

#include "lib/types.h"

#define OPTION_BAD_PAGES_MAX 32

enum option_console { OPTION_CONSOLE_COM1 = 1, OPTION_CONSOLE_COM2 = 2, OPTION_CONSOLE_VGA = 4 };
enum option_stamp {
    OPTION_STAMP_NONE,
    OPTION_STAMP_DATE,
    OPTION_STAMP_DATEMS,
    OPTION_STAMP_BOOT,
    OPTION_STAMP_RAW,
};
enum option_level {
    OPTION_LEVEL_NONE,
    OPTION_LEVEL_ERROR,
    OPTION_LEVEL_WARNING,
    OPTION_LEVEL_INFO,
    OPTION_LEVEL_DEBUG, /* also "all" */
};
enum option_reboot {
    OPTION_REBOOT_AUTO,
    OPTION_REBOOT_TRIPLE,
    OPTION_REBOOT_KEYBOARD,
    OPTION_REBOOT_ACPI,
    OPTION_REBOOT_PCI,   /* port 0xcf9, reset */
    OPTION_REBOOT_POWER, /* port 0xcf9, full power cycle */
    OPTION_REBOOT_EFI,
};
enum option_clock {
    OPTION_CLOCK_AUTO,
    OPTION_CLOCK_PIT,
    OPTION_CLOCK_HPET,
    OPTION_CLOCK_ACPI,
    OPTION_CLOCK_TSC,
};
enum option_nmi { OPTION_NMI_USUAL, OPTION_NMI_IGNORE, OPTION_NMI_REPORT, OPTION_NMI_FATAL };
enum option_tsc { OPTION_TSC_AUTO, OPTION_TSC_UNSTABLE, OPTION_TSC_SKEWED, OPTION_TSC_STABLE };

/* com1=, com2= */
struct option_serial {
    bool given;
    uint32_t baud;      /* 0: leave as the firmware set it */
    uint32_t base_baud; /* 0: 115200, the PC's 1.8432 MHz clock divided by 16 */
    uint8_t data_bits, stop_bits;
    char parity;        /* n o e m s */
    uint16_t io_base;   /* 0: the port's usual one */
    bool irq_given;
    uint32_t irq;       /* 0: poll */
};

/* A size as dom0_mem= takes it: bytes plus a part of all memory, or all memory less bytes. */
struct option_amount {
    bool given, negative;
    uint64_t bytes;
    uint32_t percent;
};

struct option_pages {
    uint64_t first, last; /* frame numbers */
};

struct options {
    /* Consoles. */
    uint32_t consoles;   /* enum option_console bits */
    bool consoles_given; /* false: the default, a port the firmware names may be used */
    struct option_serial com[2];
    bool vga_keep;       /* stay on the screen when dom0 runs */
    bool vga_mode_asked; /* another mode than the loader's: told that it cannot be had */
    enum option_level loglvl, loglvl_limited; /* up to the first always, the second rate-limited */
    enum option_level guest_loglvl, guest_loglvl_limited;
    enum option_stamp console_timestamps;
    uint64_t conring_bytes;
    bool console_to_ring, sync_console;
    char conswitch;      /* Ctrl and this, three times, switches the input */
    bool conswitch_stay; /* input stays with the hypervisor when dom0 starts */

    /* The machine. */
    bool reboot_on_panic;
    enum option_reboot reboot_method;
    bool reboot_warm;
    uint32_t maxcpus;        /* UINT32_MAX: all */
    bool smt;
    uint64_t mem_bytes;      /* RAM above this address is not used; 0: all is */
    uint64_t availmem_bytes; /* this much RAM is used; 0: all is */
    struct option_pages bad_pages[OPTION_BAD_PAGES_MAX];
    uint32_t bad_page_count;
    bool x2apic;
    bool predictor_barrier; /* between domains, where the CPU has one */
    bool no_gather;         /* no AVX where VGATHER leaks */
    enum option_nmi nmi;
    bool watchdog;
    uint32_t watchdog_timeout; /* seconds */
    enum option_clock clocksource;
    enum option_tsc tsc;

    /* dom0. */
    bool dom0_pvh;
    struct option_amount dom0_mem, dom0_mem_min, dom0_mem_max;
    uint32_t dom0_vcpus_min, dom0_vcpus_max; /* around the number of physical CPUs */
    bool dom0_vcpus_pin;

    /* Guests. */
    bool ept_pml; /* VMX's log of modified pages, where the CPUs have it */
    bool apicv;   /* VMX serves guests' local APICs, where the CPUs can */
    uint32_t gnttab_max_frames, gnttab_max_maptrack_frames;
    uint32_t gnttab_max_version;
    bool gnttab_transitive, gnttab_transfer;
};

/* What holds without a command line. */
void cmdline_defaults(struct options *options);

/*
 * Changes `options`, already holding defaults, as the words of `text` say; the last word on a
 * subject wins. One warning for each word that is unknown, has a bad value or no effect here; a bad
 * value leaves the option as it was. Pure: no locks, no allocation, any context.
 */
void cmdline_parse(struct options *options, const char *text, void (*warn)(const char *line));

/* One line for each option: its name, the form of its value, what it does. */
void cmdline_help(void (*show)(const char *line));

/* An amount in bytes for a machine with `total` bytes; never more than `total`. */
uint64_t cmdline_amount_bytes(const struct option_amount *amount, uint64_t total);

/*
 * dom0's memory on a machine with `total` bytes to give: its start size and the most it may grow
 * to. Without dom0_mem= a tenth of the machine, at least the smaller of 1 GiB and half the machine,
 * at most 8 GiB: a dom0 that takes all must give back for each guest.
 */
void cmdline_dom0_memory(const struct options *options, uint64_t total, uint64_t *initial,
                         uint64_t *maximum);

/* dom0's vCPUs on a machine with `cpus` CPUs; at least 1. */
uint32_t cmdline_dom0_vcpus(const struct options *options, uint32_t cpus);
