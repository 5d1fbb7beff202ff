# SPDX-License-Identifier: BSD-2-Clause
# Every disk of ZENDO_DISKS (by commas: a kernel name, or ataN for the disk at that port, since Linux
# names the disks of a controller in whichever order its threads get to them) takes ZENDO_MB MiB (16)
# through a file system and raw, all at once, and gives back the same bytes.
. /lib/zendo.sh
mb=${ZENDO_MB:-16}
drivers_load
modprobe ext4
asked=$(echo "${ZENDO_DISKS:?}" | tr , ' ')
disks=

one() { # DISK
    local d=$1 m=/tmp/mnt-$1 a b
    dd if=/dev/urandom of="/tmp/data-$d" bs=1M count="$mb" 2>/dev/null
    a=$(sha256sum <"/tmp/data-$d")
    dd if="/tmp/data-$d" of="/dev/$d" bs=64k conv=fsync 2>/dev/null || return 1
    echo 3 >/proc/sys/vm/drop_caches
    b=$(dd if="/dev/$d" bs=256k count=$((mb * 4)) 2>/dev/null | sha256sum)
    [ "$a" = "$b" ] || { echo "$d: raw bytes differ"; return 1; }
    mke2fs -F "/dev/$d" >/dev/null 2>&1 || return 1
    mkdir -p "$m"
    mount -t ext4 "/dev/$d" "$m" || mount -t ext2 "/dev/$d" "$m" || return 1
    for i in 1 2 3 4; do cp "/tmp/data-$d" "$m/$i" & done
    wait
    umount "$m"
    echo 3 >/proc/sys/vm/drop_caches
    mount -t ext4 "/dev/$d" "$m" || return 1
    for i in 1 2 3 4; do
        [ "$(sha256sum <"$m/$i")" = "$a" ] || { echo "$d: file $i differs"; return 1; }
    done
    umount "$m"
    rm -f "/tmp/data-$d"
    : >"/tmp/good-$d"
}
load() {
    local d
    for d in $disks; do one "$d" & done
    wait
    for d in $disks; do [ -e "/tmp/good-$d" ] || { echo "$d failed"; return 1; }; done
}
# kernel_name NAME: what the kernel calls that disk; nothing while there is none at that port
kernel_name() {
    local b
    case $1 in ata*) ;; *) echo "$1"; return ;; esac
    for b in /sys/block/*; do
        case $(readlink "$b") in */"$1"/*) echo "${b##*/}" ;; esac
    done
}
# there: sets disks to the kernel names of what was asked for
there() {
    local d
    disks=
    for d in $asked; do
        d=$(kernel_name "$d")
        [ -n "$d" ] && [ -b "/dev/$d" ] || return 1
        disks="$disks $d"
    done
}
step there wait_for 30 there || ls -l /dev | grep disk
echo "disks: $asked are$disks"
step load load
grep -E 'ahci|nvme|virtio|ata_piix|libata' /proc/interrupts | cut -c1-100
finish disks "$disks"
