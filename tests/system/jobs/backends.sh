# SPDX-License-Identifier: BSD-2-Clause
# The package zendo-backends (~/backends.deb) in Debian's root: installed, its service serves a guest's disk, is killed
# under load and started again by systemd, upgraded, and all of it is gone after a purge.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
disk=/var/lib/xen/zendo.img

why() {
    journalctl --no-pager -u zendo-blkd -n 30
    zendo-blkd --stats
    xl_why
}
restarts() { systemctl show -P NRestarts zendo-blkd; }
rounds() { answer $g 'wc -l </tmp/rounds'; }
# goes_on: the guest has done three more rounds, each right
goes_on() {
    local from
    from=$(rounds)
    tell $g "i=0; until [ \$(wc -l </tmp/rounds) -gt $((from + 2)) ]; do i=\$((i + 1)); [ \$i -lt 1200 ] || exit 1;
        usleep 100000; done; [ ! -e /tmp/wrong ]"
}

x install dpkg -i ~/backends.deb
understood() { ! systemd-analyze verify --man=no /lib/systemd/system/zendo-*.service 2>&1 | grep .; }
step units understood
step active systemctl is-active zendo-blkd
step enabled systemctl is-enabled zendo-blkd
truncate -s 16M $disk
step up guest_orders $g '' memory=192 "disk=['format=raw,vdev=xvda,access=rw,script=block-zendo,target=$disk']" || why
step ours has 'vbd-' zendo-blkd --stats
step load tell $g 'load() { : >/tmp/rounds; while [ ! -e /tmp/stop ]; do head -c 512k /dev/urandom >/tmp/l;
    dd if=/tmp/l of=/dev/xvda bs=64k oflag=direct conv=fsync; echo 3 >/proc/sys/vm/drop_caches;
    head -c 512k /dev/xvda | cmp - /tmp/l || : >/tmp/wrong; echo >>/tmp/rounds; sum=$(sha256sum </tmp/l);
    done 2>/dev/null; echo "$sum" >/tmp/sum; }; load &'
killed() {
    local i before
    for i in 1 2 3 4; do
        before=$(restarts)
        usleep $((i * 53000 + 200000))
        systemctl kill -s KILL --kill-who=all zendo-blkd
        again() { [ "$(restarts)" -gt "$before" ] && systemctl is-active zendo-blkd; }
        wait_for 60 again && goes_on || return 1
    done
    zendo-blkd --stats | grep 'recoveries=[1-9]'
}
step killed killed || why
x upgrade dpkg -i ~/backends.deb
step goes-on goes_on || why
step stop tell $g ': >/tmp/stop; until [ -s /tmp/sum ]; do usleep 100000; done; [ ! -e /tmp/wrong ]'
same() { [ "$(head -c 512k $disk | sha256sum)" = "$(answer $g cat /tmp/sum)" ]; }
step same same
x shutdown xl shutdown -w $g
step gone wait_for 60 guest_absent $g
x purge dpkg -P zendo-backends
purged() {
    local left
    left=$(pidof zendo-blkd
        ls -d /etc/xen/scripts/block-zendo /usr/sbin/zendo-blkd /run/zendo-blkd 2>/dev/null
        systemctl cat zendo-blkd 2>/dev/null)
    echo "left: $left"
    [ -z "$left" ]
}
step purged purged || why
rm $disk
finish backends
