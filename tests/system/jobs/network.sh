# SPDX-License-Identifier: BSD-2-Clause
# Two network ports joined outside the machine (each way ZENDO_MB MiB, 8, over TCP): the second one
# lives in a network name space of its own, so that the bytes really cross both.
. /lib/zendo.sh
mb=${ZENDO_MB:-8}
drivers_load
ports() { [ -e /sys/class/net/eth0 ] && [ -e /sys/class/net/eth1 ]; }
step ports wait_for 20 ports

unshare -n sh -c 'echo $$ >/tmp/other.pid; exec sleep 100000' &
wait_for 10 [ -s /tmp/other.pid ]
other=$(cat /tmp/other.pid)
inside() { nsenter -t "$other" -n "$@"; }
join() {
    ip link set eth1 netns "$other" || return 1
    ifconfig eth0 192.0.2.1 netmask 255.255.255.0 up
    inside ifconfig eth1 192.0.2.2 netmask 255.255.255.0 up
    inside ifconfig lo 127.0.0.1 up
    wait_for 60 ping -c 1 -W 2 192.0.2.2
}
step join join
step ping ping -c 20 -i 0.1 -s 1400 192.0.2.2
dd if=/dev/urandom of=/tmp/net.data bs=1M count="$mb" 2>/dev/null
want=$(sha256sum </tmp/net.data)
# A listener whose own input ended would end the connection: give it one that never does.
mkfifo /tmp/open
exec 8<>/tmp/open
there() {
    inside nc -l -p 9000 >/tmp/net.there <&8 &
    wait_for 20 inside grep -q ':2328 ' /proc/net/tcp /proc/net/tcp6 || return 1
    nc 192.0.2.2 9000 </tmp/net.data
    wait $!
    [ "$(sha256sum </tmp/net.there)" = "$want" ]
}
back() {
    nc -l -p 9001 >/tmp/net.back <&8 &
    wait_for 20 grep -q ':2329 ' /proc/net/tcp /proc/net/tcp6 || return 1
    inside nc 192.0.2.1 9001 </tmp/net.data
    wait $!
    [ "$(sha256sum </tmp/net.back)" = "$want" ]
}
step there there
step back back
cat /proc/net/dev | sed -n 's/^ *\(eth0:.*\)/\1/p'
finish network
