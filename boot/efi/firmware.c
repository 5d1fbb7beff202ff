/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware's memory and console.
 *
 * What is always true here: every piece of memory taken is in the list until it is given back, so
 * firmware_end leaves the machine as it was.
 */
#include "boot/efi/firmware.h"

#include "boot/efi/files.h"

#define PAGE_BYTES  4096ULL
#define FOUR_GIB    (1ULL << 32)
#define PIECES_MOST 32
#define MSR_FS_BASE 0xc0000100U /* Intel SDM volume 4, table 2-2 */

EFI_SYSTEM_TABLE *firmware;

static EFI_HANDLE program;
static struct {
    uint64_t base;
    uint64_t pages;
} piece[PIECES_MOST];

void firmware_begin(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    firmware = system;
    program = image;
    /* Unpacking may outlast the five minutes a boot manager allows on a slow machine. */
    system->BootServices->SetWatchdogTimer(0, 0, 0, NULL);
}

EFI_HANDLE firmware_program(void)
{
    return program;
}

static uint64_t pages_take(uint64_t pages)
{
    EFI_PHYSICAL_ADDRESS base = FOUR_GIB - 1;
    EFI_BOOT_SERVICES *services = firmware->BootServices;

    if (!EFI_ERROR(services->AllocatePages(AllocateMaxAddress, EfiLoaderData, pages, &base)))
        return base;
    if (!EFI_ERROR(services->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &base)))
        return base;
    return 0;
}

uint64_t memory_take(uint64_t bytes, uint64_t align)
{
    uint64_t pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    uint64_t slack = align / PAGE_BYTES - 1, base, start;
    unsigned i;

    for (i = 0; i < PIECES_MOST && piece[i].pages; i++)
        ;
    if (i == PIECES_MOST || !pages || bytes > UINT64_MAX - align - PAGE_BYTES)
        return 0;
    base = pages_take(pages + slack);
    if (!base)
        return 0;
    start = (base + align - 1) & ~(align - 1);
    if (start > base)
        firmware->BootServices->FreePages(base, (start - base) / PAGE_BYTES);
    slack -= (start - base) / PAGE_BYTES;
    if (slack)
        firmware->BootServices->FreePages(start + pages * PAGE_BYTES, slack);
    piece[i].base = start;
    piece[i].pages = pages;
    return start;
}

void memory_give(uint64_t base)
{
    unsigned i;

    for (i = 0; i < PIECES_MOST; i++) {
        if (!piece[i].pages || piece[i].base != base)
            continue;
        firmware->BootServices->FreePages(base, piece[i].pages);
        piece[i].pages = 0;
    }
}

void firmware_end(void)
{
    unsigned i;

    files_end();
    for (i = 0; i < PIECES_MOST; i++)
        if (piece[i].pages)
            memory_give(piece[i].base);
}

void say_piece(struct config_text text)
{
    CHAR16 wide[64];
    size_t fill = 0, i;

    for (i = 0; i < text.bytes; i++) {
        wide[fill++] = (uint8_t)text.text[i];
        if (fill < sizeof wide / sizeof wide[0] - 1 && i + 1 < text.bytes)
            continue;
        wide[fill] = 0;
        firmware->ConOut->OutputString(firmware->ConOut, wide);
        fill = 0;
    }
}

void say(const char *text)
{
    struct config_text all = {text, 0};

    while (text[all.bytes])
        all.bytes++;
    say_piece(all);
}

const char *quietly(const char *(*call)(void *argument), void *argument)
{
    static uint64_t canary_block[8] = {0, 0, 0, 0, 0, 0x5a656e646f5a656eULL, 0, 0};
    uint64_t canary = (uintptr_t)canary_block;
    uint32_t old_low, old_high;
    const char *reason;
    EFI_TPL level;

    level = firmware->BootServices->RaiseTPL(TPL_HIGH_LEVEL);
    __asm__ volatile("rdmsr" : "=a"(old_low), "=d"(old_high) : "c"(MSR_FS_BASE));
    __asm__ volatile("wrmsr" : : "c"(MSR_FS_BASE), "a"((uint32_t)canary), "d"(canary >> 32));
    reason = call(argument);
    __asm__ volatile("wrmsr" : : "c"(MSR_FS_BASE), "a"(old_low), "d"(old_high));
    firmware->BootServices->RestoreTPL(level);
    return reason;
}
