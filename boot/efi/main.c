/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The EFI loader: from the firmware's call to the hypervisor.
 *
 * What is always true here: until ExitBootServices succeeds every failure unwinds to efi_main,
 * which prints one line naming the file and the reason, gives everything back and returns to the
 * firmware. After it nothing is allocated, printed or allowed to fail.
 */
#include "boot/common/efi_map.h"
#include "boot/common/image.h"
#include "boot/common/kernel.h"
#include "boot/common/launch.h"
#include "boot/common/libc.h"
#include "boot/efi/firmware.h"
#include "boot/efi/options.h"
#include "boot/efi/video.h"

#include <string.h>

#define CHAIN_MOST 8
#define EXIT_TRIES 16
#define CR4_LA57   (1ULL << 12) /* Intel SDM volume 3, 2.5 */
#define PAGE_BYTES 4096ULL

/* From payload.S, crt0 and loader.lds. */
extern const char payload_start[], payload_end[];
extern char ImageBase[], image_end[];

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/* Everything found out on the way; `what` names what a reason is about. */
struct boot {
    struct config_text what;
    struct config_text self;
    struct options options;
    int sealed; /* the program's file has a configuration in it: nothing from outside counts */
    struct config_text config;
    struct config_text section;
    struct config_text kernel_name, kernel_options, ramdisk_name;
    struct boot_blob config_file, kernel_file, kernel, ramdisk;
    struct kernel_file packed;
    struct image image;
    uint64_t image_base;
    struct launch *launch;
};

static const char no_memory[] = "too little memory";

static struct config_text piece_of(const char *text)
{
    return (struct config_text){text, strlen(text)};
}

/* A file, or what takes its place in a sealed program. */
static const char *part_load(struct boot *boot, const char *section, struct config_text name,
                             struct boot_blob *file)
{
    if (!boot->sealed) {
        boot->what = name;
        return files_load(name, file);
    }
    boot->what = piece_of(section);
    return section_load(section, file);
}

/* A program that somebody signed with a configuration in it runs that, or Secure Boot would be for
 * nothing. */
static const char *seal_look(struct boot *boot)
{
    const char *reason = section_load(".config", &boot->config_file);

    boot->what = piece_of(".config");
    boot->sealed = reason != files_missing;
    if (!reason)
        memory_give(boot->config_file.base);
    return boot->sealed ? reason : NULL;
}

static const char *config_load(struct boot *boot, struct config_text name)
{
    const char *reason = part_load(boot, ".config", name, &boot->config_file);

    if (!reason)
        boot->config = (struct config_text){(const char *)(uintptr_t)boot->config_file.base,
                                            boot->config_file.bytes};
    return reason;
}

/* Tries NAME.cfg for the program's name and ever shorter ones. */
static const char *config_find(struct boot *boot)
{
    static char name[256];
    size_t bytes = boot->self.bytes;
    const char *reason = files_missing;

    if (boot->sealed || boot->options.config.text)
        return config_load(boot, boot->options.config);
    if (bytes > sizeof name - 5)
        bytes = sizeof name - 5;
    memcpy(name, boot->self.text, bytes);
    /* The suffix goes first; a name without one is tried whole. */
    if (bytes > 4 && name[bytes - 4] == '.')
        bytes -= 4;
    for (; bytes; bytes = config_name_shorten(name, bytes)) {
        memcpy(name + bytes, ".cfg", 4);
        reason = config_load(boot, (struct config_text){name, bytes + 4});
        if (reason != files_missing)
            return reason;
        memcpy(name, boot->self.text, bytes);
    }
    boot->what = piece_of("configuration file");
    return "not found beside the program";
}

static struct config_text item_get(const struct boot *boot, const char *item)
{
    return config_get(boot->config, boot->section, item);
}

/* Reads the configuration, following chain= while it names no kernel. */
static const char *config_read(struct boot *boot)
{
    const char *reason = config_find(boot);
    unsigned depth;

    boot->section = boot->options.section;
    for (depth = 0; !reason; depth++) {
        const struct config_text global = {"global", 6};
        struct config_text chain;

        if (!boot->section.text)
            boot->section = config_get(boot->config, global, "default");
        boot->kernel_options = item_get(boot, "kernel");
        boot->kernel_name = config_word(&boot->kernel_options);
        if (boot->kernel_name.text) {
            boot->ramdisk_name = item_get(boot, "ramdisk");
            boot->ramdisk_name = config_word(&boot->ramdisk_name);
            return NULL;
        }
        chain = config_get(boot->config, global, "chain");
        if (!chain.text || !chain.bytes)
            return boot->section.text ? "no kernel= for the chosen section" : "no kernel=";
        if (depth == CHAIN_MOST)
            return "too many chain= in a row";
        reason = config_load(boot, chain);
    }
    return reason;
}

static const char *files_read(struct boot *boot)
{
    const char *reason;

    reason = part_load(boot, ".kernel", boot->kernel_name, &boot->kernel_file);
    if (!reason)
        reason = kernel_open((const void *)(uintptr_t)boot->kernel_file.base,
                             boot->kernel_file.bytes, &boot->packed);
    if (reason || !boot->ramdisk_name.text)
        return reason;
    return part_load(boot, ".ramdisk", boot->ramdisk_name, &boot->ramdisk);
}

static const char *kernel_unpack_call(void *argument)
{
    struct boot *boot = argument;
    void *elf = (void *)(uintptr_t)boot->kernel.base;
    const char *reason = kernel_unpack(&boot->packed, elf);

    return reason ? reason : kernel_check_dom0(elf, boot->kernel.bytes);
}

static const char *kernel_load(struct boot *boot)
{
    uint64_t scratch = 0;
    const char *reason;

    boot->what = boot->kernel_name;
    boot->kernel.bytes = boot->packed.elf_bytes;
    boot->kernel.base = memory_take(boot->kernel.bytes, PAGE_BYTES);
    if (boot->packed.scratch_bytes)
        scratch = memory_take(boot->packed.scratch_bytes, PAGE_BYTES);
    if (!boot->kernel.base || (boot->packed.scratch_bytes && !scratch))
        return "too little memory to unpack the kernel";
    libc_arena((void *)(uintptr_t)scratch, boot->packed.scratch_bytes);
    reason = quietly(kernel_unpack_call, boot);
    memory_give(scratch);
    memory_give(boot->kernel_file.base);
    return reason;
}

/* The configuration's options, then those after -- on our command line, so that these win. */
static const char *text_load(struct boot *boot)
{
    struct boot_handover *handover = &boot->launch->handover;
    struct config_text options = item_get(boot, "options");
    static char line[LAUNCH_TEXT_BYTES / 2];
    static const char loader[] = "zendo.efi";
    size_t fill = options.bytes;

    boot->what = piece_of("options");
    if (options.bytes + boot->options.extra.bytes + 1 >= sizeof line ||
        boot->kernel_options.bytes >= sizeof line)
        return "too long";
    if (options.text)
        memcpy(line, options.text, options.bytes);
    if (boot->options.extra.text) {
        if (fill)
            line[fill++] = ' ';
        memcpy(line + fill, boot->options.extra.text, boot->options.extra.bytes);
        fill += boot->options.extra.bytes;
    }
    if (launch_text(boot->launch, line, fill, &handover->cmdline) ||
        launch_text(boot->launch, boot->kernel_options.text ? boot->kernel_options.text : "",
                    boot->kernel_options.bytes, &handover->kernel_cmdline) ||
        launch_text(boot->launch, loader, sizeof loader - 1, &handover->loader_name))
        return "too long";
    return NULL;
}

static const char *launch_prepare(struct boot *boot, uint64_t entry_tsc)
{
    struct boot_handover *handover;

    boot->what = piece_of("hypervisor");
    boot->launch = (struct launch *)(uintptr_t)memory_take(sizeof *boot->launch, PAGE_BYTES);
    boot->image_base = memory_take(boot->image.bytes, IMAGE_ALIGN);
    if (!boot->launch || !boot->image_base)
        return no_memory;
    launch_begin(boot->launch, &boot->image, boot->image_base);
    handover = &boot->launch->handover;
    handover->entry_tsc = entry_tsc;
    handover->kernel = boot->kernel;
    handover->ramdisk = boot->ramdisk;
    video_describe(&handover->screen);
    return text_load(boot);
}

/* Fetches the firmware's map into the launch block. */
static const char *map_get(struct launch *launch, UINTN *key)
{
    struct boot_efi *efi = &launch->handover.efi;
    UINTN bytes = LAUNCH_EFI_MAP_BYTES, stride = 0;
    UINT32 version = 0;
    EFI_STATUS status;

    status = firmware->BootServices->GetMemoryMap(&bytes, (EFI_MEMORY_DESCRIPTOR *)launch->efi_map,
                                                  key, &stride, &version);
    if (EFI_ERROR(status))
        return status == EFI_BUFFER_TOO_SMALL ? "has too many entries" : "cannot be read";
    efi->system_table = (uintptr_t)firmware;
    efi->memory_map.base = (uintptr_t)launch->efi_map;
    efi->memory_map.bytes = bytes;
    efi->descriptor_bytes = (uint32_t)stride;
    efi->descriptor_version = version;
    return NULL;
}

/* Turns the map of the launch block into ranges and gives each of our pieces its use. */
static int map_convert(struct boot *boot, struct memmap *map)
{
    struct launch *launch = boot->launch;
    struct boot_handover *handover = &launch->handover;
    const struct {
        uint64_t base, bytes;
        uint32_t use;
    } ours[] = {
        {boot->image_base, boot->image.bytes, BOOT_USE_HYPERVISOR},
        {boot->kernel.base, boot->kernel.bytes, BOOT_USE_KERNEL},
        {boot->ramdisk.base, boot->ramdisk.bytes, BOOT_USE_RAMDISK},
        {(uintptr_t)launch, sizeof *launch, BOOT_USE_LOADER},
        {(uintptr_t)ImageBase, (uint64_t)(image_end - ImageBase), BOOT_USE_LOADER},
    };
    size_t i;

    memmap_init(map, launch->range, LAUNCH_RANGES);
    if (efi_map_enter(map, launch->efi_map, handover->efi.memory_map.bytes,
                      handover->efi.descriptor_bytes))
        return -1;
    for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (memmap_mark(map, ours[i].base, ours[i].bytes, ours[i].use))
            return -1;
    return efi_tables_enter(map, handover->efi.system_table, UINT64_MAX, &handover->acpi_rsdp);
}

/* Leaves boot services; the map may change under our feet until that succeeds (UEFI 2.10,
 * 7.4.6). */
static const char *firmware_leave(struct boot *boot, EFI_HANDLE image, struct memmap *map)
{
    static const char full[] = "has too many entries";
    const char *reason;
    unsigned tries;
    UINTN key;

    boot->what = piece_of("firmware's memory map");
    /* A rehearsal while errors can still be told. */
    reason = map_get(boot->launch, &key);
    if (reason)
        return reason;
    if (map_convert(boot, map) || map->count > LAUNCH_RANGES - 64)
        return full;
    /* Only now everything that has to be mapped is known. */
    if (launch_tables(boot->launch, &boot->image) ||
        launch_map(boot->launch, (uintptr_t)ImageBase, (uint64_t)(image_end - ImageBase)))
        return "lies too far apart to map it";
    for (tries = 0; tries < EXIT_TRIES; tries++) {
        reason = map_get(boot->launch, &key);
        if (reason)
            return reason;
        if (!EFI_ERROR(firmware->BootServices->ExitBootServices(image, key)))
            return NULL;
    }
    return "changes too often to leave boot services";
}

static const char *machine_check(void)
{
    uint64_t cr4;

    __asm__("mov %%cr4, %0" : "=r"(cr4));
    return cr4 & CR4_LA57 ? "the firmware uses five-level page tables" : NULL;
}

static void video_choose(const struct boot *boot)
{
    struct config_text video = item_get(boot, "video");
    unsigned wanted[3];

    if (boot->options.base_video || !video.text)
        return;
    if (options_video(video, wanted) == 0)
        video_select(wanted);
}

static const char *boot_prepare(struct boot *boot, uint64_t entry_tsc)
{
    const char *reason = machine_check();

    if (!reason)
        reason = image_open(payload_start, (size_t)(payload_end - payload_start), &boot->image);
    if (!reason)
        reason = config_read(boot);
    if (!reason)
        reason = files_read(boot);
    if (!reason)
        reason = kernel_load(boot);
    if (reason)
        return reason;
    video_choose(boot);
    return launch_prepare(boot, entry_tsc);
}

static void help_say(void)
{
    say("zendo.efi [-cfg=FILE] [-basevideo] [-help] [SECTION] [-- HYPERVISOR-OPTIONS]\r\n"
        "  Starts Zendo as FILE says, by default NAME.cfg beside NAME.efi:\r\n"
        "    [global] default=SECTION chain=FILE\r\n"
        "    [SECTION] options=... kernel=FILE ... ramdisk=FILE video=gfx-WxH[xD]\r\n");
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    uint64_t entry_tsc = __builtin_ia32_rdtsc();
    static struct boot boot;
    const char *reason;
    struct memmap map;

    memset(&boot, 0, sizeof boot);
    firmware_begin(image, system);
    boot.what = piece_of("start");
    reason = files_begin(&boot.self);
    if (!reason)
        reason = seal_look(&boot);
    if (!reason && !boot.sealed)
        options_parse(command_line(), boot.self, &boot.options);
    if (!reason && boot.options.help) {
        help_say();
        firmware_end();
        return EFI_SUCCESS;
    }
    if (boot.options.unknown.text) {
        say("zendo.efi: unknown option ");
        say_piece(boot.options.unknown);
        say(" ignored\r\n");
    }
    if (!reason)
        reason = boot_prepare(&boot, entry_tsc);
    if (!reason)
        reason = firmware_leave(&boot, image, &map);
    if (!reason) {
        /* The rehearsal has shown that it fits; should it not, there is only the reset left. */
        if (map_convert(&boot, &map))
            system->RuntimeServices->ResetSystem(EfiResetCold, EFI_LOAD_ERROR, 0, NULL);
        launch_enter(boot.launch, &map);
    }
    say("zendo.efi: ");
    say_piece(boot.what);
    say(": ");
    say(reason);
    say("\r\n");
    firmware_end();
    return EFI_LOAD_ERROR;
}
