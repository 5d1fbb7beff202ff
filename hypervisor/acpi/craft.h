/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI tables for a dom0 that does not see the machine's processors and interrupt controllers but
 * virtual ones: a root and a MADT of our own beside the firmware's other tables. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acpi/parse.h"

/* May dom0 see the firmware's table with @signature (4 characters)? Not those about processors,
 * memory nodes, clocks and units that the hypervisor has for itself. */
bool acpi_craft_shows(const char *signature);

/* What the virtual board looks like. */
struct acpi_craft_board {
    unsigned int vcpus;      /* APIC id of vCPU n is 2n */
    uint32_t ioapic_address; /* one, for GSIs from 0 on */
    uint32_t gsis;           /* as many pins as it has */
};

/*
 * Write a MADT for @board into to[room], with the ISA interrupts wired as in @host. Its length; 0:
 * no room.
 */
size_t acpi_craft_madt(void *to, size_t room, const struct acpi_craft_board *board,
                       const struct acpi_madt *host);

/* An XSDT that names @count tables by physical address; @like lends its OEM fields, or NULL. Its
 * length; 0: no room. */
size_t acpi_craft_xsdt(void *to, size_t room, const uint64_t *tables, size_t count,
                       const struct acpi_header *like);

/* An RSDP that names the XSDT at @xsdt. */
void acpi_craft_rsdp(struct acpi_rsdp *to, uint64_t xsdt, const struct acpi_header *like);
