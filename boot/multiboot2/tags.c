/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading multiboot2 tags.
 *
 * What is always true here: a tag is used only after its whole declared size was found to lie
 * inside the block, and text only up to the first NUL inside its tag.
 */
#include "boot/multiboot2/tags.h"

#include <string.h>

/* Multiboot2 Specification 2.0, sections 3.6.1 to 3.6.17. */
enum {
    TAG_END = 0,
    TAG_CMDLINE = 1,
    TAG_LOADER_NAME = 2,
    TAG_MODULE = 3,
    TAG_MEMORY_MAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_EFI64_TABLE = 12,
    TAG_RSDP_OLD = 14,
    TAG_RSDP_NEW = 15,
    TAG_EFI_MAP = 17,
};

enum { FRAMEBUFFER_RGB = 1, FRAMEBUFFER_TEXT = 2 };
enum { TEXT_CELL_BYTES = 2 };

static uint32_t word32(const uint8_t *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t word64(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static size_t text_bytes(const uint8_t *at, size_t room)
{
    const uint8_t *end = memchr(at, 0, room);

    return end ? (size_t)(end - at) : room;
}

static void module_read(const uint8_t *tag, size_t bytes, struct mb2_info *info)
{
    struct mb2_module *module = &info->module[info->modules];
    uint32_t start, end;

    if (bytes < 16 || info->modules == 2)
        return;
    start = word32(tag + 8);
    end = word32(tag + 12);
    module->base = start;
    module->bytes = end > start ? end - start : 0;
    module->cmdline = (const char *)tag + 16;
    module->cmdline_bytes = text_bytes(tag + 16, bytes - 16);
    info->modules++;
}

static void framebuffer_read(const uint8_t *tag, size_t bytes, struct boot_screen *screen)
{
    if (bytes < 32)
        return;
    screen->base = word64(tag + 8);
    screen->pitch_bytes = word32(tag + 16);
    screen->width = word32(tag + 20);
    screen->height = word32(tag + 24);
    screen->bits_per_pixel = tag[28];
    if (tag[29] == FRAMEBUFFER_TEXT) {
        screen->kind = BOOT_SCREEN_TEXT;
        /* Some loaders count the pitch in cells. */
        if (screen->pitch_bytes < screen->width * TEXT_CELL_BYTES)
            screen->pitch_bytes = screen->width * TEXT_CELL_BYTES;
    } else if (tag[29] == FRAMEBUFFER_RGB && bytes >= 38) {
        screen->kind = BOOT_SCREEN_LINEAR;
        screen->red_pos = tag[32];
        screen->red_bits = tag[33];
        screen->green_pos = tag[34];
        screen->green_bits = tag[35];
        screen->blue_pos = tag[36];
        screen->blue_bits = tag[37];
    }
    screen->bytes = (uint64_t)screen->pitch_bytes * screen->height;
}

static void rsdp_read(const uint8_t *tag, size_t bytes, int is_new, struct mb2_info *info)
{
    /* An ACPI 1.0 root is 20 bytes, a later one at least 36 and is the better one. */
    if (bytes < 8 + (is_new ? 36U : 20U) || (info->rsdp && !is_new))
        return;
    info->rsdp = tag + 8;
    info->rsdp_bytes = bytes - 8;
}

static void map_read(const uint8_t *tag, size_t bytes, struct mb2_info *info)
{
    if (bytes < 16 || word32(tag + 8) < 24)
        return;
    info->memory_map = tag + 16;
    info->memory_map_bytes = bytes - 16;
    info->memory_map_entry = word32(tag + 8);
}

static void efi_map_read(const uint8_t *tag, size_t bytes, struct mb2_info *info)
{
    if (bytes < 16 || word32(tag + 8) < 40)
        return;
    info->efi_map = tag + 16;
    info->efi_map_bytes = bytes - 16;
    info->efi_descriptor_bytes = word32(tag + 8);
    info->efi_descriptor_version = word32(tag + 12);
}

static void tag_read(const uint8_t *tag, size_t bytes, struct mb2_info *info)
{
    switch (word32(tag)) {
    case TAG_CMDLINE:
        info->cmdline = (const char *)tag + 8;
        info->cmdline_bytes = text_bytes(tag + 8, bytes - 8);
        break;
    case TAG_LOADER_NAME:
        info->loader_name = (const char *)tag + 8;
        info->loader_name_bytes = text_bytes(tag + 8, bytes - 8);
        break;
    case TAG_MODULE:
        module_read(tag, bytes, info);
        break;
    case TAG_MEMORY_MAP:
        map_read(tag, bytes, info);
        break;
    case TAG_FRAMEBUFFER:
        framebuffer_read(tag, bytes, &info->screen);
        break;
    case TAG_EFI64_TABLE:
        if (bytes >= 16)
            info->efi_system_table = word64(tag + 8);
        break;
    case TAG_RSDP_OLD:
    case TAG_RSDP_NEW:
        rsdp_read(tag, bytes, word32(tag) == TAG_RSDP_NEW, info);
        break;
    case TAG_EFI_MAP:
        efi_map_read(tag, bytes, info);
        break;
    default:
        break;
    }
}

const char *mb2_parse(const void *block, size_t limit, struct mb2_info *info)
{
    static const char bad[] = "damaged multiboot2 information";
    const uint8_t *start = block;
    size_t at = 8, total;

    memset(info, 0, sizeof *info);
    if (limit < 8)
        return bad;
    total = word32(start);
    if (total > limit)
        return bad;
    for (;;) {
        size_t bytes;

        if (total < 8 || at > total - 8)
            return bad;
        bytes = word32(start + at + 4);
        if (bytes < 8 || bytes > total - at)
            return bad;
        if (word32(start + at) == TAG_END)
            return NULL;
        tag_read(start + at, bytes, info);
        at += (bytes + 7) & ~(size_t)7;
    }
}

int mb2_range_at(const struct mb2_info *info, size_t index, struct mb2_range *range)
{
    const uint8_t *entry;

    if (!info->memory_map_entry || index >= info->memory_map_bytes / info->memory_map_entry)
        return -1;
    entry = info->memory_map + index * info->memory_map_entry;
    range->base = word64(entry);
    range->bytes = word64(entry + 8);
    /* The tag's types are E820's; memmap_add treats what it does not know as reserved. */
    range->type = word32(entry + 16);
    return 0;
}

const char *mb2_options(const char *text, size_t *bytes)
{
    static const char word[] = "placeholder";
    size_t left = *bytes, first = 0;

    while (left && *text == ' ')
        text++, left--;
    while (first < left && text[first] != ' ')
        first++;
    if (first && (text[0] == '/' || text[0] == '(' ||
                  (first == sizeof word - 1 && memcmp(text, word, first) == 0)))
        text += first, left -= first;
    while (left && *text == ' ')
        text++, left--;
    while (left && text[left - 1] == ' ')
        left--;
    *bytes = left;
    return text;
}
