/* SPDX-License-Identifier: BSD-2-Clause */
/* The PCI functions dom0 has reported. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "pci/config.h"

struct pci_device_info {
    bool is_extended;            /* not function 0 of a multi-function device (ARI) */
    bool is_virtual;             /* SR-IOV virtual function of `physical` */
    struct pci_address physical; /* (of a virtual function) */
};

/* dom0 found (or reports again) the function at @a. 0, -EINVAL, -ENOMEM. Interrupts on. */
int must_check pci_device_add(struct pci_address a, const struct pci_device_info *info);
/* It is gone. -ENODEV when it was never reported. */
int must_check pci_device_remove(struct pci_address a);
/* Has it been reported? If so, what was said of it. */
bool pci_device_known(struct pci_address a, struct pci_device_info *info);
