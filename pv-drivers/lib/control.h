/* SPDX-License-Identifier: BSD-2-Clause */
/* What the toolstack asks of a guest: to shut down, by the node control/shutdown. */
#pragma once

#include "pv-drivers/lib/abi.h"

/* Once, before pv_control_asked(). */
int pv_control_open(void) PV_MUST_CHECK;

/* Was `xl shutdown` or `xl reboot` given? SHUTDOWN_poweroff or SHUTDOWN_reboot (xen/sched.h), for
 * pv_shutdown(), or -1. Call it when pv_event_wait() returns. */
int pv_control_asked(void);
