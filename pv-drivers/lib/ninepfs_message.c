/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing and reading messages of 9P2000.L. */
#include "pv-drivers/lib/ninepfs_message.h"

#include "pv-drivers/lib/text.h"

#define ERROR  7      /* Rlerror: the request's type does not matter */
#define NO_TAG 0xffffu /* what the first message has; all others have 0: there is one at a time */

void pv_9p_put(struct pv_9p_message *message, const void *from, size_t bytes)
{
    if (bytes > sizeof(message->bytes) - message->at) {
        message->bad = true;
        return;
    }
    memcpy(message->bytes + message->at, from, bytes);
    message->at += (uint32_t)bytes;
}

void pv_9p_put_number(struct pv_9p_message *message, uint64_t value, size_t bytes)
{
    pv_9p_put(message, &value, bytes);
}

void pv_9p_put_string(struct pv_9p_message *message, const char *text, size_t length)
{
    pv_9p_put_number(message, length, 2);
    pv_9p_put(message, text, length);
}

void pv_9p_begin(struct pv_9p_message *message, uint8_t type)
{
    message->at = 0;
    message->bad = false;
    pv_9p_put_number(message, 0, 4); /* the size, when it is known */
    pv_9p_put_number(message, type, 1);
    pv_9p_put_number(message, type == PV_9P_TVERSION ? NO_TAG : 0, 2);
}

void pv_9p_finish(struct pv_9p_message *message)
{
    message->end = message->at;
    memcpy(message->bytes, &message->end, 4);
}

void pv_9p_get(struct pv_9p_message *message, void *to, size_t bytes)
{
    if (bytes > message->end - message->at) {
        message->bad = true;
        memset(to, 0, bytes);
        return;
    }
    memcpy(to, message->bytes + message->at, bytes);
    message->at += (uint32_t)bytes;
}

uint64_t pv_9p_get_number(struct pv_9p_message *message, size_t bytes)
{
    uint64_t value = 0;

    pv_9p_get(message, &value, bytes);
    return value;
}

int pv_9p_size(const struct pv_9p_message *message)
{
    uint32_t size;

    memcpy(&size, message->bytes, sizeof(size));
    return size < PV_9P_HEAD || size > sizeof(message->bytes) ? -XEN_EBADMSG : (int)size;
}

int pv_9p_answer(struct pv_9p_message *message, uint8_t type)
{
    uint64_t got, tag, error;

    message->at = 0;
    message->bad = false;
    message->end = PV_9P_HEAD;
    message->end = (uint32_t)pv_9p_get_number(message, 4); /* pv_9p_size() has looked at it */
    got = pv_9p_get_number(message, 1);
    tag = pv_9p_get_number(message, 2);
    if (tag != (type == PV_9P_TVERSION ? NO_TAG : 0) || (got != ERROR && got != type + 1u))
        return -XEN_EBADMSG;
    if (got != ERROR)
        return 0;
    error = pv_9p_get_number(message, 4); /* Linux's numbers, which are ours */
    return error && error < 4096 && error != XEN_EBADMSG ? -(int)error : -XEN_EIO;
}
