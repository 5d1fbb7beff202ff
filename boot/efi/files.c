/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files beside the program, and its command line.
 *
 * What is always true here: names are ASCII outside the firmware's calls; whatever else a name
 * holds becomes '?', which no file is called.
 */
#include "boot/efi/files.h"

#include <string.h>

#include "boot/efi/firmware.h"

#define PATH_LETTERS    512
#define READ_BYTES      (4UL << 20) /* some firmware reads large pieces badly */
#define INFO_BYTES      1024
#define FILE_MOST_BYTES (4ULL << 30)

const char files_missing[] = "not found";

static EFI_FILE *volume;
static char folder[PATH_LETTERS]; /* of the program, with the last backslash */
static char self_name[PATH_LETTERS];

/* Appends the text of one node of a device path (UEFI 2.10, 10.3.5.4) to path. */
static void node_append(const EFI_DEVICE_PATH *node, char *path, size_t *fill)
{
    size_t bytes = DevicePathNodeLength(node), i;
    const uint8_t *text = (const uint8_t *)node + sizeof *node;

    if (*fill && path[*fill - 1] != '\\' && *fill < PATH_LETTERS - 1)
        path[(*fill)++] = '\\';
    for (i = sizeof *node; i + 2 <= bytes; i += 2, text += 2) {
        unsigned letter = text[0] | text[1] << 8;

        if (!letter || *fill == PATH_LETTERS - 1)
            break;
        if (letter == '/')
            letter = '\\';
        if (letter == '\\' && *fill && path[*fill - 1] == '\\')
            continue;
        path[(*fill)++] = letter < 0x7f ? (char)letter : '?';
    }
}

static void self_find(const EFI_DEVICE_PATH *node)
{
    size_t fill = 0, start;

    for (; node && !IsDevicePathEnd(node); node = NextDevicePathNode(node)) {
        if ((size_t)DevicePathNodeLength(node) < sizeof *node)
            break;
        if (DevicePathType(node) == MEDIA_DEVICE_PATH &&
            DevicePathSubType(node) == MEDIA_FILEPATH_DP)
            node_append(node, folder, &fill);
    }
    for (start = fill; start > 0 && folder[start - 1] != '\\'; start--)
        ;
    memcpy(self_name, folder + start, fill - start);
    self_name[fill - start] = 0;
    folder[start] = 0;
}

static EFI_LOADED_IMAGE *self_image(void)
{
    static EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
    EFI_LOADED_IMAGE *self = NULL;
    EFI_STATUS status;

    status = firmware->BootServices->HandleProtocol(firmware_program(), &guid, (void **)&self);
    return EFI_ERROR(status) ? NULL : self;
}

const char *files_begin(struct config_text *self)
{
    static EFI_GUID guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
    EFI_LOADED_IMAGE *image = self_image();
    EFI_FILE_IO_INTERFACE *disk = NULL;
    EFI_STATUS status;

    if (!image)
        return "the firmware does not say where this program came from";
    status = firmware->BootServices->HandleProtocol(image->DeviceHandle, &guid, (void **)&disk);
    if (EFI_ERROR(status) || EFI_ERROR(disk->OpenVolume(disk, &volume)))
        return "the device this program came from has no file system";
    self_find(image->FilePath);
    self->text = self_name;
    self->bytes = strlen(self_name);
    return NULL;
}

void files_end(void)
{
    if (volume)
        volume->Close(volume);
    volume = NULL;
}

static const char *status_reason(EFI_STATUS status)
{
    switch (status) {
    case EFI_NOT_FOUND:
    case EFI_INVALID_PARAMETER: /* what some firmware says to a name it cannot take */
        return files_missing;
    case EFI_ACCESS_DENIED:
    case EFI_SECURITY_VIOLATION:
        return "the firmware denies access";
    case EFI_OUT_OF_RESOURCES:
        return "the firmware has too little memory to read it";
    case EFI_VOLUME_CORRUPTED:
        return "the file system is damaged";
    default:
        return "cannot be read (device error)";
    }
}

/* The whole name: our folder and the given one, or the given one alone when it is absolute. */
static int name_make(struct config_text name, CHAR16 *wide)
{
    size_t fill = 0, i;

    if (name.text[0] != '\\' && name.text[0] != '/')
        for (; folder[fill]; fill++)
            wide[fill] = (uint8_t)folder[fill];
    if (fill + name.bytes >= PATH_LETTERS)
        return -1;
    for (i = 0; i < name.bytes; i++, fill++)
        wide[fill] = name.text[i] == '/' ? '\\' : (uint8_t)name.text[i];
    wide[fill] = 0;
    return 0;
}

static const char *size_find(EFI_FILE *handle, uint64_t *bytes)
{
    static EFI_GUID guid = EFI_FILE_INFO_ID;
    static _Alignas(8) uint8_t block[INFO_BYTES];
    UINTN room = sizeof block;
    EFI_FILE_INFO info;
    EFI_STATUS status;

    status = handle->GetInfo(handle, &guid, &room, block);
    if (EFI_ERROR(status))
        return status_reason(status);
    memcpy(&info, block, SIZE_OF_EFI_FILE_INFO);
    if (info.Attribute & EFI_FILE_DIRECTORY)
        return "is a folder, not a file";
    if (info.FileSize >= FILE_MOST_BYTES)
        return "is too large";
    *bytes = info.FileSize;
    return NULL;
}

static const char *content_read(EFI_FILE *handle, struct boot_blob *file)
{
    uint64_t at = 0;

    while (at < file->bytes) {
        UINTN part = file->bytes - at < READ_BYTES ? file->bytes - at : READ_BYTES;
        EFI_STATUS status = handle->Read(handle, &part, (void *)(uintptr_t)(file->base + at));

        if (EFI_ERROR(status))
            return status_reason(status);
        if (!part)
            return "truncated: it is shorter than its folder says";
        at += part;
    }
    *(char *)(uintptr_t)(file->base + at) = 0;
    return NULL;
}

const char *files_load(struct config_text name, struct boot_blob *file)
{
    static CHAR16 wide[PATH_LETTERS];
    const char *reason;
    EFI_STATUS status;
    EFI_FILE *handle;

    if (!name.bytes || name_make(name, wide))
        return files_missing;
    status = volume->Open(volume, &handle, wide, EFI_FILE_MODE_READ, 0);
    if (EFI_ERROR(status))
        return status_reason(status);
    reason = size_find(handle, &file->bytes);
    if (!reason) {
        file->base = memory_take(file->bytes + 1, 4096);
        reason = file->base ? content_read(handle, file) : "too little memory to load it";
        if (reason && file->base)
            memory_give(file->base);
    }
    handle->Close(handle);
    return reason;
}

struct config_text command_line(void)
{
    EFI_LOADED_IMAGE *image = self_image();
    struct config_text line = {NULL, 0};
    const uint8_t *wide;
    size_t letters, i;
    char *text;

    if (!image || !image->LoadOptions || image->LoadOptionsSize < 2)
        return line;
    wide = image->LoadOptions;
    letters = image->LoadOptionsSize / 2;
    text = (char *)(uintptr_t)memory_take(letters, 4096);
    if (!text)
        return line;
    for (i = 0; i < letters; i++) {
        unsigned letter = wide[2 * i] | wide[2 * i + 1] << 8;

        if (!letter)
            break;
        text[i] = letter < 0x7f ? (char)letter : '?';
    }
    line.text = text;
    line.bytes = i;
    return line;
}
