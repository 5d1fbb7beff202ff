/* SPDX-License-Identifier: BSD-2-Clause */
/* The PCI functions of the machine as a PVH dom0 reaches them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "pci/config.h"

struct domain;

/* From now on dom0's accesses to configuration space go through here; @d is it. Boot. */
void vpci_init(struct domain *d);

/* Does an ECAM range or an MSI-X table lie anywhere in @bytes from @gpa on? There the guest must
 * not reach the device itself. */
bool vpci_claims(uint64_t gpa, uint64_t bytes);
/* An access of @bytes (1, 2, 4, 8) to memory that vpci_claims(), or false. Interrupts on. */
bool vpci_memory(uint64_t gpa, unsigned int bytes, bool write, uint64_t *value);
