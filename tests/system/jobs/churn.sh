# SPDX-License-Identifier: BSD-2-Clause
# ZENDO_TIMES (100) guests created and destroyed; all their memory comes back.
. /lib/zendo.sh
. /jobs/guestlib.sh
times=${ZENDO_TIMES:-100}

# The first guest makes dom0 and the hypervisor allocate what they keep.
xl create -q /guest/tiny-pv.cfg 'extra="block"' && xl destroy tiny
sleep 2
before=$(free_memory)
step many eval '
    for i in $(seq 1 $times); do
        timeout $XT xl create -q /guest/tiny-pv.cfg "extra=\"block\"" || { echo "create $i failed"; xl_why; break; }
        timeout $XT xl destroy tiny || { echo "destroy $i failed"; break; }
        [ $((i % 10)) != 0 ] || echo "$i guests, free $(free_memory)" >/dev/console
    done
    [ $i = $times ]'
step memory memory_returns "$before"
alone() { [ "$(xl list | wc -l)" = 2 ]; }
step alone wait_for 10 alone
finish churn "times=$times free=$before"
