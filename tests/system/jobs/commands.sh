# SPDX-License-Identifier: BSD-2-Clause
# The everyday commands of xl, without and with a running guest.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal

state_is() { # LETTER NAME: that letter of xl list's state column
    case "$(guest_state "$2")" in *"$1"*) return 0 ;; esac
    return 1
}

step info has "nr_cpus +: $(nproc)" xl info
step version has '^xen_version +: 4\.17' xl info
step sched has '^xen_scheduler +: credit2' xl info
step list has '^Domain-0 +0 ' xl list
step dmesg has . xl dmesg
step uptime has '^Domain-0 +0 ' xl uptime
step vcpus has "^Domain-0 +0 +$(($(nproc) - 1)) " xl vcpu-list
step credit2 has '^Domain-0 +0 +256' xl sched-credit2
step pools has '^Pool-0' xl cpupool-list
keys() { # each says something, and what it is about
    local key pattern
    while read -r key pattern; do
        xl dmesg -c >/dev/null
        xl debug-keys "$key" || return 1
        xl dmesg | grep -Eq "$pattern" || { echo "key $key: no '$pattern'"; xl dmesg; return 1; }
    done <<EOF
h Debug keys:
q d0: .* vCPUs
r Scheduler at .*
e Domain 0: .* event ports
g Domain 0: grant table
i CPU 0: .* timer
m Memory: .* pages free
n NMI: .* taken
t TSC .* kHz
a CPU 0: .* timers
d CPU [0-9]+: here
0 d0v0 RIP
* Scheduler at .*
EOF
}
step debug-keys keys

x create xl create -p "/guest/$g.cfg" "$TYPE" 'extra="console=hvc0 earlyprintk=xen panic=5 zendo.then=wait"' || xl_why
console_follow $g
step paused state_is p $g
x unpause xl unpause $g
step up console_wait $g GUEST-READY 300 || xl_why
# (Linux counts the memory of an HVM guest's screen as given, and returns as much)
step list-guest has "^$g +[0-9]+ +$([ "$KIND" = hvm ] && echo 120 || echo 128) +1 " xl list
step list-long has "\"$g\"" xl list -l $g
step domid has '^[0-9]+$' xl domid $g
step uptime-guest has "^$g " xl uptime
step vcpu-list has "^$g +[0-9]+ +0 " xl vcpu-list $g
x weight xl sched-credit2 -d $g -w 512
step weight-kept has "^$g +[0-9]+ +512 " xl sched-credit2 -d $g
x cap xl sched-credit2 -d $g -c 50
step cap-kept has "^$g +[0-9]+ +512 +50" xl sched-credit2 -d $g
x cap-off xl sched-credit2 -d $g -c 0
x pin xl vcpu-pin $g 0 0
step pinned has "^$g +[0-9]+ +0 +0 .* (0|all) / " xl vcpu-list $g
x unpin xl vcpu-pin $g 0 all all

x pause xl pause $g
step is-paused state_is p $g
silent() { # while paused it says nothing
    local a b
    sleep 1
    a=$(wc -l </tmp/console-$g)
    sleep 5
    b=$(wc -l </tmp/console-$g)
    [ "$a" = "$b" ]
}
step silent silent
x resume xl unpause $g
ticks() { # and then it goes on
    local a
    a=$(grep -c TICK /tmp/console-$g)
    more() { [ "$(grep -c TICK /tmp/console-$g)" -gt "$a" ]; }
    wait_for 30 more
}
step ticks ticks
registers() {
    xl dmesg -c >/dev/null
    xl debug-keys v
    xl dmesg | grep "d$(xl domid $g)v0 RIP"
}
[ "$KIND" = pv ] || step registers registers

id=$(xl domid $g)
x reboot xl reboot -w $g || xl_why
new_id() {
    local n
    n=$(xl domid $g 2>/dev/null) && [ -n "$n" ] && [ "$n" != "$id" ]
}
step restarted wait_for 60 new_id
console_follow $g
step up-again console_wait $g GUEST-READY 300 || xl_why
x shutdown xl shutdown -w $g
step asked wait_for 30 console_has $g 'GUEST-ASKED poweroff'
step gone wait_for 30 guest_absent $g

[ "$KIND" = hvm ] && block= || block='extra="block"' # nothing to boot: firmware waits as well
x create-tiny xl create /guest/tiny-$KIND.cfg $block
step tiny-there guest_present tiny
x destroy xl destroy tiny
step tiny-gone guest_absent tiny
finish commands
