# SPDX-License-Identifier: BSD-2-Clause
# Disks of a guest (ZENDO_TYPE: pv, pvh, hvm) with two vCPUs on dom0's kernel back end: what the two drivers agreed on;
# disks that come and go while another one works; one that grows; discard; flush.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
node() { xenstore-read "/local/domain/$1" 2>/dev/null; }

# /tmp/store: a file system on the machine's disk, which Linux writes to when told, not in the background
store() {
    modprobe crc32c_generic && modprobe ext4 && mke2fs -q -F /dev/vda && mkdir -p /tmp/store || return 1
    mount -t ext4 /dev/vda /tmp/store || return 1
    echo 0 >/proc/sys/vm/dirty_writeback_centisecs
    for f in dirty_expire_centisecs dirty_background_ratio dirty_ratio; do
        echo 90000 >/proc/sys/vm/$f 2>/dev/null || echo 90 >/proc/sys/vm/$f
    done
    head -c 8m /dev/zero >/tmp/store/a.img && sync
    for f in b c d; do truncate -s 8M "/tmp/$f.img"; done
}
drivers_load
step bridge bridge_up
step vda wait_for 20 [ -b /dev/vda ]
step store store
losetup /dev/loop6 /tmp/b.img
step up guest_orders $g '' "$TYPE" memory=192 vcpus=2 \
    "disk=['format=raw,vdev=xvda,access=rw,target=/tmp/store/a.img']" || xl_why
# (on a slow machine two of libxl's scripts at once do not end within its 40 seconds)
x attach-phy xl block-attach $g phy:/dev/loop6,xvdb,w
step phy tell $g 'until [ -b /dev/xvdb ]; do usleep 100000; done'
id=$(xl domid $g)
front=$id/device/vbd/51712 back=0/backend/vbd/$id/51712

# what blkfront and blkback agreed on
agreed() {
    local path least bad=0
    xenstore-ls -f "/local/domain/$back"
    xenstore-ls -f "/local/domain/$front"
    while read -r path least; do
        [ "$(node "$path" || echo 0)" -ge "$least" ] || { echo "$path is less than $least"; bad=1; }
    done <<EOF
$back/multi-queue-max-queues 2
$front/multi-queue-num-queues 2
$front/queue-0/ring-ref 1
$front/queue-1/ring-ref 1
$front/queue-1/event-channel 1
$back/feature-max-indirect-segments 32
$back/feature-persistent 1
$front/feature-persistent 1
$back/feature-flush-cache 1
$back/feature-discard 1
EOF
    return $bad
}
step agreed agreed
step queues tell $g '[ "$(ls /sys/block/xvda/mq | wc -l)" = 2 ]'
# (a request without indirect descriptors has 11 segments)
step indirect tell $g '[ "$(cat /sys/block/xvda/queue/max_segments)" -ge 32 ] &&
    head -c 1m /dev/urandom >/tmp/1m && dd if=/tmp/1m of=/dev/xvdb bs=1M oflag=direct'
large() { [ "$(answer $g 'sha256sum </tmp/1m')" = "$(head -c 1m /tmp/b.img | sha256sum)" ]; }
step large large
interrupts() { # both queues had some
    tell $g 'count() { awk "/blkif/ { print \$1, \$2 + \$3 }" /proc/interrupts; }; count >/tmp/before;
        for c in 0 1; do taskset -c $c dd if=/dev/xvdb of=/dev/null bs=64k count=16 iflag=direct; done; count >/tmp/after;
        awk "NR == FNR { n[\$1] = \$2; next } { print \$1, \$2 - n[\$1] } \$2 - n[\$1] > 3 { many++ }
            END { exit many != 2 }" /tmp/before /tmp/after'
}
step interrupts interrupts

# flush: what the guest writes waits in dom0 until the guest says fsync
written() { awk '{ print $7 }' /sys/block/vda/stat; }
flushed() {
    local w f
    w=$(written) f=$(flushes)
    tell $g 'dd if=/dev/urandom of=/dev/xvda bs=64k count=64 oflag=direct 2>/dev/null' || return 1
    echo "written: $(($(written) - w)) sectors, $(($(flushes) - f)) flushes"
    [ $(($(written) - w)) -lt 4096 ] || { echo "nothing waited"; return 1; }
    tell $g 'dd if=/dev/zero of=/dev/xvda bs=512 count=1 conv=fsync,notrunc 2>/dev/null' || return 1
    echo "flushed: $(($(written) - w)) sectors, $(($(flushes) - f)) flushes"
    [ $(($(written) - w)) -ge 8192 ] && [ "$(flushes)" -gt "$f" ]
}
step flush flushed

# discard: blocks of the file are free again, what is there reads as zeros, the rest is as it was
discarded() {
    discard_frees $g xvdb /tmp/b.img && [ "$(sha256sum </tmp/b.img)" = "$(answer $g 'cat /tmp/want')" ]
}
step discard discarded

# load on one disk while others come and go; each round of it is checked by the guest
step load tell $g 'load() { while [ ! -e /tmp/stop ]; do head -c 2m /dev/urandom >/tmp/l;
        dd if=/tmp/l of=/dev/xvda bs=64k conv=fsync; echo 3 >/proc/sys/vm/drop_caches;
        head -c 2m /dev/xvda | cmp - /tmp/l || : >/tmp/wrong; echo >>/tmp/rounds; sleep 1; done 2>/dev/null; };
    load & echo $! >/tmp/loader'
no_xvdc() { ! xl block-list $g | grep -q '^51744 '; }
comes_and_goes() { # TARGET
    timeout "$XT" xl block-attach $g "$1" || return 1
    tell $g 'until [ -b /dev/xvdc ]; do usleep 100000; done; head -c 4m /dev/urandom >/tmp/c &&
        dd if=/tmp/c of=/dev/xvdc bs=64k seek=16 conv=fsync' || return 1
    [ "$(dd if=/tmp/c.img bs=1M skip=1 count=4 2>/dev/null | sha256sum)" = "$(answer $g 'sha256sum </tmp/c')" ] ||
        { echo "other bytes"; return 1; }
    head -c 4m /dev/urandom >/tmp/d || return 1
    dd if=/tmp/d of=/tmp/c.img conv=notrunc bs=1M || return 1
    [ "$(answer $g 'echo 3 >/proc/sys/vm/drop_caches; head -c 4m /dev/xvdc | sha256sum')" = "$(sha256sum </tmp/d)" ] ||
        { echo "other bytes from dom0"; return 1; }
    timeout "$XT" xl block-detach $g xvdc || return 1
    tell $g 'while [ -b /dev/xvdc ]; do usleep 100000; done' && no_xvdc
}
round() {
    for _ in $(seq "${ZENDO_ROUNDS:-2}"); do comes_and_goes format=raw,vdev=xvdc,access=rw,target=/tmp/c.img || return 1; done
    losetup -a
    [ "$(losetup -a | wc -l)" = 2 ]
}
step attach-detach round || xl_why
busy() { # a disk in use goes as well: whoever has it open reads nothing more
    timeout "$XT" xl block-attach $g format=raw,vdev=xvdc,access=rw,target=/tmp/c.img &&
        tell $g 'until [ -b /dev/xvdc ]; do usleep 100000; done; echo 3 >/proc/sys/vm/drop_caches;
            { head -c 64k | wc -c; until [ -e /tmp/let ]; do usleep 100000; done; head -c 64k | wc -c; } </dev/xvdc >/tmp/held &' &&
        tell $g 'until [ -s /tmp/held ]; do usleep 100000; done' || return 1
    timeout "$XT" xl block-detach $g xvdc && no_xvdc || return 1
    tell $g ': >/tmp/let; until [ "$(wc -l </tmp/held)" = 2 ]; do usleep 100000; done; cat /tmp/held;
        [ "$(echo $(cat /tmp/held))" = "65536 0" ]'
}
step busy-detach busy || xl_why
step load-right tell $g ': >/tmp/stop; while [ -e /proc/$(cat /tmp/loader)/fd/0 ]; do sleep 1; done; wc -l </tmp/rounds;
    [ "$(wc -l </tmp/rounds)" -gt 2 ] && [ ! -e /tmp/wrong ]'

# growth: the guest learns it with its next request
grown() {
    truncate -s 12M /tmp/b.img && losetup -c /dev/loop6 && grows() {
        tell $g 'dd if=/dev/xvdb of=/dev/null bs=4k count=1 iflag=direct; [ "$(cat /sys/block/xvdb/size)" = 24576 ]'
    }
    wait_for 60 grows || return 1
    tell $g 'dd if=/tmp/8m of=/dev/xvdb bs=1M seek=8 count=4 conv=fsync 2>/dev/null' || return 1
    [ "$(tail -c 4m /tmp/b.img | sha256sum)" = "$(answer $g 'head -c 4m /tmp/8m | sha256sum')" ] &&
        [ "$(node "0/backend/vbd/$id/51728/sectors")" = 24576 ]
}
step grown grown || xl_why
x shutdown xl shutdown -w $g
step gone wait_for 60 guest_absent $g
losetup -d /dev/loop6
loops_free() { [ "$(losetup -a | wc -l)" = 0 ]; }
step loops-free wait_for 30 loops_free
finish vbd-changes "$KIND"
