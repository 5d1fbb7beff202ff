# SPDX-License-Identifier: BSD-2-Clause
# The CD drive that QEMU emulates for an HVM guest: discs are changed, taken out and put in while it runs, and
# the guest sees each of them. The guest starts from the machine's first virtio disk.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=boot
drivers_load
step bridge bridge_up
step disk wait_for 20 [ -b /dev/vda ]
modprobe tun
head -c 2m /dev/urandom >/tmp/one.iso
head -c 3m /dev/urandom >/tmp/two.iso
guest_disk $g
x create xl create -p /guest/hvm-boot.cfg 'hdtype="ahci"' "disk=['format=raw,vdev=hda,access=rw,target=/dev/vda',
 'format=raw,vdev=hdb,access=rw,target=/tmp/$g.img','format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/tmp/one.iso']" || xl_why
console_follow $g serial/0/tty
x unpause xl unpause $g
step up console_wait $g GUEST-READY "${ZENDO_UP:-1800}" || xl_why
disc() { # FILE: it is what the guest reads, and as long
    local want got
    want="$(stat -c %s "$1") $(sha256sum <"$1")"
    # (the first access after a change may fail: the drive says that there was one)
    tell $g 'until head -c 2048 /dev/sr0 >/dev/null; do usleep 100000; done; echo 3 >/proc/sys/vm/drop_caches' || return 1
    got=$(answer $g 'n=$(cat /dev/sr0 | wc -c); echo "$n $(sha256sum </dev/sr0)"')
    echo "$got"
    [ "$got" = "$want" ]
}
no_disc() { ! tell $g 'head -c 2048 /dev/sr0 | grep -q .'; }
step first disc /tmp/one.iso
x insert xl cd-insert $g hdc /tmp/two.iso
step second disc /tmp/two.iso
x eject xl cd-eject $g hdc
step ejected no_disc
x insert-again xl cd-insert $g hdc /tmp/one.iso
step third disc /tmp/one.iso
step read-only tell $g '! dd if=/dev/zero of=/dev/sr0 bs=2048 count=1 2>/dev/null'
x destroy xl destroy $g
step gone wait_for 60 guest_absent $g
finish cdrom
