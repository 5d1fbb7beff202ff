#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The Debian package in a copy of dom0's root: installed, a kernel comes, upgraded, purged. Prints
# "ok NAME" or "FAIL NAME why" for each. Arguments: the package, the root, a directory to work in;
# and "disk": the root with the package becomes a file system, disk.img there, instead of the rest.
set -u
DEB=$1 ROOT=$2 W=$3 THEN=${4:-}
UUID=0c17e3a9-5b1d-4a49-8f37-0f6f6f0c2a11
R=$W/root
ESP=$R/boot/efi
CFG=$R/boot/grub/grub.cfg

finish() { for m in "$ESP" "$R/dev" "$R/proc"; do mountpoint -q "$m" && umount "$m"; done; }
trap finish EXIT
try() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$W/out" 2>&1; then
        echo "ok $name"
    else
        sed 's/^/    /' "$W/out"
        echo "FAIL $name status $?"
        FAILED=1
    fi
}
inside() { DEBIAN_FRONTEND=noninteractive chroot "$R" "$@"; }
FAILED=0

finish
rm -rf "$R"
mkdir -p "$W"
cp -a --reflink=auto "$ROOT" "$R"
mkdir -p "$ESP" "$R/boot/grub"
mount --bind /dev "$R/dev" && mount -t proc proc "$R/proc" && mount -t tmpfs -o size=64M tmpfs "$ESP" ||
    { echo "FAIL mount no mounts here"; exit 1; }
# There is no disk below a chroot: what grub-probe would find of one.
inside dpkg-divert --quiet --local --rename --add /usr/sbin/grub-probe
sed "s/@UUID@/$UUID/" image/grub-probe >"$R/usr/sbin/grub-probe"
chmod 755 "$R/usr/sbin/grub-probe"
mkdir -p "$R/etc/default/grub.d"
cat >"$R/etc/default/grub.d/test.cfg" <<'X'
GRUB_CMDLINE_XEN="dom0_mem=1G,max:1G com1=115200,8n1 console=com1"
GRUB_CMDLINE_LINUX="console=ttyS0"
GRUB_CMDLINE_LINUX_XEN_REPLACE="console=hvc0 net.ifnames=0"
GRUB_DEFAULT=xen-gnulinux-simple-UUID
GRUB_TERMINAL=serial
: $NOT_SET_BY_ANYBODY
X
sed -i "s/UUID/$UUID/" "$R/etc/default/grub.d/test.cfg"
# Neither dpkg's and apt's books nor what update-grub itself makes.
files() {
    (cd "$R" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./var/lib/dpkg -o -path ./var/log \
        -o -path ./var/cache -o -path ./boot/grub/grub.cfg -o -path ./run \) -prune -o \
        -printf '%P %y %m %s %l\n' | sort)
}
inside update-grub >/dev/null 2>&1
files >"$W/before"

install_it() {
    cp "$DEB" "$R/zendo.deb" && inside dpkg -i /zendo.deb && rm "$R/zendo.deb"
}
menu() { # the entry with hypervisor, its options, kernel and ramdisk
    grep -A 25 'with Xen hypervisor' "$CFG" | head -n 25
    grep -Eq '^[[:space:]]*multiboot2[[:space:]]+/boot/xen-4.17-zendo.gz placeholder.* dom0_mem=1G,max:1G' "$CFG" &&
        grep -Eq '^[[:space:]]*module2[[:space:]]+/boot/vmlinuz-.* placeholder root=' "$CFG" &&
        grep -Eq '^[[:space:]]*module2[[:space:]]+--nounzip[[:space:]]+/boot/initrd.img-' "$CFG"
}
esp_whole() { # the newest kernel and its ramdisk, and a configuration that names both
    local k
    k=$(ls -v "$R"/boot/vmlinuz-* | tail -n 1)
    ls -l "$ESP/EFI/zendo"
    cmp "$k" "$ESP/EFI/zendo/vmlinuz" && cmp "$R/boot/initrd.img-${k##*/vmlinuz-}" "$ESP/EFI/zendo/initrd.img" &&
        cmp "$R/usr/lib/zendo/zendo.efi" "$ESP/EFI/zendo/zendo.efi" &&
        grep -q '^options=dom0_mem=1G,max:1G com1=115200,8n1 console=com1$' "$ESP/EFI/zendo/zendo.cfg" &&
        grep -q '^kernel=/EFI/zendo/vmlinuz root=.* console=hvc0 net.ifnames=0' "$ESP/EFI/zendo/zendo.cfg" &&
        grep -q '^ramdisk=/EFI/zendo/initrd.img$' "$ESP/EFI/zendo/zendo.cfg" && ! ls "$ESP"/EFI/zendo/*.new 2>/dev/null
}
kernel_new() { # as a kernel package's scripts call the hooks
    local old new=99.0.0-test-amd64
    old=$(ls "$R"/boot/vmlinuz-* | head -n 1)
    (cat "$old" && echo newer) >"$R/boot/vmlinuz-$new"
    echo ramdisk >"$R/boot/initrd.img-$new"
    sed -i 's/^options=.*/& loglvl=all/' "$R/etc/zendo/zendo.cfg"
    inside run-parts --arg="$new" --arg="/boot/vmlinuz-$new" /etc/initramfs/post-update.d &&
        cmp "$R/boot/vmlinuz-$new" "$ESP/EFI/zendo/vmlinuz" &&
        grep -q 'console=com1 loglvl=all$' "$ESP/EFI/zendo/zendo.cfg" # what was changed stays
}
kernel_gone() {
    rm "$R"/boot/*-99.0.0-test-amd64
    inside run-parts /etc/kernel/postrm.d && sed -i 's/ loglvl=all$//' "$R/etc/zendo/zendo.cfg" &&
        inside zendo-esp refresh && esp_whole
}
default() { # an older one there is replaced, too
    inside zendo-esp default && echo old >"$ESP/EFI/BOOT/BOOTX64.EFI" && inside zendo-esp refresh &&
        cmp "$R/usr/lib/zendo/zendo.efi" "$ESP/EFI/BOOT/BOOTX64.EFI" &&
        grep -qx 'chain=/EFI/zendo/zendo.cfg' "$ESP/EFI/BOOT/BOOTX64.CFG"
}
no_room() { # then nothing changes, and it is said
    truncate -s 100M "$R/boot/vmlinuz-99.0.0-test-amd64"
    echo ramdisk >"$R/boot/initrd.img-99.0.0-test-amd64"
    ! inside zendo-esp refresh 2>"$W/said" && grep 'KiB are free' "$W/said" && rm "$R"/boot/*-99.0.0-test-amd64 &&
        esp_whole
}
timer() { # what the administrator switched on goes with the package
    inside systemctl -q enable zendo-metrics.timer && [ -L "$R/etc/systemd/system/timers.target.wants/zendo-metrics.timer" ]
}
removed() { inside dpkg -r zendo-hypervisor && ! grep zendo "$CFG" && [ ! -e "$ESP/EFI/zendo" ] && [ -e "$R/etc/zendo" ]; }
purged() {
    inside dpkg -P zendo-hypervisor && rmdir "$ESP/EFI" && files >"$W/after" && diff "$W/before" "$W/after"
}

disk() {
    finish
    truncate -s 1200M "$W/disk.img" &&
        mke2fs -q -t ext4 -L zendo-dom0 -U "$UUID" -O ^metadata_csum -m 1 -d "$R" -F "$W/disk.img"
}

try install install_it
try grub-menu menu
if [ "$THEN" = disk ]; then
    try disk disk
    exit $FAILED
fi
try esp esp_whole
try kernel-update kernel_new
try kernel-removed kernel_gone
try default default
try no-room no_room
try again install_it
try esp-again esp_whole
try metrics-timer timer
try remove removed
try purge purged
exit $FAILED
