#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh: what `make run` does. Installs what is missing, builds everything, and boots the
# hypervisor with Debian as dom0 in QEMU through UEFI: on a terminal for you, otherwise as a
# demonstration that plays by itself and exits 0, or shows what failed and exits 1.
#
# Environment, also as arguments of `make run`: GUEST=pv, pvh or hvm starts a guest of that type (the
#   demonstration starts a PV one without it; on a terminal none is started); HYP=FILE boots that
#   hypervisor instead (e.g. the distribution's xen-*.efi);
#   IMAGE=img or iso boots the appliance (image/) with nothing else in the machine; BIOS=1 that by BIOS;
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

if [ "${PACKAGES:-yes}" != no ] && command -v apt-get >/dev/null; then
    (cd "$ROOT" && ./packages.sh build-packages.txt boot/packages.txt dom0/packages.txt \
        dom0/run-packages.txt) || die "cannot install packages"
fi
if [ -n "${IMAGE:-}" ]; then
    as_root make -C "$ROOT" "BUILD=$BUILD" image || die "building the appliance failed"
    BUILD=$BUILD exec python3 "$DOM0/run.py"
fi
[ -n "${HYP:-}" ] || make -C "$ROOT" "BUILD=$BUILD" || die "building the hypervisor failed"
as_root env "SUITE=$SUITE" "KERNELS=${KERNELS:-6.1}" "$DOM0/build.sh" "$BUILD/dom0" kernels root guest image
BUILD=$BUILD exec python3 "$DOM0/run.py"
