/* SPDX-License-Identifier: BSD-2-Clause */
/* What the toolstack asks of a guest, and that it is answered once. */
/* sources: pv-drivers/lib/control.c */
/* sources: pv-drivers/lib/ring.c pv-drivers/lib/grant.c */
/* sources: pv-drivers/lib/xenstore.c pv-drivers/lib/xenstore_message.c pv-drivers/lib/event.c */
/* sources: pv-drivers/lib/event_fifo.c pv-drivers/lib/clock.c tests/unit/fake/pv_world.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/control.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/hypercall.h"
#include "tests/unit/fake/pv_world.h"

#define NODE WORLD_FRONT "control/shutdown"

/* The daemon has its turn when the guest waits, and nothing is pending any more. */
static int asked(void)
{
    while (pv_event_wait(1))
        ;
    return pv_control_asked();
}

TEST(nothing_is_asked)
{
    world_start();
    CHECK_EQ(pv_control_open(), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(asked(), -1);
    CHECK(world_node(NODE) == NULL);
}

TEST(a_shutdown_is_seen_once)
{
    world_start();
    CHECK_EQ(pv_control_open(), 0);
    CHECK_EQ(asked(), -1);
    world_set(NODE, "poweroff");
    CHECK_EQ(asked(), SHUTDOWN_poweroff);
    CHECK(strcmp(world_node(NODE), "") == 0);
    CHECK_EQ(asked(), -1);
    CHECK_EQ(asked(), -1);
    world_set(NODE, "reboot");
    CHECK_EQ(asked(), SHUTDOWN_reboot);
}

TEST(what_was_asked_before_counts)
{
    world_start();
    world_set(NODE, "halt");
    CHECK_EQ(pv_control_open(), 0);
    CHECK_EQ(pv_control_asked(), SHUTDOWN_poweroff);
}
