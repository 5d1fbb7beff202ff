/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of the xenstore protocol (xen/io/xs_wire.h): taking them from the stream, and what is in
 * them. The daemon may be as wrong as any other side. */
#pragma once

#include "pv-drivers/lib/ring.h"

#include <xen/io/xs_wire.h>

/* A message on its way in. */
struct pv_xenstore_message {
    struct xsd_sockmsg header;
    uint32_t got;                            /* bytes so far, of header and payload */
    char payload[XENSTORE_PAYLOAD_MAX + 1];  /* ends with a 0 of ours once complete */
};

/* Take what there is: 1 when @message is complete (set `got` to 0 for the next), 0 when more must
 * come, or an error number: nothing that follows could be understood. */
int pv_xenstore_receive(struct pv_xenstore_message *message, struct pv_stream *from) PV_MUST_CHECK;

/* Is it the answer to request @id of @type? The payload's length, or what the daemon says went
 * wrong, or -XEN_EBADMSG. */
int pv_xenstore_answer(const struct pv_xenstore_message *message, uint32_t type, uint32_t id)
    PV_MUST_CHECK;

/* The error number for a name ("ENOENT"); one that is not known means -XEN_EIO. */
int pv_xenstore_error(const char *name);

/* The @n'th of the strings of the payload, each with a 0 behind it; NULL when there are fewer. */
const char *pv_xenstore_string(const struct pv_xenstore_message *message, unsigned int n);
