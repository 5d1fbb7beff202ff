/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loaders' tests start in place of the hypervisor: it checks every promise of
 * boot/handover.h, prints what it was given on the first serial port, and switches the machine off.
 * Lines start with "payload:"; the last one is "payload: good" or "payload: BAD".
 */
#include <stddef.h>
#include <stdint.h>

#include "boot/handover.h"

#define COM1   0x3f8
#define MIB    (1ULL << 20)
#define WINDOW 0xffff828040000000ULL

static unsigned complaints;
static volatile uint64_t data_word = 0x123456789abcdef0ULL;
static volatile uint8_t bss_bytes[3 * MIB];
static uint8_t stack[16384] __attribute__((aligned(16), used));

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(char letter)
{
    int patience = 1000000;

    while (!(in8(COM1 + 5) & 0x20) && --patience)
        ;
    out8(COM1, (uint8_t)letter);
}

static void say(const char *text)
{
    while (*text)
        put(*text++);
}

static void say_hex(uint64_t value)
{
    int shift = 60;

    while (shift && !(value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
}

static void say_field(const char *name, uint64_t value)
{
    put(' ');
    say(name);
    put('=');
    say_hex(value);
}

static void end_line(void)
{
    say("\r\n");
}

static void check(int good, const char *what)
{
    if (good)
        return;
    complaints++;
    say("payload: wrong: ");
    say(what);
    end_line();
}

static const struct boot_range *ranges;
static size_t range_count;

/* The whole blob lies in RAM of that use. */
static int blob_has_use(const struct boot_blob *blob, uint32_t use)
{
    size_t i;

    for (i = 0; i < range_count; i++)
        if (blob->base >= ranges[i].base &&
            blob->base + blob->bytes <= ranges[i].base + ranges[i].bytes)
            return ranges[i].type == BOOT_RANGE_RAM && ranges[i].use == use;
    return 0;
}

static void ranges_check(void)
{
    uint64_t free_bytes = 0, runtime = 0;
    size_t i;

    check(range_count > 0, "no ranges");
    for (i = 0; i < range_count; i++) {
        const struct boot_range *range = &ranges[i];

        say("payload: range");
        say_field("base", range->base);
        say_field("end", range->base + range->bytes);
        say_field("type", range->type);
        say_field("use", range->use);
        end_line();
        check(range->bytes > 0, "empty range");
        check(i == 0 || ranges[i - 1].base + ranges[i - 1].bytes <= range->base, "range order");
        check(range->type >= 1 && range->type <= 5, "range type");
        check(range->use <= BOOT_USE_FIRMWARE, "range use");
        if (range->type == BOOT_RANGE_RAM && range->use == BOOT_USE_FREE)
            free_bytes += range->bytes;
        if (range->use == BOOT_USE_EFI_RUNTIME)
            runtime++;
        if (range->use == BOOT_USE_KERNEL || range->use == BOOT_USE_HYPERVISOR)
            check(range->base >= MIB, "loader allocates below 1 MiB");
    }
    say("payload: free");
    say_field("bytes", free_bytes);
    say_field("runtime_ranges", runtime);
    end_line();
}

/* CRC-32 as in gzip and `cksum -a crc32b`, four bits at a time. */
static uint32_t crc32(const uint8_t *at, uint64_t bytes)
{
    static const uint32_t step[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t sum = ~0U;

    while (bytes--) {
        sum ^= *at++;
        sum = sum >> 4 ^ step[sum & 15];
        sum = sum >> 4 ^ step[sum & 15];
    }
    return ~sum;
}

static void file_say(const char *name, const struct boot_blob *blob, uint32_t use)
{
    say("payload: ");
    say(name);
    say_field("base", blob->base);
    say_field("bytes", blob->bytes);
    if (blob->bytes)
        say_field("crc32", crc32((const uint8_t *)blob->base, blob->bytes));
    end_line();
    check(blob->bytes == 0 || blob_has_use(blob, use), name);
}

static void text_say(const char *name, const struct boot_blob *blob)
{
    say("payload: ");
    say(name);
    say(" [");
    if (blob->bytes) {
        say((const char *)blob->base);
        check(((const char *)blob->base)[blob->bytes - 1] == 0, "text without NUL");
        check(blob_has_use(blob, BOOT_USE_LOADER), name);
    }
    say("]");
    end_line();
}

static void image_check(const struct boot_handover *handover)
{
    const volatile uint8_t *flat = (const volatile uint8_t *)handover->image.base;
    size_t i;

    say("payload: image");
    say_field("base", handover->image.base);
    say_field("bytes", handover->image.bytes);
    end_line();
    check(blob_has_use(&handover->image, BOOT_USE_HYPERVISOR), "image");
    check(handover->image.base % (2 * MIB) == 0, "image alignment");
    check((uint64_t)bss_bytes + sizeof bss_bytes <= WINDOW + handover->image.bytes, "image size");
    check(data_word == 0x123456789abcdef0ULL, "data");
    data_word = 42;
    check(*(const volatile uint64_t *)(flat + ((uint64_t)&data_word - WINDOW)) == 42,
          "window and identity map differ");
    for (i = 0; i < sizeof bss_bytes; i++)
        if (bss_bytes[i])
            break;
    check(i == sizeof bss_bytes, "bss not zero");
    check(handover->elf.bytes == 0 || *(const uint32_t *)handover->elf.base == 0x464c457f, "elf");
    check(handover->elf.bytes == 0 || blob_has_use(&handover->elf, BOOT_USE_LOADER), "elf use");
}

static void machine_check(const struct boot_handover *handover)
{
    uint64_t flags, tsc_low, tsc_high, root = handover->acpi_rsdp;
    uint16_t cs;

    __asm__ volatile("pushf; pop %0" : "=r"(flags));
    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    __asm__ volatile("rdtsc" : "=a"(tsc_low), "=d"(tsc_high));
    check(!(flags & 0x200), "interrupts on");
    check((cs & 7) == 0 && cs, "code segment");
    check(handover->entry_tsc && handover->entry_tsc < (tsc_high << 32 | tsc_low), "entry_tsc");
    say("payload: rsdp");
    say_field("base", root);
    end_line();
    if (root)
        check(*(const uint64_t *)root == 0x2052545020445352ULL, "RSDP signature");
    say("payload: screen");
    say_field("kind", handover->screen.kind);
    say_field("width", handover->screen.width);
    say_field("height", handover->screen.height);
    say_field("pitch", handover->screen.pitch_bytes);
    say_field("bpp", handover->screen.bits_per_pixel);
    say_field("red", handover->screen.red_pos);
    say_field("from_efi", handover->screen.from_efi);
    say_field("base", handover->screen.base);
    end_line();
    say("payload: efi");
    say_field("table", handover->efi.system_table);
    say_field("map", handover->efi.memory_map.bytes);
    say_field("descriptor", handover->efi.descriptor_bytes);
    end_line();
    if (handover->efi.system_table)
        check(*(const uint64_t *)handover->efi.system_table == 0x5453595320494249ULL,
              "EFI system table signature");
}

static void power_off(void)
{
    const char *word = "Shutdown";

    out16(0x604, 0x2000);  /* QEMU */
    out16(0xb004, 0x2000); /* Bochs' own BIOS */
    while (*word)
        out8(0x8900, (uint8_t)*word++); /* Bochs */
    for (;;)
        __asm__ volatile("cli; hlt");
}

__attribute__((used)) static void payload_main(const struct boot_handover *handover)
{
    say("payload: started\r\n");
    check(handover->magic == BOOT_HANDOVER_MAGIC, "magic");
    check(handover->bytes == sizeof *handover, "size");
    ranges = (const struct boot_range *)handover->ranges.base;
    range_count = handover->ranges.bytes / sizeof *ranges;
    ranges_check();
    check(blob_has_use(&handover->ranges, BOOT_USE_LOADER), "ranges' use");
    image_check(handover);
    text_say("loader", &handover->loader_name);
    text_say("options", &handover->cmdline);
    text_say("kernel_options", &handover->kernel_cmdline);
    check(handover->kernel.base % 4096 == 0, "kernel alignment");
    file_say("kernel", &handover->kernel, BOOT_USE_KERNEL);
    file_say("ramdisk", &handover->ramdisk, BOOT_USE_RAMDISK);
    machine_check(handover);
    say(complaints ? "payload: BAD" : "payload: good");
    end_line();
    power_off();
}

__attribute__((naked, used)) void payload_entry(void);
void payload_entry(void)
{
    __asm__ volatile("lea stack+16384(%rip), %rsp\n\t"
                     "call payload_main");
}
