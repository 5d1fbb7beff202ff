# SPDX-License-Identifier: BSD-2-Clause
# Guests and the world outside of the machine (QEMU's: 10.0.2.2 has a server on ports ZENDO_TAKEN and ZENDO_GIVEN).
# Guest a is on the bridge that the machine's port belongs to and has its address from outside; b is in a private
# network with dnsmasq's addresses and names, dom0 translates its address. Then the outside connects to both.
. /lib/zendo.sh
. /jobs/guestlib.sh
PATH=$PATH:/usr/sbin
drivers_load
step port wait_for 20 [ -e /sys/class/net/eth0 ]
for m in xen-netback bridge tun; do modprobe $m; done # (tun: emulated network cards)
public() {
    brctl addbr xenbr0 && brctl addif xenbr0 eth0 && ifconfig eth0 up &&
        ifconfig xenbr0 10.0.2.9 netmask 255.255.255.0 up && route add default gw 10.0.2.2
}
step public public
private() {
    brctl addbr xenbr1 && ifconfig xenbr1 10.99.0.1 netmask 255.255.255.0 up || return 1
    echo 1 >/proc/sys/net/ipv4/ip_forward
    nft -f - <<'RULES' && dnsmasq --user=root --group=root --no-resolv --no-hosts --interface=xenbr1 \
        --bind-interfaces --dhcp-range=10.99.0.10,10.99.0.99 --dhcp-host=00:16:3e:00:0b:00,10.99.0.20 \
        --dhcp-leasefile=/tmp/leases --host-record=server.outside.test,10.0.2.2
table ip nat {
    chain out {
        type nat hook postrouting priority srcnat
        ip saddr 10.99.0.0/24 oifname "xenbr0" masquerade
    }
    chain in {
        type nat hook prerouting priority dstnat
        iifname "xenbr0" tcp dport { 9000, 9001 } dnat to 10.99.0.20
    }
}
RULES
}
step private private

step a guest_orders a '' "$TYPE" 'vif=["bridge=xenbr0,mac=00:16:3e:00:0a:00"]' || xl_why
step b guest_orders b '' "$TYPE" 'vif=["bridge=xenbr1,mac=00:16:3e:00:0b:00"]' || xl_why
lease() { # GUEST ADDRESS: it asks for an address and gets this one
    tell "$1" "mkdir -p /etc; printf '%s\\n' '#!/bin/sh' '[ \"\$1\" = bound ] || exit 0' \
'ifconfig \$interface \$ip netmask \$subnet' 'route add default gw \${router%% *}' \
'echo nameserver \${dns%% *} >/etc/resolv.conf' >/bin/lease; chmod 755 /bin/lease" &&
        tell "$1" "ifconfig eth0 up; udhcpc -i eth0 -n -q -t 10 -s /bin/lease; ifconfig eth0; ifconfig eth0 | grep 'addr:$2 '"
}
step a-lease lease a 10.0.2.15
step b-lease lease b 10.99.0.20
step leased grep '00:16:3e:00:0b:00 10.99.0.20' /tmp/leases
# by name, with the address of a server that dnsmasq alone knows
step name tell b "nslookup server.outside.test | grep 'Address.* 10.0.2.2'"

out() {
    local to="TAKEN=$ZENDO_TAKEN GIVEN=$ZENDO_GIVEN traffic with 10.0.2.2 2"
    order a "$to"
    order b "$to"
    obeyed a 900 && obeyed b 900
}
step out out || nft list ruleset
step serve-a tell a traffic serve
step serve-b tell b traffic serve
echo "OUTSIDE-READY"
visited() { # (the outside has connected to both guests, and types so when all sums were right)
    local word
    read -r -t 900 word </dev/console
    echo "$word"
    [ "${word%$'\r'}" = visited ]
}
step visited visited
x ends-a xl destroy a
x ends-b xl destroy b
finish outside "guest=$KIND"
