/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's little database, where devices are announced and both ends meet. Paths without a
 * leading / begin at the guest's own directory. All calls wait for the daemon's answer, for at most
 * PV_XENSTORE_SECONDS; every other event waits meanwhile.
 *
 * @transaction: what pv_xenstore_begin() gave, or 0 for a step of its own.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>

#define PV_XENSTORE_SECONDS 30u
#define PV_XENSTORE_VALUE   256u /* longest value written, with its end */

/* Once: the shared page (xen/io/xs_wire.h) and the daemon's port. */
int pv_xenstore_init(void *page, evtchn_port_t port);

/* The value as a string: its length. -XEN_ENOENT: there is none; -XEN_E2BIG: @bytes are too few. */
int pv_xenstore_read(uint32_t transaction, const char *path, char *value,
                     size_t bytes) PV_MUST_CHECK;
/* The value as a decimal number, which must be all there is. */
int pv_xenstore_number(uint32_t transaction, const char *path, uint64_t *value) PV_MUST_CHECK;
/* The name of the @n'th child; -XEN_ENOENT when there are fewer. */
int pv_xenstore_child(uint32_t transaction, const char *path, unsigned int n, char *name,
                      size_t bytes) PV_MUST_CHECK;

int pv_xenstore_write(uint32_t transaction, const char *path, const char *format, ...)
    __attribute__((__format__(__printf__, 3, 4))) PV_MUST_CHECK;
int pv_xenstore_remove(uint32_t transaction, const char *path);

/* Steps that others see all at once or not at all. pv_xenstore_end() says -XEN_EAGAIN when somebody
 * else came between: begin again. */
int pv_xenstore_begin(uint32_t *transaction) PV_MUST_CHECK;
int pv_xenstore_end(uint32_t transaction, bool commit) PV_MUST_CHECK;

/*
 * Be told of changes at and below @path. A watch does not say what changed: pv_xenstore_changes()
 * counts what came, and who sees another number than before looks again. It also
 * counts once for the watch itself.
 */
int pv_xenstore_watch(const char *path, const char *token) PV_MUST_CHECK;
int pv_xenstore_unwatch(const char *path, const char *token);
uint32_t pv_xenstore_changes(void);

/* Sleep until there is a change since @seen, or until @deadline (pv_clock_ns()). */
bool pv_xenstore_wait(uint32_t seen, uint64_t deadline);
