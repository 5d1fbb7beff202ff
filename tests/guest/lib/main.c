/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting up, printing, and running the tests one after the other. */
#include "tests/guest/lib/child.h"
#include "tests/guest/lib/guest.h"

struct env env = {.domid = DOMID_SELF};
shared_info_t *shared_info;

extern const struct test *const tests_start[], *const tests_end[];

/* A test's failed checks that are told besides the first. */
#define MORE_REASONS 20

static unsigned int failed_checks;
static char reason[256];
static unsigned int passed, failed;

static void put(const char *text)
{
    if (env.is_child)
        child_say(text);
    else
        (void)hc_console_io(CONSOLEIO_write, strlen(text), text);
}

void print(const char *format, ...)
{
    char text[320];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    put(text);
}

void test_fail(const char *file, int line, const char *format, ...)
{
    const char *base = strrchr(file, '/');
    char text[256];
    va_list args;
    size_t at;

    if (env.is_child) {
        at = format_append(text, sizeof(text), 0, "child %s:%d: ", base ? base + 1 : file, line);
        va_start(args, format);
        vsnprintf(text + at, sizeof(text) - at, format, args);
        va_end(args);
        child_fail(text);
        return;
    }
    if (failed_checks++ > MORE_REASONS)
        return;
    at = format_append(text, sizeof(text), 0, "%s:%d: ", base ? base + 1 : file, line);
    va_start(args, format);
    vsnprintf(text + at, sizeof(text) - at, format, args);
    va_end(args);
    if (failed_checks == 1)
        strlcpy(reason, text, sizeof(reason));
    else
        print("# and %s\n", text);
}

bool test_failing(void)
{
    return env.is_child ? box.failures != 0 : failed_checks != 0;
}

/* ---- the command line: words, some of them name=value ---- */

static const char *word_find(const char *name)
{
    const char *line = env.start_info ? (const char *)env.start_info->cmd_line : "";
    size_t length = strlen(name);

    for (const char *at = line; (at = strstr(at, name)) != NULL; at += length)
        if ((at == line || at[-1] == ' ') &&
            (at[length] == '=' || at[length] == ' ' || !at[length]))
            return at + length;
    return NULL;
}

uint64_t option(const char *name, uint64_t otherwise)
{
    const char *at = word_find(name);
    uint64_t value = 0;

    if (!at)
        return otherwise;
    if (*at != '=')
        return 1;
    for (at++; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    return value;
}

/* Is @name one of the comma-separated beginnings of `only=`? Without it every name is. */
static bool is_wanted(const struct test *t)
{
    const char *at = word_find("only");

    if (!at || *at != '=')
        return !(t->flags & TEST_ONLY_ASKED);
    for (at++; *at && *at != ' ';) {
        size_t length = 0;

        while (at[length] && at[length] != ' ' && at[length] != ',')
            length++;
        if (length && strncmp(t->name, at, length) == 0)
            return !(t->flags & TEST_ONLY_ASKED) || length == strlen(t->name) ||
                   t->name[length] == '.';
        at += length + (at[length] == ',');
    }
    return false;
}

/* ---- time ---- */

static inline uint64_t tsc(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

uint64_t now_ns(void)
{
    const volatile struct vcpu_time_info *t = &vcpu_info()->time;
    uint32_t version;
    uint64_t ns, delta;

    do {
        version = t->version;
        __asm__ volatile("" ::: "memory");
        delta = tsc() - t->tsc_timestamp;
        delta = t->tsc_shift >= 0 ? delta << t->tsc_shift : delta >> -t->tsc_shift;
        ns = t->system_time + (uint64_t)((unsigned __int128)delta * t->tsc_to_system_mul >> 32);
        __asm__ volatile("" ::: "memory");
    } while ((version & 1) || version != t->version);
    return ns;
}

void sleep_us(uint64_t us)
{
    struct sched_poll poll = {.nr_ports = 0, .timeout = now_ns() + us * 1000};

    set_xen_guest_handle(poll.ports, NULL);
    (void)hc_sched_op(SCHEDOP_poll, &poll);
}

/* ---- running ---- */

void machine_off(void)
{
    struct sched_shutdown s = {.reason = SHUTDOWN_poweroff};

    for (;;)
        (void)hc_sched_op(SCHEDOP_shutdown, &s);
}

static void call_test(void *arg)
{
    ((const struct test *)arg)->run();
}

static void run_test(const struct test *t)
{
    uint64_t mark = pool_mark();

    failed_checks = 0;
    print("run %s\n", t->name);
    if (trap_call(call_test, (void *)t)) {
        const struct trap_frame *f = &cpu_self()->last;

        test_fail("trap", (int)f->vector, "error %#lx at %#lx, cr2 %#lx", f->error, f->rip,
                  cpu_self()->last_cr2);
    }
    memset(trap_hooks, 0, sizeof(trap_hooks));
    memset(event_ports_seen, 0, sizeof(event_ports_seen)); /* our maker's, like all of the image */
    event_upcalls = 0;
    events_enable(false);
    children_end();
    pool_release(mark);
    if (failed_checks) {
        failed++;
        print("FAIL %s %s\n", t->name, reason);
    } else {
        passed++;
        print("ok %s\n", t->name);
    }
}

static void run_tests(void)
{
    bool skipping = false;
    const char *after = word_find("after");

    /* after=NAME: go on behind a test that ended the machine */
    if (after && *after == '=') {
        after++;
        skipping = true;
    }
    for (const struct test *const *at = tests_start; at < tests_end; at++) {
        const struct test *t = *at;
        size_t length = strlen(t->name);

        if (!is_wanted(t))
            continue;
        if (skipping) {
            if (strncmp(after, t->name, length) == 0 && (after[length] == ' ' || !after[length]))
                skipping = false;
            continue;
        }
        run_test(t);
    }
}

static void map_shared_info(void)
{
    static char page[PAGE_BYTES] aligned(PAGE_BYTES);

    if (env.way)
        hvm_shared_info(page);
    else
        (void)hc_update_va_mapping(page, pte(env.shared_info_mfn, PTE_RW_FLAGS), UVMF_INVLPG);
    shared_info = (shared_info_t *)page;
}

void guest_child_main(void)
{
    env.pool_next += STACK_BYTES;
    memset(trap_hooks, 0, sizeof(trap_hooks));
    shared_info = NULL;
    if (env.way)
        hvm_init();
    else
        trap_init();
    map_shared_info();
    shared_info->vcpu_info[0].evtchn_upcall_mask = !env.way;
    box.started = 1;
    if (trap_call(env.child_fn, env.child_arg)) {
        const struct trap_frame *f = &cpu_self()->last;

        test_fail("trap", (int)f->vector, "error %#lx at %#lx, cr2 %#lx", f->error, f->rip,
                  cpu_self()->last_cr2);
    }
    box.finished = 1;
    machine_off();
}

void guest_main(start_info_t *si);
void guest_main(start_info_t *si)
{
    env.start_info = si;
    env.domid = 0;
    env.p2m = (uint64_t *)si->mfn_list;
    env.l4_va = si->pt_base;
    env.shared_info_mfn = si->shared_info >> PAGE_SHIFT;
    env.pool_next = (uint64_t)pool_start + STACK_BYTES;
    env.pool_end = (uint64_t)pool_end;
    trap_init();
    map_shared_info();
    shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
    print("\nGUEST-START %lu pages, image %lu KiB\n", si->nr_pages,
          (uint64_t)(image_end - image_start) >> 10);
    run_tests();
    print("GUEST-END %u passed, %u failed\n", passed, failed);
    machine_off();
}
