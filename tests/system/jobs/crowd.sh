# SPDX-License-Identifier: BSD-2-Clause
# ZENDO_TIMES (64) one-page guests live at once, twice: each says its line, and after the second crowd
# all is what it was after the first.
. /lib/zendo.sh
. /jobs/guestlib.sh
times=${ZENDO_TIMES:-64}

one() { # NAME
    timeout "$XT" xl create -q /guest/tiny-pv.cfg "name=\"$1\"" 'extra="block"' || xl_why
}
spoke() { # NAME: its console kept the line for us
    local path
    path=/local/domain/$(xl domid "$1")/console/tty
    wait_for 60 xenstore-read "$path" && timeout 60 grep -aqm 1 TINY-GUEST-UP "$(xenstore-read "$path")"
}
all() { # FUNCTION
    local i
    for i in $(seq "$times"); do
        "$1" "t$i" || { echo "$1 t$i failed"; return 1; }
    done
}
blocked() { [ "$(xl list | grep -c ' -b---- ')" = "$times" ]; }
end_it() { timeout "$XT" xl destroy "$1"; }

crowd() {
    step "create-$1" all one
    step "spoke-$1" all spoke
    step "blocked-$1" wait_for 60 blocked || xl list
    x "top-$1" xentop -b -i 1
    step "end-$1" all end_it
    sleep 2
}
crowd first
leaks_mark
crowd second
leaks_none
finish crowd "guests=$times free=$free_before"
