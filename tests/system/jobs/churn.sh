# SPDX-License-Identifier: BSD-2-Clause
# ZENDO_TIMES (100) guests created and destroyed; all their memory, ports, grants and nodes of the
# store come back. They are tiny ones or, with ZENDO_CHURN=minimal, kernels that are killed wherever
# their boot has come. HVM guests come with their device model.
. /lib/zendo.sh
. /jobs/guestlib.sh
times=${ZENDO_TIMES:-100}
cfg=${ZENDO_CHURN:-tiny-$KIND}
name=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "/guest/$cfg.cfg")
span=0 killed=0
more=('extra="block"')
[ "$KIND" != hvm ] || more=("${HEADLESS[@]}")

create() {
    timeout "$XT" xl create -q "/guest/$cfg.cfg" "$TYPE" "${more[@]}" ||
        { xl_why; return 1; }
}
# One that has come to its own end meanwhile needs no killing.
kill_it() {
    if timeout "$XT" xl destroy "$name"; then
        killed=$((killed + 1))
    else
        wait_for 20 guest_absent "$name"
    fi
}
pause() { [ $span = 0 ] || usleep $((($1 * 7919 % 100) * span * 10)); }
milliseconds() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# The first guest makes dom0 and the hypervisor allocate what they keep, and tells how long a boot
# takes from its creation to its end.
first() {
    create || return 1
    [ "$cfg" != minimal ] || {
        span=$(milliseconds)
        wait_for 120 guest_absent "$name"
        span=$(($(milliseconds) - span))
        echo "a boot takes $span ms"
    }
    kill_it
}
step first first
sleep 2
leaks_mark
many() {
    for i in $(seq 1 "$times"); do
        create || { echo "create $i failed"; return 1; }
        pause "$i"
        kill_it || { echo "destroy $i failed"; return 1; }
        [ $((i % 10)) != 0 ] || echo "$i guests, $killed killed, free $(free_memory)" >/dev/console
    done
    echo "$killed of $times were killed"
    [ $((2 * killed)) -ge "$times" ]
}
step many many
leaks_none
finish churn "times=$times killed=$killed free=$free_before grants=$grants_before"
