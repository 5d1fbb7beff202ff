# SPDX-License-Identifier: BSD-2-Clause
# Disks of a guest (ZENDO_TYPE: pv, pvh, hvm) with two vCPUs on zendo-blkd: a disk of the machine and files, a disk of
# the kernel's back end beside them. What was agreed on; data in both directions; flush, discard, growth, limits,
# a read-only disk, a CD and qcow2; disks that come and go; and all of zendo-blkd killed, again and again, while the guest
# writes and checks.
. /lib/zendo.sh
. /jobs/guestlib.sh
PATH=$PATH:/usr/sbin
g=minimal
mb=${ZENDO_MB:-4}
node() { xenstore-read "/local/domain/$1" 2>/dev/null; }
zendo() { echo "format=raw,vdev=$1,access=${3:-rw},script=block-zendo,target=$2"; }

why() { keep_up_why zendo-blkd; }

drivers_load
step bridge bridge_up
step vda wait_for 20 [ -b /dev/vda ]
for d in b c d e f g; do
    head -c "${mb}m" /dev/urandom >/tmp/$d.old
    cp /tmp/$d.old /tmp/$d.img
    truncate -s $((mb * 3))M /tmp/$d.img
done
images() { modprobe fuse && qemu-img convert -f raw -O qcow2 /tmp/g.img /tmp/g.qcow2; }
qcow() { qemu-img convert -U -f qcow2 -O raw /tmp/g.qcow2 /tmp/out && cat /tmp/out; }
step images images
step blkd keep_up zendo-blkd
step up guest_orders $g '' "$TYPE" memory=256 vcpus=2 "disk=['$(zendo xvda /dev/vda)']" || {
    why
    finish blkd "$KIND"
    exit
}
x attach-file xl block-attach $g "$(zendo xvdb raw,persistent=0:/tmp/b.img)" || why
x attach-kernel xl block-attach $g format=raw,vdev=xvdc,access=rw,target=/tmp/c.img || why
x attach-ro xl block-attach $g "$(zendo xvdd /tmp/d.img ro)" || why
# (only a PV guest has a PV CD)
[ "$KIND" = pv ] && cd=devtype=cdrom, || cd=
x attach-cd xl block-attach $g "$cd$(zendo xvde /tmp/e.img ro)" || why
x attach-qcow2 xl block-attach $g "$(zendo xvdg qcow2:/tmp/g.qcow2)" || why
id=$(xl domid $g)
front=$id/device/vbd/51712 back=0/backend/vbd/$id/51712
dd if=/tmp/b.old of=/dev/vda bs=1M conv=fsync 2>/dev/null
step disks tell $g 'until [ -b /dev/xvde ] && [ -b /dev/xvdd ] && [ -b /dev/xvdg ]; do usleep 100000; done; cat /proc/partitions' || why

# the kernel's driver has the one disk that was not given to us
owners() {
    ls /sys/bus/xen-backend/drivers/vbd
    for n in 51712 51728 51760 51776 51808; do [ ! -e /sys/bus/xen-backend/drivers/vbd/vbd-$id-$n ] || return 1; done
    [ -e "/sys/bus/xen-backend/drivers/vbd/vbd-$id-51744" ]
}
step owners owners || why
agreed() {
    local path least bad=0
    xenstore-ls -f "/local/domain/$back"
    while read -r path least; do
        [ "$(node "$path" || echo 0)" -ge "$least" ] || { echo "$path is less than $least"; bad=1; }
    done <<END
$back/multi-queue-max-queues 2
$front/multi-queue-num-queues 2
$front/queue-1/event-channel 1
$front/feature-persistent 1
$back/feature-max-indirect-segments 32
$back/feature-flush-cache 1
0/backend/vbd/$id/51728/feature-discard 1
END
    return $bad
}
step agreed agreed
step indirect tell $g '[ "$(cat /sys/block/xvda/queue/max_segments)" -ge 32 ] &&
    [ "$(cat /sys/block/xvda/queue/write_cache)" = "write back" ] && [ "$(ls /sys/block/xvda/mq | wc -l)" = 2 ]'

# both ways on all disks at once
step load disks_load $g "$mb" xvda xvdb xvdc xvdd xvde xvdg
vda() { echo 3 >/proc/sys/vm/drop_caches && dd if=/dev/vda bs=1M count=$((mb * 2)) 2>/dev/null; }
same() {
    disk_was $g xvda old "$(sum </tmp/b.old)" && disk_was $g xvda new "$(vda | part "$mb" "$mb")" || return 1
    for d in b c; do
        disk_was $g xvd$d old "$(sum </tmp/$d.old)" &&
            disk_was $g xvd$d new "$(part "$mb" "$mb" </tmp/$d.img)" || return 1
    done
    disk_was $g xvdg old "$(sum </tmp/g.old)" && disk_was $g xvdg new "$(qcow | part "$mb" "$mb")" || return 1
    disk_was $g xvdd old "$(sum </tmp/d.old)" && disk_was $g xvde old "$(sum </tmp/e.old)"
}
step same same || why
read_only() {
    tell $g "[ \$(blockdev --getro /dev/$1) = 1 ] && ! dd if=/dev/zero of=/dev/$1 bs=4k count=1 conv=fsync"
}
step read-only read_only xvdd
step cd read_only xvde

# the machine's disk sees the guest's flush
flushed() {
    local f
    f=$(flushes)
    tell $g 'dd if=/dev/zero of=/dev/xvda bs=512 count=1 conv=fsync,notrunc 2>/dev/null' && [ "$(flushes)" -gt "$f" ]
}
step flush flushed
step discard discard_frees $g xvdb /tmp/b.img || why
grown() {
    truncate -s 20M /tmp/b.img
    tell $g 'i=0; until [ "$(cat /sys/block/xvdb/size)" = 40960 ]; do i=$((i + 1)); [ $i -lt 300 ] || exit 1; usleep 100000; done;
        dd if=/tmp/8m of=/dev/xvdb bs=1M seek=12 count=8 conv=fsync' || return 1
    [ "$(tail -c 8m /tmp/b.img | sha256sum)" = "$(answer $g 'sha256sum </tmp/8m')" ]
}
step grown grown || why

# killed at any moment: the guest notices nothing but that it waits
step load-on tell $g 'load() { while [ ! -e /tmp/stop ]; do head -c 512k /dev/urandom >/tmp/l-$1;
        dd if=/tmp/l-$1 of=/dev/$1 bs=64k oflag=direct conv=fsync; dd if=/tmp/l-$1 of=/dev/$1 bs=512k seek=8 conv=fsync;
        echo 3 >/proc/sys/vm/drop_caches; head -c 512k /dev/$1 | cmp - /tmp/l-$1 || : >/tmp/wrong;
        dd if=/dev/$1 bs=512k skip=8 count=1 | cmp - /tmp/l-$1 || : >/tmp/wrong; echo >>/tmp/rounds-$1;
        sha256sum </tmp/l-$1 >/tmp/sum-$1; done 2>/dev/null; : >/tmp/done-$1; };
    for d in xvda xvdb xvdc xvdg; do : >/tmp/rounds-$d; load $d & done'
killed() {
    local i p before
    for i in $(seq "${ZENDO_KILLS:-6}"); do
        usleep $((i * 37000 + 200000))
        before=$(answer $g 'cat /tmp/rounds-* | wc -l')
        for p in $(pidof zendo-blkd); do # all of them, or only the workers
            [ $((i % 2)) = 1 ] || grep -q '^vbd-' "/proc/$p/comm" && kill -9 "$p"
        done
        tell $g "i=0; until [ \$(cat /tmp/rounds-* | wc -l) -gt $((before + 3)) ]; do i=\$((i + 1)); [ \$i -lt 3000 ] || exit 1;
            usleep 100000; done; [ ! -e /tmp/wrong ]" || return 1
    done
    zendo-blkd --stats
    tail -n 5 /tmp/zendo-blkd.log
    [ "$(zendo-blkd --stats | grep -c "recoveries=[1-9]")" = 5 ]
}
step killed killed || why
step load-right tell $g ': >/tmp/stop; until [ -e /tmp/done-xvda ] && [ -e /tmp/done-xvdb ] && [ -e /tmp/done-xvdc ] &&
    [ -e /tmp/done-xvdg ]; do
    usleep 100000; done; wc -l /tmp/rounds-*; [ ! -e /tmp/wrong ]' || why
after() {
    [ "$(vda | head -c 512k | sha256sum)" = "$(answer $g cat /tmp/sum-xvda)" ] &&
        [ "$(head -c 512k /tmp/b.img | sha256sum)" = "$(answer $g cat /tmp/sum-xvdb)" ] &&
        [ "$(qcow | head -c 512k | sha256sum)" = "$(answer $g cat /tmp/sum-xvdg)" ]
}
step after after

# disks that come and go while another works; a limit is kept
no_xvdf() { ! xl block-list $g | grep -q '^51792 '; }
comes_and_goes() {
    timeout "$XT" xl block-attach $g "$(zendo xvdf "$1:/tmp/f.img")" || return 1
    tell $g 'until [ -b /dev/xvdf ]; do usleep 100000; done; head -c 4m /dev/urandom >/tmp/c &&
        dd if=/tmp/c of=/dev/xvdf bs=64k conv=fsync' || return 1
    [ "$(head -c 4m /tmp/f.img | sha256sum)" = "$(answer $g 'sha256sum </tmp/c')" ] || return 1
    zendo-blkd --stats | grep -- "-51792 "
    limited=$(zendo-blkd --stats | sed -n 's/.*-51792 .* limited=\([0-9]*\).*/\1/p')
    timeout "$XT" xl block-detach $g xvdf && tell $g 'while [ -b /dev/xvdf ]; do usleep 100000; done' && no_xvdf
}
round() {
    comes_and_goes raw && [ "$limited" = 0 ] && comes_and_goes raw,mbps=2,iops=100 && [ "$limited" -gt 0 ]
}
step attach-detach round || why
refused() { # and says why
    says 'no such file' xl block-attach $g "$(zendo xvdh /tmp/nothing-here)" && timeout "$XT" xl block-detach $g xvdh
}
step refused refused
x shutdown xl shutdown -w $g
step gone wait_for 60 guest_absent $g
workers_gone() { [ "$(pidof zendo-blkd | wc -w)" = 1 ] && [ -z "$(ls /run/zendo-blkd)" ]; }
step workers-gone wait_for 30 workers_gone || why
: >/tmp/enough
finish blkd "$KIND"
