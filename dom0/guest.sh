#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# guest.sh OUTDIR: guests for tests, as files and as ramdisk pieces for the minimal dom0:
#   OUTDIR/guest/tiny            a small PV or PVH guest, of libzendo-pv
#   OUTDIR/guest/user32          a 32-bit Linux program that checks how it meets its kernel
#   OUTDIR/guest/initrd-NAME.gz  a ramdisk for Debian's kernel NAME: busybox, disk, network
#   OUTDIR/guest/drivers-NAME.gz a piece for it: drivers of what QEMU emulates
#   OUTDIR/guest/*.cfg           xl's configurations
#   OUTDIR/guest/common.cpio     /guest/tiny, /guest/user32 and /guest/*.cfg
#   OUTDIR/guest/linux-NAME.cpio /guest/vmlinuz, initrd and drivers
# Needs root.sh (for busybox) and kernels.sh to have run.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: guest.sh OUTDIR}
G=$OUT/guest
CC=${CC:-gcc}
mkdir -p "$G"

common_make() {
    # (a make of its own, whoever calls)
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$DOM0/.." build/pv/tiny
    strip -o "$G/tiny.new" "$DOM0/../build/pv/tiny"
    key=$(key_of "$DOM0/guest.sh" "$DOM0/lib.sh" "$DOM0"/guest/* "$G/tiny.new")
    stage_fresh "$G/common.key" "$key" && { rm "$G/tiny.new"; return 0; }
    say "guests: tiny, user32 and configurations"
    "$CC" -m32 -std=gnu17 -O2 -Wall -Wextra -Werror -ffreestanding -fno-stack-protector \
        -fno-pie -no-pie -fcf-protection=none -msse -static -nostdlib -z noexecstack \
        -Wl,--build-id=none -o "$G/user32" "$DOM0/guest/user32.c"
    "$CC" -m32 -c -o "$G/probe_entry.o" "$DOM0/guest/probe_entry.S"
    "$CC" -m32 -std=gnu17 -O2 -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-pie \
        -fcf-protection=none -mgeneral-regs-only -c -o "$G/probe.o" "$DOM0/guest/probe.c"
    ld -m elf_i386 -nostdlib -static -Ttext-segment=0x100000 --build-id=none --no-warn-rwx-segments \
        -z noexecstack -o "$G/probe" "$G/probe_entry.o" "$G/probe.o"
    mv "$G/tiny.new" "$G/tiny"
    strip "$G/user32"
    cp "$DOM0"/guest/*.cfg "$G/"
    rm -rf "$G/tree"
    mkdir -p "$G/tree/guest"
    cp "$G/tiny" "$G/probe" "$G/user32" "$DOM0"/guest/*.cfg "$G/tree/guest/"
    cpio_make "$G/tree" "$G/common.cpio"
    rm -rf "$G/tree" "$G"/*.o
    echo "$key" >"$G/common.key"
}

# modules_copy KERNEL_ROOT VERSION DIR PREFIX MODULE...: modules in the order in which init loads them
modules_copy() {
    k=$1 version=$2 to=$3 prefix=$4
    shift 4
    mkdir -p "$to"
    n=0
    modules_of "$k" "$version" "$@" | while read -r f; do
        n=$((n + 1))
        cp "$f" "$to/$prefix$(printf %02d $n)-$(basename "$f")"
    done
}

# linux_make NAME
linux_make() {
    k=$OUT/kernels/$1
    version=$(cat "$k/version")
    key=$(key_of "$DOM0/guest.sh" "$DOM0/lib.sh" "$DOM0/guest/init" "$DOM0/mini/orders" \
        "$DOM0/mini/traffic" "$G/common.key" \
        "$OUT/root.key" "$version")
    stage_fresh "$G/linux-$1.key" "$key" && return 0
    say "guests: ramdisk for $version"
    T=$G/tree
    rm -rf "$T"
    mkdir -p "$T/bin" "$T/sbin" "$T/dev" "$T/proc" "$T/sys" "$T/tmp"
    cp "$OUT/root/bin/busybox" "$G/user32" "$T/bin/"
    [ ! -e "$k/busybox" ] || cp "$k/busybox" "$T/bin/" # a 32-bit one
    install -m 755 "$DOM0/guest/init" "$T/init"
    install -m 755 "$DOM0/mini/orders" "$DOM0/mini/traffic" "$T/bin/"
    modules_copy "$k" "$version" "$T/modules" "" xen-blkfront xen-netfront
    cpio_make "$T" "$G/initrd.cpio"
    gzip -9n <"$G/initrd.cpio" >"$G/initrd-$1.gz"
    rm -rf "$T"
    modules_copy "$k" "$version" "$T/modules" e ata_piix ahci sd_mod sr_mod nvme virtio_pci \
        virtio_blk virtio_net e1000 8139cp button
    cpio_make "$T" "$G/initrd.cpio"
    gzip -9n <"$G/initrd.cpio" >"$G/drivers-$1.gz"
    rm -rf "$T" "$G/initrd.cpio"
    mkdir -p "$T/guest"
    cp "$k/vmlinuz" "$T/guest/vmlinuz"
    cp "$G/initrd-$1.gz" "$T/guest/initrd"
    cp "$G/drivers-$1.gz" "$T/guest/drivers"
    cpio_make "$T" "$G/linux-$1.cpio"
    rm -rf "$T"
    echo "$key" >"$G/linux-$1.key"
}

common_make
for d in "$OUT"/kernels/*/key; do
    linux_make "$(basename "$(dirname "$d")")"
done
