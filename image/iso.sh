#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# iso.sh OUTDIR ISO: the live system from OUTDIR/root: GRUB for BIOS and UEFI, hypervisor, kernel, a
# ramdisk that finds the compressed root and lays changes over it in memory (Debian's live-boot).

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: iso.sh OUTDIR ISO}
ISO=${2:?usage: iso.sh OUTDIR ISO}
KEY=$(key_of "$IMAGE/iso.sh" "$IMAGE/lib.sh" "$OUT/root.key")
stage_fresh "$OUT/iso.key" "$KEY" && [ -e "$ISO" ] && exit 0
say "live system"
R=$OUT/root
T=$OUT/iso
rm -rf "$T" "$OUT/iso.key"
mkdir -p "$T/boot/grub" "$T/live"
cp "$R/boot/xen-4.17-zendo.gz" "$R"/boot/vmlinuz-* "$R"/boot/initrd.img-* "$T/boot/"
mksquashfs "$R" "$T/live/filesystem.squashfs" -quiet -no-progress -comp zstd \
    -Xcompression-level 9 -b 256K -e etc/fstab >"$OUT/iso.log" 2>&1
kernel=$(cd "$T/boot" && ls vmlinuz-*)
cat >"$T/boot/grub/grub.cfg" <<X
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
if [ "\$grub_platform" = efi ]; then insmod all_video; fi
set timeout=3
menuentry "Zendo, from this medium (zendo-install puts it on a disk)" {
    multiboot2 /boot/xen-4.17-zendo.gz com1=115200,8n1 console=com1,vga
    module2 /boot/$kernel boot=live console=tty0 console=hvc0
    module2 --nounzip /boot/initrd.img-${kernel#vmlinuz-}
}
menuentry "Debian alone, without hypervisor" {
    linux /boot/$kernel boot=live console=ttyS0,115200 console=tty0
    initrd /boot/initrd.img-${kernel#vmlinuz-}
}
X
grub-mkrescue --modules="serial terminal" -o "$ISO.new" "$T" -- -volid ZENDO >>"$OUT/iso.log" 2>&1 ||
    { tail "$OUT/iso.log" >&2; die "grub-mkrescue failed"; }
mv "$ISO.new" "$ISO"
rm -rf "$T"
echo "$KEY" >"$OUT/iso.key"
