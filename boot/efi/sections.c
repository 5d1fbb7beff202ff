/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was put into the program's own file: sections beside those of the linker.
 *
 * What is always true here: the firmware has loaded the file, headers and all sections, and has
 * refused one that is damaged; so what the headers say is inside of it.
 */
#include <string.h>

#include "boot/efi/firmware.h"

/* Microsoft's PE format, revision 11: "MS-DOS Stub", "COFF File Header", "Section Table". */
#define PE_OFFSET             0x3c
#define PE_SECTIONS           6
#define PE_OPTIONAL_BYTES     20
#define PE_OPTIONAL           24
#define SECTION_HEADER_BYTES  40
#define SECTION_NAME_BYTES    8
#define SECTION_VIRTUAL_BYTES 8
#define SECTION_ADDRESS       12

extern char ImageBase[]; /* crt0 and loader.lds */

static uint32_t word_at(const char *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

static uint16_t half_at(const char *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

const char *section_load(const char *name, struct boot_blob *file)
{
    const char *pe = ImageBase + word_at(ImageBase + PE_OFFSET);
    const char *header = pe + PE_OPTIONAL + half_at(pe + PE_OPTIONAL_BYTES);
    unsigned left = half_at(pe + PE_SECTIONS);
    char *copy;

    for (; left; left--, header += SECTION_HEADER_BYTES)
        if (memcmp(header, name, SECTION_NAME_BYTES) == 0)
            break;
    if (!left)
        return files_missing;
    file->bytes = word_at(header + SECTION_VIRTUAL_BYTES);
    file->base = memory_take(file->bytes + 1, 4096);
    if (!file->base)
        return "too little memory to copy it";
    copy = (char *)(uintptr_t)file->base;
    memcpy(copy, ImageBase + word_at(header + SECTION_ADDRESS), file->bytes);
    copy[file->bytes] = 0;
    return NULL;
}
