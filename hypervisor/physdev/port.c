/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports of the machine as guests with a right to them reach them. */
#include "physdev/port.h"

#include "cpu/insn.h"
#include "domain/domain.h"
#include "lib/range_set.h"
#include "pv/port_hooks.h"

uint32_t port_read(const struct domain *d, uint32_t port, unsigned int bytes)
{
    uint32_t value = 0xffffffff;

    if (port_hook_read(d, port, bytes, &value))
        return value;
    if (!range_set_contains(d->ioports, port, port + bytes - 1))
        return 0xffffffff;
    switch (bytes) {
    case 1:
        return inb((uint16_t)port);
    case 2:
        return inw((uint16_t)port);
    default:
        return inl((uint16_t)port);
    }
}

void port_write(const struct domain *d, uint32_t port, unsigned int bytes, uint32_t value)
{
    if (port_hook_write(d, port, bytes, value))
        return;
    if (!range_set_contains(d->ioports, port, port + bytes - 1))
        return;
    switch (bytes) {
    case 1:
        outb((uint16_t)port, (uint8_t)value);
        break;
    case 2:
        outw((uint16_t)port, (uint16_t)value);
        break;
    default:
        outl((uint16_t)port, value);
        break;
    }
}
