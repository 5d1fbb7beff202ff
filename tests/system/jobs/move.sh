# SPDX-License-Identifier: BSD-2-Clause
# A Linux guest under load (ZENDO_GUEST: pv, pvh, hvm, or pv4 and so on with 4 vCPUs) is saved and
# restored, saved while it goes on, and moved to the same host while it runs. ZENDO_MOVES chooses: save,
# check, broken, migrate; each of them ZENDO_ROUNDS times. Its memory, disk and connection are checked by
# the guest, what it sends by us.
. /lib/zendo.sh
. /jobs/guestlib.sh
. /jobs/loadlib.sh
g=${ZENDO_GUEST:-pv}
moves=$(echo "${ZENDO_MOVES:-save,check}" | tr , ' ')
rounds=${ZENDO_ROUNDS:-2}
before=$(free_pages)

refused() { ! timeout "$@"; }

step bridge bridge_up
guest_disk "$g"
numbers_take
load_start ${ZENDO_WITH:+"$ZENDO_WITH"}

save_restore() {
    local at
    x save xl save "$g" /tmp/saved || { xl_why; return 1; }
    step saved-gone guest_absent "$g"
    at=$(round)
    x restore xl restore -p /tmp/saved || { xl_why; return 1; }
    rm -f /tmp/saved
    console_follow "$g"
    x unpause xl unpause "$g"
    step restored goes_on "$at" || xl_why
}

save_check() {
    local at
    x save-c xl save -c "$g" /tmp/saved || { xl_why; return 1; }
    at=$(round)
    rm -f /tmp/saved
    step went-on goes_on "$at" || xl_why
}

# a receiver that goes away in the middle: the guest stays and goes on
BANNER='xl migration receiver ready, send binary domain data.'
broken() {
    local at
    at=$(round)
    step broken refused "$XT" xl migrate -s '' "$g" "echo '$BANNER'; head -c 30000000 >/dev/null"
    step stayed goes_on "$at" || xl_why
}

migrate() {
    local at id
    id=$(xl domid "$g")
    x migrate xl migrate -s '' "$g" 'exec xl migrate-receive' || { xl_why; return 1; }
    at=$(round)
    step new-id [ "$(xl domid "$g")" != "$id" ]
    console_follow "$g"
    step moved goes_on "$at" || xl_why
}

for n in $(seq "$rounds"); do
    for m in $moves; do
        case $m in
        save) save_restore ;;
        check) save_check ;;
        broken) broken ;;
        migrate) migrate ;;
        esac || break 2
    done
done
step numbers numbers
x destroy xl destroy "$g"
step memory memory_returns "$before"
finish move "guest=$g"
