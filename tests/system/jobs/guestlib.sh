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

# has PATTERN COMMAND...: the command succeeds and prints PATTERN
has() {
    local pattern=$1
    shift
    timeout "$XT" "$@" >/tmp/has.out 2>&1 || { cat /tmp/has.out; return 1; }
    cat /tmp/has.out
    grep -Eq -- "$pattern" /tmp/has.out
}

free_memory() { xl info | awk '/^free_memory/ { print $3 }'; }
guest_present() { xl domid "$1" >/dev/null 2>&1; }
guest_absent() { ! guest_present "$1"; }
guest_state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }

# guest_disk NAME: an empty disk where pv.cfg expects it
guest_disk() { dd if=/dev/zero of="/tmp/$1.img" bs=1M count=4 2>/dev/null; }

# console_follow NAME [NODE]: the guest's console (or what else has a terminal in xenstore), line by line,
# on ours and into a new /tmp/console-NAME
console_follow() {
    local path tty
    rm -f "/tmp/console-$1"
    path=/local/domain/$(xl domid "$1")/${2:-console/tty}
    wait_for 60 xenstore-read "$path" # xenconsoled makes it when it has seen the guest
    tty=$(xenstore-read "$path") || return 1
    stty -F "$tty" raw -echo
    while IFS= read -r line; do
        line=${line%$'\r'}
        printf '%s\n' "$line" >>"/tmp/console-$1"
        printf '  %s> %s\n' "$1" "$line"
    done <"$tty" 2>/dev/null &
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

# screen_shows NAME POINTS: that many points or more of the guest's screen are not black
screen_shows() {
    rm -f /tmp/screen
    xl qemu-monitor-command "$1" 'screendump /tmp/screen'
    wait_for 10 [ -s /tmp/screen ]
    points=$(($(tail -c +16 /tmp/screen | tr -d '\0' | wc -c) / 3))
    echo "$(head -c 15 /tmp/screen | tr '\n' ' '): $points points are not black"
    [ "$points" -ge "$2" ]
}

# memory_returns WANT: free memory is WANT MiB again (freeing a guest takes a moment)
memory_equals() { [ "$(free_memory)" = "$1" ]; }
memory_returns() {
    wait_for 30 memory_equals "$1" || {
        echo "free memory was $1 MiB and is $(free_memory) MiB"
        return 1
    }
    echo "free memory is $1 MiB again"
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
    free_before=$(free_memory) ports_before=$(ports) nodes_before=$(nodes) grants_before=$(grants)
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
    for i in $(xl list | awk 'NR > 2 { print $2 }'); do xenctx -C "$i"; done
}
