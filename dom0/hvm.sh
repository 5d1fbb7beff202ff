#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# hvm.sh OUTDIR: what the minimal dom0 lacks for HVM guests, as a ramdisk piece:
#   OUTDIR/hvm.gz  Debian's qemu-system-xen, hvmloader, SeaBIOS, OVMF, the ROMs of its cards
#   OUTDIR/memtest.bin  memtest86+, a guest for tests
# Needs root.sh to have run.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: hvm.sh OUTDIR}
KEY=$(key_of "$DOM0/hvm.sh" "$DOM0/lib.sh" "$DOM0"/hvm/* "$OUT/root.key")
stage_fresh "$OUT/hvm.key" "$KEY" && exit 0
[ "$(id -u)" = 0 ] || die "building the device model's part needs root (chroot)"

say "QEMU for HVM guests"
R=$OUT/root
T=$OUT/hvm-tree
rm -rf "$T" "$OUT/hvm.key"
list_read "$DOM0/hvm/files.txt" | while read -r f; do
    [ -e "$R$f" ] || die "no package has $f"
    mkdir -p "$T/$(dirname "$f")"
    cp -L "$R$f" "$T$f"
    strip --strip-unneeded "$T$f" 2>/dev/null || :
    # libraries that the minimal dom0 may lack, and its /lib is a link to /usr/lib
    chroot "$R" /lib64/ld-linux-x86-64.so.2 --list "$f" 2>/dev/null |
        awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | while read -r l; do
            to=$T/usr/${l#/}
            case $l in /usr/*) to=$T$l ;; esac
            mkdir -p "$(dirname "$to")"
            cp -L "$R$l" "$to"
            strip --strip-unneeded "$to" 2>/dev/null || :
        done
done
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
