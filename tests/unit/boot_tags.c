/* SPDX-License-Identifier: BSD-2-Clause */
/* Multiboot2 tags. */
/* sources: boot/multiboot2/tags.c */
#include "tests/unit/check.h"

#include "boot/multiboot2/tags.h"

static _Alignas(8) uint8_t block[4096];
static size_t fill;
static struct mb2_info info;

static void begin(void)
{
    memset(block, 0xee, sizeof block);
    fill = 8;
}

static void tag(uint32_t type, const void *body, uint32_t bytes)
{
    uint32_t head[2] = {type, bytes + 8};

    memcpy(block + fill, head, 8);
    if (bytes)
        memcpy(block + fill + 8, body, bytes);
    fill += (bytes + 8 + 7) & ~7U;
}

static const char *parsed(void)
{
    uint32_t total = (uint32_t)fill;

    memcpy(block, &total, 4);
    return mb2_parse(block, sizeof block, &info);
}

static void module(uint32_t start, uint32_t end, const char *text)
{
    uint8_t body[64];

    memcpy(body, &start, 4);
    memcpy(body + 4, &end, 4);
    strcpy((char *)body + 8, text);
    tag(3, body, (uint32_t)(8 + strlen(text) + 1));
}

TEST(tags_are_read)
{
    uint32_t map[2 + 12] = {24, 0, 0, 0, 0x9fc00, 0, 1, 0, 0x100000, 0, 0x1000, 0, 12, 0};
    uint64_t table = 0x123456789;
    uint8_t root[36] = "RSD PTR ";
    struct mb2_range range;

    begin();
    tag(1, "options", 8);
    tag(2, "GRUB", 5);
    module(0x1000, 0x3000, "kernel options");
    module(0x5000, 0x5001, "");
    module(0x6000, 0x6001, "third");
    tag(6, map, sizeof map);
    tag(12, &table, 8);
    tag(15, root, 36);
    tag(14, root, 20);
    tag(99, "unknown", 7);
    tag(0, NULL, 0);
    CHECK_EQ(parsed(), NULL);
    CHECK_EQ(info.cmdline_bytes, 7);
    CHECK_EQ(info.loader_name_bytes, 4);
    CHECK_EQ(info.modules, 2);
    CHECK_EQ(info.module[0].base, 0x1000);
    CHECK_EQ(info.module[0].bytes, 0x2000);
    CHECK_EQ(info.module[0].cmdline_bytes, 14);
    CHECK_EQ(info.module[1].bytes, 1);
    CHECK_EQ(info.efi_system_table, table);
    CHECK_EQ(info.rsdp_bytes, 36);
    CHECK_EQ(mb2_range_at(&info, 1, &range), 0);
    CHECK_EQ(range.base, 0x100000);
    CHECK_EQ(range.bytes, 0x1000);
    CHECK_EQ(range.type, 12);
    CHECK_EQ(mb2_range_at(&info, 2, &range), -1);
}

TEST(tags_that_end_early_are_refused)
{
    uint32_t small = 4;

    begin();
    tag(1, "options", 8);
    CHECK(parsed() != NULL);
    begin();
    tag(1, "options", 8);
    tag(0, NULL, 0);
    memcpy(block + 12, &small, 4);
    CHECK(parsed() != NULL);
    small = 5000;
    memcpy(block + 12, &small, 4);
    CHECK(parsed() != NULL);
    memcpy(block, &small, 4);
    CHECK(mb2_parse(block, sizeof block, &info) != NULL);
    CHECK(mb2_parse(block, 4, &info) != NULL);
}

TEST(screens_are_described)
{
    uint8_t body[30] = {0, 0x80, 0x0b, 0, 0, 0, 0, 0, 80, 0, 0, 0, 80, 0, 0, 0, 25, 0, 0, 0, 16, 2};

    begin();
    tag(8, body, 24);
    tag(0, NULL, 0);
    CHECK_EQ(parsed(), NULL);
    CHECK_EQ(info.screen.kind, BOOT_SCREEN_TEXT);
    CHECK_EQ(info.screen.base, 0xb8000);
    CHECK_EQ(info.screen.width, 80);
    CHECK_EQ(info.screen.height, 25);
    CHECK_EQ(info.screen.pitch_bytes, 160);
    body[20] = 32;
    body[21] = 1;
    body[24] = 16;
    body[25] = 8;
    begin();
    tag(8, body, 30);
    tag(0, NULL, 0);
    CHECK_EQ(parsed(), NULL);
    CHECK_EQ(info.screen.kind, BOOT_SCREEN_LINEAR);
    CHECK_EQ(info.screen.bits_per_pixel, 32);
    CHECK_EQ(info.screen.red_pos, 16);
    CHECK_EQ(info.screen.red_bits, 8);
}

static bool becomes(const char *text, const char *wanted)
{
    size_t bytes = strlen(text);
    const char *start = mb2_options(text, &bytes);

    return bytes == strlen(wanted) && memcmp(start, wanted, bytes) == 0;
}

TEST(first_words_that_are_no_options_go)
{
    CHECK(becomes("placeholder root=/dev/sda", "root=/dev/sda"));
    CHECK(becomes("  placeholder  a b ", "a b"));
    CHECK(becomes("placeholder", ""));
    CHECK(becomes("placeholders a", "placeholders a"));
    CHECK(becomes("/boot/vmlinuz a=/b", "a=/b"));
    CHECK(becomes("(hd0)/zendo a", "a"));
    CHECK(becomes("a=1 placeholder", "a=1 placeholder"));
    CHECK(becomes("", ""));
}
