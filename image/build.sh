#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# build.sh BUILD [img|iso]...: the appliance, from the package BUILD/zendo-hypervisor_*.deb and Debian:
#
#   BUILD/zendo-appliance.img  a disk: GPT, EFI system partition, root; boots by UEFI and by BIOS
#   BUILD/zendo-appliance.iso  a live system for CD or USB stick, by UEFI and by BIOS
#
# Both of them if none is named. What they are made from is kept in BUILD/image; each part is made again
# only when what it is made from changed. Environment: SUITE (bookworm).

. "$(dirname "$0")/lib.sh"
BUILD=$(cd "${1:?usage: build.sh BUILD [img|iso]...}" && pwd)
shift
[ $# -gt 0 ] || set -- img iso
OUT=$BUILD/image
[ "$(id -u)" = 0 ] || exec sudo "SUITE=$SUITE" "$0" "$BUILD" "$@"
DEB=$(ls "$BUILD"/zendo-hypervisor_*.deb) || die "no package: make deb"
mkdir -p "$OUT"

# One builder at a time: several test runs may ask at once.
exec 9>"$OUT/lock"
flock 9

"$IMAGE/debian.sh" "$OUT"
"$IMAGE/root.sh" "$OUT" "$DEB"
for kind in "$@"; do
    case $kind in
    img) "$IMAGE/disk.sh" "$OUT" "$BUILD/zendo-appliance.img" ;;
    iso) "$IMAGE/iso.sh" "$OUT" "$BUILD/zendo-appliance.iso" ;;
    *) die "no such image: $kind" ;;
    esac
done
