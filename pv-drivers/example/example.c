/* SPDX-License-Identifier: BSD-2-Clause */
/* The example of libzendo-pv: says who it is and what time it is. */
#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/console.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/xenstore.h"

void pv_main(void)
{
    char name[32] = "?";

    if (pv_xenstore_read(0, "name", name, sizeof(name)) < 0)
        pv_panic("no name");
    pv_print("EXAMPLE-UP %s, %s, %lu pages, events by %s, at %lu s\n", name,
             pv_guest.is_pv ? "PV" : "PVH or HVM", pv_guest.pages,
             pv_event_is_fifo() ? "FIFO" : "two levels", pv_clock_wall_ns() / PV_SECOND_NS);
}
