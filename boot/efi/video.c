/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Graphics Output Protocol (UEFI 2.10, 12.9).
 *
 * What is always true here: no screen is no error; a screen without a linear framebuffer is none.
 */
#include "boot/efi/video.h"

#include "boot/efi/firmware.h"

typedef EFI_GRAPHICS_OUTPUT_PROTOCOL graphics;
typedef EFI_GRAPHICS_OUTPUT_MODE_INFORMATION graphics_mode;

static EFI_GUID graphics_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

static int is_linear(const graphics *screen)
{
    return screen->Mode && screen->Mode->Info && screen->Mode->FrameBufferBase &&
           screen->Mode->Info->PixelFormat < PixelBltOnly;
}

/* The console's own screen if it is linear, else the first that is. */
static graphics *screen_find(void)
{
    EFI_BOOT_SERVICES *services = firmware->BootServices;
    EFI_HANDLE *handles = NULL;
    graphics *screen, *found = NULL;
    UINTN count = 0, i;

    if (!EFI_ERROR(services->HandleProtocol(firmware->ConsoleOutHandle, &graphics_guid,
                                            (void **)&screen)) &&
        is_linear(screen))
        return screen;
    if (EFI_ERROR(services->LocateHandleBuffer(ByProtocol, &graphics_guid, NULL, &count, &handles)))
        return NULL;
    for (i = 0; i < count && !found; i++)
        if (!EFI_ERROR(services->HandleProtocol(handles[i], &graphics_guid, (void **)&screen)) &&
            is_linear(screen))
            found = screen;
    services->FreePool(handles);
    return found;
}

/* Where a channel's bits are, for a mask of adjacent ones. */
static void channel(uint32_t mask, uint8_t *position, uint8_t *bits)
{
    *position = *bits = 0;
    if (!mask)
        return;
    for (; !(mask & 1); mask >>= 1)
        ++*position;
    for (; mask & 1; mask >>= 1)
        ++*bits;
}

static uint32_t pixel_bits(const graphics_mode *mode)
{
    const EFI_PIXEL_BITMASK *mask = &mode->PixelInformation;
    uint32_t all, bits = 0;

    if (mode->PixelFormat != PixelBitMask)
        return 32;
    all = mask->RedMask | mask->GreenMask | mask->BlueMask | mask->ReservedMask;
    for (; all; all >>= 1)
        bits++;
    return (bits + 7) & ~7U;
}

void video_select(const unsigned wanted[3])
{
    graphics *screen = screen_find();
    UINT32 i;

    if (!screen || !wanted)
        return;
    for (i = 0; i < screen->Mode->MaxMode; i++) {
        graphics_mode *mode;
        UINTN bytes;
        int fits;

        if (EFI_ERROR(screen->QueryMode(screen, i, &bytes, &mode)))
            continue;
        fits = mode->PixelFormat < PixelBltOnly && mode->HorizontalResolution == wanted[0] &&
               (!wanted[1] || mode->VerticalResolution == wanted[1]) &&
               (!wanted[2] || pixel_bits(mode) == wanted[2] ||
                (wanted[2] == 24 && pixel_bits(mode) == 32));
        firmware->BootServices->FreePool(mode);
        if (!fits)
            continue;
        if (screen->Mode->Mode != i)
            screen->SetMode(screen, i);
        return;
    }
}

void video_describe(struct boot_screen *out)
{
    graphics *screen = screen_find();
    const graphics_mode *mode;

    if (!screen)
        return;
    mode = screen->Mode->Info;
    out->kind = BOOT_SCREEN_LINEAR;
    out->from_efi = 1;
    out->base = screen->Mode->FrameBufferBase;
    out->bytes = screen->Mode->FrameBufferSize;
    out->width = mode->HorizontalResolution;
    out->height = mode->VerticalResolution;
    out->bits_per_pixel = pixel_bits(mode);
    out->pitch_bytes = mode->PixelsPerScanLine * (out->bits_per_pixel / 8);
    out->red_bits = out->green_bits = out->blue_bits = 8;
    out->green_pos = 8;
    if (mode->PixelFormat == PixelRedGreenBlueReserved8BitPerColor) {
        out->blue_pos = 16;
    } else if (mode->PixelFormat == PixelBlueGreenRedReserved8BitPerColor) {
        out->red_pos = 16;
    } else {
        channel(mode->PixelInformation.RedMask, &out->red_pos, &out->red_bits);
        channel(mode->PixelInformation.GreenMask, &out->green_pos, &out->green_bits);
        channel(mode->PixelInformation.BlueMask, &out->blue_pos, &out->blue_bits);
    }
}
