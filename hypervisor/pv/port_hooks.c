/* SPDX-License-Identifier: BSD-2-Clause */
/* Watched ports: PCI configuration (MSI messages are ours) and ACPI sleep (the machine is ours). */
#include "pv/port_hooks.h"

#include "acpi/acpi.h"
#include "cpu/insn.h"
#include "domain/domain.h"
#include "pci/config.h"

#define PCI_PORT_FIRST 0xcf8
#define PCI_PORT_LAST 0xcff
#define PM1_SLP_EN (1u << 13) /* ACPI 6.4, 4.8.3.2.1 */

static bool is_pci(uint32_t port)
{
    return port >= PCI_PORT_FIRST && port <= PCI_PORT_LAST;
}

static bool is_pm1_control(uint32_t port)
{
    uint16_t a, b;

    acpi_pm1_control_ports(&a, &b);
    return (a && (port == a || port == a + 1u)) || (b && (port == b || port == b + 1u));
}

bool port_is_hooked(uint32_t port)
{
    return is_pci(port) || is_pm1_control(port);
}

bool port_hook_read(const struct domain *d, uint32_t port, unsigned int bytes, uint32_t *value)
{
    if (!d->is_control || !is_pci(port))
        return false;
    *value = pci_dom0_config_access((uint16_t)port, bytes, false, 0);
    return true;
}

bool port_hook_write(const struct domain *d, uint32_t port, unsigned int bytes, uint32_t value)
{
    if (!d->is_control)
        return false;
    if (is_pci(port)) {
        (void)pci_dom0_config_access((uint16_t)port, bytes, true, value);
        return true;
    }
    /* PV kernels ask for sleep by XENPF_enter_acpi_sleep: a direct write must not do it. As a PVH
     * guest, Linux writes. */
    if (is_pm1_control(port)) {
        if (bytes == 2 && !(value & PM1_SLP_EN))
            outw((uint16_t)port, (uint16_t)value);
        else if (bytes == 2 && d->is_translated)
            acpi_sleep_written((uint16_t)value);
        return true;
    }
    return false;
}
