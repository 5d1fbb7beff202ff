#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# build.sh OUTDIR [PART...]: everything that runs above the hypervisor, into OUTDIR. Parts:
#
#   kernels  Debian's kernels (kernels/NAME/vmlinuz)
#   root     Debian's root with the Xen toolstack, its kernel and ramdisk (vmlinuz, initrd)
#   mini     the minimal dom0 as one ramdisk (mini-NAME.gz)
#   hvm      the device model of HVM guests, as a ramdisk piece (hvm.gz)
#   guest    guests for tests (guest/)
#   image    the root as a disk image with an ext4 file system (dom0.img)
#   tools    what only some tests need, as ramdisk pieces for dom0 and for guests (tools.gz, guest/tools.gz)
#   managed  the root with libvirt, ssh and node_exporter, as a tree and a disk image (managed/, managed.img)
#
# All of them but the last two without PART. Each is made again only when what it is made from changed.
# Environment: SUITE (bookworm), KERNELS (names for kernels.sh; default all that apt knows).

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: build.sh OUTDIR [PART...]}
shift
[ $# -gt 0 ] || set -- kernels root mini hvm guest image
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)

# One builder at a time: several test runs may ask at once.
exec 9>"$OUT/lock"
flock 9

for part in "$@"; do
    case $part in
    # shellcheck disable=SC2086
    kernels) "$DOM0/kernels.sh" "$OUT" ${KERNELS:-} ;;
    root) "$DOM0/root.sh" "$OUT" ;;
    mini) "$DOM0/mini.sh" "$OUT" ;;
    hvm) "$DOM0/hvm.sh" "$OUT" ;;
    guest) "$DOM0/guest.sh" "$OUT" ;;
    image) "$DOM0/image.sh" "$OUT" ;;
    tools) "$DOM0/tools.sh" "$OUT" ;;
    managed) "$DOM0/managed.sh" "$OUT" ;;
    *) die "no such part: $part" ;;
    esac
done
