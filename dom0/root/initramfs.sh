#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Set up initramfs-tools in the root (first argument) before the kernel package makes its ramdisk:
# only the drivers of the disks that the image can live on, compressed for a slow CPU to unpack.

set -eu
R=$1
mkdir -p "$R/etc/initramfs-tools/conf.d" "$R/etc/initramfs-tools/hooks" "$R/etc/modprobe.d"
printf 'MODULES=list\nCOMPRESS=gzip\nRESUME=none\nFSTYPE=ext4\n' \
    >"$R/etc/initramfs-tools/conf.d/dom0.conf"
# Included, so that udev loads the one that fits; what stands in "modules" would all be loaded.
cat >"$R/etc/initramfs-tools/hooks/dom0" <<'HOOK'
#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules ahci ata_piix sd_mod virtio_pci virtio_blk virtio_scsi nvme xhci_pci uas \
    usb_storage ext4 crc32c_generic
HOOK
chmod 755 "$R/etc/initramfs-tools/hooks/dom0"

# Loaded for nothing in a control domain: virtualisation that is the hypervisor's, ciphers tuned
# for this CPU that nothing uses, desktop input, watchdogs.
for m in kvm kvm_amd kvm_intel ccp aesni_intel ghash_clmulni_intel crct10dif_pclmul crc32_pclmul \
    crc32c_intel polyval_clmulni sha512_ssse3 sha256_ssse3 sha1_ssse3 joydev evdev pcspkr serio_raw \
    psmouse mac_hid iTCO_wdt lpc_ich i2c_i801 i2c_piix4 sg sr_mod floppy parport_pc \
    intel_rapl_msr edac_mce_amd qemu_fw_cfg; do
    echo "blacklist $m"
done >"$R/etc/modprobe.d/dom0.conf"
