#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh: what `make run` does. Installs what is missing, builds the appliance (image/), and boots its
# disk with nothing else in the machine, in QEMU through UEFI: on a terminal for you, otherwise as a
# demonstration that plays by itself and exits 0, or shows what failed and exits 1. The disk stays as
# it is: what is written is thrown away.
#
# Environment, also as arguments of `make run`: GUEST=pv (default), pvh or hvm is the type of the example
#   guest; IMAGE=iso boots the live system instead of the disk (img); BIOS=1 boots through BIOS.
#   IMAGE=dom0 boots the tests' Debian instead, with hypervisor, kernel and ramdisk beside it; HYP=FILE
#   does so with that hypervisor (e.g. the distribution's xen-*.efi).
#   MEM (2048 MiB), CPUS (2), ACCEL=tcg never uses KVM, DEMO=1 plays the demonstration on a
#   terminal too, PACKAGES=no installs nothing.

. "$(dirname "$0")/lib.sh"
ROOT=$(cd "$DOM0/.." && pwd)
BUILD=${BUILD:-$ROOT/build}

case ${GUEST:-pv} in
pv | pvh | hvm) ;;
*) die "GUEST=$GUEST: one of pv, pvh, hvm" ;;
esac

# as_root COMMAND...
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root, or sudo: $*"
    fi
}

IMAGE=${IMAGE:-${HYP:+dom0}}
export IMAGE="${IMAGE:-img}" BUILD
case $IMAGE in
img | iso) lists=image/packages.txt ;;
dom0) lists= ;;
*) die "IMAGE=$IMAGE: one of img, iso, dom0" ;;
esac

if [ "${PACKAGES:-yes}" != no ] && command -v apt-get >/dev/null; then
    (cd "$ROOT" && ./packages.sh build-packages.txt boot/packages.txt dom0/packages.txt \
        dom0/run-packages.txt $lists) || die "cannot install packages"
fi
if [ "$IMAGE" = dom0 ]; then
    [ -n "${HYP:-}" ] || make -C "$ROOT" "BUILD=$BUILD" || die "building the hypervisor failed"
    as_root env "SUITE=$SUITE" "KERNELS=${KERNELS:-6.1}" "$DOM0/build.sh" "$BUILD/dom0" kernels root guest image
else
    make -C "$ROOT" "BUILD=$BUILD" "IMAGES=$IMAGE" image || die "building the appliance failed"
fi
exec python3 "$DOM0/run.py"
