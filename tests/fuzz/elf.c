/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an ELF file: whatever the view hands out must lie in the buffer. */
/* sources: hypervisor/lib/elf.c */
#include <stdlib.h>
#include <string.h>

#include "lib/elf.h"
#include "tests/unit/elf_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte, so that the sanitizer sees one that is not ours. */
static volatile uint8_t touched;

static void touch(const void *block, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i++)
        touched ^= ((const uint8_t *)block)[i];
}

static void use_notes(const struct elf_view *view)
{
    static const char owners[][6] = {"", "Xen", "Linux"};
    struct elf_note note;
    uint64_t value;

    for (size_t owner = 0; owner < ARRAY_SIZE(owners); owner++) {
        for (uint32_t type = 0; type < 20; type++) {
            if (!elf_find_note(view, owners[owner], type, &note))
                continue;
            touch(note.data, note.bytes);
            if (elf_note_string(&note))
                touch(elf_note_string(&note), strlen(elf_note_string(&note)) + 1);
            if (elf_note_number(&note, &value) != (note.bytes == 4 || note.bytes == 8))
                abort();
        }
    }
}

static void use_symbols(const struct elf_view *view, uint64_t address)
{
    struct elf_symbols symbols;
    uint64_t offset, value;
    const char *name;

    if (!elf_find_symbols(view, &symbols))
        return;
    touch(symbols.table, symbols.count * 24);
    touch(symbols.names, symbols.names_bytes);
    name = elf_symbol_at(&symbols, address, &offset);
    if (name && (!*name || offset > address || !elf_symbol_value(&symbols, name, &value)))
        abort();
}

/* Opens and uses a file that stands in memory of exactly its size. */
static void use_file(const uint8_t *data, size_t size)
{
    struct elf_segment segment;
    struct elf_view view;
    uint8_t *file = malloc(size ? size : 1);

    memcpy(file, data, size);
    if (elf_open(&view, file, size) == ELF_OK) {
        for (uint32_t i = 0; i < view.segment_count; i++) {
            elf_segment(&view, i, &segment);
            touch(segment.data, segment.file_bytes);
        }
        use_notes(&view);
        use_symbols(&view, view.entry);
        use_symbols(&view, 0x1008);
        use_symbols(&view, UINT64_MAX);
    }
    free(file);
}

/* The input is a file, or a list of changes (place, width, value) to a good one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = (uint8_t *)&image;

    use_file(data, size);
    image_build();
    for (; size >= 11; size -= 11, data += 11) {
        size_t place = (data[0] | data[1] << 8) % sizeof(image), width = 1U << (data[2] & 3);

        memcpy(bytes + place, data + 3, min(width, sizeof(image) - place));
    }
    use_file(bytes, sizeof(image) - (size ? data[0] : 0));
    return 0;
}
