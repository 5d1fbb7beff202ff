/* SPDX-License-Identifier: BSD-2-Clause */
/* A xenstore daemon that answers anything, in pieces of any size. */
/* sources: pv-drivers/lib/xenstore_message.c pv-drivers/lib/ring.c */
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/lib/xenstore_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct pv_xenstore_message *message)
{
    int rc = pv_xenstore_answer(message, XS_READ, 1);
    size_t total = 0;

    if (rc > (int)message->header.len || message->header.len > XENSTORE_PAYLOAD_MAX)
        abort();
    for (unsigned int n = 0;; n++) {
        const char *string = pv_xenstore_string(message, n);

        if (!string)
            break;
        total += strlen(string) + 1;
    }
    if (total > message->header.len + 1)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pv_xenstore_message *message = malloc(sizeof(*message));
    uint8_t *ring = malloc(64);
    uint32_t mine = 0, other = 0;
    struct pv_stream in, daemon;
    size_t piece = size ? data[0] % 70 : 0;

    pv_stream_init(&in, false, ring, 64, &mine, &other);
    pv_stream_init(&daemon, true, ring, 64, &other, &mine);
    memset(message, 0xee, sizeof(*message));
    message->got = 0;
    for (size_t at = 1; at < size;) {
        size_t bytes = piece + 1 < size - at ? piece + 1 : size - at;
        int n = pv_stream_write(&daemon, data + at, bytes), rc;

        at += n > 0 ? (size_t)n : 1;
        rc = pv_xenstore_receive(message, &in);
        if (rc < 0)
            break;
        if (rc == 1) {
            look(message);
            message->got = 0;
        }
    }
    free(message);
    free(ring);
    return 0;
}
