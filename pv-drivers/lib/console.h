/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's console, which `xl console` shows. */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>

/* Once: the shared page (xen/io/console.h) and the port of whoever is at the other end. */
void pv_console_init(void *page, evtchn_port_t port);

/* Write all of it, waiting while the ring is full; after a second without a reader the rest is
 * dropped. Lines end as they are given: terminals want "\r\n", pv_print() sees to that. */
void pv_console_write(const char *text, size_t bytes);

/* What was typed: how many bytes (0: nothing, see pv_event_wait()), or an error number. */
int pv_console_read(char *text, size_t bytes) PV_MUST_CHECK;

/* printf() for lines of up to 255 characters; "\n" becomes "\r\n". */
void pv_print(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
