/* SPDX-License-Identifier: BSD-2-Clause */
/* Names for addresses of the hypervisor's own code. */
#pragma once

#include "lib/types.h"

/*
 * Copies the names out of the hypervisor's ELF file as the loader carried it (its memory becomes
 * that of guests), so that backtraces have them. Once at boot, one CPU, when pool_alloc() works. A
 * file without usable symbols, or no memory, leaves addresses nameless.
 */
void symbols_init(const void *elf, size_t bytes);

/* The function around an address and the distance from its start; NULL when unknown. Any context;
 * takes time linear in the number of symbols. */
const char *symbols_lookup(uint64_t va, uint64_t *offset);
