# SPDX-License-Identifier: BSD-2-Clause
# The example of libzendo-pv (pv-drivers/) as a guest of each type of ZENDO_TYPES (pv,pvh,hvm), with FIFO events
# or ZENDO_EVENTS=2l, on the back ends of dom0's kernel: what it read from its disks and answers on the network.
. /lib/zendo.sh
. /jobs/guestlib.sh
. /jobs/pvlib.sh

# date_of NAME: the guest has ours, by the hour
date_of() {
    local guest now
    guest=$(sed -n 's/^EXAMPLE-UP .* at \([0-9]*\) s$/\1/p' "/tmp/console-$1")
    now=$(date +%s)
    echo "guest $guest, dom0 $now"
    [ $((now - guest)) -lt 3600 ] && [ $((guest - now)) -lt 3600 ]
}
disk_of() { # NAME INDEX FILE: it counted and summed all of it
    local sum
    read -r sum _ <<<"$(crc32 "$3")"
    console_wait "$1" "EXAMPLE-DISK $2: $(($(stat -c %s "$3") / 512)) blocks, CRC $sum\$" 60
}
udp() { # ADDRESS BYTES: what is sent comes back
    head -c "$2" /dev/urandom >/tmp/asked
    exec 9<>"/dev/udp/$1/7" || return 1
    cat /tmp/asked >&9
    timeout 30 dd bs=2048 count=1 <&9 >/tmp/answered 2>/dev/null
    exec 9<&-
    cmp /tmp/asked /tmp/answered
}
case ${ZENDO_EVENTS:-} in 2l) events='two levels' options=events=2l ;; *) events=FIFO options= ;; esac
one() { # TYPE LABEL
    local g=example ip=192.0.2.51 access=ro
    [ "$1" != hvm ] || access=rw # those disks are IDE disks as well, which cannot be read only
    step "$2-start" kernel_start example "$g" "$1" "ip=$ip $options" \
        "disk=['format=raw,vdev=xvda,access=rw,target=/tmp/a','format=raw,vdev=xvdb,access=$access,target=/tmp/b']" \
        "vif=['bridge=xenbr0,mac=00:16:3e:00:00:51,type=vif']" || xl_why
    step "$2-up" console_wait "$g" "EXAMPLE-UP $g, .*events by $events" 300 || xl_why
    step "$2-date" date_of "$g"
    step "$2-disk" disk_of "$g" 0 /tmp/a
    step "$2-disk2" disk_of "$g" 1 /tmp/b
    step "$2-net" console_wait "$g" "EXAMPLE-NET $ip" 60 || xl_why
    step "$2-ping" ping -c 5 -i 0.2 -s 1400 "$ip"
    step "$2-udp" udp "$ip" 1400
    step "$2-udp-odd" udp "$ip" 7
    x "$2-shutdown" xl shutdown "$g"
    step "$2-gone" wait_for 180 guest_absent "$g" || xl_why
}
drivers_load
step bridge bridge_up
head -c 3000320 /dev/urandom >/tmp/a # 5860 sectors: neither whole pages nor whole requests
head -c 1048576 /dev/urandom >/tmp/b
types=$(echo "${ZENDO_TYPES:-pv,pvh,hvm}" | tr , ' ')
one "${types##* }" first # after which dom0 keeps some nodes and memory, most of them after an HVM guest
leaks_mark
for type in $types; do one "$type" "$type"; done
step hello-start kernel_start hello hello "$type" '' || xl_why # README.md's
step hello console_wait hello '^Hello, PV' 60
step hello-gone wait_for 60 guest_absent hello
leaks_none
finish pvdrivers
