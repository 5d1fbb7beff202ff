/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of a 9P server that are anything, read as the front end reads them. */
/* sources: pv-drivers/lib/ninepfs_message.c */
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/lib/ninepfs_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pv_9p_message *message = malloc(sizeof(*message));
    uint8_t to[256];
    int got, rc;

    if (size > 2 && size - 2 <= sizeof(message->bytes)) {
        memset(message, 0xee, sizeof(*message));
        memcpy(message->bytes, data + 2, size - 2);
        got = pv_9p_size(message);
        if (got >= 0 && (got < (int)PV_9P_HEAD || got > (int)sizeof(message->bytes)))
            abort();
        rc = got < 0 ? got : pv_9p_answer(message, data[0]);
        if (rc > 0)
            abort();
        for (size_t n = data[1]; rc == 0 && !message->bad; n = n / 2 + 1) {
            uint32_t before = message->at;

            pv_9p_get(message, to, n);
            if (message->at != before + (message->bad ? 0 : n) || message->at > message->end ||
                message->end != (uint32_t)got)
                abort();
        }
    }
    free(message);
    return 0;
}
