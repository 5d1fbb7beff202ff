#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# image.sh OUTDIR: the root tree as a disk image, OUTDIR/dom0.img (ext4, label zendo-dom0), with
# the guests in /root. Needs root.sh and guest.sh to have run.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: image.sh OUTDIR}
SIZE=${SIZE:-1200M}
key=$(key_of "$DOM0/image.sh" "$OUT/root.key" "$OUT/guest/common.key" \
    "$OUT/guest/linux-6.1.key" "$SIZE")
stage_fresh "$OUT/dom0.img.key" "$key" && exit 0
[ "$(id -u)" = 0 ] || die "making the image needs root"
say "disk image"
R=$OUT/root
rm -rf "$R/root/guest"
mkdir -p "$R/root/guest"
cp "$OUT/guest/tiny" "$OUT/guest/user32" "$OUT"/guest/*.cfg "$R/root/guest/"
# the paths in the configurations are those of the minimal dom0
ln -sfn root/guest "$R/guest"
cp "$OUT/guest/initrd-6.1.gz" "$R/root/guest/initrd"
ln -sfn "/boot/$(basename "$R"/boot/vmlinuz-*)" "$R/root/guest/vmlinuz"
# A name of its own, so that the first boot is like any other.
echo 0123456789abcdef0123456789abcdef >"$R/etc/machine-id"
rm -f "$OUT/dom0.img" "$OUT/dom0.img.key"
truncate -s "$SIZE" "$OUT/dom0.img"
mke2fs -q -t ext4 -L zendo-dom0 -O ^metadata_csum -m 1 -d "$R" -F "$OUT/dom0.img"
echo "$key" >"$OUT/dom0.img.key"
