# SPDX-License-Identifier: BSD-2-Clause
# Network ports of a guest (ZENDO_TYPE) with two vCPUs on zendo-netd: one with as many queues, one of the kernel's back
# end beside it, more of them that come and go; it talks to dom0 and to a PV guest, data are checked by sums in both
# directions; and all of zendo-netd is killed, again and again, while connections go on.
. /lib/zendo.sh
. /jobs/guestlib.sh
PATH=$PATH:/usr/sbin
before=$(free_pages)
zendo=script=vif-zendo,type=vif

bridges() {
    bridge_up && modprobe tun && brctl addbr xenbr1 && ifconfig xenbr1 198.51.100.1 netmask 255.255.255.0 up &&
        brctl addbr xenbr2 && ifconfig xenbr2 203.0.113.1 netmask 255.255.255.0 up &&
        echo 65536 >/sys/module/xen_gntalloc/parameters/limit # (as the unit does)
}
why() {
    ifconfig -a
    keep_up_why zendo-netd
}
# counter PORT NAME: of `zendo-netd --stats`
counter() { zendo-netd --stats | sed -n "s/^vif-$1 .* $2=\([0-9]*\).*/\1/p"; }

step bridges bridges
step netd keep_up zendo-netd
traffic serve
step guest guest_orders a zendo.ip=192.0.2.11 "$TYPE" vcpus=2 memory=192 \
    "vif=['bridge=xenbr0,mac=00:16:3e:00:0a:00,$zendo', 'bridge=xenbr1,mac=00:16:3e:00:0a:01,type=vif']" || {
    why
    finish netd "$KIND"
    exit
}
step other guest_orders b zendo.ip=192.0.2.12 "vif=['bridge=xenbr0,mac=00:16:3e:00:0b:00,$zendo']" || why
a=$(xl domid a)
step serve tell a traffic serve
step serve-b tell b traffic serve
step second tell a 'ifconfig eth1 198.51.100.11 up && traffic meet 198.51.100.1'

owners() { # the kernel's driver has the one port that was not given to us
    ls /sys/bus/xen-backend/drivers/vif
    [ "$(ls -d /sys/bus/xen-backend/drivers/vif/vif-*)" = "/sys/bus/xen-backend/drivers/vif/vif-$a-1" ] &&
        [ -e "/sys/class/net/vif$a.0/tun_flags" ] && [ ! -e "/sys/class/net/vif$a.1/tun_flags" ]
}
step owners owners || why
agreed() {
    has . xenstore-ls "/local/domain/$a/device/vif/0" && grep '^multi-queue-num-queues = "2"' /tmp/has.out &&
        grep '^queue-1' /tmp/has.out && grep '^feature-gso-tcpv4 = "1"' /tmp/has.out
}
step agreed agreed

# all at once: both ports with dom0, the guests with each other, in both directions
talk() {
    order a 'traffic with 192.0.2.1 2 & traffic with 198.51.100.1 2; r=$?; wait $! && [ $r = 0 ]'
    order b traffic with 192.0.2.11 2
    traffic with 192.0.2.11 2 && obeyed a 900 && obeyed b 900
}
step traffic talk || why
large() { # frames were, in both directions
    zendo-netd --stats
    [ "$(counter "$a-0" tx_bytes)" -gt $(($(counter "$a-0" tx_packets) * 1600)) ] &&
        [ "$(counter "$a-0" rx_bytes)" -gt $(($(counter "$a-0" rx_packets) * 1600)) ] &&
        [ "$(counter "$a-0" tx_errors)" = 0 ] && [ "$(counter "$a-0" rx_errors)" = 0 ]
}
step large large
queues() { # both have carried some of it
    tell a 'grep vif0-q /proc/interrupts' >/tmp/queues || return 1
    awk '$NF ~ /^vif0-q[01]-[rt]x$/ { n[$NF] += $2 + $3 }
         END { for (q in n) { print q, n[q]; good += n[q] > 20 } exit good != 4 }' /tmp/queues
}
step queues queues

# a port comes, with a limit (or not), and goes while it works
come() { # OPTIONS: eth2 of the guest
    timeout "$XT" xl network-attach a "bridge=xenbr2" mac=00:16:3e:00:0a:02 ${zendo/,/ } "$@" &&
        tell a 'until [ -e /sys/class/net/eth2 ]; do usleep 100000; done; ifconfig eth2 203.0.113.11 up' &&
        tell a 'traffic meet 203.0.113.1 && traffic with 203.0.113.1'
}
go() {
    tell a 'traffic with 203.0.113.1 100 >/tmp/lost & echo $! >/tmp/lost.pid; until grep -q "1: ok" /tmp/lost; do usleep 100000; done' &&
        timeout "$XT" xl network-detach a 2 && tell a 'while [ -e /sys/class/net/eth2 ]; do usleep 100000; done' &&
        wait_for 60 port_gone && tell a 'kill $(cat /tmp/lost.pid)'
}
port_gone() { [ ! -e "/sys/class/net/vif$a.2" ] && [ ! -e "/run/zendo-netd/vif-$a-2.state" ]; }
limited() {
    come rate=1MB/s@20ms && zendo-netd --stats && [ "$(counter "$a-2" limited)" -gt 0 ] && go
}
step load tell a 'traffic with 192.0.2.1 10000 1 >/tmp/load & echo $! >/tmp/load.pid'
step come come || why
step go go || why
step limited limited || why
refused() { # no such bridge
    says "Could not find bridge device nothing" xl network-attach a bridge=nothing mac=00:16:3e:00:0a:03 ${zendo/,/ } &&
        timeout "$XT" xl network-detach a 2 &&
        wait_for 30 [ ! -e "/sys/class/net/vif$a.2" ]
}
step refused refused || why

# killed at any moment: no connection breaks, nothing arrives that was not sent
rounds() { answer a 'grep -c ok /tmp/load'; }
killed() {
    local i p had
    for i in $(seq "${ZENDO_KILLS:-6}"); do
        usleep $((i * 37000 + 200000))
        had=$(rounds)
        for p in $(pidof zendo-netd); do # all of them, or only the workers
            [ $((i % 2)) = 1 ] || grep -q '^vif-' "/proc/$p/comm" && kill -9 "$p"
        done
        tell a "i=0; until [ \$(grep -c ok /tmp/load) -gt $((had + 2)) ]; do i=\$((i + 1)); [ \$i -lt 3000 ] || exit 1;
            usleep 100000; done" || return 1
    done
    zendo-netd --stats
    tail -n 5 /tmp/zendo-netd.log
    [ "$(zendo-netd --stats | grep -c "recoveries=[1-9]")" = 2 ]
}
step killed killed || why
load_good() {
    tell a 'tail -n 1 /tmp/load; kill $(cat /tmp/load.pid); ! grep -v "ok$" /tmp/load && [ $(wc -l </tmp/load) -gt 10 ]'
}
step load-good load_good
step still tell b traffic with 192.0.2.11
step other-still tell a traffic with 198.51.100.1

x shutdown xl shutdown -w a
x ends-b xl destroy b
gone() { [ "$(pidof zendo-netd | wc -w)" = 1 ] && [ -z "$(ls /run/zendo-netd)" ] && ! ls -d /sys/class/net/vif*; }
step gone wait_for 30 gone || why
: >/tmp/enough
step memory memory_returns "$before"
finish netd "$KIND"
