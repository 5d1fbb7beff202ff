# SPDX-License-Identifier: BSD-2-Clause
# The package zendo-backends (~/backends.deb) in Debian's root: installed, its services serve a guest's disk and network
# port, are killed under load and started again by systemd, upgraded, and all of it is gone after a purge.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
disk=/var/lib/xen/zendo.img

why() {
    journalctl --no-pager -u zendo-blkd -u zendo-netd -n 30
    zendo-blkd --stats
    zendo-netd --stats
    xl_why
}
restarts() { systemctl show -P NRestarts "$1"; } # of a service
kill_it() {
    local before
    before=$(restarts "$1")
    again() { [ "$(restarts "$1")" -gt "$before" ] && systemctl is-active "$1"; }
    systemctl kill -s KILL --kill-who=all "$1"
    wait_for 60 again "$1"
}
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
for service in zendo-blkd zendo-netd; do
    step $service-active systemctl is-active $service
    step $service-enabled systemctl is-enabled $service
done
truncate -s 16M $disk
step up guest_orders $g zendo.ip=192.0.2.11 memory=192 'vif=["bridge=xenbr0,script=vif-zendo"]' \
    "disk=['format=raw,vdev=xvda,access=rw,script=block-zendo,target=$disk']" || why
step disk-ours has 'vbd-' zendo-blkd --stats
step port-ours has 'vif-' zendo-netd --stats
step load tell $g 'load() { : >/tmp/rounds; while [ ! -e /tmp/stop ]; do head -c 512k /dev/urandom >/tmp/l;
    dd if=/tmp/l of=/dev/xvda bs=64k oflag=direct conv=fsync; echo 3 >/proc/sys/vm/drop_caches;
    head -c 512k /dev/xvda | cmp - /tmp/l || : >/tmp/wrong; echo >>/tmp/rounds; sum=$(sha256sum </tmp/l);
    done 2>/dev/null; echo "$sum" >/tmp/sum; }; load &'
killed() {
    local i
    for i in 1 2 3 4; do
        usleep $((i * 53000 + 200000))
        kill_it zendo-blkd && goes_on || return 1
    done
    zendo-blkd --stats | grep 'recoveries=[1-9]'
}
step killed killed || why
port_lost() {
    local i
    for i in 1 2 3 4; do
        kill_it zendo-netd && tell $g 'i=0; until ping -c 3 -i 0.2 -W 2 192.0.2.1; do i=$((i + 1)); [ $i -lt 30 ] || exit 1; done' ||
            return 1
    done
}
step port-again port_lost || why
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
    left=$(pidof zendo-blkd zendo-netd
        ls -d /etc/xen/scripts/*zendo /usr/sbin/zendo-[bn]* /run/zendo-* 2>/dev/null
        systemctl cat zendo-blkd zendo-netd 2>/dev/null)
    echo "left: $left"
    [ -z "$left" ]
}
step purged purged || why
rm $disk
finish backends
