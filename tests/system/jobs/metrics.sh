# SPDX-License-Identifier: BSD-2-Clause
# zendo-metrics by its timer and Debian's node_exporter (docs/management.md): what is served agrees with what
# xl and the kernel count. The package is ~/zendo.deb.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=pv
served=/tmp/served
file=/var/lib/prometheus/node-exporter/zendo.prom

serve() { busybox wget -q -O $served http://localhost:9100/metrics; }
# value NAME LABELS: that sample of what was served, rounded down
value() {
    awk -v n="zendo_$1{$2}" '$1 == n { printf "%d\n", $2; found = 1 } END { exit !found }' $served
}
# served_anew: until a file that was begun after this call has been served
served_anew() {
    touch /tmp/now
    newer() { [ "$(stat -c %Y $file)" -gt "$(($(stat -c %Y /tmp/now) + 1))" ] && serve && grep -q ^zendo_domains $served; }
    wait_for 120 newer
}
# between NAME LABELS COMMAND...: it is not less than what the command said before, and not more than after
between() {
    local name=$1 labels=$2 low high now
    shift 2
    low=$("$@")
    served_anew || return 1
    now=$(value "$name" "$labels") || { grep "$name" $served; return 1; }
    high=$("$@")
    echo "$name: $low <= $now <= $high"
    [ "$low" -le "$now" ] && [ "$now" -le "$high" ] && [ "$now" -gt 0 ]
}

x package dpkg -i ~/zendo.deb
x timer systemctl enable --now zendo-metrics.timer
guest_disk $g
x create xl create -p /guest/$g.cfg 'extra="console=hvc0 panic=5 net.ifnames=0 zendo.ip=192.0.2.11 zendo.then=wait"' ||
    xl_why
console_follow $g
x unpause xl unpause $g
step up console_wait $g GUEST-TICK 400 || xl_why
id=$(xl domid $g)
who="domain=\"$g\",domid=\"$id\""
step served served_anew || { systemctl status zendo-metrics.timer zendo-metrics; ls -l ${file%/*}; }
step types [ "$(grep -c '^# TYPE zendo_domain_cpu_seconds_total counter' $served)" = 1 ]
step memory [ "$(value domain_memory_bytes "$who")" = $(($(xl list $g | awk 'NR == 2 { print $3 }') * 1048576)) ]
step domains grep -qx 'zendo_domains 2' $served
step cpus grep -qx "zendo_host_cpus $(nproc)" $served
step state [ "$(value domain_state "$who,state=\"paused\"")" = 0 ]

cpu_down() { xl list $g | awk 'NR == 2 { print int($6) }'; }
step cpu between domain_cpu_seconds_total "$who" cpu_down
vif() { cat /sys/class/net/vif$id.0/statistics/$1; }
disk() { echo $(($(cat /sys/bus/xen-backend/devices/vbd-$id-51712/statistics/$1) * $2)); }
step received between domain_network_receive_bytes_total "$who,vif=\"0\"" vif tx_bytes
step sent between domain_network_transmit_bytes_total "$who,vif=\"0\"" vif rx_bytes
step packets between domain_network_transmit_packets_total "$who,vif=\"0\"" vif rx_packets
step written between domain_block_written_bytes_total "$who,vbd=\"51712\"" disk wr_sect 512
step writes between domain_block_write_requests_total "$who,vbd=\"51712\"" disk wr_req 1
step read between domain_block_read_bytes_total "$who,vbd=\"51712\"" disk rd_sect 512
x pause xl pause $g
step paused served_anew
step state-paused [ "$(value domain_state "$who,state=\"paused\"")" = 1 ]
x destroy xl destroy $g
step gone served_anew
step no-more [ "$(grep -c "$who" $served)" = 0 ]
finish metrics
