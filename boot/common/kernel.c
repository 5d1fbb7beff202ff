/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a dom0 kernel file.
 *
 * What is always true here: the file is hostile until proven otherwise, every offset is compared
 * with the file's size before it is used, and sums are formed so that they cannot wrap. The
 * unpacked ELF is checked as strictly as the packed file, for the packing proves nothing.
 */
#include "boot/common/kernel.h"

#include <elf.h>
#include <string.h>

#include <xen/elfnote.h>
#include <xen/features.h>

#include "boot/common/unpack.h"

/* Offsets in a bzImage's setup header: Linux Documentation/arch/x86/boot.rst. */
enum {
    SETUP_SECTS = 0x1f1,
    SETUP_MAGIC = 0x202,
    SETUP_VERSION = 0x206,
    SETUP_PAYLOAD_OFFSET = 0x248,
    SETUP_PAYLOAD_LENGTH = 0x24c,
    SETUP_END = 0x250,
    SETUP_SECTOR = 512,
    SETUP_VERSION_WITH_PAYLOAD = 0x208,
};

/* The size word after the payload is 32 bits; a kernel beyond this is a damaged file. */
#define KERNEL_MOST_BYTES (1ULL << 30)

static const char not_a_kernel[] = "not a kernel (neither a bzImage nor an ELF file)";
static const char kernel_truncated[] = "truncated kernel file";
static const char not_x86_64[] = "not an x86-64 ELF kernel";

static uint16_t word16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t word32(const uint8_t *at)
{
    return word16(at) | (uint32_t)word16(at + 2) << 16;
}

static const char *packing_find(struct kernel_file *kernel)
{
    static const struct {
        uint8_t magic[6];
        uint8_t bytes;
        enum kernel_packing packing;
    } known[] = {
        {{0x7f, 'E', 'L', 'F'}, 4, KERNEL_BARE},       {{0x1f, 0x8b}, 2, KERNEL_GZIP},
        {{0xfd, '7', 'z', 'X', 'Z', 0}, 6, KERNEL_XZ}, {{0x5d, 0, 0}, 3, KERNEL_LZMA},
        {{0x02, 0x21, 0x4c, 0x18}, 4, KERNEL_LZ4}, /* the legacy frame, lz4 -l */
        {{0x28, 0xb5, 0x2f, 0xfd}, 4, KERNEL_ZSTD},
    };
    size_t i;

    for (i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (kernel->payload_bytes < known[i].bytes ||
            memcmp(kernel->payload, known[i].magic, known[i].bytes))
            continue;
        kernel->packing = known[i].packing;
        return NULL;
    }
    return "unknown compression of the kernel";
}

static const char *bzimage_open(const uint8_t *file, size_t bytes, struct kernel_file *kernel)
{
    size_t sectors = file[SETUP_SECTS] ? file[SETUP_SECTS] : 4;
    size_t setup = (sectors + 1) * SETUP_SECTOR;
    size_t offset, length;
    const char *reason;

    if (word16(file + SETUP_VERSION) < SETUP_VERSION_WITH_PAYLOAD)
        return "bzImage too old: boot protocol before 2.08";
    offset = word32(file + SETUP_PAYLOAD_OFFSET);
    length = word32(file + SETUP_PAYLOAD_LENGTH);
    if (setup > bytes || offset > bytes - setup || length > bytes - setup - offset)
        return kernel_truncated;
    if (length < 16)
        return "kernel without a payload";
    kernel->payload = file + setup + offset;
    kernel->payload_bytes = length;
    reason = packing_find(kernel);
    if (reason)
        return reason;
    if (kernel->packing == KERNEL_BARE) {
        kernel->elf_bytes = length;
        return NULL;
    }
    /* The last word is the unpacked size: gzip's own trailer, appended for the other formats. */
    kernel->elf_bytes = word32(kernel->payload + length - 4);
    if (kernel->packing != KERNEL_GZIP)
        kernel->payload_bytes -= 4;
    if (kernel->elf_bytes < sizeof(Elf64_Ehdr) || kernel->elf_bytes > KERNEL_MOST_BYTES)
        return unpack_damaged;
    kernel->scratch_bytes = UNPACK_MOST_SCRATCH;
    return NULL;
}

const char *kernel_open(const void *file, size_t bytes, struct kernel_file *kernel)
{
    const uint8_t *start = file;

    memset(kernel, 0, sizeof *kernel);
    if (bytes >= SELFMAG && memcmp(start, ELFMAG, SELFMAG) == 0) {
        kernel->packing = KERNEL_BARE;
        kernel->payload = start;
        kernel->payload_bytes = kernel->elf_bytes = bytes;
        return bytes < sizeof(Elf64_Ehdr) ? kernel_truncated : NULL;
    }
    if (bytes < SETUP_END)
        return not_a_kernel;
    if (memcmp(start + SETUP_MAGIC, "HdrS", 4))
        return not_a_kernel;
    return bzimage_open(start, bytes, kernel);
}

const char *kernel_unpack(const struct kernel_file *kernel, void *elf)
{
    const uint8_t *in = kernel->payload;
    size_t in_bytes = kernel->payload_bytes, out_bytes = kernel->elf_bytes;

    switch (kernel->packing) {
    case KERNEL_GZIP:
        return unpack_gzip(in, in_bytes, elf, out_bytes);
    case KERNEL_LZMA:
        return unpack_lzma(in, in_bytes, elf, out_bytes);
    case KERNEL_XZ:
        return unpack_xz(in, in_bytes, elf, out_bytes);
    case KERNEL_LZ4:
        return unpack_lz4(in, in_bytes, elf, out_bytes);
    case KERNEL_ZSTD:
        return unpack_zstd(in, in_bytes, elf, out_bytes);
    case KERNEL_BARE:
        break;
    }
    memcpy(elf, in, out_bytes);
    return NULL;
}

struct dom0_notes {
    int has_entry;
    int may_be_dom0;
};

/* Looks for a whole word in a list separated by '|', each word perhaps after '!' (required). */
static int feature_listed(const char *list, size_t bytes, const char *word)
{
    size_t length = strlen(word), at = 0;

    while (at < bytes && list[at]) {
        size_t end = at;

        while (end < bytes && list[end] && list[end] != '|')
            end++;
        if (list[at] == '!')
            at++;
        if (end - at == length && memcmp(list + at, word, length) == 0)
            return 1;
        at = end + (end < bytes && list[end] == '|');
    }
    return 0;
}

static void note_take(const Elf64_Nhdr *note, const uint8_t *value, struct dom0_notes *found)
{
    switch (note->n_type) {
    case XEN_ELFNOTE_ENTRY:
    case XEN_ELFNOTE_PHYS32_ENTRY:
        /* Numbers are 4 or 8 bytes wide, whichever the kernel's assembler chose. */
        if (note->n_descsz >= 4)
            found->has_entry = 1;
        break;
    case XEN_ELFNOTE_SUPPORTED_FEATURES:
        if (note->n_descsz >= 4 && (word32(value) >> XENFEAT_dom0 & 1))
            found->may_be_dom0 = 1;
        break;
    case XEN_ELFNOTE_FEATURES:
        if (feature_listed((const char *)value, note->n_descsz, "dom0"))
            found->may_be_dom0 = 1;
        break;
    default:
        break;
    }
}

static void notes_scan(const uint8_t *at, size_t bytes, struct dom0_notes *found)
{
    while (bytes >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note;
        uint64_t name, all;

        memcpy(&note, at, sizeof note);
        name = sizeof note + (((uint64_t)note.n_namesz + 3) & ~3ULL);
        all = name + (((uint64_t)note.n_descsz + 3) & ~3ULL);
        /* The last note may lack its padding. */
        if (name + note.n_descsz > bytes)
            return;
        if (note.n_namesz == 4 && memcmp(at + sizeof note, "Xen", 4) == 0)
            note_take(&note, at + name, found);
        if (all >= bytes)
            return;
        at += all;
        bytes -= (size_t)all;
    }
}

const char *kernel_check_dom0(const void *elf, size_t bytes)
{
    struct dom0_notes found = {0, 0};
    const uint8_t *file = elf;
    Elf64_Ehdr head;
    unsigned i, loads = 0;

    if (bytes < sizeof head)
        return not_x86_64;
    memcpy(&head, file, sizeof head);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64 ||
        head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_machine != EM_X86_64 ||
        head.e_phentsize != sizeof(Elf64_Phdr))
        return not_x86_64;
    if (head.e_phoff > bytes || head.e_phnum > (bytes - head.e_phoff) / sizeof(Elf64_Phdr))
        return kernel_truncated;
    for (i = 0; i < head.e_phnum; i++) {
        Elf64_Phdr segment;

        memcpy(&segment, file + head.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type != PT_LOAD && segment.p_type != PT_NOTE)
            continue;
        if (segment.p_offset > bytes || segment.p_filesz > bytes - segment.p_offset)
            return kernel_truncated;
        if (segment.p_type == PT_LOAD)
            loads++;
        else
            notes_scan(file + segment.p_offset, (size_t)segment.p_filesz, &found);
    }
    if (!loads)
        return not_x86_64;
    if (!found.has_entry)
        return "kernel may not be dom0: it has no Xen entry point (ELF note)";
    if (!found.may_be_dom0)
        return "kernel may not be dom0: built without Xen dom0 support (XENFEAT_dom0)";
    return NULL;
}
