/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking xenstore's messages apart. */
#include "pv-drivers/lib/abi.h"

/* The public header has a table of error names for those whose error numbers are macros. */
#define EINVAL    XEN_EINVAL
#define EACCES    XEN_EACCES
#define EEXIST    XEN_EEXIST
#define EISDIR    XEN_EISDIR
#define ENOENT    XEN_ENOENT
#define ENOMEM    XEN_ENOMEM
#define ENOSPC    XEN_ENOSPC
#define EIO       XEN_EIO
#define ENOTEMPTY XEN_ENOTEMPTY
#define ENOSYS    XEN_ENOSYS
#define EROFS     XEN_EROFS
#define EBUSY     XEN_EBUSY
#define EAGAIN    XEN_EAGAIN
#define EISCONN   XEN_EISCONN
#define E2BIG     XEN_E2BIG
#define EPERM     XEN_EPERM
#include "pv-drivers/lib/xenstore_message.h"

#include "pv-drivers/lib/text.h"

int pv_xenstore_receive(struct pv_xenstore_message *message, struct pv_stream *from)
{
    const uint32_t head = sizeof(message->header);
    int n;

    if (message->got < head) {
        n = pv_stream_read(from, (char *)&message->header + message->got, head - message->got);
        if (n < 0)
            return n;
        message->got += (uint32_t)n;
        if (message->got < head)
            return 0;
        if (message->header.len > XENSTORE_PAYLOAD_MAX)
            return from->error = -XEN_EBADMSG;
    }
    n = pv_stream_read(from, message->payload + (message->got - head),
                       head + message->header.len - message->got);
    if (n < 0)
        return n;
    message->got += (uint32_t)n;
    if (message->got < head + message->header.len)
        return 0;
    message->payload[message->header.len] = 0;
    return 1;
}

int pv_xenstore_error(const char *name)
{
    for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        if (strcmp(name, xsd_errors[i].errstring) == 0)
            return -xsd_errors[i].errnum;
    return -XEN_EIO;
}

int pv_xenstore_answer(const struct pv_xenstore_message *message, uint32_t type, uint32_t id)
{
    const struct xsd_sockmsg *header = &message->header;

    if (header->req_id != id)
        return -XEN_EBADMSG;
    if (header->type == XS_ERROR)
        return pv_xenstore_error(message->payload);
    return header->type == type ? (int)header->len : -XEN_EBADMSG;
}

const char *pv_xenstore_string(const struct pv_xenstore_message *message, unsigned int n)
{
    const char *at = message->payload, *end = at + message->header.len;

    for (; at < end; at += strlen(at) + 1) /* (there is a 0 at `end`) */
        if (n-- == 0)
            return at;
    return NULL;
}
