# SPDX-License-Identifier: BSD-2-Clause
# All ZENDO_CPUS processors are up, take interrupts, and compute the same at the same time.
. /lib/zendo.sh
want=${ZENDO_CPUS:-1}
busy() { dd if=/dev/zero bs=64k count=160 2>/dev/null | sha256sum | cut -c1-16; }

step number [ "$(nproc)" = "$want" ]
good=$(busy)
agree() {
    local i
    rm -f /tmp/cpu.*
    for i in $(seq 0 $((want - 1))); do
        (
            taskset -p "$((1 << i))" "$BASHPID" >/dev/null || exit 1
            [ "$(busy)" = "$good" ] && : >"/tmp/cpu.$i"
        ) &
    done
    wait
    ls /tmp/cpu.*
    [ "$(ls /tmp/cpu.* | wc -l)" = "$want" ]
}
step agree agree
# Rescheduling and function-call IPIs cross between all of them.
ipis() {
    local i n=0
    for i in $(seq 1 40); do
        taskset "$((1 << (i % want)))" busybox true && n=$((n + 1))
    done
    [ $n = 40 ]
}
step ipis ipis
# A processor can leave and come back.
hotplug() {
    [ "$want" -gt 1 ] || return 0
    local f=/sys/devices/system/cpu/cpu$((want - 1))/online
    echo 0 >"$f" && [ "$(nproc)" = $((want - 1)) ] && echo 1 >"$f" && [ "$(nproc)" = "$want" ]
}
step hotplug hotplug
finish cpus "cpus=$(nproc)"
