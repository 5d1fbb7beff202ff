/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of 9P2000.L: little-endian numbers, strings with their length before them, behind a head
 * of size, type and tag. What was received is read with every length checked. */
#pragma once

#include "pv-drivers/lib/abi.h"

#define PV_9P_MESSAGE 4096u /* the longest in both directions: the least that servers take */
#define PV_9P_HEAD    7u

/* Requests; each answer's type is one more (intro(5), for the .L ones Linux's net/9p/9p.h). */
enum { PV_9P_TLOPEN = 12, PV_9P_TLCREATE = 14, PV_9P_TVERSION = 100, PV_9P_TATTACH = 104,
       PV_9P_TWALK = 110, PV_9P_TREAD = 116, PV_9P_TWRITE = 118, PV_9P_TCLUNK = 120 };

struct pv_9p_message {
    uint8_t bytes[PV_9P_MESSAGE];
    uint32_t at, end; /* where it is written or read, and where what can be read ends */
    bool bad;         /* something did not fit, or was not there */
};

/* Write: begin, put what belongs into it, finish. */
void pv_9p_begin(struct pv_9p_message *message, uint8_t type);
void pv_9p_put(struct pv_9p_message *message, const void *from, size_t bytes);
void pv_9p_put_number(struct pv_9p_message *message, uint64_t value, size_t bytes);
void pv_9p_put_string(struct pv_9p_message *message, const char *text, size_t length);
void pv_9p_finish(struct pv_9p_message *message); /* sets `end` and the size in the head */

/* Read. The size that the head gives, if it can be. */
int pv_9p_size(const struct pv_9p_message *message) PV_MUST_CHECK;
/* A whole message is there: 0 when it is the answer to a request of @type, what the server says
 * went wrong, or -XEN_EBADMSG. What follows the head can then be read. */
int pv_9p_answer(struct pv_9p_message *message, uint8_t type) PV_MUST_CHECK;
void pv_9p_get(struct pv_9p_message *message, void *to, size_t bytes);
uint64_t pv_9p_get_number(struct pv_9p_message *message, size_t bytes);
