/* SPDX-License-Identifier: BSD-2-Clause */
/* zendo.efi's configuration file, its name, and the command line. */
/* sources: boot/common/config.c boot/efi/options.c */
#include "tests/unit/check.h"

#include "boot/common/config.h"
#include "boot/efi/options.h"

static struct config_text piece(const char *text)
{
    return (struct config_text){text, text ? strlen(text) : 0};
}

static bool gives(const char *file, const char *section, const char *item, const char *value)
{
    struct config_text found = config_get(piece(file), piece(section), item);

    return value ? config_is(found, value) : found.text == NULL;
}

static const char example[] = "# comment\n"
                              "[global]\r\n"
                              "default = first\r\n"
                              "video=gfx-800x600\n"
                              "\n"
                              "[first]\n"
                              "  options=console=vga,com1 com1=57600 \n"
                              "#kernel=old\n"
                              "kernel=vmlinuz root=/dev/sda1\tquiet\n"
                              "[second]\n"
                              "kernel=other\n"
                              "video=gfx-1024\n"
                              "ramdisk=last-line";

TEST(config_finds_values)
{
    CHECK(gives(example, "global", "default", "first"));
    CHECK(gives(example, "first", "options", "console=vga,com1 com1=57600"));
    CHECK(gives(example, "first", "kernel", "vmlinuz root=/dev/sda1\tquiet"));
    CHECK(gives(example, "second", "kernel", "other"));
    CHECK(gives(example, "second", "ramdisk", "last-line"));
    CHECK(gives(example, "first", "ramdisk", NULL));
    CHECK(gives(example, "third", "kernel", NULL));
}

TEST(config_falls_back_to_global)
{
    CHECK(gives(example, "first", "video", "gfx-800x600"));
    CHECK(gives(example, "second", "video", "gfx-1024"));
}

TEST(config_without_section_takes_the_first)
{
    CHECK(gives(example, NULL, "kernel", "vmlinuz root=/dev/sda1\tquiet"));
    CHECK(gives(example, NULL, "ramdisk", "last-line"));
    CHECK(gives("kernel=a\nkernel=b", NULL, "kernel", "a"));
    CHECK(gives("kernel=a\n[x]\nkernel=b", "x", "kernel", "b"));
}

TEST(config_survives_nonsense)
{
    CHECK(gives("", NULL, "kernel", NULL));
    CHECK(gives("[", "", "kernel", NULL));
    CHECK(gives("[x\nkernel=1", "x", "kernel", "1"));
    CHECK(gives("=\n==\nkernel\nkernel=", NULL, "kernel", ""));
    CHECK(gives("kernels=1\nkerne=2\n", NULL, "kernel", NULL));
}

TEST(config_cuts_words)
{
    struct config_text rest = piece("  one\ttwo  three ");

    CHECK(config_is(config_word(&rest), "one"));
    CHECK(config_is(rest, "two  three"));
    CHECK(config_is(config_word(&rest), "two"));
    CHECK(config_is(config_word(&rest), "three"));
    CHECK(config_word(&rest).text == NULL);
    CHECK(config_word(&rest).text == NULL);
}

TEST(config_name_gets_shorter)
{
    const char *name = "xen-4.2-unstable";
    size_t bytes = strlen(name);

    CHECK_EQ(bytes = config_name_shorten(name, bytes), strlen("xen-4.2"));
    CHECK_EQ(bytes = config_name_shorten(name, bytes), strlen("xen-4"));
    CHECK_EQ(bytes = config_name_shorten(name, bytes), strlen("xen"));
    CHECK_EQ(config_name_shorten(name, bytes), 0);
    CHECK_EQ(config_name_shorten("a_b", 3), 1);
}

static struct options parsed(const char *line)
{
    struct options options;

    options_parse(piece(line), piece("zendo.efi"), &options);
    return options;
}

TEST(options_are_taken_apart)
{
    struct options o =
        parsed("\\EFI\\zendo.efi -cfg=my.cfg -basevideo work -- dom0_mem=1G loglvl=all");

    CHECK(config_is(o.config, "my.cfg"));
    CHECK(config_is(o.section, "work"));
    CHECK(config_is(o.extra, "dom0_mem=1G loglvl=all"));
    CHECK(o.base_video && !o.help && !o.unknown.text);
}

TEST(options_without_program_name)
{
    CHECK(config_is(parsed("work -- x").section, "work"));
    CHECK(config_is(parsed("ZENDO work").section, "work"));
    CHECK(config_is(parsed("fs0:Zendo.EFI work").section, "work"));
    CHECK(config_is(parsed("renamed.efi work").section, "work"));
    CHECK(parsed("zendo.efi").section.text == NULL);
    CHECK(parsed("").section.text == NULL);
    CHECK(parsed("--").extra.text == NULL);
}

TEST(options_that_are_unknown_are_named)
{
    CHECK(config_is(parsed("zendo.efi -nosuch -help").unknown, "-nosuch"));
    CHECK(parsed("zendo.efi -nosuch -help").help);
    CHECK(parsed("/h").help && parsed("-?").help);
}

TEST(options_video_modes)
{
    unsigned n[3];

    CHECK(options_video(piece("gfx-1024x768x32"), n) == 0 && n[0] == 1024 && n[1] == 768 &&
          n[2] == 32);
    CHECK(options_video(piece("gfx-800"), n) == 0 && n[0] == 800 && n[1] == 0 && n[2] == 0);
    CHECK(options_video(piece("gfx-"), n) == -1);
    CHECK(options_video(piece("gfx-1x"), n) == -1);
    CHECK(options_video(piece("gfx-1x2x3x4"), n) == -1);
    CHECK(options_video(piece("gfx-99999999999"), n) == -1);
    CHECK(options_video(piece("text"), n) == -1);
    CHECK(options_video(piece(NULL), n) == -1);
}
