# SPDX-License-Identifier: BSD-2-Clause
# Functions for jobs that look at a guest under load (zendo.then=load, dom0/guest/init) while it is
# saved and moved: its memory and disk are checked by the guest, what it sends by us. Sourced after
# guestlib.sh, with g as the guest's name and boot as what its first lines called this boot of it.

LOAD_PORT=5003

last() { grep -a '^GUEST-LOAD' "/tmp/console-$g" | tail -n 1; }
round() { last | awk '{ print $3 }'; }
right() { # since the last look: same boot, all checks passed
    last
    [ "$(last | cut -d' ' -f2)" = "$boot" ] && ! grep -a '^GUEST-LOAD' "/tmp/console-$g" | grep -av ' cpus=[0-9]* ok'
}
past() { [ "$(round || echo 0)" -gt "$1" ] 2>/dev/null; }
goes_on() { # FROM: some rounds after that one, every check right
    wait_for "${ZENDO_UP:-240}" past $(($1 + 3)) && right
}

# numbers_take: what the guest sends, into /tmp/numbers; numbers: that was 1, 2, 3 and so on over one
# connection
numbers_take() {
    mkfifo /tmp/silent # an end of input here would end the connection
    exec 9<>/tmp/silent
    nc -l -p $LOAD_PORT <&9 >/tmp/numbers &
}
numbers() { awk '$1 != NR { bad = 1 } END { print NR " numbers"; exit bad || !NR }' /tmp/numbers; }

# load_start LINE...: the guest of /guest/$g.cfg with that load; LINE are more lines of configuration
load_start() {
    step create xl_create -p "/guest/$g.cfg" "$@" \
        "extra=\"console=hvc0 panic=5 net.ifnames=0 zendo.then=load zendo.port=$LOAD_PORT zendo.ip=192.0.2.77\"" ||
        xl_why
    console_follow "$g"
    x unpause xl unpause "$g"
    step up console_wait "$g" 'GUEST-LOAD .* [2-9] ' "${ZENDO_UP:-240}" || xl_why
    boot=$(last | cut -d' ' -f2)
}
