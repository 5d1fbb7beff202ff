/* SPDX-License-Identifier: BSD-2-Clause */
/* The ELF view: this very program, a small file made by hand, and damaged copies of it. */
/* sources: hypervisor/lib/elf.c */
/* cflags: -fno-pie */
/* libs: -no-pie */
#include "tests/unit/check.h"

#include "lib/elf.h"
#include "tests/unit/elf_image.h"

static enum elf_fault open_image(struct elf_view *view)
{
    return elf_open(view, &image, sizeof(image));
}

TEST(segments)
{
    struct elf_view view;
    struct elf_segment segment;
    uint32_t cursor = 0;

    image_build();
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK_EQ(view.entry, 0xffffffff81000000);
    CHECK(elf_next_segment(&view, ELF_SEGMENT_LOAD, &cursor, &segment));
    CHECK_EQ(segment.virtual_address, 0xffffffff81000000);
    CHECK_EQ(segment.load_address, 0x1000000);
    CHECK(segment.file_bytes == 64 && segment.memory_bytes == 0x1000);
    CHECK(segment.data == (const uint8_t *)image.text);
    CHECK(segment.readable && !segment.writable && segment.executable);
    CHECK(elf_next_segment(&view, ELF_SEGMENT_LOAD, &cursor, &segment));
    CHECK(segment.file_bytes == 0 && segment.memory_bytes == 0x2000);
    CHECK(segment.readable && segment.writable && !segment.executable);
    CHECK(!elf_next_segment(&view, ELF_SEGMENT_LOAD, &cursor, &segment));
}

TEST(notes)
{
    struct elf_view view;
    struct elf_note note;
    uint64_t value;

    image_build();
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK(elf_find_note(&view, "Xen", 5, &note));
    CHECK(elf_note_number(&note, &value) && value == 0x12345678);
    CHECK(!elf_note_string(&note));
    CHECK(elf_find_note(&view, "Linux", 5, &note));
    CHECK(!elf_note_number(&note, &value));
    CHECK_STR(elf_note_string(&note), "5.10x");
    CHECK(elf_find_note(&view, "Xen", 6, &note));
    CHECK(elf_note_number(&note, &value) && value == 0xffff800000000000);
    CHECK(!elf_find_note(&view, "Xen", 7, &note));
    CHECK(!elf_find_note(&view, "Xe", 5, &note));
    CHECK(!elf_find_note(&view, "Xenn", 5, &note));
}

TEST(note_that_runs_out)
{
    struct elf_view view;
    struct elf_note note;

    image_build();
    image.second.header.n_descsz = 0xffffffff;
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK(elf_find_note(&view, "Xen", 5, &note));
    CHECK(!elf_find_note(&view, "Linux", 5, &note));
    CHECK(!elf_find_note(&view, "Xen", 6, &note));
    image.first.header.n_namesz = 0xfffffffd;
    CHECK(!elf_find_note(&view, "Xen", 5, &note));
}

TEST(symbols)
{
    struct elf_view view;
    struct elf_symbols symbols;
    uint64_t offset = 0, value;

    image_build();
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK(elf_find_symbols(&view, &symbols));
    CHECK(!elf_symbol_at(&symbols, 0xfff, &offset));
    CHECK_STR(elf_symbol_at(&symbols, 0x1000, &offset), "start");
    CHECK_EQ(offset, 0);
    CHECK_STR(elf_symbol_at(&symbols, 0x100f, &offset), "start");
    CHECK_EQ(offset, 15);
    CHECK(!elf_symbol_at(&symbols, 0x1010, &offset));
    CHECK_STR(elf_symbol_at(&symbols, 0x1030, &offset), "other"); /* not the object "data" */
    CHECK_EQ(offset, 16);
    CHECK_STR(elf_symbol_at(&symbols, UINT64_MAX, &offset), "late");
    CHECK(elf_symbol_value(&symbols, "data", &value) && value == 0x1028);
    CHECK(!elf_symbol_value(&symbols, "dat", &value));
    image.names[31] = 'x';
    CHECK(!elf_find_symbols(&view, &symbols));
}

TEST(function_name_beats_label)
{
    struct elf_view view;
    struct elf_symbols symbols;
    uint64_t offset;

    image_build();
    image.symbols[2].st_value = 0x1000;
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK(elf_find_symbols(&view, &symbols));
    CHECK_STR(elf_symbol_at(&symbols, 0x1008, &offset), "start");
    image.symbols[2] = image.symbols[1];
    image.symbols[1] = image_symbol(7, STT_NOTYPE, 0x1000, 0);
    CHECK_STR(elf_symbol_at(&symbols, 0x1008, &offset), "start");
}

#define REFUSED(change, fault)                     \
    do {                                           \
        struct elf_view view_;                     \
        image_build();                                   \
        change;                                    \
        CHECK_EQ(open_image(&view_), fault);       \
        CHECK(strlen(elf_fault_text(fault)) > 8);  \
    } while (0)

TEST(refusals)
{
    struct elf_view view;

    image_build();
    CHECK_EQ(elf_open(&view, &image, 63), ELF_TOO_SHORT);
    CHECK_EQ(elf_open(&view, &image, sizeof(image.header) + 3 * 56 - 1), ELF_BAD_SEGMENT_TABLE);
    REFUSED(image.header.e_ident[0] = 0x7e, ELF_NO_MAGIC);
    REFUSED(image.header.e_ident[EI_CLASS] = ELFCLASS32, ELF_NOT_64_BIT);
    REFUSED(image.header.e_ident[EI_DATA] = ELFDATA2MSB, ELF_NOT_LITTLE_ENDIAN);
    REFUSED(image.header.e_ident[EI_VERSION] = 2, ELF_BAD_VERSION);
    REFUSED(image.header.e_type = ET_REL, ELF_NOT_LOADABLE);
    REFUSED(image.header.e_machine = EM_AARCH64, ELF_NOT_X86_64);
    REFUSED(image.header.e_phnum = 0, ELF_NO_SEGMENTS);
    REFUSED(image.header.e_phentsize = 55, ELF_BAD_SEGMENT_TABLE);
    REFUSED(image.header.e_phoff = UINT64_MAX - 10, ELF_BAD_SEGMENT_TABLE);
    REFUSED(image.segments[0].p_offset = sizeof(image) - 63, ELF_BAD_SEGMENT);
    REFUSED(image.segments[0].p_filesz = UINT64_MAX, ELF_BAD_SEGMENT);
    REFUSED(image.segments[0].p_memsz = 63, ELF_BAD_SEGMENT);
    REFUSED(image.segments[0].p_memsz = 0x80000000, ELF_BAD_SEGMENT);
    REFUSED(image.segments[2].p_paddr = UINT64_MAX - 0x1000, ELF_BAD_SEGMENT);
    REFUSED(image.segments[1].p_offset = sizeof(image), ELF_BAD_SEGMENT);
}

TEST(bad_sections_only_cost_symbols)
{
    struct elf_view view;
    struct elf_symbols symbols;

    image_build();
    image.header.e_shoff = sizeof(image) - 1;
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK(!elf_find_symbols(&view, &symbols));
    image_build();
    image.sections[1].sh_link = 3;
    memcpy(image.text, &image.sections[2], sizeof(Elf64_Shdr)); /* good, but not in the table */
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK(!elf_find_symbols(&view, &symbols));
    image_build();
    image.sections[1].sh_offset = UINT64_MAX - 4;
    CHECK_EQ(open_image(&view), ELF_OK);
    CHECK(!elf_find_symbols(&view, &symbols));
}

__attribute__((noinline)) int this_very_function(int x);
int this_very_function(int x)
{
    return x + 1;
}

TEST(own_program)
{
    FILE *self = fopen("/proc/self/exe", "rb");
    struct elf_view view;
    struct elf_symbols symbols;
    uint64_t offset = 1, value;
    size_t bytes;
    char *file;

    CHECK(self != NULL);
    fseek(self, 0, SEEK_END);
    bytes = (size_t)ftell(self);
    rewind(self);
    file = malloc(bytes);
    CHECK_EQ(fread(file, 1, bytes, self), bytes);
    fclose(self);
    CHECK_EQ(elf_open(&view, file, bytes), ELF_OK);
    CHECK(elf_find_symbols(&view, &symbols));
    CHECK_STR(elf_symbol_at(&symbols, (uintptr_t)this_very_function, &offset),
              "this_very_function");
    CHECK_EQ(offset, 0);
    CHECK(elf_symbol_value(&symbols, "main", &value));
    CHECK_STR(elf_symbol_at(&symbols, value + 1, &offset), "main");
    free(file);
}
