/* SPDX-License-Identifier: BSD-2-Clause */
/* Multiboot2 information blocks. */
/* sources: boot/multiboot2/tags.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot/multiboot2/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static volatile unsigned sink;

static void touch(const void *start, size_t bytes)
{
    const uint8_t *at = start;

    while (bytes--)
        sink += *at++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint32_t total = (uint32_t)bytes;
    struct mb2_range range;
    struct mb2_info info;
    uint8_t *block = malloc(bytes + 1);
    size_t i, left;
    const char *text;

    memcpy(block, data, bytes);
    if (bytes >= 8 && block[0] & 1)
        memcpy(block, &total, 4);
    if (!mb2_parse(block, bytes, &info)) {
        for (i = 0; mb2_range_at(&info, i, &range) == 0; i++)
            sink += range.type;
        touch(info.cmdline, info.cmdline_bytes);
        touch(info.loader_name, info.loader_name_bytes);
        touch(info.efi_map, info.efi_map_bytes);
        touch(info.rsdp, info.rsdp_bytes);
        for (i = 0; i < info.modules; i++) {
            left = info.module[i].cmdline_bytes;
            text = mb2_options(info.module[i].cmdline, &left);
            touch(text, left);
        }
    }
    free(block);
    return 0;
}
