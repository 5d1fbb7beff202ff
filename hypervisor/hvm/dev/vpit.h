/* SPDX-License-Identifier: BSD-2-Clause */
/* The Intel 8254 timer of an HVM guest, and port 0x61 beside it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "hvm/dev/vtick.h"

#include <xen/hvm/save.h>

struct platform;

#define VPIT_PORT 0x40 /* three channels and the control word */
#define VPIT_CONTROL_PORT 0x43
#define VPIT_GATE_PORT 0x61 /* channel 2's gate and output, speaker, refresh */
#define VPIT_HZ 1193182

struct vpit {
    struct hvm_hw_pit hw;
    uint64_t started[3]; /* what the clock counted when the channel began to count down */
    uint64_t held[3];    /* how far it had come when its gate went low */
    bool counting[3];    /* has begun: its count is written, its gate has triggered it */
    struct vtick tick;   /* channel 0's interrupt */
};

void vpit_reset(struct platform *p);
uint8_t vpit_port_read(struct platform *p, uint16_t port);
void vpit_port_write(struct platform *p, uint16_t port, uint8_t value);
void vpit_expire(struct platform *p);
/* The guest took the interrupt of @gsi. */
void vpit_taken(struct platform *p, unsigned int gsi);

/* Record PIT, which does not tell how far counts have come: they begin anew. -EINVAL: no state. */
int vpit_load(struct platform *p, const struct hvm_hw_pit *record);
void vpit_loaded(struct platform *p);
