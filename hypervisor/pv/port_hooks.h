/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports of the control domain that the hypervisor watches on their way to the hardware. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct domain;

/* Handle an access to a watched port; false: it is an ordinary one. */
bool port_hook_read(const struct domain *d, uint32_t port, unsigned int bytes, uint32_t *value);
bool port_hook_write(const struct domain *d, uint32_t port, unsigned int bytes, uint32_t value);

/* Is any of these ports watched, so that the hardware's I/O bitmap must not open it? */
bool port_is_hooked(uint32_t port);
