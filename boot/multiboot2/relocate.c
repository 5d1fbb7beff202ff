/* SPDX-License-Identifier: BSD-2-Clause */
/* Adjusts the loader's own pointers to where the multiboot2 loader has put it. */
#include <elf.h>
#include <stdint.h>

/* From loader.lds. */
extern const Elf64_Rela relocations_start[], relocations_end[];
extern const char loader_start[];
#define LOADER_LINK_BASE 0x200000ULL

void relocate_self(void);

/*
 * Runs before any pointer in data is used. The link leaves only relative relocations (position
 * independent code, no shared libraries): each place gets its addend, a link address, moved.
 */
void relocate_self(void)
{
    uint64_t moved_by = (uintptr_t)loader_start - LOADER_LINK_BASE;
    const Elf64_Rela *rela;

    for (rela = relocations_start; rela < relocations_end; rela++)
        if (ELF64_R_TYPE(rela->r_info) == R_X86_64_RELATIVE)
            *(uint64_t *)(rela->r_offset + moved_by) = (uint64_t)rela->r_addend + moved_by;
}
