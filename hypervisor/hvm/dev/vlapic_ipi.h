/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts that vCPUs send each other. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* @v wrote @low to its interrupt command register with destination @dest (SDM vol. 3, 10.6.1). */
void vlapic_ipi(struct vcpu *v, uint32_t low, uint32_t dest);

struct domain;
struct vmsi_message;

/* An interrupt from the IOAPIC or a device's MSI. False: no local APIC of @d takes it. Any context
 * with LOCK_PLATFORM. */
bool vlapic_message(struct domain *d, const struct vmsi_message *m);
