# SPDX-License-Identifier: BSD-2-Clause
# A guest (ZENDO_TYPE: pv, pvh) whose disks a driver domain serves: the disk of the machine, which dom0 gives to
# the driver domain, and a file of the driver domain by a loop device. Checked by checksums of ZENDO_MB (4) MiB
# each way, both disks at once; a disk is attached and detached meanwhile, and all memory is free in the end. With
# ZENDO_BACK=zendo the back end is zendo-blkd there, which is killed under load, too.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
mb=${ZENDO_MB:-4}
drivers_load
step bridge bridge_up
step vda wait_for 20 [ -b /dev/vda ]
before=$(free_pages)
by= file_loops=1 room=192
[ "${ZENDO_BACK:-}" != zendo ] || by=script=block-zendo, file_loops=0 room=320
step driver driver_domain driver "memory=$room" "disk=['phy:/dev/vda,xvda,w']" || xl_why
[ -z "$by" ] || step blkd tell driver '(while :; do /usr/sbin/zendo-blkd 2>>/tmp/blkd.log; usleep 100000; done) &
    until [ -d /run/zendo-blkd ]; do usleep 100000; done'
step driver-files tell driver "until [ -b /dev/xvda ]; do usleep 100000; done; head -c $((mb * 2))m /dev/urandom >/tmp/b.img &&
    truncate -s 4M /tmp/c.img && dd if=/tmp/b.img of=/dev/xvda bs=1M conv=fsync"
disk() { echo "${by}format=raw,vdev=$1,access=rw,backend=driver,target=$2"; }
why() {
    xl_why
    xl block-list $g
    xenstore-ls "/local/domain/$(xl domid driver)/backend"
    tell driver 'cat /var/log/xen/* /tmp/blkd.log; losetup -a'
}
step up guest_orders $g '' "$TYPE" "disk=['$(disk xvda /dev/xvda)']" || why
# (on a slow machine two of libxl's scripts at once do not end within its 40 seconds)
x attach-file xl block-attach $g "$(disk xvdb /tmp/b.img)" || why
step file tell $g 'until [ -b /dev/xvdb ]; do usleep 100000; done'
id=$(xl domid $g)
driver=$(xl domid driver)
served() { has "^51712 +$driver .*/local/domain/$driver/backend/vbd/$id/51712" xl block-list $g; }
step served served
step load disks_load $g "$mb" xvda xvdb
# what the machine's disk holds by dom0's own eyes, and the file by the driver domain's
vda() { echo 3 >/proc/sys/vm/drop_caches && cat /dev/vda; }
file() { # FROM
    answer driver "dd if=/tmp/b.img bs=1M skip=$1 count=$mb 2>/dev/null | sha256sum | cut -c1-64"
}
same() {
    disk_was $g xvda old "$(vda | part 0 "$mb")" && disk_was $g xvda new "$(vda | part "$mb" "$mb")" &&
        disk_was $g xvdb old "$(file 0)" && disk_was $g xvdb new "$(file "$mb")"
}
step same same
# a disk comes and goes while the others work
step load-on tell $g '(while [ ! -e /tmp/stop ]; do echo 3 >/proc/sys/vm/drop_caches; echo >>/tmp/rounds;
    [ "$(dd if=/dev/xvda bs=64k count='$((mb * 16))' | sha256sum | cut -c1-64)" = "$(cat /tmp/old-xvda)" ] ||
        : >/tmp/wrong; sleep 1; done 2>/dev/null) &'
x attach xl block-attach $g "$(disk xvdc /tmp/c.img)"
step attached tell $g 'until [ -b /dev/xvdc ]; do usleep 100000; done; head -c 4m /dev/urandom >/tmp/c &&
    dd if=/tmp/c of=/dev/xvdc bs=64k conv=fsync' || why
added() { [ "$(answer driver 'sha256sum </tmp/c.img')" = "$(answer $g 'sha256sum </tmp/c')" ]; }
step added added
# (libxl waits 10 seconds for the driver domain, too short on a slow machine)
detached() { timeout "$XT" xl block-detach $g xvdc || ! xl block-list $g | grep -q '^51744 '; }
step detach wait_for 120 detached
loops() { tell driver 'until [ "$(losetup -a | wc -l)" = '"$1"' ]; do usleep 100000; done'; }
step loop-free loops $file_loops
killed() {
    local i
    for i in 1 2 3; do
        tell driver 'kill -9 $(pidof zendo-blkd)' && tell $g 'n=$(($(wc -l </tmp/rounds) + 2)); i=0;
            until [ "$(wc -l </tmp/rounds)" -gt $n ]; do i=$((i + 1)); [ $i -lt 600 ] || exit 1; usleep 100000; done' || return 1
    done
    tell driver '/usr/sbin/zendo-blkd --stats | grep "recoveries=[1-9]"'
}
[ -z "$by" ] || step killed killed || why
step load-right tell $g ': >/tmp/stop; wc -l </tmp/rounds; [ "$(wc -l </tmp/rounds)" -gt 2 ] && [ ! -e /tmp/wrong ]'
x shutdown xl shutdown -w $g
step gone wait_for 60 guest_absent $g
step loops-free loops 0
x driver-destroy xl destroy driver
step memory memory_returns "$before"
finish vbd-driver "$KIND"
