/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hand-over.
 *
 * What is always true here: the launch block is identity mapped before and after the switch of page
 * tables, everything it points to is too, and nothing can fail once launch_enter is called.
 */
#include "boot/common/launch.h"

#include <string.h>

#include "boot/common/tables.h"

#define FOUR_GIB (1ULL << 32)

/* Flat descriptors of Intel SDM volume 3, 3.4.5: 64-bit code, and data for SS. */
#define GDT_CODE64 0x00af9b000000ffffULL
#define GDT_DATA   0x00cf93000000ffffULL

void launch_begin(struct launch *launch, const struct image *image, uint64_t image_base)
{
    struct boot_handover *handover = &launch->handover;

    memset(launch, 0, sizeof *launch);
    launch->gdt[1] = GDT_CODE64;
    launch->gdt[2] = GDT_DATA;
    launch->entry = image->entry;
    handover->magic = BOOT_HANDOVER_MAGIC;
    handover->bytes = sizeof *handover;
    handover->image.base = image_base;
    handover->image.bytes = image->bytes;
    handover->elf.base = (uintptr_t)image->elf;
    handover->elf.bytes = image->elf_bytes;
    image_place(image, (void *)(uintptr_t)image_base);
}

int launch_text(struct launch *launch, const char *text, size_t bytes, struct boot_blob *where)
{
    char *to = launch->text + launch->text_used;

    if (bytes >= LAUNCH_TEXT_BYTES - launch->text_used)
        return -1;
    memcpy(to, text, bytes);
    to[bytes] = 0;
    launch->text_used += bytes + 1;
    where->base = (uintptr_t)to;
    where->bytes = bytes + 1;
    return 0;
}

/* The first 4 GiB are mapped once and for all; only what reaches beyond needs more. */
static int identity_map(struct tables *tables, const struct boot_blob *blob)
{
    if (blob->bytes == 0 || blob->base + blob->bytes <= FOUR_GIB)
        return 0;
    return tables_map(tables, blob->base, blob->base, blob->bytes);
}

int launch_tables(struct launch *launch, const struct image *image)
{
    const struct boot_handover *handover = &launch->handover;
    const struct boot_blob block = {(uintptr_t)launch, sizeof *launch};
    const struct boot_blob screen = {handover->screen.base, handover->screen.bytes};
    const struct boot_blob rsdp = {handover->acpi_rsdp, LAUNCH_RSDP_BYTES};
    const struct boot_blob system = {handover->efi.system_table, LAUNCH_SYSTEM_TABLE_BYTES};
    const struct boot_blob *named[] = {
        &block,
        &handover->image,
        &handover->elf,
        &handover->kernel,
        &handover->ramdisk,
        &handover->efi.memory_map,
        &screen,
        &rsdp,
        &system,
    };
    struct tables tables;
    size_t i;

    tables_init(&tables, launch->table, (uintptr_t)launch->table, LAUNCH_TABLE_PAGES);
    launch->cr3 = tables.physical;
    if (tables_map(&tables, 0, 0, FOUR_GIB) ||
        tables_map(&tables, image->low, handover->image.base, image->bytes))
        return -1;
    for (i = 0; i < sizeof named / sizeof named[0]; i++)
        if (identity_map(&tables, named[i]))
            return -1;
    launch->tables_used = tables.used;
    return 0;
}

int launch_map(struct launch *launch, uint64_t base, uint64_t bytes)
{
    const struct boot_blob blob = {base, bytes};
    struct tables tables = {launch->table, launch->cr3, launch->tables_used, LAUNCH_TABLE_PAGES};
    int failed = identity_map(&tables, &blob);

    launch->tables_used = tables.used;
    return failed;
}

void launch_enter(struct launch *launch, struct memmap *map)
{
    struct boot_handover *handover = &launch->handover;

    memmap_merge(map);
    handover->ranges.base = (uintptr_t)map->range;
    handover->ranges.bytes = map->count * sizeof map->range[0];
    launch_jump(launch->cr3, launch->gdt, launch->entry, handover,
                launch->stack + LAUNCH_STACK_BYTES);
}
