# SPDX-License-Identifier: BSD-2-Clause
# ZENDO_TIMES (100) guests created and destroyed; all their memory and ports come back. They are tiny
# ones or, with ZENDO_CHURN=minimal, kernels that are killed wherever their boot has come.
. /lib/zendo.sh
. /jobs/guestlib.sh
times=${ZENDO_TIMES:-100}
cfg=${ZENDO_CHURN:-tiny-$KIND}
name=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "/guest/$cfg.cfg")
pause() { [ "$name" = tiny ] || usleep $((($1 * 7919 % 100) * 120000)); }

# The first guest makes dom0 and the hypervisor allocate what they keep.
xl create -q "/guest/$cfg.cfg" "$TYPE" 'extra="block"' && xl destroy "$name"
sleep 2
before=$(free_memory)
ports() { lsevtchn 0 | wc -l; }
ports_before=$(ports)
step many eval '
    for i in $(seq 1 $times); do
        timeout $XT xl create -q "/guest/$cfg.cfg" "$TYPE" "extra=\"block\"" || { echo "create $i failed"; xl_why; break; }
        pause $i
        timeout $XT xl destroy $name || { echo "destroy $i failed"; break; }
        [ $((i % 10)) != 0 ] || echo "$i guests, free $(free_memory)" >/dev/console
    done
    [ $i = $times ]'
step memory memory_returns "$before"
ports_same() { [ "$(ports)" = "$ports_before" ] || { lsevtchn 0; return 1; }; }
step ports wait_for 10 ports_same
alone() { [ "$(xl list | wc -l)" = 2 ]; }
step alone wait_for 10 alone
finish churn "times=$times free=$before"
