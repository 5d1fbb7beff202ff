# SPDX-License-Identifier: BSD-2-Clause
# What single operations, a compile and a web server's requests cost (bench/oplist), here or in a guest
# (ZENDO_GUEST: pv, pvh, hvm) with the same kernel; ZENDO_VCPUS (1) is how many CPUs the guest has. With
# `boot.py --count` a nanosecond is an instruction; docs/performance.md has the table.
. /lib/zendo.sh
guest=${ZENDO_GUEST:-}
options="-t ${ZENDO_MICROSECONDS:-2000} -n 3"

ramdisk() { # the guest's with the list, what it needs, and the drivers of its devices
    local f l ld=/lib64/ld-linux-x86-64.so.2
    for f in /usr/bin/oplist /usr/bin/worklist /usr/bin/tcc /usr/bin/ab $ld; do
        for l in $f $($ld --list $f 2>/dev/null | awk '$2 == "=>" { print $3 }'); do
            mkdir -p "/tmp/more$(dirname "$l")" && cp -L "$l" "/tmp/more$l" || return 1
        done
    done
    mkdir /tmp/more/modules
    for f in xen-evtchn xen-gntdev xen-gntalloc xen-privcmd; do
        modprobe -D $f | sed -n 's/^insmod //p' | while read -r l _; do
            cp "$l" "/tmp/more/modules/z-$(basename "$l")" || return 1
        done
    done
    { (cd /tmp/more && find . | cpio -o -H newc) && cat /guest/initrd; } >/tmp/initrd && rm -r /tmp/more
}
here() {
    worklist $options >/tmp/ops 2>/tmp/ops.errors
    cat /tmp/ops.errors /tmp/ops
    grep -q '^OP syscall ' /tmp/ops
}
there() { # not looked at meanwhile: that takes the guest's CPU
    order list "PATH=/bin:/usr/bin worklist $options 2>/tmp/errors; cat /tmp/errors"
    sleep 8
    obeyed list && console_has list '^OP syscall '
}

if [ -z "$guest" ]; then
    step list here
else
    . /jobs/guestlib.sh
    step ramdisk ramdisk
    step up guest_orders list '' "type=\"$guest\"" memory=320 "vcpus=${ZENDO_VCPUS:-1}" 'ramdisk="/tmp/initrd"' || xl_why
    step list there || xl_why
    x ends xl destroy list
fi
finish oplist "guest=$guest"
