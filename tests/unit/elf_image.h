/* SPDX-License-Identifier: BSD-2-Clause */
/* A small well-formed ELF file made by hand, for tests that damage it. */
#pragma once

#include <elf.h>
#include <stddef.h>
#include <string.h>

/* A file with two LOAD segments, one NOTE segment and a symbol table. */
struct image {
    Elf64_Ehdr header;
    Elf64_Phdr segments[3];
    struct {
        Elf64_Nhdr header;
        char owner[4];
        uint32_t value;
    } first;
    struct {
        Elf64_Nhdr header;
        char owner[8];
        char value[8];
    } second;
    struct {
        Elf64_Nhdr header;
        char owner[4];
        uint64_t value;
    } __attribute__((__packed__)) third;
    Elf64_Sym symbols[6];
    char names[32];
    Elf64_Shdr sections[3];
    char text[64];
};

#define NOTES_BYTES (offsetof(struct image, symbols) - offsetof(struct image, first))

static struct image image;

static Elf64_Sym image_symbol(uint32_t name, int type, uint64_t value, uint64_t size)
{
    return (Elf64_Sym){.st_name = name, .st_info = ELF64_ST_INFO(STB_GLOBAL, type), .st_shndx = 1,
                       .st_value = value, .st_size = size};
}

static void image_build(void)
{
    memset(&image, 0, sizeof(image));
    memcpy(image.header.e_ident, ELFMAG, SELFMAG);
    image.header.e_ident[EI_CLASS] = ELFCLASS64;
    image.header.e_ident[EI_DATA] = ELFDATA2LSB;
    image.header.e_ident[EI_VERSION] = EV_CURRENT;
    image.header.e_type = ET_EXEC;
    image.header.e_machine = EM_X86_64;
    image.header.e_entry = 0xffffffff81000000;
    image.header.e_phoff = offsetof(struct image, segments);
    image.header.e_phentsize = sizeof(Elf64_Phdr);
    image.header.e_phnum = 3;
    image.header.e_shoff = offsetof(struct image, sections);
    image.header.e_shentsize = sizeof(Elf64_Shdr);
    image.header.e_shnum = 3;
    image.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X,
                                     .p_offset = offsetof(struct image, text), .p_filesz = 64,
                                     .p_memsz = 0x1000, .p_vaddr = 0xffffffff81000000,
                                     .p_paddr = 0x1000000};
    image.segments[1] = (Elf64_Phdr){.p_type = PT_NOTE, .p_offset = offsetof(struct image, first),
                                     .p_filesz = NOTES_BYTES};
    image.segments[2] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_memsz = 0x2000,
                                     .p_vaddr = 0xffffffff81200000, .p_paddr = 0x1200000};
    image.first.header = (Elf64_Nhdr){4, 4, 5};
    memcpy(image.first.owner, "Xen", 4);
    image.first.value = 0x12345678;
    image.second.header = (Elf64_Nhdr){6, 6, 5};
    memcpy(image.second.owner, "Linux", 6);
    memcpy(image.second.value, "5.10x", 6);
    image.third.header = (Elf64_Nhdr){4, 8, 6};
    memcpy(image.third.owner, "Xen", 4);
    image.third.value = 0xffff800000000000;
    memcpy(image.names, "\0start\0other\0data\0late", 23);
    image.symbols[1] = image_symbol(1, STT_FUNC, 0x1000, 0x10);
    image.symbols[2] = image_symbol(7, STT_NOTYPE, 0x1020, 0);
    image.symbols[3] = image_symbol(13, STT_OBJECT, 0x1028, 8);
    image.symbols[4] = image_symbol(18, STT_NOTYPE, 0x2000, 0);
    image.symbols[5] = image_symbol(99, STT_FUNC, 0x1018, 0); /* its name lies outside */
    image.sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB, .sh_link = 2,
                                     .sh_offset = offsetof(struct image, symbols),
                                     .sh_size = sizeof(image.symbols),
                                     .sh_entsize = sizeof(Elf64_Sym)};
    image.sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB,
                                     .sh_offset = offsetof(struct image, names),
                                     .sh_size = sizeof(image.names)};
}
