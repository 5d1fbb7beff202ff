/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that prints without end must not fill the log (XSA-146, 169, 281 are ways in which one
 * could): the command line of these tests says guest_loglvl=warning/all.
 */
#include "tests/guest/lib/child.h"

#include <xen/sysctl.h>

#define LINES 4000
#define BUFFER_BYTES 65536

static void flood(void *arg unused)
{
    static const char text[] = "flood\n";

    for (unsigned int i = 0; i < LINES; i++)
        if (hc_console_io(CONSOLEIO_write, sizeof(text) - 1, text))
            child_fail("console_io refused");
    child_exit();
}

/* How often the log holds the text; it is emptied. */
static unsigned int floods(void)
{
    static char buffer[BUFFER_BYTES];
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_readconsole,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    unsigned int found = 0;

    op.u.readconsole.clear = 1;
    op.u.readconsole.count = sizeof(buffer);
    set_xen_guest_handle(op.u.readconsole.buffer, buffer);
    CHECK_EQ(hc_sysctl(&op), 0);
    for (uint32_t i = 0; i + 5 < op.u.readconsole.count; i++)
        found += !memcmp(buffer + i, "flood", 5);
    return found;
}

TEST(hostile, log_flood)
{
    unsigned int seen;

    (void)floods();
    child_run(flood, NULL, SHUTDOWN_poweroff);
    seen = floods();
    /* the ring of 16 KiB would hold nine hundred of them */
    CHECK(seen > 0 && seen < 600);
}
