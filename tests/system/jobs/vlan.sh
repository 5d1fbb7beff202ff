# SPDX-License-Identifier: BSD-2-Clause
# Two guests on bridges of two VLANs, whose trunk is one of two network ports that are joined outside of the
# machine. The other one, in a name space of its own, takes the tagged frames only.
. /lib/zendo.sh
. /jobs/guestlib.sh
drivers_load
modprobe 8021q
ports() { [ -e /sys/class/net/eth0 ] && [ -e /sys/class/net/eth1 ]; }
step ports wait_for 20 ports
for m in xen-netback bridge tun; do modprobe $m; done # (tun: emulated network cards)

unshare -n sh -c 'echo $$ >/tmp/other.pid; exec sleep 100000' &
wait_for 10 [ -s /tmp/other.pid ]
other=$(cat /tmp/other.pid)
inside() { nsenter -t "$other" -n "$@"; }
trunk() {
    ifconfig eth0 up && ip link set eth1 netns "$other" && inside ifconfig eth1 up || return 1
    for tag in 100 200; do
        vconfig add eth0 $tag && ifconfig eth0.$tag up && brctl addbr xenbr0.$tag &&
            brctl addif xenbr0.$tag eth0.$tag && ifconfig xenbr0.$tag up && inside vconfig add eth1 $tag || return 1
    done
    inside ifconfig eth1.100 192.0.2.1 netmask 255.255.255.0 up &&
        inside ifconfig eth1.200 198.51.100.1 netmask 255.255.255.0 up
}
step trunk trunk
inside traffic serve

step a guest_orders a zendo.ip=192.0.2.11 "$TYPE" 'vif=["bridge=xenbr0.100"]' || xl_why
step b guest_orders b '' "$TYPE" 'vif=["bridge=xenbr0.200"]' || xl_why
step serve tell a traffic serve
step b-serve tell b 'ifconfig eth0 198.51.100.12 up && traffic meet 198.51.100.1 && traffic serve'
loads() {
    order a traffic with 192.0.2.1 3
    order b traffic with 198.51.100.1 3
    inside traffic with 192.0.2.11 3 && inside traffic with 198.51.100.12 && obeyed a 900 && obeyed b 900
}
step traffic loads
# what the trunk's far end has taken off frames with these tags: all that was sent and received
tagged() {
    inside cat /proc/net/dev | awk '$1 ~ /^eth1\.[12]00:/ { print $1, $2, $10; n += $2 > 8000000 && $10 > 8000000 }
                                    END { exit n != 2 }'
}
step tagged tagged
# and the VLANs have nothing to do with each other
apart() {
    tell b 'ifconfig eth0:1 192.0.2.12; ! ping -c 4 -W 1 192.0.2.11' &&
        tell a 'ifconfig eth0:1 198.51.100.11; ! ping -c 4 -W 1 198.51.100.12' && tell a ping -c 2 -W 5 192.0.2.1
}
step apart apart
x ends-a xl destroy a
x ends-b xl destroy b
finish vlan "guest=$KIND"
