# SPDX-License-Identifier: BSD-2-Clause
# What ordinary work costs: microseconds of dom0's clock for each item. With -M bochs a microsecond is
# 400 instructions and a run repeats to a few thousand of them; docs/performance.md has the table.
. /lib/zendo.sh

loop() { for ((i = 0; i < 100000; i++)); do :; done; }
sha() { dd if=/dev/zero bs=64k count=32 | sha256sum >/dev/null; }
small() { dd if=/dev/zero of=/dev/null bs=1 count=50000; }
large() { dd if=/dev/zero of=/dev/null bs=64k count=2000; }
pipe() { dd if=/dev/zero bs=4k count=5000 | cat >/dev/null; }
pingpong() {
    coproc { while read -r line; do echo "$line"; done; }
    for ((i = 0; i < 2000; i++)); do
        echo x >&"${COPROC[1]}" && read -r _ <&"${COPROC[0]}" || return 1
    done
    exec {COPROC[1]}>&-
    wait
}
forks() { for ((i = 0; i < 100; i++)); do (:) || return 1; done; }
execs() { for ((i = 0; i < 100; i++)); do /bin/true || return 1; done; }
bashes() { for ((i = 0; i < 20; i++)); do bash -c : || return 1; done; }
tmpfs() { dd if=/dev/zero of=/tmp/pace bs=64k count=160 && rm /tmp/pace; }
faults() { for i in 1 2 3 4; do dd if=/dev/zero of=/dev/null bs=16M count=1 || return 1; done; }

for item in loop sha small large pipe pingpong forks execs bashes tmpfs faults; do
    begin=${EPOCHREALTIME/./}
    $item 2>/dev/null || STEPS_FAILED="$STEPS_FAILED $item"
    echo "PACE $item $((${EPOCHREALTIME/./} - begin))"
done
finish pace
