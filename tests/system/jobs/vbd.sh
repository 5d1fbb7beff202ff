# SPDX-License-Identifier: BSD-2-Clause
# A guest (ZENDO_TYPE: pv, pvh, hvm) with a disk of every kind at once: a disk of the machine (/dev/vda), a raw file
# by a loop device, qcow2, VHD and a remote image (NBD) by QEMU, a read-only disk and a CD. On each, what dom0
# wrote is read in the guest while the guest writes, then what the guest wrote is read in dom0: ZENDO_MB (4) MiB
# each way. (Only a PV Linux has a PV CD drive: blkfront leaves it alone wherever the guest is translated. The first
# ones, up to xvdd, are emulated disks of an HVM guest as well until its block front end has QEMU take those away.)
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
mb=${ZENDO_MB:-4}
read_only="f g"
[ "$KIND" = pv ] || read_only=f
size=$((mb * 3)) # what dom0 wrote, what the guest writes, nothing

images() {
    local d
    for d in a b c d e $read_only; do
        head -c "${mb}m" /dev/urandom >/tmp/raw-$d || return 1
        cp /tmp/raw-$d /tmp/raw-$d.old
        truncate -s ${size}M /tmp/raw-$d
    done
    qemu-img convert -f raw -O qcow2 /tmp/raw-c /tmp/c.qcow2 || return 1
    qemu-img convert -f raw -O vpc -o force_size=on /tmp/raw-d /tmp/d.vhd || return 1
    qemu-nbd -f raw -t -e 4 -b 127.0.0.1 -p 10809 --fork /tmp/raw-e || return 1
    qemu-img create -q -f qcow2 -b nbd://127.0.0.1:10809 -F raw /tmp/e.qcow2 || return 1
    qemu-img info /tmp/e.qcow2
}
# raw_of DISK: the whole disk, as dom0 sees it
raw_of() {
    case $1 in
    a) echo 3 >/proc/sys/vm/drop_caches && dd if=/dev/vda bs=1M count=$size 2>/dev/null ;;
    b) cat /tmp/raw-b ;;
    *) # (QEMU of the guest has it open, so not locked)
        case $1 in c) set -- qcow2 /tmp/c.qcow2 ;; d) set -- vpc /tmp/d.vhd ;; e) set -- qcow2 /tmp/e.qcow2 ;; esac
        qemu-img convert -U -f "$1" -O raw "$2" /tmp/out && cat /tmp/out
        ;;
    esac
}

drivers_load
step bridge bridge_up
step vda wait_for 20 [ -b /dev/vda ]
step images images
disk="disk=['phy:/dev/vda,xvda,w',
'format=qcow2,vdev=xvdc,access=rw,target=/tmp/c.qcow2','format=vhd,vdev=xvdd,access=rw,target=/tmp/d.vhd',
'format=qcow2,vdev=xvde,access=rw,target=/tmp/e.qcow2']"
step up guest_orders $g '' "$TYPE" memory=256 vcpus=2 "${disk//$'\n'/ }" || xl_why
id=$(xl domid $g)
# (the guest has tried its first disk while it started)
step fill-vda dd if=/tmp/raw-a of=/dev/vda bs=1M conv=fsync
# (on a slow machine two of libxl's scripts at once do not end within its 40 seconds)
x attach-file xl block-attach $g format=raw,vdev=xvdb,access=rw,target=/tmp/raw-b
x attach-ro xl block-attach $g format=raw,vdev=xvdf,access=ro,target=/tmp/raw-f
[ "$KIND" != pv ] || x attach-cd xl block-attach $g format=raw,vdev=xvdg,access=ro,devtype=cdrom,target=/tmp/raw-g
backends() { # three in the kernel, the others in QEMU
    xl block-list $g
    [ "$(xenstore-list "/local/domain/0/backend/vbd/$id" | wc -l)" = "$1" ] &&
        [ "$(xenstore-list "/local/domain/0/backend/qdisk/$id" | wc -l)" = "$2" ]
}
disks=$(printf 'xvd%s ' a b c d e $read_only)
set -- $disks
step backends backends $(($# - 3)) 3 || xl_why
step disks tell $g "until [ -b /dev/xvd${read_only##* } ]; do usleep 100000; done; cat /proc/partitions; [ \$(ls /dev/xvd? | wc -l) = $# ]"

# both ways on every disk at once (those that are read only refuse the writing)
step load disks_load $g "$mb" $disks
same() {
    local d bad=0
    for d in a b c d e; do
        disk_was $g xvd$d old "$(part 0 "$mb" </tmp/raw-$d.old)" || bad=1
        disk_was $g xvd$d old "$(raw_of $d | part 0 "$mb")" || bad=1
        disk_was $g xvd$d new "$(raw_of $d | part "$mb" "$mb")" || bad=1
    done
    for d in $read_only; do disk_was $g xvd$d old "$(part 0 "$mb" </tmp/raw-$d)" || bad=1; done
    return $bad
}
step same same
unwritable() { # DISK: no byte can be written
    tell $g "[ \$(blockdev --getro /dev/$1) = 1 ] && ! dd if=/dev/zero of=/dev/$1 bs=4k count=1 conv=fsync"
}
for d in $read_only; do step read-only-$d unwritable xvd$d; done
x shutdown xl shutdown -w $g
step gone wait_for 60 guest_absent $g
finish vbd "$KIND"
