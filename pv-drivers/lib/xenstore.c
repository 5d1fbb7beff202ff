/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking xenstore: one request at a time, and watches between the answers. */
#include "pv-drivers/lib/xenstore.h"

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/text.h"
#include "pv-drivers/lib/xenstore_message.h"

static struct pv_stream out, in;
static evtchn_port_t store_port;
static uint32_t last_id, changes;
static struct pv_xenstore_message message;

/* A piece of a request's payload. */
struct piece {
    const char *text;
    size_t bytes;
};

int pv_xenstore_init(void *page, evtchn_port_t port)
{
    struct xenstore_domain_interface *ring = page;

    pv_stream_init(&out, true, ring->req, sizeof(ring->req), &ring->req_prod, &ring->req_cons);
    pv_stream_init(&in, false, ring->rsp, sizeof(ring->rsp), &ring->rsp_cons, &ring->rsp_prod);
    store_port = port;
    message.got = 0;
    return pv_event_bind(port, NULL, NULL);
}

static int send(const void *data, size_t bytes, uint64_t deadline)
{
    const char *at = data;

    while (bytes) {
        int done = pv_stream_write(&out, at, bytes);

        if (done < 0)
            return done;
        pv_event_send(store_port);
        at += done;
        bytes -= (size_t)done;
        if (!done && !pv_event_take(store_port, deadline))
            return out.error = -XEN_ETIMEDOUT; /* half a request: no other can follow */
    }
    return 0;
}

/* The next complete message is in `message`: 1, or 0 when there is none yet. */
static int receive(void)
{
    uint32_t before = in.at;
    int rc;

    if (message.got >= sizeof(message.header) + message.header.len)
        message.got = 0; /* the one before was complete */
    rc = pv_xenstore_receive(&message, &in);
    if (in.at != before)
        pv_event_send(store_port); /* there is room again */
    if (rc == 1 && message.header.type == XS_WATCH_EVENT)
        changes++;
    return rc;
}

static int ask(uint32_t type, uint32_t transaction, const struct piece *pieces, unsigned int count)
{
    uint64_t deadline = pv_clock_ns() + PV_XENSTORE_SECONDS * PV_SECOND_NS;
    struct xsd_sockmsg header = {.type = type, .req_id = ++last_id, .tx_id = transaction};
    int rc;

    for (unsigned int i = 0; i < count; i++)
        header.len += (uint32_t)pieces[i].bytes;
    if (header.len > XENSTORE_PAYLOAD_MAX)
        return -XEN_E2BIG;
    rc = send(&header, sizeof(header), deadline);
    for (unsigned int i = 0; !rc && i < count; i++)
        rc = send(pieces[i].text, pieces[i].bytes, deadline);
    while (!rc) {
        rc = receive();
        if (rc == 1 && message.header.type == XS_WATCH_EVENT) {
            rc = 0;
        } else if (rc == 1) {
            rc = pv_xenstore_answer(&message, type, last_id);
            return rc == -XEN_EBADMSG ? in.error = rc : rc;
        } else if (rc == 0 && !pv_event_take(store_port, deadline)) {
            return in.error = -XEN_ETIMEDOUT; /* a late answer would be taken for another's */
        }
    }
    return rc;
}

static struct piece string(const char *text)
{
    return (struct piece){text, strlen(text) + 1};
}

int pv_xenstore_read(uint32_t transaction, const char *path, char *value, size_t bytes)
{
    struct piece pieces[] = {string(path)};
    int rc = ask(XS_READ, transaction, pieces, 1);

    if (rc < 0)
        return rc;
    if ((size_t)rc >= bytes)
        return -XEN_E2BIG;
    memcpy(value, message.payload, (size_t)rc + 1);
    return rc;
}

int pv_xenstore_number(uint32_t transaction, const char *path, uint64_t *value)
{
    char text[24];
    uint64_t number = 0;
    int rc = pv_xenstore_read(transaction, path, text, sizeof(text));

    if (rc < 0)
        return rc;
    for (const char *at = text; *at; at++)
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
            return -XEN_EINVAL;
    *value = number;
    return rc && strlen(text) == (size_t)rc ? 0 : -XEN_EINVAL;
}

int pv_xenstore_child(uint32_t transaction, const char *path, unsigned int n, char *name,
                      size_t bytes)
{
    struct piece pieces[] = {string(path)};
    int rc = ask(XS_DIRECTORY, transaction, pieces, 1);
    const char *child;

    if (rc < 0)
        return rc;
    child = pv_xenstore_string(&message, n);
    if (!child)
        return -XEN_ENOENT;
    if (strlen(child) >= bytes)
        return -XEN_E2BIG;
    memcpy(name, child, strlen(child) + 1);
    return (int)strlen(child);
}

int pv_xenstore_write(uint32_t transaction, const char *path, const char *format, ...)
{
    char value[PV_XENSTORE_VALUE];
    struct piece pieces[] = {string(path), {value, 0}};
    va_list args;
    int length, rc;

    va_start(args, format);
    length = vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(value))
        return -XEN_E2BIG;
    pieces[1].bytes = (size_t)length; /* no 0 at the end of values */
    rc = ask(XS_WRITE, transaction, pieces, 2);
    return rc < 0 ? rc : 0;
}

int pv_xenstore_remove(uint32_t transaction, const char *path)
{
    struct piece pieces[] = {string(path)};
    int rc = ask(XS_RM, transaction, pieces, 1);

    return rc < 0 ? rc : 0;
}

int pv_xenstore_begin(uint32_t *transaction)
{
    struct piece pieces[] = {string("")};
    uint32_t number = 0;
    int rc = ask(XS_TRANSACTION_START, 0, pieces, 1);

    if (rc < 0)
        return rc;
    for (const char *at = message.payload; *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint32_t)(*at - '0');
    *transaction = number;
    return number ? 0 : -XEN_EINVAL;
}

int pv_xenstore_end(uint32_t transaction, bool commit)
{
    struct piece pieces[] = {string(commit ? "T" : "F")};
    int rc = ask(XS_TRANSACTION_END, transaction, pieces, 1);

    return rc < 0 ? rc : 0;
}

static int watch(uint32_t type, const char *path, const char *token)
{
    struct piece pieces[] = {string(path), string(token)};
    int rc = ask(type, 0, pieces, 2);

    return rc < 0 ? rc : 0;
}

int pv_xenstore_watch(const char *path, const char *token)
{
    return watch(XS_WATCH, path, token);
}

int pv_xenstore_unwatch(const char *path, const char *token)
{
    return watch(XS_UNWATCH, path, token);
}

uint32_t pv_xenstore_changes(void)
{
    while (receive() == 1)
        ; /* between requests there are no answers */
    return changes;
}

bool pv_xenstore_wait(uint32_t seen, uint64_t deadline)
{
    while (pv_xenstore_changes() == seen)
        if (in.error || !pv_event_take(store_port, deadline))
            return false;
    return true;
}
