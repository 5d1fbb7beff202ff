/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Laying out the hypervisor's image.
 *
 * What is always true here: the ELF file is our own, made by the same build; it is checked once so
 * that a broken build says so instead of jumping into nothing.
 */
#include "boot/common/image.h"

#include <elf.h>
#include <string.h>

#define IMAGE_PAGE       4096ULL
#define IMAGE_MOST_BYTES (1ULL << 30) /* one page directory's reach */

static void segment_read(const struct image *image, unsigned index, Elf64_Phdr *segment)
{
    Elf64_Ehdr head;

    memcpy(&head, image->elf, sizeof head);
    memcpy(segment, image->elf + head.e_phoff + index * sizeof *segment, sizeof *segment);
}

static unsigned segment_count(const struct image *image)
{
    Elf64_Ehdr head;

    memcpy(&head, image->elf, sizeof head);
    return head.e_phnum;
}

const char *image_open(const void *elf, size_t bytes, struct image *image)
{
    static const char bad[] = "the hypervisor inside the loader is damaged";
    uint64_t high = 0;
    Elf64_Ehdr head;
    unsigned i;

    if (bytes < sizeof head)
        return bad;
    memcpy(&head, elf, sizeof head);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64 ||
        head.e_machine != EM_X86_64 || head.e_phentsize != sizeof(Elf64_Phdr) ||
        head.e_phoff > bytes || head.e_phnum > (bytes - head.e_phoff) / sizeof(Elf64_Phdr))
        return bad;
    image->elf = elf;
    image->elf_bytes = bytes;
    image->low = UINT64_MAX;
    image->entry = head.e_entry;
    for (i = 0; i < head.e_phnum; i++) {
        Elf64_Phdr segment;

        segment_read(image, i, &segment);
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0)
            continue;
        if (segment.p_offset > bytes || segment.p_filesz > bytes - segment.p_offset ||
            segment.p_filesz > segment.p_memsz || segment.p_memsz > -segment.p_vaddr)
            return bad;
        if (segment.p_vaddr < image->low)
            image->low = segment.p_vaddr;
        if (segment.p_vaddr + segment.p_memsz > high)
            high = segment.p_vaddr + segment.p_memsz;
    }
    if (image->low >= high || image->low % IMAGE_ALIGN || high - image->low > IMAGE_MOST_BYTES ||
        image->entry < image->low || image->entry >= high)
        return bad;
    image->bytes = (high - image->low + IMAGE_PAGE - 1) & ~(IMAGE_PAGE - 1);
    return NULL;
}

void image_place(const struct image *image, void *to)
{
    unsigned i, count = segment_count(image);

    memset(to, 0, image->bytes);
    for (i = 0; i < count; i++) {
        Elf64_Phdr segment;

        segment_read(image, i, &segment);
        if (segment.p_type == PT_LOAD && segment.p_memsz)
            memcpy((uint8_t *)to + (segment.p_vaddr - image->low), image->elf + segment.p_offset,
                   segment.p_filesz);
    }
}
