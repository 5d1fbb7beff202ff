# SPDX-License-Identifier: BSD-2-Clause
# A Linux guest under load (ZENDO_GUEST: pvh, pvh4, hvm or hvm4) is saved and restored, saved while it
# goes on, and moved to the same host while it runs. ZENDO_MOVES chooses: save, check, migrate; each of
# them ZENDO_ROUNDS times.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=${ZENDO_GUEST:-pvh}
moves=$(echo "${ZENDO_MOVES:-save,check}" | tr , ' ')
rounds=${ZENDO_ROUNDS:-2}
port=5003
before=$(free_memory)

last() { grep -a '^GUEST-LOAD' "/tmp/console-$g" | tail -n 1; }
round() { last | awk '{ print $3 }'; }
right() { # since the last look: same boot, all checks passed
    last
    [ "$(last | cut -d' ' -f2)" = "$boot" ] && ! grep -a '^GUEST-LOAD' "/tmp/console-$g" | grep -av ' ok$'
}
past() { [ "$(round || echo 0)" -gt "$1" ] 2>/dev/null; }
goes_on() { # FROM: some rounds after that one, every check right
    wait_for "${ZENDO_UP:-240}" past $(($1 + 3)) && right
}

# what the guest sends: 1, 2, 3 and so on over one connection
numbers() { awk '$1 != NR { bad = 1 } END { print NR " numbers"; exit bad || !NR }' /tmp/numbers; }

step bridge bridge_up
guest_disk "$g"
mkfifo /tmp/open
exec 8<>/tmp/open # an nc whose input ends says so to the guest
nc -l -p $port <&8 >/tmp/numbers &
x create xl create -p "/guest/$g.cfg" ${ZENDO_WITH:+"$ZENDO_WITH"} \
    "extra=\"console=hvc0 panic=5 net.ifnames=0 zendo.then=load zendo.port=$port zendo.ip=192.0.2.77\"" || xl_why
console_follow "$g"
x unpause xl unpause "$g"
step up console_wait "$g" '^GUEST-LOAD .* 2 ' "${ZENDO_UP:-240}" || xl_why
boot=$(last | cut -d' ' -f2)

save_restore() {
    local at
    x save xl save "$g" /tmp/saved || { xl_why; return 1; }
    step saved-gone guest_absent "$g"
    at=$(round)
    cp "/tmp/console-$g" "/tmp/console-$g-$1"
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
        save) save_restore "$n" ;;
        check) save_check ;;
        migrate) migrate ;;
        esac || break 2
    done
done
step numbers numbers
x destroy xl destroy "$g"
step memory memory_returns "$before"
finish translated-move "guest=$g"
