/* SPDX-License-Identifier: BSD-2-Clause */
/* Names for addresses of the hypervisor's own code. */
#pragma once

#include "lib/types.h"

/*
 * Keeps (does not copy) the hypervisor's ELF file as the loader carried it, so that backtraces have
 * names. Once at boot, one CPU. A file without usable symbols leaves addresses nameless.
 */
void symbols_init(const void *elf, size_t bytes);

/* The function around an address and the distance from its start; NULL when unknown. Any context;
 * takes time linear in the number of symbols. */
const char *symbols_lookup(uint64_t va, uint64_t *offset);
