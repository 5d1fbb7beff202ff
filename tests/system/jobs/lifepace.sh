# SPDX-License-Identifier: BSD-2-Clause
# What the life of a guest of 512 MiB costs (ZENDO_GUEST: pv, pvh, hvm), in milliseconds of dom0's clock: created,
# at its /init, saved, restored (and it goes on), destroyed; ZENDO_ROUNDS (3) times. docs/performance.md has the table.
. /lib/zendo.sh
. /jobs/guestlib.sh
guest=${ZENDO_GUEST:-pv}

timed() { # NAME COMMAND...: step and figure
    local name=$1 begin=${EPOCHREALTIME/./}
    shift
    XT=600 x "$name" "$@" || xl_why
    echo "PACE $name $(((${EPOCHREALTIME/./} - begin) / 1000))"
}
step bridge bridge_up
guest_disk "$guest"
mkdir -p /tmp/saved
mount -t tmpfs -o size=620m none /tmp/saved
sed "/^extra/s/\"\$/ zendo.then=wait\"/; s/^memory.*/memory = 512/; s/^maxmem.*/maxmem = 512/" "/guest/$guest.cfg" >/tmp/pace.cfg
for round in $(seq 1 "${ZENDO_ROUNDS:-3}"); do
    timed create xl create -p /tmp/pace.cfg
    console_follow "$guest"
    begin=${EPOCHREALTIME/./}
    x unpause xl unpause "$guest"
    step init console_wait "$guest" GUEST-UP "${ZENDO_UP:-600}" || xl_why
    echo "PACE init $(((${EPOCHREALTIME/./} - begin) / 1000))"
    step ticks console_wait "$guest" GUEST-TICK 60
    timed save xl save "$guest" /tmp/saved/it
    ls -l /tmp/saved/it
    timed restore xl restore -p /tmp/saved/it
    console_follow "$guest"
    x unpause-again xl unpause "$guest"
    step again console_wait "$guest" GUEST-TICK 60 || xl_why
    rm -f /tmp/saved/it
    timed destroy xl destroy "$guest"
    step gone wait_for 60 guest_absent "$guest"
done
finish lifepace "guest=$guest"
