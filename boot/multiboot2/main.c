/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The multiboot2 loader: from GRUB's information block to the hypervisor.
 *
 * What is always true here: memory that GRUB used for us (this image, the information block, both
 * modules) is marked in the map before anything is allocated, and all allocation goes through the
 * map, so nothing is overwritten before it has been read. An error prints one line and stops.
 */
#include <string.h>

#include "boot/common/efi_map.h"
#include "boot/common/image.h"
#include "boot/common/kernel.h"
#include "boot/common/launch.h"
#include "boot/common/libc.h"
#include "boot/common/memmap.h"
#include "boot/multiboot2/console.h"
#include "boot/multiboot2/tags.h"

#define FOUR_GIB (1ULL << 32)

/* From loader.lds and payload.S. */
extern char loader_start[], loader_end[];
extern const char payload_start[], payload_end[];

__attribute__((noreturn)) void mb2_main(uint32_t magic, uint64_t block, uint64_t entry_tsc);

/* The map while it is being built; launch.range takes over a copy. */
static struct boot_range early_range[LAUNCH_RANGES];

static const char no_memory[] = "too little memory";
static const char map_full[] = "the firmware's memory map has too many entries";

static void memory_read(const struct mb2_info *info, struct memmap *map, uint64_t *rsdp)
{
    struct mb2_range range;
    size_t i;

    memmap_init(map, early_range, LAUNCH_RANGES);
    *rsdp = 0;
    if (info->efi_map) {
        if (efi_map_enter(map, info->efi_map, info->efi_map_bytes, info->efi_descriptor_bytes))
            console_die("memory", map_full);
    } else {
        for (i = 0; mb2_range_at(info, i, &range) == 0; i++)
            if (memmap_add(map, range.base, range.bytes, range.type, BOOT_USE_FREE))
                console_die("memory", map_full);
    }
    if (!map->count)
        console_die("memory", "the boot loader gave no memory map");
    if (efi_tables_enter(map, info->efi_system_table, FOUR_GIB, rsdp))
        console_die("memory", map_full);
}

static void modules_mark(const struct mb2_info *info, struct memmap *map, uint64_t block)
{
    uint32_t block_bytes;
    int full;

    memcpy(&block_bytes, (const void *)(uintptr_t)block, sizeof block_bytes);
    full = memmap_mark(map, (uintptr_t)loader_start, (uint64_t)(loader_end - loader_start),
                       BOOT_USE_LOADER);
    full |= memmap_mark(map, block, block_bytes, BOOT_USE_LOADER);
    /* The kernel's file goes when it is unpacked; the ramdisk stays where it is. */
    full |= memmap_mark(map, info->module[0].base, info->module[0].bytes, BOOT_USE_LOADER);
    if (info->modules > 1)
        full |= memmap_mark(map, info->module[1].base, info->module[1].bytes, BOOT_USE_RAMDISK);
    if (full)
        console_die("memory", map_full);
}

static uint64_t memory_take(struct memmap *map, uint64_t bytes, uint64_t align, uint32_t use,
                            const char *what)
{
    uint64_t base = memmap_take(map, bytes, align, FOUR_GIB, use);

    if (!base)
        console_die(what, no_memory);
    return base;
}

static void kernel_load(const struct mb2_module *module, struct memmap *map, struct boot_blob *elf)
{
    static const char what[] = "kernel (first module)";
    struct kernel_file file;
    uint64_t scratch = 0;
    const char *reason;

    reason = kernel_open((const void *)(uintptr_t)module->base, module->bytes, &file);
    if (reason)
        console_die(what, reason);
    elf->bytes = file.elf_bytes;
    elf->base = memory_take(map, elf->bytes, MEMMAP_PAGE, BOOT_USE_KERNEL, what);
    if (file.scratch_bytes) {
        scratch = memory_take(map, file.scratch_bytes, MEMMAP_PAGE, BOOT_USE_LOADER, what);
        libc_arena((void *)(uintptr_t)scratch, file.scratch_bytes);
    }
    reason = kernel_unpack(&file, (void *)(uintptr_t)elf->base);
    if (!reason)
        reason = kernel_check_dom0((const void *)(uintptr_t)elf->base, elf->bytes);
    if (reason)
        console_die(what, reason);
    if (scratch)
        memmap_release(map, scratch, file.scratch_bytes, BOOT_USE_LOADER);
    memmap_release(map, module->base, module->bytes, BOOT_USE_LOADER);
}

static void text_load(struct launch *launch, const char *text, size_t bytes, int is_options,
                      struct boot_blob *where)
{
    if (text && is_options)
        text = mb2_options(text, &bytes);
    if (launch_text(launch, text ? text : "", text ? bytes : 0, where))
        console_die("command line", "too long");
}

static void acpi_load(struct launch *launch, const struct mb2_info *info, uint64_t rsdp)
{
    if (!rsdp && info->rsdp && info->rsdp_bytes <= LAUNCH_RSDP_BYTES) {
        memcpy(launch->rsdp, info->rsdp, info->rsdp_bytes);
        rsdp = (uintptr_t)launch->rsdp;
    }
    launch->handover.acpi_rsdp = rsdp;
}

static void efi_load(struct launch *launch, const struct mb2_info *info)
{
    struct boot_efi *efi = &launch->handover.efi;

    if (!info->efi_map || !info->efi_system_table)
        return;
    if (info->efi_map_bytes > LAUNCH_EFI_MAP_BYTES)
        console_die("memory", map_full);
    memcpy(launch->efi_map, info->efi_map, info->efi_map_bytes);
    efi->system_table = info->efi_system_table;
    efi->memory_map.base = (uintptr_t)launch->efi_map;
    efi->memory_map.bytes = info->efi_map_bytes;
    efi->descriptor_bytes = info->efi_descriptor_bytes;
    efi->descriptor_version = info->efi_descriptor_version;
    launch->handover.screen.from_efi = launch->handover.screen.kind == BOOT_SCREEN_LINEAR;
}

static void handover_fill(struct launch *launch, const struct mb2_info *info, uint64_t rsdp)
{
    struct boot_handover *handover = &launch->handover;

    if (info->modules > 1) {
        handover->ramdisk.base = info->module[1].base;
        handover->ramdisk.bytes = info->module[1].bytes;
    }
    text_load(launch, info->cmdline, info->cmdline_bytes, 1, &handover->cmdline);
    text_load(launch, info->module[0].cmdline, info->module[0].cmdline_bytes, 1,
              &handover->kernel_cmdline);
    text_load(launch, info->loader_name, info->loader_name_bytes, 0, &handover->loader_name);
    handover->screen = info->screen;
    acpi_load(launch, info, rsdp);
    efi_load(launch, info);
}

void mb2_main(uint32_t magic, uint64_t block, uint64_t entry_tsc)
{
    struct boot_blob kernel;
    struct mb2_info info;
    struct launch *launch;
    struct memmap map;
    struct image image;
    const char *reason;
    uint64_t rsdp, base;

    if (magic != MB2_BOOT_MAGIC)
        console_die("start", "not started by a multiboot2 boot loader");
    reason = mb2_parse((const void *)(uintptr_t)block, FOUR_GIB - block, &info);
    if (reason)
        console_die("start", reason);
    console_screen(&info.screen);
    if (info.modules == 0)
        console_die("kernel (first module)", "missing: the boot entry needs a module2 line");
    memory_read(&info, &map, &rsdp);
    modules_mark(&info, &map, block);

    reason = image_open(payload_start, (size_t)(payload_end - payload_start), &image);
    if (reason)
        console_die("start", reason);
    base = memory_take(&map, image.bytes, IMAGE_ALIGN, BOOT_USE_HYPERVISOR, "hypervisor");
    launch = (struct launch *)(uintptr_t)memory_take(&map, sizeof *launch, MEMMAP_PAGE,
                                                     BOOT_USE_LOADER, "hypervisor");
    launch_begin(launch, &image, base);
    kernel_load(&info.module[0], &map, &kernel);
    launch->handover.entry_tsc = entry_tsc;
    launch->handover.kernel = kernel;
    handover_fill(launch, &info, rsdp);
    if (launch_tables(launch, &image))
        console_die("hypervisor", no_memory);
    memcpy(launch->range, early_range, sizeof launch->range);
    map.range = launch->range;
    launch_enter(launch, &map);
}
