/* SPDX-License-Identifier: BSD-2-Clause */
/* Names for addresses of the hypervisor's own code, from its ELF file. */
#include "debug/symbols.h"

#include "lib/elf.h"
#include "lib/string.h"
#include "mm/pool.h"

static struct elf_symbols symbols; /* (c) in memory of our own */

static void *copy_of(const void *from, uint64_t bytes)
{
    void *copy = pool_alloc(bytes);

    return copy ? memcpy(copy, from, bytes) : NULL;
}

void symbols_init(const void *elf, size_t bytes)
{
    struct elf_view view;
    struct elf_symbols found;
    uint8_t *table;
    char *names;

    symbols = (struct elf_symbols){0};
    if (elf_open(&view, elf, bytes) != ELF_OK || !elf_find_symbols(&view, &found))
        return;
    table = copy_of(found.table, found.count * ELF_SYMBOL_BYTES);
    names = copy_of(found.names, found.names_bytes);
    if (!table || !names) {
        pool_free(table);
        pool_free(names);
        return;
    }
    symbols = (struct elf_symbols){table, found.count, names, found.names_bytes};
}

const char *symbols_lookup(uint64_t va, uint64_t *offset)
{
    return elf_symbol_at(&symbols, va, offset);
}
