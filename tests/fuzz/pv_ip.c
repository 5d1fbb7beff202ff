/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of any content and length: answers stay in the frame's buffer. */
/* sources: pv-drivers/lib/ip.c */
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/lib/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int pv_net_receive(struct pv_net *net, void *frame, size_t bytes, unsigned int *flags)
{
    (void)net, (void)frame, (void)bytes, (void)flags;
    return 0;
}

int pv_net_send(struct pv_net *net, const void *frame, size_t bytes)
{
    (void)net, (void)frame, (void)bytes;
    return 0;
}

/* It uses all that it is told it may. */
static int service(void *data, size_t bytes, size_t room)
{
    if (bytes > room)
        abort();
    memset(data, 0xee, room);
    return (int)room;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t mac[6] = {0, 0x16, 0x3e, 1, 2, 3};
    struct pv_ip ip = {.address = {192, 0, 2, 51}, .port = 7, .service = service};
    uint8_t *frame;

    if (size > PV_NET_FRAME_MAX)
        return 0;
    frame = malloc(PV_NET_FRAME_MAX);
    memcpy(frame, data, size);
    if (size >= 34 && frame[13] == 0)
        memcpy(frame + 30, ip.address, 4); /* most frames are for others */
    if (size >= 42 && frame[13] == 6)
        memcpy(frame + 38, ip.address, 4);
    if (pv_ip_answer(&ip, mac, frame, size) > PV_NET_FRAME_MAX)
        abort();
    free(frame);
    return 0;
}
