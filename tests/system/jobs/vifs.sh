# SPDX-License-Identifier: BSD-2-Clause
# Network ports of a guest of ZENDO_TYPE with two vCPUs: one with as many queues, another on a bridge of its own,
# more of them that come and go while all others work. It talks to dom0 and to a PV guest.
. /lib/zendo.sh
. /jobs/guestlib.sh
rounds=${ZENDO_ROUNDS:-2}
before=$(free_pages)

bridges() {
    bridge_up && brctl addbr xenbr1 && ifconfig xenbr1 198.51.100.1 netmask 255.255.255.0 up
}
step bridges bridges
traffic serve
step guest guest_orders a zendo.ip=192.0.2.11 "$TYPE" vcpus=2 memory=192 \
    'vif=["bridge=xenbr0,mac=00:16:3e:00:0a:00,type=vif", "bridge=xenbr1,mac=00:16:3e:00:0a:01,type=vif"]' || xl_why
step other guest_orders b zendo.ip=192.0.2.12 'vif=["bridge=xenbr0,mac=00:16:3e:00:0b:00"]' || xl_why
a=$(xl domid a)
step serve tell a traffic serve
step serve-b tell b traffic serve

step second tell a 'ifconfig eth1 198.51.100.11 up && traffic meet 198.51.100.1'
apart() { # what is on the other bridge is not there
    tell a 'route add -host 192.0.2.99 dev eth1; ! ping -c 3 -W 1 192.0.2.99' &&
        tell b 'ifconfig eth0:1 198.51.100.12; ! ping -c 3 -W 1 198.51.100.11'
}
step apart apart

# all at once: both ports with dom0, the guests with each other, in both directions
talk() {
    order a 'traffic with 192.0.2.1 2 & traffic with 198.51.100.1 2; r=$?; wait $! && [ $r = 0 ]'
    order b traffic with 192.0.2.11 2
    traffic with 192.0.2.11 2 && obeyed a 900 && obeyed b 900
}
step traffic talk || xl_why

# both queues have carried some of it
queues() {
    has . xenstore-ls "/local/domain/$a/device/vif/0" && grep '^multi-queue-num-queues = "2"' /tmp/has.out &&
        grep '^queue-1' /tmp/has.out && tell a 'grep vif0-q /proc/interrupts' >/tmp/queues || return 1
    awk '$NF ~ /^vif0-q[01]-[rt]x$/ { n[$NF] += $2 + $3 }
         END { for (q in n) { print q, n[q]; good += n[q] > 50 } exit good != 4 }' /tmp/queues
}
step queues queues

# ports come and go while the first one works: idle ones and busy ones
come() { # BRIDGE ADDRESS OURS: eth2 of the guest
    timeout "$XT" xl network-attach a "bridge=$1" mac=00:16:3e:00:0a:02 type=vif &&
        tell a "until [ -e /sys/class/net/eth2 ]; do usleep 100000; done; ifconfig eth2 $2 up" &&
        tell a "traffic meet $3"
}
# (with a third bridge, so that the guest has one way only)
brctl addbr xenbr2
ifconfig xenbr2 203.0.113.1 netmask 255.255.255.0 up
go() {
    timeout "$XT" xl network-detach a 2 && tell a 'while [ -e /sys/class/net/eth2 ]; do usleep 100000; done' &&
        wait_for 60 port_gone && tell a 'kill $(cat /tmp/lost.pid)'
}
port_gone() { [ ! -e "/sys/class/net/vif$a.2" ] && ! xenstore-read "/local/domain/0/backend/vif/$a/2/state"; }
loaded() { # the connections of a port that goes will never end
    tell a 'traffic with 203.0.113.1 100 >/tmp/lost & echo $! >/tmp/lost.pid' &&
        tell a 'until grep -q "2: ok" /tmp/lost; do usleep 100000; done'
}
step load tell a 'traffic with 192.0.2.1 10000 1 >/tmp/load & echo $! >/tmp/load.pid'
i=0
while [ $i -lt "$rounds" ]; do
    i=$((i + 1))
    step come-$i come xenbr2 203.0.113.11 203.0.113.1 || xl_why
    step busy-$i loaded
    step go-$i go || xl_why
done
load_good() {
    tell a 'tail -n 1 /tmp/load; kill $(cat /tmp/load.pid); ! grep -v "ok$" /tmp/load && [ $(wc -l </tmp/load) -gt 3 ]'
}
step load-good load_good
step still tell b traffic with 192.0.2.11

x ends-a xl destroy a
x ends-b xl destroy b
step memory memory_returns "$before"
finish vifs "guest=$KIND"
