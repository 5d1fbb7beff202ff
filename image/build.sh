#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# build.sh BUILD: the appliance, from the package BUILD/zendo-hypervisor_*.deb and Debian:
#
#   BUILD/zendo-appliance.img  a disk: GPT, EFI system partition, root; boots by UEFI and by BIOS
#   BUILD/zendo-appliance.iso  a live system for CD or USB stick, by UEFI and by BIOS
#
# What they are made from is kept in BUILD/image. Each part is made again only when what it is made
# from changed. Environment: SUITE (bookworm).

. "$(dirname "$0")/lib.sh"
BUILD=$(cd "${1:?usage: build.sh BUILD}" && pwd)
OUT=$BUILD/image
[ "$(id -u)" = 0 ] || exec sudo "SUITE=$SUITE" "$0" "$BUILD"
DEB=$(ls "$BUILD"/zendo-hypervisor_*.deb) || die "no package: make deb"
mkdir -p "$OUT"

# One builder at a time: several test runs may ask at once.
exec 9>"$OUT/lock"
flock 9

"$IMAGE/debian.sh" "$OUT"
"$IMAGE/root.sh" "$OUT" "$DEB"
"$IMAGE/disk.sh" "$OUT" "$BUILD/zendo-appliance.img"
"$IMAGE/iso.sh" "$OUT" "$BUILD/zendo-appliance.iso"
