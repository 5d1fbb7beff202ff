/* SPDX-License-Identifier: BSD-2-Clause */
/* Names for addresses of the hypervisor's own code, from its ELF file. */
#include "debug/symbols.h"

#include "lib/elf.h"

static struct elf_symbols symbols; /* (c) */

void symbols_init(const void *elf, size_t bytes)
{
    struct elf_view view;

    symbols = (struct elf_symbols){0};
    if (elf_open(&view, elf, bytes) == ELF_OK)
        (void)elf_find_symbols(&view, &symbols); /* none found: count stays 0 */
}

const char *symbols_lookup(uint64_t va, uint64_t *offset)
{
    return elf_symbol_at(&symbols, va, offset);
}
