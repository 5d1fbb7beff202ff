# SPDX-License-Identifier: BSD-2-Clause
# What a guest's network port carries (ZENDO_TYPE): iperf3 between it, dom0 and a second such guest, as much as it can
# and in packets of 64 bytes, and the time of a ping; ZENDO_ROUNDS (3) times. With `boot.py --count` a second is a billion instructions;
# docs/performance.md has the table. With ZENDO_BACK=zendo by zendo-netd.
. /lib/zendo.sh
. /jobs/guestlib.sh
rounds=${ZENDO_ROUNDS:-3}
mib=${ZENDO_MB:-64}

step bridge bridge_up
ramdisk() { # the guest's with a program of dom0 and its libraries
    local f=/usr/bin/iperf3 ld=/lib64/ld-linux-x86-64.so.2 l
    for l in $f $ld $($ld --list $f | awk '$2 == "=>" { print $3 }'); do
        mkdir -p "/tmp/more$(dirname "$l")" && cp -L "$l" "/tmp/more$l" || return 1
    done
    { (cd /tmp/more && find . | cpio -o -H newc) && cat /guest/initrd; } >/tmp/initrd && rm -r /tmp/more
}
step ramdisk ramdisk
RAMDISK='ramdisk="/tmp/initrd"'
vif=bridge=xenbr0
if [ "${ZENDO_BACK:-}" = zendo ]; then
    modprobe tun
    echo 65536 >/sys/module/xen_gntalloc/parameters/limit # (as the unit does)
    /usr/sbin/zendo-netd &
    vif=$vif,script=vif-zendo
fi
step a guest_orders a zendo.ip=192.0.2.11 "$TYPE" "$RAMDISK" memory=192 "vif=['$vif']" || xl_why
step b guest_orders b zendo.ip=192.0.2.12 "$TYPE" "$RAMDISK" memory=192 "vif=['$vif']" || xl_why

# iperf NAME ADDRESS [OPTION]: what a's iperf3 tells of it
iperf() {
    local name=$1
    shift
    tell a "/usr/bin/iperf3 -f m -n ${mib}M -c $*" >/tmp/iperf.out || { cat /tmp/iperf.out; return 1; }
    awk -v n="$name" '$NF == "receiver" {
        for (i = 1; i <= NF; i++) if ($i ~ /^Mbits/) { print "PACE", n, $(i - 1), "Mbit/s"; found = 1 } }
        END { exit !found }' /tmp/iperf.out
}
# packets NAME ADDRESS: how many datagrams of 64 bytes come through in a second
packets() {
    tell a "/usr/bin/iperf3 -u -l 64 -b 0 -n 2M -c $2" >/tmp/iperf.out || { cat /tmp/iperf.out; return 1; }
    awk -v n="$1" '$NF == "receiver" {
        split($3, t, "-")
        for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\/[0-9]+$/) {
            split($i, p, "/"); print "PACE", n, int((p[2] - p[1]) / (t[2] - t[1])), "packets/s of", p[2], "less", p[1]; found = 1 } }
        END { exit !found }' /tmp/iperf.out
}
round() {
    iperf a-dom0 192.0.2.1 && iperf dom0-a 192.0.2.1 -R && iperf a-b 192.0.2.12 && iperf b-a 192.0.2.12 -R || return 1
    packets a-dom0-packets 192.0.2.1 && packets a-b-packets 192.0.2.12 || return 1
    tell a ping -q -c 100 -i 0.02 192.0.2.1 >/tmp/ping.out || return 1
    awk -F '[ /]' '/^round-trip/ { print "PACE ping", $6 * 1000, "us at least,", $7 * 1000, "on average" }' /tmp/ping.out
}
iperf3 -s -D
step server tell b /usr/bin/iperf3 -s -D
i=0
while [ $i -lt "$rounds" ]; do
    i=$((i + 1))
    step round-$i round || xl_why
done
[ -z "${ZENDO_BACK:-}" ] || /usr/sbin/zendo-netd --stats
x ends-a xl destroy a
x ends-b xl destroy b
finish netpace "guest=$KIND"
