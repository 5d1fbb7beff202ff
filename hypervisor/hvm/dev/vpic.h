/* SPDX-License-Identifier: BSD-2-Clause */
/* The pair of Intel 8259A interrupt controllers of an HVM guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

#include <xen/hvm/save.h>

struct platform;

#define VPIC_MASTER_PORT 0x20
#define VPIC_SLAVE_PORT 0xa0
#define VPIC_ELCR_PORT 0x4d0 /* edge or level of each line, master and slave */

struct vpic {
    struct hvm_hw_vpic chip[2]; /* master, slave */
};

void vpic_reset(struct platform *p);

uint8_t vpic_port_read(struct platform *p, uint16_t port);
void vpic_port_write(struct platform *p, uint16_t port, uint8_t value);

/* Input @line (0..15) changes to @level. Does the CPU hear of it, now or when priorities allow? */
bool vpic_line_set(struct platform *p, unsigned int line, bool level);

/* The CPU acknowledges: the vector, and in *line which input it is for (7 or 15: perhaps none). */
uint8_t vpic_intack(struct platform *p, unsigned int *line);

/* Record PIC, instance 0 the master. -EINVAL: not a state of the chip. */
int vpic_load(struct platform *p, unsigned int instance, const struct hvm_hw_vpic *record);
/* All records are there: inputs and output as they say. */
void vpic_loaded(struct platform *p);
