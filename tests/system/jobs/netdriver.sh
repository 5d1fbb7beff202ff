# SPDX-License-Identifier: BSD-2-Clause
# A driver domain serves the network ports of guests (one of ZENDO_TYPE, and a PV one). They reach each other by
# its bridge, and dom0 through it and its own port. Then it dies, and nobody else does. With ZENDO_BACK=zendo the
# back end is zendo-netd there, which is killed under load, too.
. /lib/zendo.sh
. /jobs/guestlib.sh
before=$(free_pages)

by= room=192
[ "${ZENDO_BACK:-}" != zendo ] || by=,script=vif-zendo room=320
step bridge bridge_up
route add -net 198.51.100.0 netmask 255.255.255.0 gw 192.0.2.2
traffic serve
step driver driver_domain driver "memory=$room" 'vif=["bridge=xenbr0,mac=00:16:3e:00:0d:00"]' || xl_why
driver=$(xl domid driver)
[ -z "$by" ] || step netd tell driver 'modprobe tun; (while :; do /usr/sbin/zendo-netd 2>>/tmp/netd.log; usleep 100000; done) &
    until [ -d /run/zendo-netd ]; do usleep 100000; done'
driver_why() {
    tell driver 'ping -c 2 192.0.2.1; ping -c 2 198.51.100.11; arp -n; cat /var/log/xen/* /tmp/netd.log; dmesg | tail -n 20; ifconfig -a; xenstore-ls backend'
    xl_why
}
VIF="vif=[\"type=vif,backend=driver,bridge=xenbr0$by,mac=00:16:3e:00:0a:0"
ADDRESS='traffic meet 198.51.100.1 && route add default gw 198.51.100.1 && traffic meet 192.0.2.1'
step first guest_orders a '' "$TYPE" "${VIF}1\"]" || driver_why
step second guest_orders b '' "${VIF}2\"]" || driver_why
step a-address tell a "ifconfig eth0 198.51.100.11 up; $ADDRESS" || driver_why
step b-address tell b "ifconfig eth0 198.51.100.12 up; $ADDRESS" || driver_why
a=$(xl domid a)
b=$(xl domid b)

step listed has "^0 +$driver +00:16:3e:00:0a:01 " xl network-list a
in_driver() { tell driver "cd /sys/class/net/xenbr0/brif; ls; [ -e vif$a.0 ] && [ -e vif$b.0 ]"; }
step in-driver in_driver
by_us() { tell driver "cd /sys/class/net; [ -e vif$a.0/tun_flags ] && [ -e vif$b.0/tun_flags ]"; }
[ -z "$by" ] || step by-us by_us
not_in_dom0() { ! ls -d /sys/class/net/vif"$a".* /sys/class/net/vif"$b".*; }
step not-in-dom0 not_in_dom0

# all at once, each in both directions
for g in driver a b; do step "serve-$g" tell $g traffic serve; done
all_talk() {
    order a 'traffic with 192.0.2.1 3 & traffic with 198.51.100.12 3; r=$?; wait $! && [ $r = 0 ]'
    order b traffic with 198.51.100.1 3
    traffic with 198.51.100.11 3 && obeyed a 900 && obeyed b 900
}
step traffic all_talk || driver_why
passed() { # bytes that the driver domain's ports have seen: of what a sent and received
    tell driver "cat /sys/class/net/vif$a.0/statistics/[rt]x_bytes" || return 1
    awk '/^[0-9]+$/ && $1 > 15000000 { n++ } END { exit n != 2 }' /tmp/step.out
}
step passed passed

# a second port comes and goes
x attach xl network-attach a backend=driver bridge=xenbr0 mac=00:16:3e:00:0a:03 ${by/,/ }
came() { tell a 'until [ -e /sys/class/net/eth1 ]; do usleep 100000; done; ifconfig eth1 up'; }
step came came
step on-bridge tell driver "until [ -e /sys/class/net/xenbr0/brif/vif$a.1 ]; do usleep 100000; done"
x detach xl network-detach a 1
step went tell a 'while [ -e /sys/class/net/eth1 ]; do usleep 100000; done'
step gone tell driver "while [ -e /sys/class/net/vif$a.1 ]; do usleep 100000; done"

# all of zendo-netd is killed, again and again: no connection breaks, nothing arrives that was not sent
rounds() { answer a 'grep -c ok /tmp/load'; }
killed() {
    local i had
    tell a 'traffic with 198.51.100.12 10000 1 >/tmp/load & echo $! >/tmp/load.pid' || return 1
    for i in 1 2 3 4; do
        had=$(rounds)
        usleep $((i * 37000 + 200000))
        tell driver 'kill -9 $(pidof zendo-netd)' && tell a "i=0; until [ \$(grep -c ok /tmp/load) -gt $((had + 2)) ]; do
            i=\$((i + 1)); [ \$i -lt 3000 ] || exit 1; usleep 100000; done" || return 1
    done
    tell a 'tail -n 1 /tmp/load; kill $(cat /tmp/load.pid); ! grep -v "ok$" /tmp/load && [ $(wc -l </tmp/load) -gt 8 ]' &&
        tell driver '/usr/sbin/zendo-netd --stats; [ "$(/usr/sbin/zendo-netd --stats | grep -c "recoveries=[1-9]")" = 2 ]'
}
[ -z "$by" ] || step killed killed || driver_why

# a guest ends, the driver domain goes on for the next one
x destroy xl destroy b
step port-gone tell driver "while [ -e /sys/class/net/vif$b.0 ]; do usleep 100000; done"
step again guest_orders b '' "${VIF}2\"]" || driver_why
step again-address tell b "ifconfig eth0 198.51.100.12 up; $ADDRESS" || driver_why
step again-traffic tell b traffic with 198.51.100.11 || driver_why

# its end, in the middle of work
order b traffic with 198.51.100.11 100
step b-sends console_wait b 'TRAFFIC 198.51.100.11 2: ok' 120
x driver-dies xl destroy driver
step lives tell a true
step dom0-lives xl list
x ends-a xl destroy a
x ends-b xl destroy b
step memory memory_returns "$before"
finish netdriver "guest=$KIND"
