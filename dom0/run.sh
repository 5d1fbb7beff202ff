#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh: what `make run` does. Installs what is missing, builds everything, and boots the
# hypervisor with Debian as dom0 in QEMU through UEFI: on a terminal for you, otherwise as a
# demonstration that plays by itself and exits 0, or shows what failed and exits 1.
#
# Environment: HYP=FILE boots that hypervisor instead (e.g. the distribution's xen-*.efi);
#   MEM (2048 MiB), CPUS (2), ACCEL=tcg never uses KVM, DEMO=1 plays the demonstration on a
#   terminal too, PACKAGES=no installs nothing.

. "$(dirname "$0")/lib.sh"
ROOT=$(cd "$DOM0/.." && pwd)
BUILD=${BUILD:-$ROOT/build}

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

# packages_missing LIST... -> names in the lists that are not installed
packages_missing() {
    for l in "$@"; do list_read "$l"; done | sort -u | while read -r p; do
        dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q '^install ok installed' ||
            echo "$p"
    done
}

if [ "${PACKAGES:-yes}" != no ] && command -v apt-get >/dev/null; then
    missing=$(packages_missing "$ROOT/boot/packages.txt" "$DOM0/packages.txt" \
        "$DOM0/run-packages.txt")
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086
        say "installing:" $missing
        # shellcheck disable=SC2086
        as_root sh -c '
            export DEBIAN_FRONTEND=noninteractive
            o="-q -y -o DPkg::Lock::Timeout=300 --no-install-recommends"
            apt-get $o install "$@" || { apt-get -q update && apt-get $o install "$@"; }' \
            sh $missing || die "cannot install packages"
    fi
fi
[ -n "${HYP:-}" ] || make -C "$ROOT" "BUILD=$BUILD" || die "building the hypervisor failed"
as_root env "SUITE=$SUITE" "KERNELS=${KERNELS:-6.1}" "$DOM0/build.sh" "$BUILD/dom0"
BUILD=$BUILD exec python3 "$DOM0/run.py"
