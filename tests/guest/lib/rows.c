/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing rows of results, and the usual wrong arguments. */
#include "tests/guest/lib/rows.h"

#define LINE_LIMIT 100

static char key[80], line[160];
static size_t used;

static struct {
    bool open;
    uint64_t first, last;
    long result;
} run;

/* ---- output; a child's goes to memory its maker can map ---- */

static struct {
    uint32_t used;
    char text[0x10000 - 4];
} kept aligned(PAGE_BYTES);

static void put_line(void)
{
    size_t length;

    line[used++] = '\n';
    line[used] = 0;
    length = used;
    if (!env.is_child) {
        (void)hc_console_io(CONSOLEIO_write, length, line);
    } else if (kept.used + length < sizeof(kept.text)) {
        memcpy(kept.text + kept.used, line, length);
        kept.used += (uint32_t)length;
    } else {
        test_fail(__FILE__, __LINE__, "too many rows");
    }
    used = 0;
}

void rows_of_child(struct child *c)
{
    static char text[320];
    size_t at = 0, left = 0;

    for (uint32_t page = 0; page * PAGE_BYTES < sizeof(kept); page++) {
        const char *from = window_map(31, child_va_mfn(c, (char *)&kept + page * PAGE_BYTES),
                                      c->domid, PTE_RO_FLAGS, NULL);

        if (!from)
            break;
        if (page == 0)
            left = ((const uint32_t *)from)[0];
        for (size_t i = page ? 0 : 4; i < PAGE_BYTES && left; i++, left--) {
            text[at++] = from[i];
            if (from[i] == '\n' || at == sizeof(text)) {
                (void)hc_console_io(CONSOLEIO_write, at, text);
                at = 0;
            }
        }
        if (!left)
            break;
    }
    window_unmap(31);
}

/* ---- rows ---- */

static void item(const char *name, const char *result)
{
    if (used && used + strlen(name) + strlen(result) + 2 > LINE_LIMIT)
        put_line();
    if (!used)
        used = format_append(line, sizeof(line), 0, "= %s:", key);
    used = format_append(line, sizeof(line) - 2, used, " %s=%s", name, result);
}

void row(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(key, sizeof(key), format, args);
    va_end(args);
    used = 0;
}

static const char *result_name(long result)
{
#define XEN_ERRNO(name, value) {value, #name},
    static const struct {
        int value;
        const char *name;
    } names[] = {
#include <xen/errno.h>
    };
    static char text[24];

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
        if (result == -names[i].value)
            return names[i].name;
    format_append(text, sizeof(text), 0, result > -10000 && result < 10000 ? "%ld" : "%#lx",
                  result);
    return text;
}

void row_result(const char *name, long result)
{
    item(name, result_name(result));
}

void row_text(const char *name, const char *format, ...)
{
    char text[64];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    item(name, text);
}

static void run_close(void)
{
    char name[40];

    if (!run.open)
        return;
    if (run.first == run.last)
        format_append(name, sizeof(name), 0, "%lu", run.first);
    else
        format_append(name, sizeof(name), 0, "%lu..%lu", run.first, run.last);
    run.open = false;
    row_result(name, run.result);
}

void row_at(uint64_t number, long result)
{
    if (run.open && run.result == result && run.last + 1 == number) {
        run.last = number;
        return;
    }
    run_close();
    run.open = true;
    run.first = run.last = number;
    run.result = result;
}

void row_end(void)
{
    run_close();
    if (used)
        put_line();
}

/* ---- domains ---- */

static struct child *live, *dying;

static void cast_child(void *arg unused)
{
}

bool cast_begin(void)
{
    struct child_options o = {.paused = true, .more_pages = 64, .vcpus = 2};
    struct xen_domctl op = {.cmd = 0};

    live = child_make(cast_child, &o);
    dying = child_make(cast_child, &o);
    if (!live || !dying)
        return false;
    /* its box stays mapped here: that keeps it from going away */
    for (unsigned int tries = 0; tries < 100; tries++)
        if (child_domctl(dying, XEN_DOMCTL_destroydomain, &op) == 0)
            return true;
    test_fail(__FILE__, __LINE__, "the dying domain does not die");
    return false;
}

void cast_end(void)
{
    if (live)
        child_end(live);
    if (dying)
        child_end(dying);
    live = dying = NULL;
}

struct child *cast_live(void)
{
    return live;
}

domid_t domid_kind(unsigned int kind)
{
    const domid_t ids[DOMID_KINDS] = {
        DOMID_SELF, env.domid, live ? live->domid : 0, dying ? dying->domid : 0, 0, 7000,
        DOMID_IO,   DOMID_XEN, DOMID_COW,              DOMID_INVALID,            DOMID_IDLE};

    return ids[kind];
}

const char *domid_name(unsigned int kind)
{
    static const char *const names[DOMID_KINDS] = {"self", "own", "live", "dying",   "dom0", "none",
                                                   "io",   "xen", "cow",  "invalid", "idle"};

    if ((kind == 2 && !live) || (kind == 3 && !dying) || (kind == 4 && !env.is_child))
        return NULL;
    return names[kind];
}

/* ---- addresses ---- */

long shape_call(const struct shape *s, const volatile void *at)
{
    uint64_t a[5];

    memcpy(a, s->args, sizeof(a));
    a[s->pointer] = (uint64_t)at;
    return hypercall(s->number, a[0], a[1], a[2], a[3], a[4]);
}

void pointers(const char *name, const struct shape *s, const void *good, size_t bytes, bool effects)
{
    static const struct {
        const char *name;
        uint64_t at;
    } bad[] = {{"low", BAD_POINTER},         {"hv", HV_POINTER},
               {"m2p", M2P_BASE},            {"hole", 0x0000800000000000},
               {"noncanonical", NONCANONICAL}, {"ones", ~0UL},
               {"last8", ~0UL - 7},          {"before_hv", M2P_BASE - 8}};
    uint64_t mark = pool_mark();
    char *page = pages_alloc(2);

    row("%s.pointer", name);
    row_result("null", shape_call(s, NULL));
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
        row_result(bad[i].name, shape_call(s, (void *)bad[i].at));
    /* all but its last byte can be read */
    (void)hc_update_va_mapping(page + PAGE_BYTES, 0, UVMF_INVLPG);
    memcpy(page + PAGE_BYTES - bytes + 1, good, bytes - 1);
    row_result("cut", shape_call(s, page + PAGE_BYTES - bytes + 1));
    if (effects) {
        memcpy(page, good, bytes);
        (void)page_protect(page, PTE_RO_FLAGS);
        row_result("readonly", shape_call(s, page));
        (void)page_protect(page, PTE_RW_FLAGS);
        memcpy(page + 1, good, bytes);
        row_result("odd", shape_call(s, page + 1));
    }
    row_end();
    (void)page_protect(page + PAGE_BYTES, PTE_RW_FLAGS);
    pool_release(mark);
}
