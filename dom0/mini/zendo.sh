# SPDX-License-Identifier: BSD-2-Clause
# Functions for the minimal dom0's init and its jobs. Sourced by busybox sh and by bash.

uptime_now() { cut -d' ' -f1 /proc/uptime; }
mem_total() { awk '/^MemTotal/ { print $2 "k" }' /proc/meminfo; }

# result NAME ok|fail TEXT: the one line that a test waits for
result() {
    _n=$1 _s=$2
    shift 2
    echo "ZENDO-RESULT $_n $_s $*"
}

# step NAME COMMAND...: run it with its output on the console, remember whether all steps passed
STEPS_FAILED=
step() {
    _step=$1
    shift
    if "$@" >/tmp/step.out 2>&1; then
        sed "s/^/  $_step: /" /tmp/step.out
        echo "ZENDO-STEP $_step ok t=$(uptime_now)"
    else
        _rc=$?
        sed "s/^/  $_step: /" /tmp/step.out | tail -n 30
        echo "ZENDO-STEP $_step fail status=$_rc t=$(uptime_now)"
        STEPS_FAILED="$STEPS_FAILED $_step"
        return 1
    fi
}

# finish NAME [TEXT]: the result of a job made of steps
finish() {
    if [ -z "$STEPS_FAILED" ]; then
        result "$1" ok "${2:-}"
    else
        result "$1" fail "steps failed:$STEPS_FAILED"
    fi
}

# wait_for SECONDS COMMAND...: until it succeeds (the kernel's clock, four tries a second)
wait_for() {
    local end=$(($(cut -d. -f1 /proc/uptime) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
        usleep 250000
    done
}

# drivers_load: the driver of every PCI device that this ramdisk has one for
drivers_load() {
    for _a in $(cat /sys/bus/pci/devices/*/modalias /sys/bus/virtio/devices/*/modalias 2>/dev/null); do
        modprobe -q "$_a" 2>/dev/null
    done
    for _a in $(cat /sys/bus/virtio/devices/*/modalias 2>/dev/null); do
        modprobe -q "$_a" 2>/dev/null
    done
    modprobe -q sd_mod
}

# interfaces_start: the kernel's for programs that talk to the hypervisor
interfaces_start() {
    for _m in xenfs xen-evtchn xen-gntdev xen-gntalloc xen-privcmd; do
        modprobe "$_m" 2>/dev/null
    done
    mount -t xenfs xenfs /proc/xen 2>/dev/null
}

# driver_start: a guest that serves other guests' disks and networks (backend=NAME). What goes out by its own
# network port, if it has one, is routed: by a bridge full frames did not arrive (docs/guests.md).
driver_start() {
    interfaces_start
    for _m in xen-netfront xen-blkfront; do modprobe "$_m"; done
    bridge_up 198.51.100.1 || return 1
    if [ -e /sys/bus/xen/devices/vif-0 ]; then
        wait_for 60 [ -e /sys/class/net/eth0 ] && ifconfig eth0 192.0.2.2 netmask 255.255.255.0 up &&
            echo 1 >/proc/sys/net/ipv4/ip_forward || return 1
    fi
    xl devd
}

# xen_start: kernel interfaces, xenstored, dom0's entries, xenconsoled
xen_start() {
    interfaces_start
    if ! grep -q control_d /proc/xen/capabilities 2>/dev/null; then
        echo "ZENDO-FAIL not a control domain (no control_d in /proc/xen/capabilities)"
        return 1
    fi
    xenstored --pid-file /run/xenstored.pid || { echo "ZENDO-FAIL xenstored"; return 1; }
    wait_for 30 xenstore-read / || { echo "ZENDO-FAIL xenstored does not answer"; return 1; }
    xen-init-dom0 >/dev/null || { echo "ZENDO-FAIL xen-init-dom0"; return 1; }
    xenconsoled --log=none --pid-file=/run/xenconsoled.pid || { echo "ZENDO-FAIL xenconsoled"; return 1; }
}

# bridge_up [ADDRESS]: back ends for guests and the bridge their vifs join. It has a MAC of its own: otherwise
# it takes a port's, and all vifs have the same.
bridge_up() {
    _ip=${1:-192.0.2.1}
    [ -e /sys/class/net/xenbr0 ] && return 0
    for _m in xen-blkback xen-netback loop bridge; do
        modprobe "$_m" || return 1
    done
    brctl addbr xenbr0 && ifconfig xenbr0 hw ether "02:00:00:00:00:0${_ip##*.}" &&
        ifconfig xenbr0 "$_ip" netmask 255.255.255.0 up
}
