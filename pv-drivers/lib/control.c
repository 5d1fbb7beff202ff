/* SPDX-License-Identifier: BSD-2-Clause */
/* The node is read when something in the store has changed, and emptied, which is the answer. */
#include "pv-drivers/lib/control.h"

#include "pv-drivers/lib/text.h"
#include "pv-drivers/lib/xenstore.h"

#include <xen/sched.h>

#define NODE "control/shutdown"

static uint32_t seen;

int pv_control_open(void)
{
    seen = pv_xenstore_changes() - 1; /* look once */
    return pv_xenstore_watch(NODE, "control");
}

int pv_control_asked(void)
{
    char what[16];

    if (pv_xenstore_changes() == seen)
        return -1;
    seen = pv_xenstore_changes();
    if (pv_xenstore_read(0, NODE, what, sizeof(what)) <= 0 ||
        pv_xenstore_write(0, NODE, "%s", ""))
        return -1;
    return strcmp(what, "reboot") == 0 ? SHUTDOWN_reboot : SHUTDOWN_poweroff;
}
