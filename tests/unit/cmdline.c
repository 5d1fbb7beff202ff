/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: every kind of option, good and bad, and what it says about dom0. */
/* sources: hypervisor/start/cmdline.c hypervisor/start/cmdline_value.c */
/* sources: hypervisor/start/cmdline_dom0.c hypervisor/lib/number.c */
#include "tests/unit/check.h"

#include "lib/types.h"
#include "start/cmdline.h"

static struct options o;
static char warnings[4096];
static int warning_count;

static void note(const char *line)
{
    strncat(warnings, line, sizeof(warnings) - strlen(warnings) - 2);
    strcat(warnings, "\n");
    warning_count++;
}

/* Parses on top of defaults; returns the number of warnings. */
static int parse(const char *text)
{
    warnings[0] = '\0';
    warning_count = 0;
    cmdline_defaults(&o);
    cmdline_parse(&o, text, note);
    return warning_count;
}

/* One warning, and nothing changed. */
static bool refused(const char *text)
{
    static struct options clean;

    cmdline_defaults(&clean);
    return parse(text) == 1 && !memcmp(&o, &clean, sizeof(o)) && strstr(warnings, "bad value");
}

TEST(defaults)
{
    CHECK_EQ(parse(""), 0);
    CHECK_EQ(parse("  \t "), 0);
    CHECK_EQ(o.consoles, OPTION_CONSOLE_COM1 | OPTION_CONSOLE_VGA);
    CHECK(!o.consoles_given && !o.com[0].given && o.com[0].data_bits == 8);
    CHECK(o.loglvl == OPTION_LEVEL_WARNING && o.guest_loglvl == OPTION_LEVEL_NONE);
    CHECK(o.smt && o.x2apic && o.reboot_on_panic && !o.dom0_pvh);
    CHECK(o.gnttab_max_frames == 64 && o.gnttab_max_maptrack_frames == 1024);
}

TEST(a_debian_entry)
{
    CHECK_EQ(parse("placeholder dom0_mem=768M,max:768M com1=115200,8n1 console=com1,vga "
                   "loglvl=all guest_loglvl=all noreboot no-real-mode edd=off"), 0);
    CHECK_EQ(o.dom0_mem.bytes, 768 * MiB);
    CHECK_EQ(o.dom0_mem_max.bytes, 768 * MiB);
    CHECK(!o.dom0_mem_min.given);
    CHECK_EQ(o.com[0].baud, 115200);
    CHECK(o.consoles_given && !o.reboot_on_panic);
    CHECK_EQ(o.loglvl, OPTION_LEVEL_DEBUG);
}

TEST(booleans)
{
    CHECK(parse("no-smt") == 0 && !o.smt);
    CHECK(parse("smt=off smt") == 0 && o.smt);
    CHECK(parse("x2apic=false") == 0 && !o.x2apic);
    CHECK(parse("sync-console") == 0 && o.sync_console); /* - and _ are the same */
    CHECK(parse("noreboot=off") == 0 && o.reboot_on_panic);
    CHECK(parse("no-noreboot") == 0 && o.reboot_on_panic);
    CHECK(parse("nosmp") == 0 && o.maxcpus == 1);
    CHECK(parse("nosmp=no") == 0 && o.maxcpus == UINT32_MAX);
    CHECK(parse("watchdog=force") == 0 && o.watchdog);
    CHECK(parse("watchdog no-watchdog") == 0 && !o.watchdog);
    CHECK(parse("spec-ctrl=no") == 0 && !o.predictor_barrier);
    CHECK(parse("spec-ctrl=off spec-ctrl=on") == 0 && o.predictor_barrier);
    CHECK(parse("spec-ctrl=bti-thunk=retpoline,no-ibpb,eager-fpu") == 0 && !o.predictor_barrier);
    CHECK(parse("spec-ctrl=ssbd") == 0 && o.predictor_barrier && o.no_gather);
    CHECK(parse("spec-ctrl=gds-mit=no") == 0 && o.predictor_barrier && !o.no_gather);
    CHECK(parse("spec-ctrl=no") == 0 && !o.no_gather);
    CHECK(refused("smt=maybe"));
    CHECK(refused("smt="));
    CHECK(refused("watchdog=x"));
    CHECK_EQ(parse("no-smt=1"), 1);
    CHECK(o.smt);
    CHECK_EQ(parse("no-maxcpus"), 1);
}

TEST(numbers_and_sizes)
{
    CHECK(parse("maxcpus=4 watchdog_timeout=0x10") == 0 && o.maxcpus == 4);
    CHECK_EQ(o.watchdog_timeout, 16);
    CHECK(parse("watchdog watchdog_timeout=0") == 0 && o.watchdog && o.watchdog_timeout == 0);
    CHECK(refused("watchdog_timeout=x"));
    CHECK(parse("mem=4G availmem=2048") == 0 && o.mem_bytes == 4 * GiB);
    CHECK_EQ(o.availmem_bytes, 2 * MiB);
    CHECK(parse("conring_size=1M") == 0 && o.conring_bytes == MiB);
    CHECK(refused("maxcpus=0"));
    CHECK(refused("maxcpus=4294967296"));
    CHECK(refused("maxcpus"));
    CHECK(refused("mem=4GB"));
    CHECK(refused("gnttab_max_frames=-1"));
}

TEST(words)
{
    CHECK(parse("clocksource=pit") == 0 && o.clocksource == OPTION_CLOCK_PIT);
    CHECK(parse("clocksource=tsc") == 0 && o.clocksource == OPTION_CLOCK_TSC);
    CHECK(parse("nmi=fatal") == 0 && o.nmi == OPTION_NMI_FATAL);
    CHECK(refused("nmi=on"));
    CHECK(parse("tsc=stable:socket") == 0 && o.tsc == OPTION_TSC_STABLE);
    CHECK(parse("sched=credit2") == 0);
    CHECK(refused("sched=rtds"));
    CHECK(refused("clocksource=ts"));
    CHECK(refused("clocksource=pit|hpet"));
    CHECK(refused("clocksource="));
}

TEST(serial_ports)
{
    CHECK_EQ(parse("com2=9600/1843200,7e2,0x2f8,3"), 0);
    CHECK(o.com[1].given && !o.com[0].given);
    CHECK(o.com[1].baud == 9600 && o.com[1].base_baud == 1843200);
    CHECK(o.com[1].data_bits == 7 && o.com[1].parity == 'e' && o.com[1].stop_bits == 2);
    CHECK(o.com[1].io_base == 0x2f8 && o.com[1].irq_given && o.com[1].irq == 3);
    CHECK(parse("com1=auto") == 0 && o.com[0].given && o.com[0].baud == 0);
    CHECK(parse("com1=115200,,0x3e8") == 0 && o.com[0].io_base == 0x3e8);
    CHECK(o.com[0].parity == 'n' && !o.com[0].irq_given);
    CHECK(parse("com1=115200,8n1,baud=57600,io-base=0x3e8,irq=0,parity=o,data-bits=5,stop-bits=2")
          == 0);
    CHECK(o.com[0].baud == 57600 && o.com[0].io_base == 0x3e8 && o.com[0].irq_given);
    CHECK(o.com[0].parity == 'o' && o.com[0].data_bits == 5 && o.com[0].stop_bits == 2);
    CHECK(refused("com1=0"));
    CHECK(refused("com1=115200x"));
    CHECK(refused("com1=auto5"));
    CHECK(refused("com1=115200/"));
    CHECK(refused("com1=115200,9n1"));
    CHECK(refused("com1=115200,8x1"));
    CHECK(refused("com1=115200,8n3"));
    CHECK(refused("com1=115200,8n1,0x10000"));
    CHECK(refused("com1=115200,8n1,pci"));
    CHECK(refused("com1=115200,8n1,0x3f8,4,extra"));
    CHECK(refused("com1=115200,dev=pci"));
}

TEST(console_and_levels)
{
    CHECK(parse("console=com2") == 0 && o.consoles == OPTION_CONSOLE_COM2);
    CHECK(parse("console=none") == 0 && o.consoles == 0 && o.consoles_given);
    CHECK(refused("console=com3"));
    CHECK(refused("console="));
    CHECK(parse("vga=current,keep") == 0 && o.vga_keep && !o.vga_mode_asked);
    CHECK(parse("vga=gfx-1024x768x32") == 0 && !o.vga_keep && o.vga_mode_asked);
    CHECK(parse("vga=text-80x50,keep") == 0 && o.vga_keep && o.vga_mode_asked);
    CHECK(refused("vga=big"));
    CHECK(parse("loglvl=error/debug") == 0 && o.loglvl == OPTION_LEVEL_ERROR);
    CHECK_EQ(o.loglvl_limited, OPTION_LEVEL_DEBUG);
    CHECK(parse("guest_loglvl=info") == 0 && o.guest_loglvl_limited == OPTION_LEVEL_INFO);
    CHECK(refused("loglvl=loud"));
    CHECK(refused("loglvl=info/"));
    CHECK(refused("loglvl"));
    CHECK(parse("console_timestamps") == 0 && o.console_timestamps == OPTION_STAMP_DATE);
    CHECK(parse("console_timestamps=boot") == 0 && o.console_timestamps == OPTION_STAMP_BOOT);
    CHECK(parse("console_timestamps=no") == 0 && o.console_timestamps == OPTION_STAMP_NONE);
    CHECK(refused("console_timestamps=later"));
    CHECK(parse("conswitch=bx") == 0 && o.conswitch == 'b' && o.conswitch_stay);
    CHECK(refused("conswitch=1"));
    CHECK(refused("conswitch=axx"));
}

TEST(reboot_and_bad_pages)
{
    CHECK(parse("reboot=acpi,warm") == 0 && o.reboot_method == OPTION_REBOOT_ACPI);
    CHECK(o.reboot_warm && o.reboot_on_panic);
    CHECK(parse("reboot=P") == 0 && o.reboot_method == OPTION_REBOOT_POWER);
    CHECK(parse("reboot=e,c") == 0 && o.reboot_method == OPTION_REBOOT_EFI && !o.reboot_warm);
    CHECK(parse("reboot=no") == 0 && !o.reboot_on_panic);
    CHECK(refused("reboot=?"));
    CHECK(refused("reboot="));
    CHECK(parse("badpage=0x12345,7-9 badpage=4") == 0 && o.bad_page_count == 3);
    CHECK(o.bad_pages[0].first == 0x12345 && o.bad_pages[0].last == 0x12345);
    CHECK(o.bad_pages[1].first == 7 && o.bad_pages[1].last == 9 && o.bad_pages[2].first == 4);
    CHECK(refused("badpage=9-7"));
    CHECK(refused("badpage=1,x"));
    CHECK(refused("badpage=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,"
                  "28,29,30,31,32,33"));
}

TEST(dom0)
{
    CHECK(parse("dom0=pvh,verbose") == 0 && o.dom0_pvh);
    CHECK(parse("dom0=pvh dom0=pv,verbose=0") == 0 && !o.dom0_pvh);
    CHECK(refused("dom0=hvm"));
    CHECK(parse("dom0_max_vcpus=3") == 0 && cmdline_dom0_vcpus(&o, 8) == 3);
    CHECK_EQ(cmdline_dom0_vcpus(&o, 1), 3);
    CHECK(parse("dom0_max_vcpus=4-8") == 0 && cmdline_dom0_vcpus(&o, 2) == 4);
    CHECK(cmdline_dom0_vcpus(&o, 6) == 6 && cmdline_dom0_vcpus(&o, 10) == 8);
    CHECK(parse("dom0_max_vcpus=-2") == 0 && cmdline_dom0_vcpus(&o, 1) == 1);
    CHECK_EQ(cmdline_dom0_vcpus(&o, 9), 2);
    CHECK(parse("dom0_max_vcpus=5-") == 0 && cmdline_dom0_vcpus(&o, 64) == 64);
    CHECK(refused("dom0_max_vcpus=-"));
    CHECK(refused("dom0_max_vcpus=8-4"));
    CHECK(refused("dom0_max_vcpus=0"));
    CHECK(refused("dom0_max_vcpus=1-2-3"));
    CHECK(refused("dom0_max_vcpus=4294967296"));
}

static uint64_t dom0_size(const char *text, uint64_t total)
{
    uint64_t size, most;

    CHECK_EQ(parse(text), 0);
    cmdline_dom0_memory(&o, total, &size, &most);
    CHECK(size <= most);
    return size;
}

TEST(dom0_memory)
{
    uint64_t size, most;

    CHECK_EQ(dom0_size("", 512 * MiB), 256 * MiB);
    CHECK_EQ(dom0_size("", 4 * GiB), GiB);
    CHECK_EQ(dom0_size("", 40 * GiB), 4 * GiB);
    CHECK_EQ(dom0_size("", TiB), 8 * GiB);
    CHECK_EQ(dom0_size("dom0_mem=524288", 4 * GiB), 512 * MiB);
    CHECK_EQ(dom0_size("dom0_mem=-512M", 4 * GiB), 4 * GiB - 512 * MiB);
    CHECK_EQ(dom0_size("dom0_mem=-8G", 4 * GiB), 0);
    CHECK_EQ(dom0_size("dom0_mem=1G+25%", 256 * GiB / 100 * 100), 256 * GiB / 100 * 25 + GiB);
    CHECK_EQ(dom0_size("dom0_mem=50%", 1000), 500);
    CHECK_EQ(dom0_size("dom0_mem=99G", 4 * GiB), 4 * GiB);
    CHECK_EQ(dom0_size("dom0_mem=min:2G", 4 * GiB), 2 * GiB);
    CHECK_EQ(dom0_size("dom0_mem=1G,min:2G", 4 * GiB), 2 * GiB);
    CHECK_EQ(dom0_size("dom0_mem=1G,min:2G,max:512M", 4 * GiB), 512 * MiB);
    CHECK_EQ(parse("dom0_mem=512M,max:8G"), 0);
    cmdline_dom0_memory(&o, 4 * GiB, &size, &most);
    CHECK(size == 512 * MiB && most == 8 * GiB);
    CHECK(refused("dom0_mem=100%"));
    CHECK(refused("dom0_mem=-5%"));
    CHECK(refused("dom0_mem=1G+"));
    CHECK(refused("dom0_mem=1G+5"));
    CHECK(refused("dom0_mem=most:1G"));
    CHECK(refused("dom0_mem=1G,"));
}

TEST(grant_tables)
{
    CHECK_EQ(parse("gnttab=max-ver:1,no-transitive,transfer=off"), 0);
    CHECK(o.gnttab_max_version == 1 && !o.gnttab_transitive && !o.gnttab_transfer);
    CHECK(refused("gnttab=max-ver:3"));
    CHECK(refused("gnttab=transit"));
    CHECK(refused("gnttab=no-transfer=1"));
}

TEST(ept)
{
    CHECK_EQ(parse(""), 0);
    CHECK(o.ept_pml);
    CHECK_EQ(parse("ept=no-pml"), 0);
    CHECK(!o.ept_pml);
    CHECK_EQ(parse("ept=pml=0,exec-sp"), 0);
    CHECK(!o.ept_pml);
    CHECK_EQ(parse("ept=ad=no"), 0);
    CHECK(!o.ept_pml);
    CHECK_EQ(parse("ept=no-pml ept=pml"), 0);
    CHECK(o.ept_pml);
    CHECK(o.apicv);
    CHECK_EQ(parse("apicv=no"), 0);
    CHECK(!o.apicv);
    CHECK(refused("ept=on"));
}

TEST(unknown_names)
{
    CHECK_EQ(parse("dom_mem=1G"), 1);
    CHECK(strstr(warnings, "'dom_mem'") && strstr(warnings, "is 'dom0_mem' meant?"));
    CHECK_EQ(parse("nosnp"), 1);
    CHECK(strstr(warnings, "is 'nosmp' meant?"));
    CHECK_EQ(parse("whatever=1"), 1);
    CHECK(strstr(warnings, "unknown option 'whatever' ignored") && !strstr(warnings, "meant"));
    CHECK_EQ(parse("iomu=on"), 1);
    CHECK(strstr(warnings, "is 'iommu' meant?"));
    CHECK_EQ(parse("apic_verbosity=debug"), 1);
    CHECK(strstr(warnings, "has no effect"));
    CHECK_EQ(parse("iommu=on xpti=no no-hap"), 3);
    CHECK(strstr(warnings, "'iommu' has no effect") && strstr(warnings, "'no-hap' has no effect"));
    CHECK_EQ(parse("=5 ="), 2);
    CHECK_EQ(parse("/boot/xen-4.17.gz smt"), 0);
    CHECK_EQ(parse("smt /boot/xen-4.17.gz"), 1);
}

TEST(endless_word)
{
    static char text[5000];

    memset(text, 'a', sizeof(text) - 1);
    CHECK_EQ(parse(text), 1);
    memcpy(text, "dom0_mem=", 9);
    memset(text + 9, '9', 4000);
    text[4000] = ' ';
    memcpy(text + 4001, "nosmp ", 6);
    CHECK_EQ(parse(text), 2);
    CHECK_EQ(o.maxcpus, 1);
}

static int help_lines;

static void count_line(const char *line)
{
    char name[64] = "";
    int found;

    help_lines++;
    sscanf(line, "%60[a-zA-Z0-9_-]", name);
    cmdline_defaults(&o);
    warning_count = 0;
    warnings[0] = '\0';
    cmdline_parse(&o, name, note);
    found = !strstr(warnings, "unknown");
    CHECK(found);
}

TEST(help_names_options)
{
    cmdline_help(count_line);
    CHECK(help_lines > 30);
}
