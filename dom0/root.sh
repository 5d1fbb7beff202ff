#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# root.sh OUTDIR: the Debian root of dom0 as a tree (OUTDIR/root), made by mmdebstrap from the apt
# sources of this machine, with its kernel and ramdisk beside it (OUTDIR/vmlinuz, OUTDIR/initrd).

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: root.sh OUTDIR}
KEY=$(key_of "$DOM0/root.sh" "$DOM0/lib.sh" "$DOM0/root-packages.txt" "$DOM0"/root/* "$SUITE")
stage_fresh "$OUT/root.key" "$KEY" && exit 0
[ "$(id -u)" = 0 ] || die "building the root needs root (mmdebstrap)"

say "building the Debian root (a few minutes, once)"
rm -rf "$OUT/root" "$OUT/root.key"
mkdir -p "$OUT"
apt_ready
apt_sources >"$OUT/root.sources"
apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries)' >"$OUT/root.aptconf" || :
# Whole classes of drivers that no control domain image for an emulator needs: 300 MB.
set --
for d in drivers/gpu drivers/media drivers/infiniband drivers/net/wireless drivers/iio \
    drivers/staging drivers/isdn drivers/bluetooth drivers/video sound net/wireless net/mac80211; do
    set -- "$@" "--dpkgopt=path-exclude=/lib/modules/*/kernel/$d/*"
done
SRC=
[ -s "$OUT/root.sources" ] && SRC=-
# shellcheck disable=SC2086
mmdebstrap --mode=root --variant=minbase --format=directory \
    --include="$(list_read "$DOM0/root-packages.txt" | paste -sd,)" \
    --aptopt='APT::Install-Recommends "false"' --aptopt="$OUT/root.aptconf" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' "$@" \
    --essential-hook="$DOM0/root/initramfs.sh" --customize-hook="$DOM0/root/customize.sh" \
    "$SUITE" "$OUT/root" $SRC <"$OUT/root.sources" || die "mmdebstrap failed"
cp "$OUT"/root/boot/vmlinuz-* "$OUT/vmlinuz"
cp "$OUT"/root/boot/initrd.img-* "$OUT/initrd"
echo "$KEY" >"$OUT/root.key"
