/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of options that are more than a number or a word. Each parser fills a copy and stores it
 * when the whole value was good, so that a bad value changes nothing.
 */
#include "start/cmdline_value.h"

#include "lib/chars.h"
#include "lib/number.h"
#include "lib/string.h"

/* A part of a value: up to a comma or the end. */
struct item {
    const char *text;
    size_t length;
};

/* The next item of a comma-separated list; an empty value is one empty item. NULL ends the list. */
static bool next_item(const char **at, struct item *item)
{
    const char *end;

    if (!*at)
        return false;
    end = *at;
    while (*end && *end != ',')
        end++;
    *item = (struct item){*at, (size_t)(end - *at)};
    *at = *end ? end + 1 : NULL;
    return true;
}

static bool item_is(const struct item *item, const char *word)
{
    return strlen(word) == item->length && !strncmp(item->text, word, item->length);
}

/* Does the item begin with `word`? Then it goes on behind it. */
static bool item_skip(struct item *item, const char *word)
{
    size_t length = strlen(word);

    if (item->length < length || strncmp(item->text, word, length))
        return false;
    item->text += length;
    item->length -= length;
    return true;
}

/* The whole item as a number in low..high. */
static bool item_number(const struct item *item, uint64_t low, uint64_t high, uint64_t *value)
{
    const char *at = item->text;

    return number_scan(&at, value) && at == item->text + item->length && *value >= low &&
           *value <= high;
}

/* `word`, `word=<bool>` or `no-word`. */
static bool item_bool(const struct item *item, const char *word, bool *value)
{
    struct item rest = *item;
    bool on = !item_skip(&rest, "no-");

    if (!item_skip(&rest, word))
        return false;
    if (rest.length == 0) {
        *value = on;
        return true;
    }
    return on && item_skip(&rest, "=") && number_parse_bool(rest.text, rest.length, value);
}

static bool parse_baud(struct option_serial *serial, struct item item)
{
    const char *at = item.text, *end = item.text + item.length;
    uint64_t baud = 0, base = 0;

    if (!item_skip(&item, "auto")) {
        if (!number_scan(&at, &baud) || baud == 0)
            return false;
    } else {
        at = item.text;
    }
    if (*at == '/' && at < end) {
        at++;
        if (!number_scan(&at, &base) || base == 0)
            return false;
    }
    if (at != end || baud > 4000000 || base > 4000000)
        return false;
    serial->baud = (uint32_t)baud;
    serial->base_baud = (uint32_t)base;
    return true;
}

static bool parse_parity(struct option_serial *serial, char parity)
{
    if (parity == '\0' || !strchr("noems", parity))
        return false;
    serial->parity = parity;
    return true;
}

/* Data bits, parity and stop bits, as 8n1. */
static bool parse_framing(struct option_serial *serial, struct item item)
{
    if (item.length != 3 || item.text[0] < '5' || item.text[0] > '8' ||
        !parse_parity(serial, item.text[1]) || (item.text[2] != '1' && item.text[2] != '2'))
        return false;
    serial->data_bits = (uint8_t)(item.text[0] - '0');
    serial->stop_bits = (uint8_t)(item.text[2] - '0');
    return true;
}

static bool parse_io_base(struct option_serial *serial, struct item item)
{
    uint64_t base;

    if (!item_number(&item, 1, 0xfff8, &base))
        return false;
    serial->io_base = (uint16_t)base;
    return true;
}

static bool parse_irq(struct option_serial *serial, struct item item)
{
    uint64_t irq;

    if (!item_number(&item, 0, 1023, &irq))
        return false;
    serial->irq = (uint32_t)irq;
    serial->irq_given = true;
    return true;
}

/* name=value items, which may follow the positional ones. */
static bool parse_serial_name(struct option_serial *serial, struct item item)
{
    uint64_t number;

    if (item_skip(&item, "baud="))
        return parse_baud(serial, item);
    if (item_skip(&item, "io-base="))
        return parse_io_base(serial, item);
    if (item_skip(&item, "irq="))
        return parse_irq(serial, item);
    if (item_skip(&item, "parity="))
        return item.length == 1 && parse_parity(serial, item.text[0]);
    if (item_skip(&item, "data-bits=") && item_number(&item, 5, 8, &number)) {
        serial->data_bits = (uint8_t)number;
        return true;
    }
    if (item_skip(&item, "stop-bits=") && item_number(&item, 1, 2, &number)) {
        serial->stop_bits = (uint8_t)number;
        return true;
    }
    return false;
}

static bool parse_serial(struct option_serial *serial, const char *value)
{
    static bool (*const positional[])(struct option_serial *, struct item) = {
        parse_baud, parse_framing, parse_io_base, parse_irq};
    struct option_serial parsed = {.given = true, .data_bits = 8, .stop_bits = 1, .parity = 'n'};
    struct item item;
    size_t position = 0;

    while (next_item(&value, &item)) {
        if (memchr(item.text, '=', item.length)) {
            if (!parse_serial_name(&parsed, item))
                return false;
            continue;
        }
        if (position >= ARRAY_SIZE(positional) ||
            (item.length && !positional[position](&parsed, item)))
            return false;
        position++;
    }
    *serial = parsed;
    return true;
}

bool cmdline_value_com1(struct options *options, const char *value)
{
    return parse_serial(&options->com[0], value);
}

bool cmdline_value_com2(struct options *options, const char *value)
{
    return parse_serial(&options->com[1], value);
}

bool cmdline_value_console(struct options *options, const char *value)
{
    uint32_t consoles = 0;
    struct item item;

    while (next_item(&value, &item)) {
        if (item_is(&item, "com1"))
            consoles |= OPTION_CONSOLE_COM1;
        else if (item_is(&item, "com2"))
            consoles |= OPTION_CONSOLE_COM2;
        else if (item_is(&item, "vga"))
            consoles |= OPTION_CONSOLE_VGA;
        else if (!item_is(&item, "none"))
            return false;
    }
    options->consoles = consoles;
    options->consoles_given = true;
    return true;
}

/* Is it a mode in one of the forms of vga=? */
static bool is_screen_mode(struct item item)
{
    return item_is(&item, "ask") || item_skip(&item, "text-80x") || item_skip(&item, "gfx-") ||
           item_skip(&item, "mode-");
}

bool cmdline_value_vga(struct options *options, const char *value)
{
    bool keep = false, mode = false;
    struct item item;

    while (next_item(&value, &item)) {
        if (item_is(&item, "keep"))
            keep = true;
        else if (is_screen_mode(item))
            mode = true;
        else if (!item_is(&item, "current"))
            return false;
    }
    options->vga_keep = keep;
    options->vga_mode_asked = mode;
    return true;
}

static bool parse_level(struct item item, enum option_level *level)
{
    static const char names[][8] = {"none", "error", "warning", "info", "debug", "all"};

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        if (item_is(&item, names[i])) {
            *level = (enum option_level)min(i, (unsigned int)OPTION_LEVEL_DEBUG);
            return true;
        }
    }
    return false;
}

/* <level>[/<rate-limited level>] */
static bool parse_levels(const char *value, enum option_level *level, enum option_level *limited)
{
    const char *slash = strchr(value, '/');
    size_t length = slash ? (size_t)(slash - value) : strlen(value);
    enum option_level first, second;

    if (!parse_level((struct item){value, length}, &first))
        return false;
    second = first;
    if (slash && !parse_level((struct item){slash + 1, strlen(slash + 1)}, &second))
        return false;
    *level = first;
    *limited = max(first, second);
    return true;
}

bool cmdline_value_loglvl(struct options *options, const char *value)
{
    return parse_levels(value, &options->loglvl, &options->loglvl_limited);
}

bool cmdline_value_guest_loglvl(struct options *options, const char *value)
{
    return parse_levels(value, &options->guest_loglvl, &options->guest_loglvl_limited);
}

bool cmdline_value_timestamps(struct options *options, const char *value)
{
    static const char names[][8] = {"none", "date", "datems", "boot", "raw"};
    bool on;

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(value, names[i])) {
            options->console_timestamps = (enum option_stamp)i;
            return true;
        }
    }
    /* The older boolean form: on means date. */
    if (*value && !number_parse_bool(value, strlen(value), &on))
        return false;
    options->console_timestamps = !*value || on ? OPTION_STAMP_DATE : OPTION_STAMP_NONE;
    return true;
}

/* Xen's list is long: what has no meaning here is accepted. */
bool cmdline_value_spec_ctrl(struct options *options, const char *value)
{
    struct item item;

    while (next_item(&value, &item)) {
        bool on = false;

        if (number_parse_bool(item.text, item.length, &on))
            options->predictor_barrier = options->no_gather = on;
        else if (item_bool(&item, "ibpb", &on))
            options->predictor_barrier = on;
        else if (item_bool(&item, "gds-mit", &on))
            options->no_gather = on;
    }
    return true;
}

bool cmdline_value_conswitch(struct options *options, const char *value)
{
    if (!is_lower(value[0]) || (value[1] && (value[1] != 'x' || value[2])))
        return false;
    options->conswitch = value[0];
    options->conswitch_stay = value[1] == 'x';
    return true;
}

/* Words count by their first letter, as triple and t. */
bool cmdline_value_reboot(struct options *options, const char *value)
{
    static const char letters[] = "?tkapPe";
    bool on_panic = true, warm = options->reboot_warm;
    enum option_reboot method = options->reboot_method;
    struct item item;

    while (next_item(&value, &item)) {
        char letter = item.length ? item.text[0] : '\0';
        const char *found = letter ? strchr(letters + 1, letter) : NULL;

        if (letter == 'n')
            on_panic = false;
        else if (letter == 'w' || letter == 'c')
            warm = letter == 'w';
        else if (found)
            method = (enum option_reboot)(found - letters);
        else
            return false;
    }
    options->reboot_on_panic = on_panic;
    options->reboot_method = method;
    options->reboot_warm = warm;
    return true;
}

bool cmdline_value_badpage(struct options *options, const char *value)
{
    struct option_pages pages[OPTION_BAD_PAGES_MAX];
    uint32_t count = options->bad_page_count;
    struct item item;

    while (next_item(&value, &item)) {
        const char *at = item.text;
        struct option_pages *next;

        if (count == OPTION_BAD_PAGES_MAX)
            return false;
        next = &pages[count++];
        if (!number_scan(&at, &next->first))
            return false;
        next->last = next->first;
        if (*at == '-') {
            at++;
            if (!number_scan(&at, &next->last))
                return false;
        }
        if (at != item.text + item.length || next->last < next->first)
            return false;
    }
    for (uint32_t i = options->bad_page_count; i < count; i++)
        options->bad_pages[i] = pages[i];
    options->bad_page_count = count;
    return true;
}

bool cmdline_value_watchdog(struct options *options, const char *value)
{
    bool on = true; /* "force" means that unknown NMIs are reported all the same: they are */

    if (strcmp(value, "force") && *value && !number_parse_bool(value, strlen(value), &on))
        return false;
    options->watchdog = on;
    return true;
}

bool cmdline_value_watchdog_timeout(struct options *options, const char *value)
{
    uint64_t seconds;

    if (!number_parse(value, &seconds) || seconds > UINT32_MAX)
        return false;
    options->watchdog_timeout = (uint32_t)seconds;
    return true;
}

bool cmdline_value_nosmp(struct options *options, const char *value)
{
    bool on = true;

    if (*value && !number_parse_bool(value, strlen(value), &on))
        return false;
    options->maxcpus = on ? 1 : UINT32_MAX;
    return true;
}

bool cmdline_value_dom0(struct options *options, const char *value)
{
    bool pvh = options->dom0_pvh, verbose; /* verbose is what loglvl=info is here */
    struct item item;

    while (next_item(&value, &item)) {
        if (item_is(&item, "pv"))
            pvh = false;
        else if (item_is(&item, "pvh"))
            pvh = true;
        else if (!item_bool(&item, "verbose", &verbose))
            return false;
    }
    options->dom0_pvh = pvh;
    return true;
}

/* <size>, -<size>, <percent>% or <size>+<percent>%; sizes without a suffix are in KiB. */
static bool parse_amount(struct item item, struct option_amount *amount)
{
    struct option_amount parsed = {.given = true};
    const char *at = item.text, *end = item.text + item.length;
    uint64_t percent;
    struct item rest;

    if (at < end && *at == '-') {
        parsed.negative = true;
        at++;
    }
    rest = (struct item){at, (size_t)(end - at)};
    if (rest.length && rest.text[rest.length - 1] == '%') {
        if (parsed.negative)
            return false;
        if (memchr(at, '+', rest.length)) {
            if (!number_scan_size(&at, 10, &parsed.bytes) || *at != '+')
                return false;
            at++;
        }
        rest = (struct item){at, (size_t)(end - 1 - at)};
        if (!item_number(&rest, 0, 99, &percent))
            return false;
        parsed.percent = (uint32_t)percent;
    } else if (!number_scan_size(&at, 10, &parsed.bytes) || at != end) {
        return false;
    }
    *amount = parsed;
    return true;
}

bool cmdline_value_dom0_mem(struct options *options, const char *value)
{
    struct option_amount size = options->dom0_mem, least = options->dom0_mem_min,
                         most = options->dom0_mem_max;
    struct item item;

    while (next_item(&value, &item)) {
        struct option_amount *amount = item_skip(&item, "min:")   ? &least
                                       : item_skip(&item, "max:") ? &most
                                                                  : &size;

        if (!parse_amount(item, amount))
            return false;
    }
    options->dom0_mem = size;
    options->dom0_mem_min = least;
    options->dom0_mem_max = most;
    return true;
}

/* N, MIN-MAX, MIN- or -MAX */
bool cmdline_value_dom0_max_vcpus(struct options *options, const char *value)
{
    uint64_t least = 1, most = UINT32_MAX;
    const char *at = value;

    if (*at != '-' && !number_scan(&at, &least))
        return false;
    if (*at == '-') {
        at++;
        if (*at && !number_scan(&at, &most))
            return false;
        if (at == value + 1) /* a lone - */
            return false;
    } else {
        most = least;
    }
    if (*at || least == 0 || least > most || most > UINT32_MAX)
        return false;
    options->dom0_vcpus_min = (uint32_t)least;
    options->dom0_vcpus_max = (uint32_t)most;
    return true;
}

/* There is one scheduler, behind the interface of credit2. */
bool cmdline_value_sched(unused struct options *options, const char *value)
{
    return !strcmp(value, "credit2");
}

bool cmdline_value_gnttab(struct options *options, const char *value)
{
    uint64_t version = options->gnttab_max_version;
    bool transitive = options->gnttab_transitive, transfer = options->gnttab_transfer;
    struct item item;

    while (next_item(&value, &item)) {
        if (item_skip(&item, "max-ver:") || item_skip(&item, "max_ver:")) {
            if (!item_number(&item, 1, 2, &version))
                return false;
        } else if (!item_bool(&item, "transitive", &transitive) &&
                   !item_bool(&item, "transfer", &transfer)) {
            return false;
        }
    }
    options->gnttab_max_version = (uint32_t)version;
    options->gnttab_transitive = transitive;
    options->gnttab_transfer = transfer;
    return true;
}

/* Without dirty bits there is no log. Large executable entries are always used. */
bool cmdline_value_ept(struct options *options, const char *value)
{
    bool ad = true, pml = options->ept_pml, exec_sp;
    struct item item;

    while (next_item(&value, &item))
        if (!item_bool(&item, "ad", &ad) && !item_bool(&item, "pml", &pml) &&
            !item_bool(&item, "exec-sp", &exec_sp))
            return false;
    options->ept_pml = ad && pml;
    return true;
}
