/* SPDX-License-Identifier: BSD-2-Clause */
/* platform_op: what the firmware left behind. */
#include "control/platform_op.h"

#include "abi/errno.h"
#include "efi/runtime.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "p2m/copy.h"

static long efi_vendor_text(union xenpf_efi_info *info)
{
    uint32_t bytes;
    const uint16_t *text = efi_vendor(&bytes);

    info->vendor.revision = efi_vendor_revision();
    if (!GUEST_VA(info->vendor.name) || info->vendor.bufsz < sizeof(*text))
        return 0;
    /* cut, but terminated */
    if (bytes > info->vendor.bufsz) {
        static const uint16_t nul;

        bytes = ROUND_DOWN(info->vendor.bufsz, (uint32_t)sizeof(nul)) - (uint32_t)sizeof(nul);
        if (copy_to_guest(GUEST_VA(info->vendor.name) + bytes, &nul, sizeof(nul)))
            return -EFAULT;
    }
    return copy_to_guest(GUEST_VA(info->vendor.name), text, bytes);
}

static long efi_memory(union xenpf_efi_info *info)
{
    const struct efi_memory_descriptor *d = efi_memory_at(info->mem.addr);

    if (!d)
        return -ESRCH;
    info->mem.addr = d->physical_start;
    info->mem.size = d->pages << PAGE_SHIFT;
    info->mem.attr = d->attribute;
    info->mem.type = d->type;
    return 0;
}

static long efi_info(uint32_t index, union xenpf_efi_info *info)
{
    uint64_t count;

    if (!efi_present())
        return -ENODEV;
    switch (index) {
    case XEN_FW_EFI_VERSION:
        info->version = efi_revision();
        return 0;
    case XEN_FW_EFI_RT_VERSION:
        info->version = efi_runtime_revision();
        return 0;
    case XEN_FW_EFI_CONFIG_TABLE:
        info->cfg.addr = efi_config_table(&count);
        info->cfg.nent = (uint32_t)count;
        return 0;
    case XEN_FW_EFI_VENDOR:
        return efi_vendor_text(info);
    case XEN_FW_EFI_MEM_INFO:
        return efi_memory(info);
    case XEN_FW_EFI_PCI_ROM:
        return -ENOENT;
    case XEN_FW_EFI_APPLE_PROPERTIES:
        return -ENODATA;
    default:
        return -EINVAL;
    }
}

long platform_firmware_info(struct xen_platform_op *op)
{
    struct xenpf_firmware_info *f = &op->u.firmware_info;

    switch (f->type) {
    case XEN_FW_EFI_INFO:
        return efi_info(f->index, &f->u.efi_info);
    case XEN_FW_DISK_INFO: /* asked of the BIOS in real mode, which our loaders never were in */
    case XEN_FW_DISK_MBR_SIGNATURE:
    case XEN_FW_VBEDDC_INFO:
    case XEN_FW_KBD_SHIFT_FLAGS:
        return -ESRCH;
    default:
        return -EINVAL;
    }
}
