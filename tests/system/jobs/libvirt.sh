# SPDX-License-Identifier: BSD-2-Clause
# libvirt's driver for Xen (docs/management.md), in Debian's root: a guest of ZENDO_TYPE (pv, pvh, hvm) made
# by virt-install lives by virsh; one is taken over from xl's configuration and starts by itself.
. /lib/zendo.sh
. /jobs/guestlib.sh
export LIBVIRT_DEFAULT_URI=xen:///system
g=lv
images=/var/lib/libvirt/images
more=$images/more.img

why() {
    tail -n 20 /var/log/libvirt/libxl/*.log /tmp/libvirtd.log
    xl_why
}
virsh_state() { virsh domstate "${2:-$g}" | grep -qx "$1"; }
ticking() { # the guest goes on
    local a
    a=$(grep -ac GUEST-TICK /tmp/console-$g)
    later() { [ "$(grep -ac GUEST-TICK /tmp/console-$g)" -gt "$a" ]; }
    wait_for 120 later
}
tick_says() { grep -a GUEST-TICK /tmp/console-$g | tail -n 1 | grep -Eq "$1"; }

daemon() {
    mkdir -p /run/libvirt
    libvirtd -d -p /run/libvirtd.pid && wait_for 300 virsh uri
}
step daemon daemon || cat /tmp/libvirtd.log

# the machine
step version has 'hypervisor: Xen 4\.17' virsh version
step nodeinfo has "CPU\(s\): +$(nproc)" virsh nodeinfo
step capabilities has "machine>xenpvh<" virsh capabilities
for machine in xenpv xenpvh xenfv; do
    step caps-$machine has "<machine>$machine</machine>" virsh domcapabilities --virttype xen --machine $machine
done
step freecell has 'Total: +[0-9]+ KiB' virsh freecell --all
step dom0 has ' 0 +Domain-0 +running' virsh list

# a guest
truncate -s 8M $images/$g.img $more
case $KIND in
pv) how=--paravirt boot= ;;
pvh) how= boot=os_type=xenpvh,machine=xenpvh, ;;
hvm) how=--hvm boot=emulator=/usr/libexec/xen-qemu-system-i386, ;; # (libvirt looks for Xen's own name)
esac
# virsh console of an HVM guest is its serial port
[ "$KIND" = hvm ] && line=ttyS0 node=serial/0/tty || line=hvc0 node=console/tty
XT=600 x virt-install virt-install --virt-type xen --name $g --memory 192 --vcpus 2 $how --import --osinfo linux2022 \
    --disk $images/$g.img,format=raw,bus=xen,driver.name=phy --network bridge=xenbr0,mac=00:16:3e:00:00:51 \
    --graphics none --noautoconsole --boot "${boot}kernel=/guest/vmlinuz,initrd=/guest/initrd,kernel_args=console=$line loglevel=4 panic=5 net.ifnames=0 zendo.ip=192.0.2.51 zendo.then=wait" || {
    why
    finish libvirt "$KIND"
    exit 1
}
step list has "^ +[0-9]+ +$g +running" virsh list
terminal() { # what a person sees by virsh console
    script -qfc "virsh console --force $g" /tmp/terminal </dev/null >/dev/null 2>&1 &
    wait_for "${ZENDO_UP:-400}" grep -aq GUEST-TICK /tmp/terminal
    kill $!
    tail -n 5 /tmp/terminal
    grep -aq GUEST-TICK /tmp/terminal
}
step console terminal || why
console_follow $g $node
step ticks ticking
id=$(virsh domid $g)
step same [ "$(xl domid $g)" = "$id" ]
step type has "\"type\": \"$KIND\"" xl list -l $g
step dumpxml has "<name>$g</name>" virsh dumpxml $g
step dominfo has 'Used memory: +[0-9]+ KiB' virsh dominfo $g
step cpu-stats has 'cpu_time +[0-9.]+ seconds' virsh cpu-stats $g --total
step dommemstat has 'actual [0-9]+' virsh dommemstat $g
step domblklist has "xvda +$images/$g.img" virsh domblklist $g
step domblkstat has 'xvda wr_bytes [0-9]{7}' virsh domblkstat $g xvda
step domiflist has 00:16:3e:00:00:51 virsh domiflist $g
# (of an HVM guest libvirt knows the emulated card alone, which goes when the guest has its own driver)
[ "$KIND" = hvm ] || step domifstat has "rx_bytes [1-9]" virsh domifstat $g vif$id.0
step vcpuinfo has 'State: +(running|blocked)' virsh vcpuinfo $g
# What libvirt's driver of Debian 12 does not have, whatever the hypervisor is.
step domstats says 'not supported by the connection driver' virsh domstats $g
step nodecpumap says 'not supported by the connection driver' virsh nodecpumap

# changes while it runs
x setvcpus virsh setvcpus $g 1 --live
one() { tick_says 'cpus=1 '; }
[ "$KIND" = hvm ] || step one wait_for 120 one # (libxl has QEMU plug CPUs, but not unplug them)
x setvcpus-back virsh setvcpus $g 2 --live
x schedinfo virsh schedinfo $g --set weight=512
step weight has "^$g +[0-9]+ +512 " xl sched-credit2 -d $g
x vcpupin virsh vcpupin $g 0 0 --live
step pinned has '^ 0 +0$' virsh vcpupin $g
x setmem virsh setmem $g 160M --live
smaller() { [ "$(xl list $g | awk 'NR == 2 { print $3 }')" -le 161 ]; }
step smaller wait_for 60 smaller
x attach-disk virsh attach-disk $g $more xvdb --driver phy --subdriver raw --live
block_up() { [ "$(xenstore-read "/local/domain/0/backend/vbd/$id/51728/state")" = 4 ]; }
step disk-up wait_for 60 block_up || xenstore-ls /local/domain/0/backend
x detach-disk virsh detach-disk $g xvdb --live
block_gone() { ! xl block-list $g | grep -q ^51728; }
step disk-gone wait_for 60 block_gone
x attach-interface virsh attach-interface $g bridge xenbr0 --mac 00:16:3e:00:00:52 --live
net_up() { [ "$(xenstore-read "/local/domain/0/backend/vif/$id/1/state")" = 4 ]; }
step net-up wait_for 60 net_up
x detach-interface virsh detach-interface $g bridge --mac 00:16:3e:00:00:52 --live
net_gone() { ! xl network-list $g | grep -q "/vif/$id/1"; }
step net-gone wait_for 60 net_gone

# its life
x suspend virsh suspend $g
step paused virsh_state paused
x resume virsh resume $g
step resumed ticking
XT=600 x save virsh save $g /var/tmp/$g.save || why
step saved virsh_state 'shut off'
x restore virsh restore /var/tmp/$g.save || why
console_follow $g $node
step restored ticking || why
rm -f /var/tmp/$g.save
id=$(virsh domid $g)
x reboot virsh reboot $g
rebooted() { [ "$(virsh domid $g)" != "$id" ] && virsh_state running; }
step rebooted wait_for 400 rebooted || why
console_follow $g $node
step up-again console_wait $g GUEST-TICK "${ZENDO_UP:-400}" || why
x shutdown virsh shutdown $g
# (libvirt says that it is off some time before it has cleaned up)
off() { virsh_state 'shut off' && guest_absent $g && [ "$(virsh domid $g)" = - ]; }
step off wait_for 300 off
x start virsh start $g
step started virsh_state running
x destroy virsh destroy $g
step destroyed virsh_state 'shut off'
step absent guest_absent $g
x undefine virsh undefine $g
step undefined says 'failed to get domain|Domain not found' virsh dominfo $g

# a configuration of xl's, started with libvirt's daemon, as it is when the machine starts
native() { virsh domxml-from-native xen-xl /guest/minimal.cfg >/tmp/minimal.xml; }
step from-native native
x define virsh define /tmp/minimal.xml
x autostart virsh autostart minimal
step auto has 'Autostart: +enable' virsh dominfo minimal
restart() {
    kill "$(cat /run/libvirtd.pid)"
    stopped() { ! pidof libvirtd; }
    wait_for 60 stopped
    rm -f /run/libvirt/libxl/autostarted
    daemon
}
step restart restart
minimal_runs() { virsh_state running minimal; }
step autostarted wait_for 300 minimal_runs || why
x destroy-minimal virsh destroy minimal
finish libvirt "$KIND"
[ -z "$STEPS_FAILED" ]
