/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel files: every compression, every way to be damaged, and who may be dom0. */
/* sources: boot/common/kernel.c boot/common/unpack.c boot/common/xz.c */
/* libs: -llzma -lz -llz4 -lzstd */
#include "tests/unit/check.h"

#include <elf.h>
#include <lz4.h>
#include <lzma.h>
#include <xen/elfnote.h>
#include <zlib.h>
#include <zstd.h>

#include "boot/common/kernel.h"
#include "boot/common/unpack.h"

#define ELF_BYTES  (9U << 20) /* more than one LZ4 block */
#define FILE_ROOM  (24U << 20)
#define NOTE_AT    4096U
#define PAYLOAD_AT (5 * 512 + 0x180)

static uint8_t *elf, *file, *result;
static struct kernel_file kernel;

static size_t note_put(uint8_t *to, uint32_t type, const void *value, uint32_t bytes)
{
    Elf64_Nhdr note = {4, bytes, type};

    memcpy(to, &note, sizeof note);
    memcpy(to + sizeof note, "Xen", 4);
    memcpy(to + sizeof note + 4, value, bytes);
    return sizeof note + 4 + ((bytes + 3) & ~3U);
}

/* A small ELF with notes; `features` goes into note 17 when not 0. */
static void elf_make(uint32_t entry_type, uint64_t features, const char *feature_text)
{
    Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                       .e_type = ET_EXEC,
                       .e_machine = EM_X86_64,
                       .e_phoff = sizeof head,
                       .e_phentsize = sizeof(Elf64_Phdr),
                       .e_phnum = 2};
    Elf64_Phdr segment[2] = {{.p_type = PT_LOAD, .p_filesz = ELF_BYTES, .p_memsz = ELF_BYTES},
                             {.p_type = PT_NOTE, .p_offset = NOTE_AT}};
    uint64_t entry = 0xffffffff81000000ULL;
    size_t at = NOTE_AT;

    if (!elf) {
        elf = malloc(ELF_BYTES);
        file = malloc(FILE_ROOM);
        result = malloc(ELF_BYTES);
    }
    /* Half of it looks like code, so that the x86 filter has calls to convert. */
    for (size_t i = 0; i < ELF_BYTES; i += 8) {
        uint64_t word = check_random();

        if (i < ELF_BYTES / 2)
            word = (word & 0xff00ff) | 0xe8ULL << 24 | (word & 0x7f) << 40 | 0xe900000000000000ULL;
        else if (word & 0x30)
            word = 0;
        memcpy(elf + i, &word, 8);
    }
    at += note_put(elf + at, XEN_ELFNOTE_GUEST_OS, "linux", 6);
    if (entry_type)
        at += note_put(elf + at, entry_type, &entry, 8);
    if (feature_text)
        at += note_put(elf + at, XEN_ELFNOTE_FEATURES, feature_text,
                       (uint32_t)strlen(feature_text) + 1);
    if (features)
        at += note_put(elf + at, XEN_ELFNOTE_SUPPORTED_FEATURES, &features, 4);
    segment[1].p_filesz = at - NOTE_AT;
    memcpy(elf, &head, sizeof head);
    memcpy(elf + sizeof head, segment, sizeof segment);
}

static void put32(uint8_t *to, uint32_t value)
{
    memcpy(to, &value, 4);
}

/* Puts a bzImage's head before the payload that is already in place. Returns the file's size. */
static size_t bzimage_finish(size_t payload_bytes)
{
    size_t end = PAYLOAD_AT + payload_bytes;

    memset(file, 0, PAYLOAD_AT);
    file[0x1f1] = 4;
    memcpy(file + 0x202, "HdrS", 4);
    file[0x206] = 0x0f;
    file[0x207] = 0x02;
    put32(file + 0x248, PAYLOAD_AT - 5 * 512);
    put32(file + 0x24c, (uint32_t)payload_bytes);
    memset(file + end, 0xaa, 100);
    return end + 100;
}

static size_t pack_gzip(uint8_t *to)
{
    z_stream stream = {0};

    CHECK_EQ(deflateInit2(&stream, 1, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = elf;
    stream.avail_in = ELF_BYTES;
    stream.next_out = to;
    stream.avail_out = FILE_ROOM - PAYLOAD_AT;
    CHECK_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

static size_t size_append(uint8_t *to, size_t bytes)
{
    put32(to + bytes, ELF_BYTES);
    return bytes + 4;
}

static size_t xz_pack(uint8_t *to, int with_filter)
{
    lzma_options_lzma options;
    lzma_filter filters[] = {
        {LZMA_FILTER_X86, NULL}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    size_t at = 0;

    lzma_lzma_preset(&options, 1);
    CHECK_EQ(lzma_stream_buffer_encode(with_filter ? filters : filters + 1, LZMA_CHECK_CRC32, NULL,
                                       elf, ELF_BYTES, to, &at, FILE_ROOM - PAYLOAD_AT),
             LZMA_OK);
    return size_append(to, at);
}

static size_t pack_xz(uint8_t *to)
{
    return xz_pack(to, 1);
}

static size_t pack_xz_plain(uint8_t *to)
{
    return xz_pack(to, 0);
}

static size_t pack_lzma(uint8_t *to)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_options_lzma options;

    lzma_lzma_preset(&options, 1);
    CHECK_EQ(lzma_alone_encoder(&stream, &options), LZMA_OK);
    stream.next_in = elf;
    stream.avail_in = ELF_BYTES;
    stream.next_out = to;
    stream.avail_out = FILE_ROOM - PAYLOAD_AT;
    CHECK_EQ(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
    lzma_end(&stream);
    return size_append(to, stream.total_out);
}

static size_t pack_lz4(uint8_t *to)
{
    size_t at = 4;

    put32(to, 0x184c2102);
    for (size_t from = 0; from < ELF_BYTES; from += 8U << 20) {
        size_t part = ELF_BYTES - from < 8U << 20 ? ELF_BYTES - from : 8U << 20;
        int made = LZ4_compress_default((char *)elf + from, (char *)to + at + 4, (int)part,
                                        (int)(FILE_ROOM - PAYLOAD_AT - at - 4));

        CHECK(made > 0);
        put32(to + at, (uint32_t)made);
        at += 4 + (size_t)made;
    }
    return size_append(to, at);
}

static size_t pack_zstd(uint8_t *to)
{
    size_t made = ZSTD_compress(to, FILE_ROOM - PAYLOAD_AT, elf, ELF_BYTES, 1);

    CHECK(!ZSTD_isError(made));
    return size_append(to, made);
}

static size_t pack_none(uint8_t *to)
{
    memcpy(to, elf, ELF_BYTES);
    return ELF_BYTES;
}

static const struct {
    const char *name;
    enum kernel_packing packing;
    size_t (*pack)(uint8_t *to);
} packings[] = {
    {"gzip", KERNEL_GZIP, pack_gzip},
    {"xz", KERNEL_XZ, pack_xz},
    {"xz without filter", KERNEL_XZ, pack_xz_plain},
    {"lzma", KERNEL_LZMA, pack_lzma},
    {"lz4", KERNEL_LZ4, pack_lz4},
    {"zstd", KERNEL_ZSTD, pack_zstd},
    {"none", KERNEL_BARE, pack_none},
};
#define PACKINGS (sizeof packings / sizeof packings[0])

static const char *opened(size_t bytes)
{
    return kernel_open(file, bytes, &kernel);
}

TEST(every_compression_unpacks)
{
    elf_make(XEN_ELFNOTE_ENTRY, 0x8801, NULL);
    for (size_t i = 0; i < PACKINGS; i++) {
        size_t bytes = bzimage_finish(packings[i].pack(file + PAYLOAD_AT));

        CHECK_EQ(opened(bytes), NULL);
        CHECK_EQ(kernel.packing, packings[i].packing);
        CHECK_EQ(kernel.elf_bytes, ELF_BYTES);
        memset(result, 0x55, ELF_BYTES);
        CHECK_EQ(kernel_unpack(&kernel, result), NULL);
        CHECK(memcmp(result, elf, ELF_BYTES) == 0);
        CHECK_EQ(kernel_check_dom0(result, ELF_BYTES), NULL);
    }
}

TEST(bare_elf_is_taken_as_it_is)
{
    elf_make(XEN_ELFNOTE_ENTRY, 0x8801, NULL);
    CHECK_EQ(kernel_open(elf, ELF_BYTES, &kernel), NULL);
    CHECK_EQ(kernel.packing, KERNEL_BARE);
    CHECK_EQ(kernel.elf_bytes, ELF_BYTES);
    CHECK_EQ(kernel_unpack(&kernel, result), NULL);
    CHECK(memcmp(result, elf, ELF_BYTES) == 0);
    CHECK(kernel_open(elf, 10, &kernel) != NULL);
}

TEST(damage_is_found)
{
    elf_make(XEN_ELFNOTE_ENTRY, 0x8801, NULL);
    for (size_t i = 0; i < PACKINGS; i++) {
        size_t payload, bytes;
        const char *reason;

        if (packings[i].packing == KERNEL_BARE)
            continue;
        payload = packings[i].pack(file + PAYLOAD_AT);
        bytes = bzimage_finish(payload);
        /* A size that does not agree. */
        put32(file + PAYLOAD_AT + payload - 4, ELF_BYTES - 1);
        CHECK_EQ(opened(bytes), NULL);
        CHECK(kernel_unpack(&kernel, result) != NULL);
        put32(file + PAYLOAD_AT + payload - 4, ELF_BYTES);
        /* Data cut off in the middle, with the right size after it. */
        bytes = bzimage_finish(payload / 2);
        put32(file + PAYLOAD_AT + payload / 2 - 4, ELF_BYTES);
        CHECK_EQ(opened(bytes), NULL);
        reason = kernel_unpack(&kernel, result);
        CHECK(reason == unpack_truncated || reason == unpack_damaged);
    }
}

/* Packs `bytes` at `from` to `file` as xz in blocks of block_bytes. */
static size_t xz_blocks(const uint8_t *from, size_t bytes, size_t block_bytes,
                        const lzma_filter *filters, lzma_check check)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_mt mt = {.threads = 1, .block_size = block_bytes, .filters = filters, .check = check};

    CHECK_EQ(lzma_stream_encoder_mt(&stream, &mt), LZMA_OK);
    stream.next_in = from;
    stream.avail_in = bytes;
    stream.next_out = file;
    stream.avail_out = FILE_ROOM;
    CHECK_EQ(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
    lzma_end(&stream);
    return stream.total_out;
}

/* Few byte values, so that opcodes, near and far distances meet in every way. */
static void x86_like(uint8_t *to, size_t bytes, unsigned kinds)
{
    static const uint8_t value[] = {0xe8, 0x00, 0xff, 0xe9, 0x01, 0xfe, 0x12, 0x80};

    for (size_t i = 0; i < bytes; i++)
        to[i] = value[check_random() % kinds];
}

TEST(xz_calls_become_relative_again)
{
    lzma_options_lzma options;
    lzma_options_bcj start = {.start_offset = 0x7ffff000};
    lzma_filter filters[] = {
        {LZMA_FILTER_X86, NULL}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    const size_t sizes[] = {1, 4, 5, 6, 9, 16, 20, 21, 100, 65536};
    uint8_t *data = malloc(65536), *back = malloc(65536);

    elf_make(0, 0, NULL);
    lzma_lzma_preset(&options, 1);
    for (unsigned kinds = 2; kinds <= 8; kinds++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            size_t bytes;

            x86_like(data, sizes[i], kinds);
            filters[0].options = kinds & 1 ? &start : NULL;
            bytes = xz_blocks(data, sizes[i], 1U << 20, filters, LZMA_CHECK_NONE);
            CHECK_EQ(unpack_xz(file, bytes, back, sizes[i]), NULL);
            CHECK(memcmp(data, back, sizes[i]) == 0);
        }
    }
    free(data);
    free(back);
}

TEST(xz_blocks_and_checks)
{
    static const lzma_check checks[] = {LZMA_CHECK_NONE, LZMA_CHECK_CRC32, LZMA_CHECK_CRC64,
                                        LZMA_CHECK_SHA256};
    lzma_options_lzma options;
    lzma_options_delta delta = {.type = LZMA_DELTA_TYPE_BYTE, .dist = 1};
    lzma_filter filters[] = {
        {LZMA_FILTER_X86, NULL}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    lzma_filter other[] = {
        {LZMA_FILTER_DELTA, &delta}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    size_t bytes;

    elf_make(0, 0, NULL);
    lzma_lzma_preset(&options, 0);
    for (size_t i = 0; i < 4; i++) {
        /* Odd, so that blocks need padding. */
        bytes = xz_blocks(elf, ELF_BYTES, 1234567, filters, checks[i]);
        memset(result, 0x55, ELF_BYTES);
        CHECK_EQ(unpack_xz(file, bytes, result, ELF_BYTES), NULL);
        CHECK(memcmp(result, elf, ELF_BYTES) == 0);
        CHECK(unpack_xz(file, bytes, result, ELF_BYTES - 1) != NULL);
    }
    /* No byte of the two headers may differ. */
    for (size_t i = 0; i < 12 + ((size_t)file[12] + 1) * 4; i++) {
        file[i] ^= 0x10;
        CHECK(unpack_xz(file, bytes, result, ELF_BYTES) != NULL);
        file[i] ^= 0x10;
    }
    for (size_t cut = 0; cut < 100; cut++)
        CHECK_EQ(unpack_xz(file, cut, result, ELF_BYTES), unpack_truncated);
    bytes = xz_blocks(elf, ELF_BYTES, ELF_BYTES, other, LZMA_CHECK_CRC32);
    CHECK_EQ(unpack_xz(file, bytes, result, ELF_BYTES), unpack_damaged);
}

/* What the coder does not survive is refused: no check is made of the output. */
TEST(xz_flipped_bits_in_compressed_data)
{
    lzma_options_lzma options;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    size_t bytes, text_bytes = 300000;
    uint8_t *text = malloc(text_bytes);

    elf_make(0, 0, NULL);
    for (size_t i = 0; i < text_bytes; i++)
        text[i] = (uint8_t)('a' + check_random() % 9);
    lzma_lzma_preset(&options, 1);
    bytes = xz_blocks(text, text_bytes, text_bytes, filters, LZMA_CHECK_NONE);
    for (size_t i = 0; i < 200; i++) {
        /* Past the headers, before the index and the last chunk's last words. */
        size_t at = 100 + check_random() % (bytes - 200);
        uint8_t bit = (uint8_t)(1U << check_random() % 8);

        file[at] ^= bit;
        CHECK(unpack_xz(file, bytes, result, text_bytes) != NULL);
        file[at] ^= bit;
    }
    free(text);
}

TEST(bad_files_are_named)
{
    size_t bytes;

    elf_make(XEN_ELFNOTE_ENTRY, 0x8801, NULL);
    bytes = bzimage_finish(pack_xz(file + PAYLOAD_AT));
    CHECK(opened(bytes) == NULL);
    CHECK_STR(opened(bytes / 2), "truncated kernel file");
    CHECK_STR(opened(0x24f), "not a kernel (neither a bzImage nor an ELF file)");
    CHECK_STR(opened(0), "not a kernel (neither a bzImage nor an ELF file)");
    file[0x207] = 0x01;
    CHECK_STR(opened(bytes), "bzImage too old: boot protocol before 2.08");
    file[0x207] = 0x02;
    put32(file + 0x248, 0xffffffff);
    CHECK_STR(opened(bytes), "truncated kernel file");
    put32(file + 0x248, PAYLOAD_AT - 5 * 512);
    put32(file + 0x24c, 0xffffffff);
    CHECK_STR(opened(bytes), "truncated kernel file");
    put32(file + 0x24c, 3);
    CHECK_STR(opened(bytes), "kernel without a payload");
    bytes = bzimage_finish(1000);
    memcpy(file + PAYLOAD_AT, "BZh91AY", 7);
    CHECK_STR(opened(bytes), "unknown compression of the kernel");
    file[0x202] = 'h';
    CHECK_STR(opened(bytes), "not a kernel (neither a bzImage nor an ELF file)");
}

TEST(setup_sectors_0_means_4)
{
    size_t bytes;

    elf_make(XEN_ELFNOTE_ENTRY, 0x8801, NULL);
    bytes = bzimage_finish(pack_none(file + PAYLOAD_AT));
    file[0x1f1] = 0;
    CHECK_EQ(opened(bytes), NULL);
    CHECK_EQ((uintptr_t)(kernel.payload - file), PAYLOAD_AT);
}

TEST(dom0_needs_its_notes)
{
    elf_make(XEN_ELFNOTE_PHYS32_ENTRY, 0x8801, NULL);
    CHECK_EQ(kernel_check_dom0(elf, ELF_BYTES), NULL);
    elf_make(XEN_ELFNOTE_ENTRY, 0, "!writable_page_tables|dom0");
    CHECK_EQ(kernel_check_dom0(elf, ELF_BYTES), NULL);
    elf_make(XEN_ELFNOTE_ENTRY, 0, "!dom0");
    CHECK_EQ(kernel_check_dom0(elf, ELF_BYTES), NULL);
    elf_make(XEN_ELFNOTE_ENTRY, 0, "dom00|xdom0|dom");
    CHECK(strstr(kernel_check_dom0(elf, ELF_BYTES), "may not be dom0"));
    elf_make(XEN_ELFNOTE_ENTRY, 0x8001, NULL);
    CHECK(strstr(kernel_check_dom0(elf, ELF_BYTES), "may not be dom0"));
    elf_make(0, 0x8801, NULL);
    CHECK(strstr(kernel_check_dom0(elf, ELF_BYTES), "may not be dom0"));
}

TEST(elf_must_be_whole_and_ours)
{
    Elf64_Ehdr *head;
    Elf64_Phdr *segment;

    elf_make(XEN_ELFNOTE_ENTRY, 0x8801, NULL);
    head = (Elf64_Ehdr *)elf;
    segment = (Elf64_Phdr *)(elf + head->e_phoff);
    CHECK_STR(kernel_check_dom0(elf, ELF_BYTES - 1), "truncated kernel file");
    CHECK_STR(kernel_check_dom0(elf, 20), "not an x86-64 ELF kernel");
    segment[1].p_offset = UINT64_MAX - 4;
    CHECK_STR(kernel_check_dom0(elf, ELF_BYTES), "truncated kernel file");
    segment[1].p_offset = NOTE_AT;
    head->e_phnum = 0;
    CHECK_STR(kernel_check_dom0(elf, ELF_BYTES), "not an x86-64 ELF kernel");
    head->e_phnum = 0xffff;
    CHECK_STR(kernel_check_dom0(elf, 2000), "truncated kernel file");
    head->e_phnum = 2;
    head->e_machine = EM_386;
    CHECK_STR(kernel_check_dom0(elf, ELF_BYTES), "not an x86-64 ELF kernel");
}
