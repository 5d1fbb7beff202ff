#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# hvm.sh OUTDIR: what the minimal dom0 lacks for HVM guests, as a ramdisk piece:
#   OUTDIR/hvm.gz  Debian's qemu-system-xen, hvmloader, SeaBIOS, OVMF, the ROMs of its cards
#   OUTDIR/memtest.bin  memtest86+, a guest for tests
# Needs root.sh to have run.

. "$(dirname "$0")/lib.sh"
. "$DOM0/files.sh"
OUT=${1:?usage: hvm.sh OUTDIR}
KEY=$(key_of "$DOM0/hvm.sh" "$DOM0/lib.sh" "$DOM0/files.sh" "$DOM0"/hvm/* "$OUT/root.key")
stage_fresh "$OUT/hvm.key" "$KEY" && exit 0
[ "$(id -u)" = 0 ] || die "building the device model's part needs root (chroot)"

say "QEMU for HVM guests"
R=$OUT/root
T=$OUT/hvm-tree
rm -rf "$T" "$OUT/hvm.key"
files_copy "$R" "$DOM0/hvm/files.txt" "$T"
cpio_make "$T" "$OUT/hvm.cpio"
gzip -9n <"$OUT/hvm.cpio" >"$OUT/hvm.gz"
rm -rf "$T"
mkdir -p "$T"
apt_ready
(cd "$T" && apt-get -q=2 -o APT::Sandbox::User=root download memtest86+ >/dev/null) ||
    die "cannot download memtest86+"
dpkg-deb -x "$T"/*.deb "$T"
cp "$T/boot/memtest86+x64.bin" "$OUT/memtest.bin"
rm -rf "$T" "$OUT/hvm.cpio"
echo "$KEY" >"$OUT/hvm.key"
