/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's image and the page tables it starts under. */
/* sources: boot/common/image.c boot/common/tables.c */
#include "tests/unit/check.h"

#include <elf.h>

#include "boot/common/image.h"
#include "boot/common/tables.h"

#define WINDOW 0xffff828040000000ULL

static _Alignas(8) uint8_t elf[0x3000];
static struct image image;

static Elf64_Phdr *elf_make(void)
{
    Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                       .e_machine = EM_X86_64,
                       .e_phoff = sizeof head,
                       .e_phentsize = sizeof(Elf64_Phdr),
                       .e_phnum = 3,
                       .e_entry = WINDOW + 0x10};
    Elf64_Phdr segment[3] = {{.p_type = PT_LOAD,
                              .p_offset = 0x1000,
                              .p_vaddr = WINDOW,
                              .p_filesz = 0x800,
                              .p_memsz = 0x800},
                             {.p_type = PT_GNU_STACK, .p_memsz = UINT64_MAX},
                             {.p_type = PT_LOAD,
                              .p_offset = 0x2000,
                              .p_vaddr = WINDOW + 0x3000,
                              .p_filesz = 0x100,
                              .p_memsz = 0x1234}};

    memset(elf, 0x11, sizeof elf);
    memset(elf + 0x2000, 0x22, 0x1000);
    memcpy(elf, &head, sizeof head);
    return memcpy(elf + sizeof head, segment, sizeof segment);
}

TEST(image_is_placed)
{
    static uint8_t memory[0x5000];

    elf_make();
    CHECK_EQ(image_open(elf, sizeof elf, &image), NULL);
    CHECK_EQ(image.low, WINDOW);
    CHECK_EQ(image.bytes, 0x5000);
    CHECK_EQ(image.entry, WINDOW + 0x10);
    memset(memory, 0x77, sizeof memory);
    image_place(&image, memory);
    for (size_t i = 0; i < sizeof memory; i++)
        CHECK_EQ(memory[i], i < 0x800 ? 0x11 : i >= 0x3000 && i < 0x3100 ? 0x22 : 0);
}

TEST(image_that_is_damaged_is_refused)
{
    CHECK(image_open(elf, 10, &image) != NULL);
    elf_make()[2].p_vaddr = UINT64_MAX - 4;
    CHECK(image_open(elf, sizeof elf, &image) != NULL);
    elf_make()[2].p_filesz = 0x2000;
    CHECK(image_open(elf, sizeof elf, &image) != NULL);
    elf_make()[0].p_vaddr = WINDOW - 0x1000;
    CHECK(image_open(elf, sizeof elf, &image) != NULL);
    elf_make()[2].p_vaddr = WINDOW + (1ULL << 31);
    CHECK(image_open(elf, sizeof elf, &image) != NULL);
    elf_make();
    CHECK(image_open(elf, 0x1400, &image) != NULL);
}

static _Alignas(4096) uint64_t pages[16][TABLES_ENTRIES];

/* What the processor would do; ~0 when not mapped. */
static uint64_t walk(uint64_t physical, uint64_t virtual)
{
    uint64_t entry = physical, *table;

    for (int shift = 39; shift >= 21; shift -= 9) {
        table = pages[((entry & 0x000ffffffffff000ULL) - physical) / 4096];
        entry = table[virtual >> shift & 511];
        if (!(entry & 1))
            return UINT64_MAX;
        CHECK((entry & 2) != 0);
        CHECK_EQ(entry >> 7 & 1, shift == 21);
    }
    return (entry & 0x000fffffffe00000ULL) | (virtual & 0x1fffff);
}

TEST(tables_map_what_they_should)
{
    const uint64_t physical = 0x7000000;
    struct tables tables;

    memset(pages, 0xff, sizeof pages);
    tables_init(&tables, pages, physical, 16);
    CHECK_EQ(tables_map(&tables, 0, 0, 1ULL << 32), 0);
    CHECK_EQ(tables.used, 6);
    CHECK_EQ(tables_map(&tables, WINDOW, 0x12400000, 0x5000), 0);
    CHECK_EQ(tables_map(&tables, 0x23fe01000, 0x23fe01000, 0x400000), 0);
    CHECK_EQ(walk(physical, 0x12345678), 0x12345678);
    CHECK_EQ(walk(physical, 0xffffffff), 0xffffffff);
    CHECK_EQ(walk(physical, 0x100000000), UINT64_MAX);
    CHECK_EQ(walk(physical, WINDOW + 0x1234), 0x12401234);
    CHECK_EQ(walk(physical, WINDOW + 0x200000), UINT64_MAX);
    CHECK_EQ(walk(physical, 0x23fdfffff), UINT64_MAX);
    CHECK_EQ(walk(physical, 0x23fe00000), 0x23fe00000);
    CHECK_EQ(walk(physical, 0x240200fff), 0x240200fff);
    CHECK_EQ(walk(physical, 0x2403fffff), 0x2403fffff);
    CHECK_EQ(walk(physical, 0x240400000), UINT64_MAX);
}

TEST(tables_say_when_they_are_used_up)
{
    struct tables tables;

    tables_init(&tables, pages, 0, 3);
    CHECK_EQ(tables_map(&tables, 0, 0, 1ULL << 30), 0);
    CHECK_EQ(tables_map(&tables, 1ULL << 30, 0, 1), -1);
    CHECK_EQ(tables_map(&tables, 0, 0, 0), 0);
}
