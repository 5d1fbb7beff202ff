#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# debian.sh OUTDIR: the appliance's Debian without anything of ours (OUTDIR/debian), made by mmdebstrap
# from the apt sources of this machine. root.sh adds that.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: debian.sh OUTDIR}
KEY=$(key_of "$IMAGE/debian.sh" "$IMAGE/root-packages.txt" "$IMAGE/initramfs.sh" "$SUITE")
stage_fresh "$OUT/debian.key" "$KEY" && exit 0
[ "$(id -u)" = 0 ] || die "building the root needs root (mmdebstrap)"

say "building Debian's root (a few minutes, once)"
rm -rf "$OUT/debian" "$OUT/debian.key"
mkdir -p "$OUT"
apt_ready
apt_sources >"$OUT/sources"
apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries)' >"$OUT/aptconf" || :
# No desktop, no radio: 300 MB of drivers.
set --
for d in drivers/gpu drivers/media drivers/infiniband drivers/net/wireless drivers/iio \
    drivers/staging drivers/isdn drivers/bluetooth drivers/video sound net/wireless net/mac80211; do
    set -- "$@" "--dpkgopt=path-exclude=/lib/modules/*/kernel/$d/*"
done
for d in man locale doc iso-codes xml/iso-codes; do
    set -- "$@" "--dpkgopt=path-exclude=/usr/share/$d/*"
done
SRC=
[ -s "$OUT/sources" ] && SRC=-
# shellcheck disable=SC2086
mmdebstrap --mode=root --variant=minbase --format=directory \
    --include="$(list_read "$IMAGE/root-packages.txt" | paste -sd,)" \
    --aptopt='APT::Install-Recommends "false"' --aptopt="$OUT/aptconf" \
    "$@" --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --essential-hook="$IMAGE/initramfs.sh" \
    "$SUITE" "$OUT/debian" $SRC <"$OUT/sources" || die "mmdebstrap failed"
echo "$KEY" >"$OUT/debian.key"
