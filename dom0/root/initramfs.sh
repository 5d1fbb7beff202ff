#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Set up initramfs-tools in the root (first argument) before the kernel package makes its ramdisk:
# only the drivers of the disks that the image can live on, compressed for a slow CPU to unpack.

set -eu
R=$1
mkdir -p "$R/etc/initramfs-tools/conf.d"
printf 'MODULES=list\nCOMPRESS=gzip\nRESUME=none\nFSTYPE=ext4\n' \
    >"$R/etc/initramfs-tools/conf.d/dom0.conf"
printf '%s\n' ahci ata_piix sd_mod virtio_pci virtio_blk virtio_scsi nvme usb_storage xhci_pci \
    ext4 crc32c_generic >"$R/etc/initramfs-tools/modules"
