# SPDX-License-Identifier: BSD-2-Clause
# dom0's registers are shown while all of its vCPUs work, and none is the worse for it.
. /lib/zendo.sh
want=${ZENDO_CPUS:-1}
busy=
for i in $(seq 0 $((want - 1))); do
    taskset "$((1 << i))" sh -c 'while :; do :; done' &
    busy="$busy $!"
done
keys() {
    local i
    xl dmesg -c >/dev/null
    for i in $(seq 1 20); do xl debug-keys 0 || return 1; done
    xl dmesg >/tmp/keys
    for i in $(seq 0 $((want - 1))); do grep -q "d0v$i RIP" /tmp/keys || return 1; done
}
step keys keys
some_ran() { [ "$want" = 1 ] || grep -q 'runs on CPU' /tmp/keys; }
step some-ran some_ran
all_go_on() {
    local i
    for i in $(seq 0 $((want - 1))); do taskset "$((1 << i))" busybox true || return 1; done
}
step all-go-on all_go_on
kill $busy
finish registers
