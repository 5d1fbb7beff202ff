/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much of IPv4 as a guest needs to be found and to answer: ARP (RFC 826), ping (RFC 792) and one
 * UDP service (RFC 768). It asks nothing and keeps no state. Frames come from anybody: everything
 * in them is checked against the frame's length.
 */
#pragma once

#include "pv-drivers/lib/net.h"

/*
 * What came to the service's port: @bytes at @data, where the answer is put, up to @room bytes.
 * Returns the answer's length, or a negative number for none.
 */
typedef int pv_ip_service(void *data, size_t bytes, size_t room);

struct pv_ip {
    uint8_t address[4];
    uint16_t port; /* of UDP, on which @service answers (NULL: none does) */
    pv_ip_service *service;
};

/* "192.0.2.51" up to a blank or the end: is it an address? */
bool pv_ip_parse(const char *text, uint8_t address[4]);

/* Make the frame of @bytes the answer to itself, in a buffer of PV_NET_FRAME_MAX, for the card
 * @mac: the answer's length, or 0 when there is none. */
size_t pv_ip_answer(const struct pv_ip *ip, const uint8_t mac[6], uint8_t *frame, size_t bytes);

#define PV_IP_BATCH 256 /* frames: as many as a ring of one page has */

/* Answer the frames that have come, at most PV_IP_BATCH, so that who sends without end does not
 * keep the caller; how many were taken (fewer: no more wait), or the network's error number. */
int pv_ip_poll(const struct pv_ip *ip, struct pv_net *net) PV_MUST_CHECK;
