/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as the command line: at most one warning a word, every field in its range. */
/* sources: hypervisor/start/cmdline.c hypervisor/start/cmdline_value.c */
/* sources: hypervisor/start/cmdline_dom0.c hypervisor/lib/number.c */
#include <stdlib.h>
#include <string.h>

#include "lib/chars.h"
#include "start/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t warnings;

static void count_warning(const char *line)
{
    if (strlen(line) > 512)
        abort();
    warnings++;
}

static size_t count_words(const char *text)
{
    size_t words = 0;

    for (; *text; text++)
        words += !is_space(*text) && (is_space(text[1]) || !text[1]);
    return words;
}

static bool levels_hold(enum option_level level, enum option_level limited)
{
    return level <= limited && limited <= OPTION_LEVEL_DEBUG;
}

static void check(const struct options *o)
{
    uint64_t total = 3 * GiB + 12345, size, most;
    uint32_t vcpus = cmdline_dom0_vcpus(o, 8);

    for (int i = 0; i < 2; i++)
        if (o->com[i].data_bits < 5 || o->com[i].data_bits > 8 || !o->com[i].parity ||
            !strchr("noems", o->com[i].parity) || o->com[i].stop_bits < 1 ||
            o->com[i].stop_bits > 2)
            abort();
    if (o->clocksource > OPTION_CLOCK_TSC || o->tsc > OPTION_TSC_STABLE ||
        o->nmi > OPTION_NMI_FATAL || o->reboot_method > OPTION_REBOOT_EFI ||
        o->console_timestamps > OPTION_STAMP_RAW || o->consoles > 7 ||
        !levels_hold(o->loglvl, o->loglvl_limited) ||
        !levels_hold(o->guest_loglvl, o->guest_loglvl_limited))
        abort();
    if (o->bad_page_count > OPTION_BAD_PAGES_MAX || !is_lower(o->conswitch) || !o->maxcpus ||
        vcpus < o->dom0_vcpus_min || vcpus > o->dom0_vcpus_max || !vcpus)
        abort();
    for (uint32_t i = 0; i < o->bad_page_count; i++)
        if (o->bad_pages[i].first > o->bad_pages[i].last)
            abort();
    cmdline_dom0_memory(o, total, &size, &most);
    if (size > total || size > most)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct options options;

    memcpy(text, data, size);
    text[size] = '\0';
    warnings = 0;
    cmdline_defaults(&options);
    cmdline_parse(&options, text, count_warning);
    if (warnings > count_words(text))
        abort();
    check(&options);
    free(text);
    return 0;
}
