# SPDX-License-Identifier: BSD-2-Clause
# The commands of xl and its companions that commands.sh and manage.sh leave out: what they do to a guest and
# what they say, and which error those give that need what is not there (docs/toolstack.md).
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
WAIT='extra="console=hvc0 earlyprintk=xen panic=5 zendo.then=wait"'

# mentions PATTERN COMMAND...: whatever its status is
mentions() {
    local pattern=$1
    shift
    timeout "$XT" "$@" >/tmp/says.out 2>&1
    cat /tmp/says.out
    grep -Eq -- "$pattern" /tmp/says.out
}
# every LABEL < lines of `STATUS-FREE-PATTERN|COMMAND`: each mentions it
every() {
    local pattern command bad=0
    while IFS='|' read -r pattern command; do
        # shellcheck disable=SC2086
        mentions "$pattern" $command </dev/null || { echo "'$command' does not say '$pattern'"; bad=1; }
    done
    return $bad
}

step bridge bridge_up
x create xl create -p "/guest/$g.cfg" "$TYPE" vcpus=2 "$WAIT" || xl_why
console_follow $g
x unpause xl unpause $g
step up console_wait $g GUEST-TICK 300 || xl_why
id=$(xl domid $g)
ticking() { # the guest goes on
    local a
    a=$(grep -ac GUEST-TICK /tmp/console-$g)
    later() { [ "$(grep -ac GUEST-TICK /tmp/console-$g)" -gt "$a" ]; }
    wait_for 60 later
}

# what is told of the machine and of guests
lists() {
    every <<EOF
^ *1: +[0-9]+ +[0-9]+ +0|xl info -n
UUID|xl list -v
Security Label|xl list -Z
NODE Affinity|xl list -n
"name": "$g"|xl list -l $g
$g|xl vm-list
$g +$id|xl sharing
^Name .*Claimed|xl claims
VCPUs|xentop -b -i 1 -v
 $g [-brd]|xentop -b -i 1 -n -x -r
EOF
}
step lists lists
cleared() {
    xl dmesg -c >/dev/null && [ "$(xl dmesg | wc -l)" -lt 5 ]
}
step dmesg-clear cleared
# the scheduler
ratelimit() {
    xl sched-credit2 -s -p Pool-0 -r 500 && has 'ratelimit=500us' xl sched-credit2 -s &&
        xl sched-credit2 -s -p Pool-0 -r 1000
}
step ratelimit ratelimit
other_schedulers() {
    every <<EOF
Invalid argument|xl sched-credit -d $g -w 100
not supported for this scheduler|xl sched-rtds -d $g -v all
out of range|xl sched-credit2 -d $g -w 65536
out of range|xl sched-credit2 -d $g -c 201
EOF
}
step other-schedulers other_schedulers

# pools of CPUs: the guest gets a CPU of its own, and gives it back
pool_of() { xl list -c "$1" | awk 'NR == 2 { print $NF }'; }
x pool-remove xl cpupool-cpu-remove Pool-0 1
step pool-smaller has '^Pool-0 +0$' xl cpupool-list -c
step dom0-there has '^Domain-0 +0 +1 +0 ' xl vcpu-list 0
step pin-outside says 'Invalid argument' xl vcpu-pin $g 0 1
x pool-create xl cpupool-create 'name="own"' 'sched="credit2"' 'cpus="1"'
step pool-other says . xl cpupool-create 'name="rt"' 'sched="rtds"'
x pool-migrate xl cpupool-migrate $g own
step pool-of [ "$(pool_of $g)" = own ]
both_on_1() { [ "$(xl vcpu-list $g | awk 'NR > 1 && $4 == 1' | wc -l)" = 2 ]; }
step pool-moved wait_for 60 both_on_1
step pool-ticks ticking
step pool-listed has '^own +1 +credit2 +y +1$' xl cpupool-list
step pool-busy says "Can't destroy" xl cpupool-destroy own
x pool-rename xl cpupool-rename own mine
step pool-renamed has '^mine ' xl cpupool-list
pool_tiny() { # one is made in it
    xl create -q /guest/tiny-$KIND.cfg 'extra="block"' 'pool="mine"' || return 1
    [ "$(pool_of tiny)" = mine ]
}
[ "$KIND" = hvm ] || step pool-born pool_tiny
x pool-back xl cpupool-migrate $g Pool-0
[ "$KIND" = hvm ] || x pool-dies xl destroy tiny
x pool-destroy xl cpupool-destroy mine
step pool-alone has '^Pool-0 +1 +credit2 +y +2$' xl cpupool-list
x pool-add xl cpupool-cpu-add Pool-0 1
step pool-whole has '^Pool-0 +0,1$' xl cpupool-list -c
x pool-split xl cpupool-numa-split
step pool-node has '^Pool-node0 +2 ' xl cpupool-list
x pool-joined xl cpupool-rename Pool-node0 Pool-0
step pool-still ticking

# devices come and go
x net-attach xl network-attach $g bridge=xenbr0
step net-list has "/backend/vif/$id/0" xl network-list $g
net_up() { [ "$(xenstore-read "/local/domain/0/backend/vif/$id/0/state")" = 4 ]; }
step net-up wait_for 60 net_up
x net-detach xl network-detach $g 0
net_gone() { ! xl network-list $g | grep -q "/vif/$id/0"; }
step net-gone wait_for 60 net_gone
dd if=/dev/zero of=/tmp/disk.img bs=1M count=4 2>/dev/null
losetup /dev/loop5 /tmp/disk.img
x block-attach xl block-attach $g phy:/dev/loop5,xvdb,w
step block-list has "^51728 +0 .*/backend/vbd/$id/51728" xl block-list $g
block_up() { [ "$(xenstore-read "/local/domain/0/backend/vbd/$id/51728/state")" = 4 ]; }
step block-up wait_for 60 block_up
step block-twice says 'already exists' xl block-attach $g phy:/dev/loop5,xvdb,w
x block-detach xl block-detach $g xvdb
block_gone() { ! xl block-list $g | grep -q "^51728"; }
step block-gone wait_for 60 block_gone
devd() {
    xl devd -F >/tmp/devd 2>&1 &
    sleep 2
    kill $! && ! grep -i error /tmp/devd
}
step devd devd

# a debugger: registers and memory through gdbsx, as gdb asks for them
ask() { # PACKET: to gdb's stub, its answer without frame
    local sum=0 i c answer
    for ((i = 0; i < ${#1}; i++)); do
        printf -v c %d "'${1:i:1}"
        sum=$(((sum + c) % 256))
    done
    printf '$%s#%02x' "$1" $sum >&7
    IFS= read -r -d '#' -t 20 answer <&7 || return 1
    read -r -N 2 -t 5 _ <&7
    printf + >&7
    echo "${answer##*\$}"
}
debugger() {
    local text there stub
    timeout 60 /usr/sbin/gdbsx -a "$id" 64 9999 >/tmp/gdbsx.out 2>&1 &
    stub=$!
    there() { exec 7<>/dev/tcp/127.0.0.1/9999; } 2>/dev/null
    wait_for 20 there || { cat /tmp/gdbsx.out; return 1; }
    case "$(guest_state $g)" in *p*) ;; *) echo "not paused"; return 1 ;; esac
    text=$(ask g) && echo "registers: ${#text} digits" && [ ${#text} -ge 272 ] || return 1
    # (RIP is the 17th of 8 bytes, lowest byte first)
    there=$(echo "${text:256:16}" | sed 's/\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)/\8\7\6\5\4\3\2\1/')
    text=$(ask "m$there,4") && echo "at $there: $text" && [ ${#text} = 8 ] || return 1
    ask D # the stub ends with that, and the guest goes on
    exec 7>&-
    wait $stub
    case "$(guest_state $g)" in *p*) echo "still paused"; return 1 ;; esac
}
step debugger debugger
step debugged ticking

# tracing: what the scheduler, hypercalls and exits of this guest leave in the buffers, as xenalyze reads it
trace_has() { # PATTERN: some records of that
    grep -a -m 2 -E "$1" /tmp/trace.txt || { echo "no record of '$1'"; return 1; }
}
# shellcheck disable=SC2086
tracing() {
    has . xentrace -D -S 64 -T 4 -e all /tmp/trace || return 1
    ls -l /tmp/trace
    [ "$(stat -c %s /tmp/trace)" -gt 10000 ] || return 1
    xenalyze $SVM --dump-all /tmp/trace >/tmp/trace.txt 2>&1
    wc -l /tmp/trace.txt
    trace_has "runstate_change d${id}v0" && trace_has 'runstate_change d0v' || return 1
    trace_has 'hypercall' || return 1
    case $KIND in
    pv) trace_has "d${id}v[01] page_fault|d${id}v[01] .*hypercall" ;;
    *) trace_has "d${id}v[01] vmexit" && trace_has "d${id}v[01] .*vmentry" ;;
    esac || return 1
    xenalyze $SVM --summary /tmp/trace >/tmp/trace.sum 2>&1
    grep -A 4 -E "Domain $id |vCPU 0|Total time" /tmp/trace.sum | head -n 20
    grep -aq "Domain $id" /tmp/trace.sum || { head -n 40 /tmp/trace.txt; return 1; }
}
SVM=
grep -q AuthenticAMD /proc/cpuinfo && SVM=--svm-mode
step tracing tracing
step traced ticking

# what only hardware-assisted guests have
registers() {
    if [ "$KIND" = pv ]; then
        says 'Error|error|not|invalid' xen-hvmctx "$id"
    else
        has 'CPU: +rax 0x' xen-hvmctx "$id"
    fi
}
step hvm-context registers
step xenctx has '^rip: ' xenctx "$id" 1

# a core file: an ELF core with the notes and the memory of the guest
core_good() {
    [ "$(head -c 4 /tmp/core | tail -c 3)" = ELF ] || return 1
    [ "$(od -An -tu2 -j 16 -N 2 /tmp/core | tr -d ' ')" = 4 ] || return 1 # ET_CORE
    local s
    for s in .note.Xen .xen_prstatus .xen_pages; do
        grep -aq "$s" /tmp/core || { echo "no $s"; return 1; }
    done
    [ "$(stat -c %s /tmp/core)" -gt 100000000 ]
}
if [ "$KIND" = pv ]; then # (the others' take minutes: libxl asks for every frame below 4 GiB)
    x dump xl dump-core $g /tmp/core
    step core core_good
    rm -f /tmp/core
fi

# what is not there says so
absent() {
    every <<EOF
Function not implemented|xl set-parameters loglvl=all
Function not implemented|xl trigger $g reset
Function not implemented|xl trigger $g init
Function not implemented|xl vcpu-set $g 0
No such process|xl vcpu-pin $g 9 0
XSM [Dd]isabled|xl getenforce
XSM [Dd]isabled|xl setenforce 0
XSM [Dd]isabled|xl loadpolicy /etc/hosts
Enabled +: 0|xl psr-hwinfo
Operation not supported|xl psr-cmt-attach $g
Operation not supported|xl psr-cmt-detach $g
CMT is disabled|xl psr-cmt-show cache-occupancy
Failed to get|xl psr-cat-show
Operation not supported|xl psr-cat-set $g 0x1
Failed to get|xl psr-mba-show
Operation not supported|xl psr-mba-set $g 10
pciback driver not loaded|xl pci-assignable-list
not assignable|xl pci-attach $g 00:03.0
Idx BE Uuid|xl vtpm-list $g
Idx BE handle|xl vkb-list $g
requires at least 2|xl vsnd-attach $g
At least one connector|xl vdispl-attach $g
not assignable|xl usbdev-attach $g hostbus=1 hostaddr=1
error 5f|xen-hptool mem-offline 0x1000
Operation not supported|xen-hptool smt-disable
C1 +: transition \[ *[1-9]|xenpm get-cpuidle-states 1
cpufreq is not enabled|xenpm get-cpufreq-para
^CPU1|xenpm get-cpu-topology
No such device|xenpm set-scaling-governor performance
Function not implemented|xenperf
Function not implemented|xenlockprof
Operation not supported|xencov read
Function not implemented|xen-livepatch list
command not implemented|xl tmem-list
EOF
}
step absent absent
no_device_model() {
    every <<EOF
requires an HVM domain|xl cd-insert $g xvdc /etc/hosts
requires an HVM domain|xl cd-eject $g xvdc
Cannot get vnc-port|xl vncviewer $g
connect to QMP socket|xl qemu-monitor-command $g info
device model required|xl usbctrl-attach $g version=2 ports=2
EOF
}
[ "$KIND" = hvm ] || step no-device-model no_device_model
[ "$KIND" != pv ] || step no-button mentions 'Invalid argument' xl button-press $g power
{ cat "/guest/$g.cfg"; echo "$TYPE"; echo "$WAIT"; } >/tmp/new.cfg
x config-update xl config-update $g /tmp/new.cfg

# all of them at once
x reboot-all xl reboot -a -w
new_id() {
    local n
    n=$(xl domid $g 2>/dev/null) && [ -n "$n" ] && [ "$n" != "$id" ]
}
step rebooted wait_for 90 new_id
console_follow $g
step up-again console_wait $g GUEST-READY 300 || xl_why
x shutdown-all xl shutdown -a -w
step all-gone wait_for 60 guest_absent $g
finish toolstack
