/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests that were written for PV guests, in an HVM child: what they ask of the hypervisor is the
 * same for both. */
#include "tests/guest/lib/hvm.h"

extern const struct test *const tests_start[], *const tests_end[];

static void run_named(void *name)
{
    for (const struct test *const *at = tests_start; at < tests_end; at++)
        if (strcmp((*at)->name, name) == 0) {
            (*at)->run();
            return;
        }
    CHECK_CASE((const char *)name, 0, 1); /* there is no such test */
}

static void as_hvm(const char *const *names, unsigned int count)
{
    for (unsigned int i = 0; i < count && !test_failing(); i++) {
        const struct child_options options = {.hvm = true, .pool_pages = 80, .more_pages = 20,
                                              .arg = (void *)names[i]};

        print("# as HVM: %s\n", names[i]);
        child_run_with(run_named, &options, SHUTDOWN_poweroff);
    }
}

#define AS_HVM(id, ...)                                                                            \
    TEST(hvm, id)                                                                                  \
    {                                                                                              \
        static const char *const names[] = {__VA_ARGS__};                                          \
        as_hvm(names, ARRAY_SIZE(names));                                                          \
    }

AS_HVM(as_pv_events, "event.alloc_bind_close", "event.bad_ports", "event.bad_arguments",
       "event.ipis", "event.delivery", "event.many_ports", "event.port_limit", "event.reset",
       "event.fifo_queues", "event.fifo_expand")
AS_HVM(as_pv_misuse, "hostile.xsa107_fifo_malformed", "hostile.shared_page_nonsense")
AS_HVM(as_pv_grants, "grant.setup_query", "grant.bad_calls")
AS_HVM(as_pv_vcpus, "vcpu.is_up", "vcpu.runstate", "vcpu.timers", "vcpu.poll")
AS_HVM(as_pv_info, "info.version_number", "info.version_texts", "info.version_unknown")
