/* SPDX-License-Identifier: BSD-2-Clause */
/* The log: levels, rate limits of what guests cause, stamps, the ring, a console in an NMI. */
/* sources: hypervisor/console/log.c hypervisor/lib/format.c */
/* cflags: -Itests/unit/fake -DFAKE_TSC=tsc */
/* cflags: -Dsnprintf=hv_snprintf -Dvsnprintf=hv_vsnprintf */
#include "tests/unit/check.h"

#include "console/log.h"
#include "cpu/percpu.h"
#include "lib/types.h"
#include "mm/pool.h"

struct percpu fake_percpu[2];
unsigned int fake_cpu, fake_clflushes;
uint64_t tsc;

static char shown[1 << 20];
static size_t shown_bytes;
static unsigned int put_recursion;
static uint32_t guest;

static void put(struct console_device *self, char c)
{
    (void)self;
    if (c == '\r')
        return;
    CHECK(shown_bytes + 1 < sizeof(shown));
    shown[shown_bytes++] = c;
    shown[shown_bytes] = '\0';
    if (c == '!' && !put_recursion++) /* an NMI in the middle of a line */
        log_error("from an NMI");
}

static struct console_device device = {.name = "test", .put = put};

void *pool_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

static uint32_t who(void)
{
    return guest;
}

/* Starts with an empty console and a new window. */
static void start(enum log_level own, enum log_level own_limited, enum log_level of_guests,
                  enum log_level limited)
{
    static bool added;

    if (!added)
        console_add(&device);
    added = true;
    shown_bytes = 0;
    shown[0] = '\0';
    guest = 0;
    log_guest_id = who;
    tsc += 1ULL << 33;
    log_set_levels((struct log_levels){own, own_limited},
                   (struct log_levels){of_guests, limited});
    log_set_stamp(LOG_STAMP_NONE);
}

static unsigned int count(const char *text)
{
    unsigned int found = 0;

    for (const char *at = shown; (at = strstr(at, text)) != NULL; at++)
        found++;
    return found;
}

static void say_all(void)
{
    log_always("L0\n");
    log_error("L1");
    log_warn("L2");
    log_info("L3");
    log_debug("L4");
}

TEST(levels)
{
    start(LOG_WARN, LOG_WARN, LOG_ALWAYS, LOG_WARN);
    say_all();
    CHECK_STR(shown, "(XEN) L0\n(XEN) L1\n(XEN) L2\n");
    start(LOG_ALWAYS, LOG_ALWAYS, LOG_ALWAYS, LOG_WARN);
    say_all();
    CHECK_STR(shown, "(XEN) L0\n");
    start(LOG_ALWAYS, LOG_ALWAYS, LOG_ALWAYS, LOG_WARN);
    log_dump_begin();
    say_all();
    log_dump_end();
    say_all();
    CHECK_EQ(count("(XEN) L4"), 1);
    CHECK_EQ(count("(XEN) L0"), 2);
}

TEST(own_lines_of_the_second_half_are_few)
{
    start(LOG_ERR, LOG_INFO, LOG_ALWAYS, LOG_WARN);
    for (int i = 0; i < 1000; i++)
        say_all();
    CHECK_EQ(count("L1"), 1000);
    CHECK(count("L2") + count("L3") > 0 && count("L2") + count("L3") <= 20);
    CHECK_EQ(count("L4"), 0);
}

TEST(a_guest_cannot_flood)
{
    start(LOG_DEBUG, LOG_DEBUG, LOG_ALWAYS, LOG_DEBUG);
    for (int i = 0; i < 100000; i++)
        log_guest(LOG_DEBUG, "noise");
    CHECK_EQ(count("noise"), 10);
    guest = 1; /* another is still heard */
    log_guest(LOG_ERR, "voice");
    CHECK_EQ(count("voice"), 1);
    CHECK_EQ(count("lines about guests were dropped"), 1);
    for (guest = 0; guest < 5000; guest++)
        for (int i = 0; i < 100; i++)
            log_guest(LOG_DEBUG, "chorus");
    CHECK(count("chorus") < 1000);
    tsc += 1ULL << 33; /* and later */
    log_guest(LOG_DEBUG, "again");
    CHECK_EQ(count("again"), 1);
}

TEST(a_guest_is_heard_out_when_asked)
{
    start(LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_DEBUG);
    for (int i = 0; i < 1000; i++) {
        log_guest(LOG_INFO, "wanted");
        log_guest(LOG_DEBUG, "less");
    }
    CHECK_EQ(count("wanted"), 1000);
    CHECK_EQ(count("less"), 10);
}

TEST(guests_lines_are_limited_by_default)
{
    start(LOG_WARN, LOG_WARN, LOG_ALWAYS, LOG_WARN);
    for (int i = 0; i < 1000; i++) {
        log_guest(LOG_WARN, "warned");
        log_guest(LOG_DEBUG, "never");
    }
    CHECK(count("warned") > 0 && count("warned") <= 20);
    CHECK_EQ(count("never"), 0);
    CHECK(log_guest_enabled(LOG_WARN) && !log_guest_enabled(LOG_DEBUG));
}

static void stamp(enum log_stamp kind, char *to, size_t bytes)
{
    snprintf(to, bytes, "[%d] ", (int)kind);
}

TEST(stamps)
{
    start(LOG_WARN, LOG_WARN, LOG_ALWAYS, LOG_WARN);
    log_set_stamp(LOG_STAMP_BOOT);
    log_error("before the clock");
    log_stamp_text = stamp;
    log_error("after");
    tsc = 0x123456789abcdef0;
    log_set_stamp(LOG_STAMP_RAW);
    log_error("raw");
    CHECK_STR(shown, "(XEN) before the clock\n(XEN) [3] after\n(XEN) [123456789abcdef0] raw\n");
}

TEST(an_nmi_under_the_lock_speaks)
{
    start(LOG_WARN, LOG_WARN, LOG_ALWAYS, LOG_WARN);
    log_error("one! two");
    CHECK(strstr(shown, "from an NMI\n") && strstr(shown, " two\n"));
    CHECK(!fake_percpu[0].in_console);
}

TEST(ring_grows_and_keeps)
{
    char text[64];
    uint64_t at = 0;

    start(LOG_WARN, LOG_WARN, LOG_ALWAYS, LOG_WARN);
    log_ring_clear();
    log_error("kept");
    log_ring_resize(100000); /* not a power of two */
    for (int i = 0; i < 6000; i++)
        log_error("%4d", i); /* 11 characters each: more than the first ring holds */
    CHECK(log_ring_read(&at, text, 11) == 11 && !memcmp(text, "(XEN) kept\n", 11));
}
