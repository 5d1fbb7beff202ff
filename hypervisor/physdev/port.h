/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports of the machine as guests with a right to them reach them. */
#pragma once

#include <stdint.h>

struct domain;

/* Access @bytes (1, 2, 4) of ports from @port on for @d: what is watched (pv/port_hooks.h) by its
 * own rules; what @d has no right to reads as ones, writes to it are lost. */
uint32_t port_read(const struct domain *d, uint32_t port, unsigned int bytes);
void port_write(const struct domain *d, uint32_t port, unsigned int bytes, uint32_t value);
