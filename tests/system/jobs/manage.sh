# SPDX-License-Identifier: BSD-2-Clause
# A running guest is changed: vCPUs, affinity, memory, name; dom0's own memory and CPUs; what becomes
# of guests that crash or ask for a reboot, by on_crash= and on_reboot=.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
WAIT='extra="console=hvc0 earlyprintk=xen panic=5 zendo.then=wait"'

tick() { grep -a GUEST-TICK /tmp/console-$g | tail -n 1; }
tick_says() { tick | grep -Eq "$1"; }
tick_wait() { # PATTERN SECONDS: until the guest's last line says so
    wait_for "$2" tick_says "$1" || { tick; xl vcpu-list $g; xl list; return 1; }
    tick
}

x create xl create -p "/guest/$g.cfg" "$TYPE" vcpus=4 memory=160 maxmem=256 "$WAIT" || xl_why
console_follow $g
x unpause xl unpause $g
step up tick_wait 'cpus=4' 300 || xl_why

# vCPUs come and go
x vcpu-set-1 xl vcpu-set $g 1
step cpus-1 tick_wait 'cpus=1 ' 90
step offline has "^$g +[0-9]+ +3 +- +--p" xl vcpu-list $g
x vcpu-set-4 xl vcpu-set --ignore-host $g 4
step cpus-4 tick_wait 'cpus=4 ' 90

# affinity: hard to CPU 1, soft to CPU 0, hard again to all
x pin-hard xl vcpu-pin $g all 1
step pinned has "^$g +[0-9]+ +0 +1 +[-rb]+ +[0-9.]+ +1 / all" xl vcpu-list $g
ticking() { # the guest goes on
    local a
    a=$(tick)
    later() { [ "$(tick)" != "$a" ]; }
    wait_for 60 later
}
step ticks-pinned ticking
x pin-soft xl vcpu-pin $g 0 all 0
step soft has "^$g +[0-9]+ +0 +[01] +[-rb]+ +[0-9.]+ +all / 0" xl vcpu-list $g
x pin-none xl vcpu-pin $g all all all
step ticks-free ticking
refused() { ! timeout "$XT" "$@"; }
step pin-nowhere refused xl vcpu-pin $g 0 63

# memory: the balloon gives and takes, and the hypervisor's free memory answers
free0=$(free_memory)
at_least() { [ "$(free_memory)" -ge "$1" ]; }
at_most() { [ "$(free_memory)" -le "$1" ]; }
mem0=$(tick | sed 's/.*mem=//')
mem_within() { # LOW HIGH: the guest's total against its first
    local m
    m=$(tick | sed 's/.*mem=//')
    [ $((m - mem0)) -ge "$1" ] && [ $((m - mem0)) -le "$2" ]
}
x mem-down xl mem-set $g 112
step freed wait_for 120 at_least $((free0 + 46)) || free_memory
step smaller wait_for 30 mem_within -50 -46
x mem-up xl mem-set $g 240
step taken wait_for 120 at_most $((free0 - 78)) || free_memory
step larger wait_for 30 mem_within 78 82 || tick
step list-mem has "^$g +[0-9]+ +240 +4 " xl list $g
step too-much refused xl mem-set $g 400
x mem-max xl mem-max $g 300
x mem-back xl mem-set $g 160
step as-before wait_for 120 at_least $((free0 - 1)) || free_memory

# names, keys, lists
id=$(xl domid $g)
x rename xl rename $g other
step renamed has "^$id\$" xl domid other
x rename-back xl rename other $g
step domname has "^$g\$" xl domname "$id"
# The guest's programs may speak in the middle of its kernel's line: then once more.
sysrq_heard() { xl sysrq $g h && sleep 3 && console_has $g 'sysrq: HELP'; }
step sysrq-came wait_for 60 sysrq_heard
# a PVH guest reads port 0x61, where it has nothing
nmi_heard() { xl trigger $g nmi 0 && sleep 3 && console_has $g 'NMI received\|NMI: PCI system error'; }
step nmi-came wait_for 60 nmi_heard
step top has "$g" xentop -b -i 1
step claims has "$g" xl claims
step store has 'domid = ' xenstore-ls "/local/domain/$id"
step channels has '[0-9]' lsevtchn "$id"
# libxenguest maps each frame number by itself, and a PVH guest has 2^20 of them
[ "$KIND" = pv ] && dump_time=120 || dump_time=900
XT=$dump_time x dump xl dump-core $g /tmp/core
step dumped [ "$(stat -c %s /tmp/core)" -gt 100000000 ]
rm -f /tmp/core
step still-ticks ticking
x destroy xl destroy $g

# dom0's own memory and CPUs
dom0_kib() { awk '/^MemTotal/ { print $2 }' /proc/meminfo; }
dom0_mem=$(xl list 0 | awk 'NR == 2 { print $3 }')
free0=$(free_memory)
x dom0-down xl mem-set 0 $((dom0_mem - 64))
step dom0-freed wait_for 120 at_least $((free0 + 63)) || free_memory
x dom0-up xl mem-set 0 "$dom0_mem"
step dom0-back wait_for 120 at_most $((free0 + 1)) || free_memory
offline() { # every CPU but the first goes and comes back
    local c
    for c in /sys/devices/system/cpu/cpu[1-9]*/online; do
        echo 0 >"$c" || return 1
    done
    [ "$(nproc)" = 1 ] || return 1
    has '^Domain-0 +0 +1 +- +--p' xl vcpu-list 0 || return 1
    for c in /sys/devices/system/cpu/cpu[1-9]*/online; do
        echo 1 >"$c" || return 1
    done
    [ "$(nproc)" = "$(xl info | sed -n 's/^nr_cpus.*: //p')" ]
}
step dom0-cpus offline
x dom0-vcpu-set xl vcpu-set 0 1
one() { [ "$(nproc)" = 1 ]; }
step dom0-one wait_for 60 one
x dom0-vcpu-reset xl vcpu-set 0 2
two() { [ "$(nproc)" = 2 ]; }
online() { # dom0's kernel registers the CPU; who brings it up is user space, as on bare metal
    two || echo 1 >/sys/devices/system/cpu/cpu1/online
    two
}
step dom0-two wait_for 60 online

# a physical CPU goes and comes back; where that is not offered, an error, and nothing has changed
hptool() {
    xen-hptool cpu-offline 1 && { xen-hptool cpu-online 1 || return 1; }
    [ "$(xl info | sed -n 's/^nr_cpus.*: //p')" = 2 ] && xl list
}
step hptool hptool

# what becomes of a guest that crashes or asks for a reboot
tiny() { # LABEL SETTING...: a tiny guest that crashes
    local label=$1
    shift
    x "$label" xl create -q /guest/tiny-$KIND.cfg 'extra="crash"' "$@" || xl_why
}
crashed() { case "$(guest_state tiny)" in *c*) return 0 ;; esac; return 1; }
tiny crash-preserve 'on_crash="preserve"'
step preserved wait_for 60 crashed
x preserved-away xl destroy tiny
mkdir -p /var/lib/xen/dump
tiny crash-dump 'on_crash="coredump-destroy"'
step dump-gone wait_for $dump_time guest_absent tiny
step dump-there [ -n "$(ls /var/lib/xen/dump)" ]
rm -rf /var/lib/xen/dump
tiny crash-restart 'on_crash="restart"'
first=$(xl domid tiny)
again() {
    local n
    n=$(xl domid tiny 2>/dev/null) && [ -n "$n" ] && [ "$n" != "$first" ]
}
step restarted wait_for 60 again
# between two of them the daemon sleeps with no domain; one that is destroyed before it crashes ends it
gone() {
    wait_for 6 guest_present tiny || return 0
    xl destroy tiny
    return 1
}
step restart-away wait_for 120 gone
x reboot-destroy xl create -q "/guest/$g.cfg" "$TYPE" 'on_reboot="destroy"' \
    'extra="console=hvc0 zendo.then=reboot"' || xl_why
step reboot-gone wait_for 300 guest_absent $g
x reboot-rename xl create -q "/guest/$g.cfg" "$TYPE" 'on_reboot="rename-restart"' \
    'extra="console=hvc0 zendo.then=reboot"' || xl_why
id=$(xl domid $g)
next() { [ "$(xl domid $g 2>/dev/null || echo "$id")" != "$id" ]; }
step reboot-next wait_for 300 next
step reboot-kept has "$id" xl list
all_gone() {
    local n
    for n in $(xl list | awk 'NR > 2 { print $2 }'); do xl destroy "$n"; done
    [ "$(xl list | wc -l)" = 2 ]
}
step all-gone wait_for 60 all_gone
finish manage
