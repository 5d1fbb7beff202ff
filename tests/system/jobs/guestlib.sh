# SPDX-License-Identifier: BSD-2-Clause
# Functions for jobs that start guests. Sourced after /lib/zendo.sh, by bash.

XT=${XT:-180} # seconds that one xl command may take

KIND=${ZENDO_TYPE:-pv} # pv, pvh or hvm: minimal.cfg and tiny-KIND.cfg are of that type
TYPE="type=\"$KIND\""

# x LABEL COMMAND...: a step with a time limit
x() {
    local label=$1
    shift
    step "$label" timeout "$XT" "$@"
}

# xl_create ARGUMENT...: xl create; some more times if it was for nothing but libxl's impatience with a
# script that it failed (ten seconds, which are few where all is emulated and the machine has other work)
xl_create() {
    local i status
    for i in 1 2 3 4; do
        timeout "$XT" xl create "$@" >/tmp/create.out 2>&1
        status=$?
        cat /tmp/create.out
        grep -q 'killing execution of /etc/xen/scripts' /tmp/create.out || break
    done
    return $status
}

# has PATTERN COMMAND...: the command succeeds and prints PATTERN
has() {
    local pattern=$1
    shift
    timeout "$XT" "$@" >/tmp/has.out 2>&1 || { cat /tmp/has.out; return 1; }
    cat /tmp/has.out
    grep -Eq -- "$pattern" /tmp/has.out
}

# says PATTERN COMMAND...: it fails, and this is why
says() {
    local pattern=$1
    shift
    timeout "$XT" "$@" >/tmp/says.out 2>&1 && { cat /tmp/says.out; return 1; }
    cat /tmp/says.out
    grep -Eq -- "$pattern" /tmp/says.out
}

free_memory() { xl info | awk '/^free_memory/ { print $3 }'; }
guest_present() { xl domid "$1" >/dev/null 2>&1; }
guest_absent() { ! guest_present "$1"; }
guest_state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }

# guest_disk NAME: an empty disk where pv.cfg expects it
guest_disk() { dd if=/dev/zero of="/tmp/$1.img" bs=1M count=4 2>/dev/null; }

# console_follow NAME [NODE]: the guest's console (or what else has a terminal in xenstore), line by line,
# on ours and into a new /tmp/console-NAME; /tmp/tty-NAME leads to the terminal
console_follow() {
    local path tty
    rm -f "/tmp/orders-$1"
    : >"/tmp/console-$1"
    path=/local/domain/$(xl domid "$1")/${2:-console/tty}
    wait_for 60 xenstore-read "$path" # xenconsoled makes it when it has seen the guest
    tty=$(xenstore-read "$path") || return 1
    ln -sfn "$tty" "/tmp/tty-$1"
    stty -F "$tty" raw -echo
    while IFS= read -r line; do
        line=${line%$'\r'}
        printf '%s\n' "$line" >>"/tmp/console-$1"
        printf '  %s> %s\n' "$1" "$line"
    done <"$tty" >/dev/console 2>/dev/null &
}

# console_has NAME PATTERN
console_has() { grep -aq "$2" "/tmp/console-$1" 2>/dev/null; }

# console_wait NAME PATTERN SECONDS: until the guest said it; fails early when the guest is gone
console_wait() {
    local up end polls=0
    read -r up _ </proc/uptime
    end=$((${up%.*} + $3))
    until console_has "$1" "$2"; do
        read -r up _ </proc/uptime
        polls=$((polls + 1)) # xl costs much where all is emulated
        if [ "${up%.*}" -ge "$end" ] || { [ $((polls % 8)) = 0 ] && guest_absent "$1"; }; then
            sleep 1
            console_has "$1" "$2" && return 0
            echo "$1 did not say '$2'"
            return 1
        fi
        usleep 500000
    done
    echo "$1 said '$2'"
}

# order NAME COMMAND...: tell a guest that takes orders (zendo.then=orders; its console is followed)
order() {
    local g=$1
    shift
    wc -l <"/tmp/console-$g" >>"/tmp/orders-$g" # where its answer begins
    printf '%s\n' "${*//$'\n'/ }" >"/tmp/tty-$g" # a line
}

# obeyed NAME [SECONDS]: its last order ended well; shows what it said
obeyed() {
    local n
    n=$(wc -l <"/tmp/orders-$1")
    console_wait "$1" "ORDER-DONE $n status=" "${2:-300}" >/dev/null
    tail -n "+$(($(tail -n 1 "/tmp/orders-$1") + 1))" "/tmp/console-$1"
    console_has "$1" "ORDER-DONE $n status=0"
}

# tell NAME COMMAND...: order it and wait
tell() { order "$@" && obeyed "$1"; }

# An HVM guest without a screen.
HEADLESS=('vga="none"' 'nographic=1' 'vnc=0' 'usb=0')

# guest_orders NAME OPTIONS [LINE...]: start a guest that takes orders; OPTIONS for its command line, the
# lines for its configuration
guest_orders() {
    local name=$1 options=$2
    shift 2
    case " $* " in *' type="hvm" '*) set -- "$@" "${HEADLESS[@]}" ;; esac
    timeout "$XT" xl create -q -p /guest/minimal.cfg "name=\"$name\"" \
        "extra=\"console=hvc0 loglevel=4 panic=5 net.ifnames=0 zendo.then=orders $options\"" "$@" &&
        console_follow "$name" && xl unpause "$name" && console_wait "$name" GUEST-READY "${ZENDO_UP:-300}" &&
        ! console_has "$name" 'GUEST-[A-Z0-9]* fail'
}

# driver_domain NAME [LINE...]: start a driver domain (the minimal dom0's root as a PV guest), which then
# takes orders
driver_domain() {
    local name=$1
    shift
    cat >"/tmp/$name.cfg" <<EOF
name = "$name"
type = "pv"
kernel = "/guest/vmlinuz"
ramdisk = "/guest/driver"
extra = "console=hvc0 loglevel=4 panic=5 net.ifnames=0 zendo.driver zendo.end=orders"
memory = 192
driver_domain = 1
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "destroy"
EOF
    timeout "$XT" xl create -q -p "/tmp/$name.cfg" "$@" && console_follow "$name" && xl unpause "$name" &&
        console_wait "$name" ZENDO-DRIVER-UP 300
}

# answer NAME COMMAND...: what it says to that, alone
answer() { tell "$@" | grep -av '^ORDER-DONE '; }

sum() { sha256sum | cut -c1-64; }
# disks_load NAME MB DISK...: on all of these disks at once the guest reads the first MB MiB and writes the
# next ones, flushed; it keeps the sums in its /tmp/old-DISK and /tmp/new-DISK
disks_load() {
    local g=$1 mb=$2
    shift 2
    tell "$g" "n=$((mb * 16)); sum() { sha256sum | cut -c1-64; };
        old() { dd if=/dev/\$1 bs=64k count=\$n | sum >/tmp/old-\$1; };
        new() { head -c ${mb}m /dev/urandom >/tmp/data-\$1; sum </tmp/data-\$1 >/tmp/new-\$1;
            dd if=/tmp/data-\$1 of=/dev/\$1 bs=64k seek=\$n conv=fsync || rm /tmp/new-\$1; rm /tmp/data-\$1; };
        echo 3 >/proc/sys/vm/drop_caches; for d in $*; do old \$d & new \$d & done 2>/tmp/errors; wait"
}
# discard_frees NAME DISK FILE: the guest fills 8 MiB of a disk and discards the half in the middle. FILE, the disk
# in dom0, has its blocks free again; the guest reads zeros there and the rest as it was. /tmp/want in the guest is
# the sum of the 8 MiB.
discard_frees() {
    local g=$1 disk=$2 file=$3 a b
    tell "$g" "head -c 8m /dev/urandom >/tmp/8m && dd if=/tmp/8m of=/dev/$disk bs=64k conv=fsync" || return 1
    a=$(stat -c %b "$file")
    tell "$g" "blkdiscard -o 2097152 -l 4194304 /dev/$disk && echo 3 >/proc/sys/vm/drop_caches" || return 1
    b=$(stat -c %b "$file")
    echo "$a blocks, then $b"
    [ $((a - b)) = 8192 ] || return 1
    tell "$g" "(head -c 2m /tmp/8m; head -c 4m /dev/zero; tail -c 2m /tmp/8m) | sha256sum >/tmp/want;
        [ \"\$(cat /tmp/want)\" = \"\$(head -c 8m /dev/$disk | sha256sum)\" ]"
}
# flushes: how many /dev/vda has seen
flushes() { awk '{ print $16 }' /sys/block/vda/stat; }

# keep_up PROGRAM: a back end in /usr/sbin is started again whenever it ends, as systemd does with Restart=, until
# /tmp/enough is there
keep_up() {
    while [ ! -e /tmp/enough ]; do
        "/usr/sbin/$1" 2>>"/tmp/$1.log"
        usleep 100000
    done &
    wait_for 10 [ -d "/run/$1" ]
}
# keep_up_why PROGRAM: what to show when a step failed with it
keep_up_why() {
    cat "/tmp/$1.log"
    "/usr/sbin/$1" --stats
    tail -n 40 /var/log/xen/xen-hotplug.log 2>/dev/null
    xenstore-ls -f /local/domain/0/backend
    xl_why
}

# part FROM MB: the sum of that of its input, in MiB
part() { dd bs=64k skip=$(($1 * 16)) count=$(($2 * 16)) iflag=fullblock 2>/dev/null | sum; }
# disk_was NAME DISK old|new SUM: did the guest read, or write, what has that sum?
disk_was() {
    local kept
    kept=$(answer "$1" cat "/tmp/$3-$2")
    [ "$kept" = "$4" ] || { echo "$2: $3 is '$kept' in the guest, '$4' here"; return 1; }
    echo "$2: $3 is $4"
}

# screen_shows NAME POINTS: that many points or more of the guest's screen are not black
screen_shows() {
    rm -f /tmp/screen
    xl qemu-monitor-command "$1" 'screendump /tmp/screen'
    wait_for 10 [ -s /tmp/screen ]
    points=$(($(tail -c +16 /tmp/screen | tr -d '\0' | wc -c) / 3))
    echo "$(head -c 15 /tmp/screen | tr '\n' ' '): $points points are not black"
    [ "$points" -ge "$2" ]
}

# free_pages: of the machine (the real Xen does not say: from MiB)
free_pages() {
    local n
    xl debug-keys m
    n=$(xl dmesg | sed -n 's/.*Memory: \([0-9]*\) of [0-9]* pages free.*/\1/p' | tail -n 1)
    echo "${n:-$(($(free_memory) * 256))}"
}

# memory_returns WANT: that many pages are free again (freeing a guest takes a moment), but for a few:
# the hypervisor keeps what dom0 made its tables grow to
memory_like() {
    local n
    n=$(free_pages)
    [ "$n" -ge $(($1 - 64)) ] && [ "$n" -le $(($1 + 64)) ]
}
memory_returns() {
    wait_for 30 memory_like "$1"
    set -- $? "$1" "$(free_pages)"
    echo "$2 pages were free and $3 are"
    return "$1"
}

# leaks_mark, leaks_none: steps that fail unless memory, ports, grants, nodes of the store and domains are
# what they were at the mark
ports() { lsevtchn 0 | wc -l; }
nodes() { xenstore-ls -f / | wc -l; }
grants() { # tables there are, and entries that somebody has mapped
    xl dmesg -c >/dev/null
    xl debug-keys g
    xl dmesg | grep -c 'grant table v\|grant [0-9]*: to domain'
}
domains() { xl list | wc -l; }
leaks_mark() {
    free_before=$(free_pages) ports_before=$(ports) nodes_before=$(nodes) grants_before=$(grants)
    domains_before=$(domains)
}
ports_same() { [ "$(ports)" = "$ports_before" ] || { lsevtchn 0; return 1; }; }
nodes_same() { [ "$(nodes)" = "$nodes_before" ] || { xenstore-ls -f /; return 1; }; }
grants_same() { [ "$(grants)" = "$grants_before" ] || { grants; return 1; }; }
domains_same() { [ "$(domains)" = "$domains_before" ]; }
leaks_none() {
    step memory memory_returns "$free_before"
    step ports wait_for 10 ports_same
    step nodes wait_for 20 nodes_same
    step grants wait_for 10 grants_same
    step domains wait_for 10 domains_same
}

# xl_why: what to show when a step with xl failed
xl_why() {
    tail -n 20 /var/log/xen/*.log 2>/dev/null
    xl dmesg | tail -n 20
    xl list
    for _id in $(xl list | awk 'NR > 2 { print $2 }'); do xenctx -C "$_id"; done
}
