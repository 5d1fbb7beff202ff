/* SPDX-License-Identifier: BSD-2-Clause */
/* An HVM domain's platform devices (hvm/dev/platform.h) in the world: time, local APICs, clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hvm/dev/platform.h"
#include "time/timer.h"

struct domain;
struct vcpu;
struct ioreq;

struct board {
    struct platform platform;
    struct domain *domain;   /* (c) */
    struct timer timer;      /* for platform_expire() */
    bool pic_asks;           /* (a) the 8259 wants an interrupt to be taken */
    int64_t clock_moved;     /* (a) seconds by which the guest set its clock, not yet told */
};

/* @devices: XEN_X86_EMU_* of the domain. */
void board_init(struct domain *d, uint32_t devices);
void board_free(struct domain *d);

/* A single access (hvm/io.h) that one of them claims: true, and it is done. */
bool board_port(struct vcpu *v, struct ioreq *r);
bool board_memory(struct vcpu *v, struct ioreq *r);
/* Might a device of the board answer at @port? For strings, which then go one by one. */
bool board_has_port(const struct domain *d, uint16_t port);

/* Does vCPU @v have to take an interrupt from the 8259? Its vector is known when it does. */
bool board_pic_waits(const struct vcpu *v);
uint8_t board_pic_take(struct vcpu *v);
/* A local APIC has ended the level-triggered @vector. */
void board_ended(struct vcpu *v, uint8_t vector);
/* vCPU 0 on its way in, or after the end of an interrupt: are events pending, for a guest that is
 * told so by a line? One whose vCPU 0 has a vector of its own is not. */
void board_callback(struct vcpu *v);
