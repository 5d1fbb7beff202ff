# SPDX-License-Identifier: BSD-2-Clause
# Two machines with a disk in common and a network between them (ZENDO_HOST: 1 or 2, which of them
# this is). The first creates a guest under load (ZENDO_GUEST) and moves it to the second and back,
# ZENDO_ROUNDS times, while it runs.
. /lib/zendo.sh
. /jobs/guestlib.sh
. /jobs/loadlib.sh
g=${ZENDO_GUEST:-pv}
rounds=${ZENDO_ROUNDS:-1}
there=192.0.2.2
XT=900 # all of a guest goes over the wire

# What ssh is elsewhere: one line is the command, the rest its input. (nc's own loop, -ll, would leave
# SIGCHLD ignored, and commands do not know when their children end.)
cat >/bin/served <<'EOS'
#!/bin/bash
read -r command
eval "$command"
EOS
serve() { while :; do nc -l -p 22 -e /bin/served; done; }
cat >/bin/remote <<'EOS'
#!/bin/bash
for i in 1 2 3 4 5 6 7 8 9; do
    exec 3<>"/dev/tcp/$1/22" && break # it may be between two callers
    sleep 1
done
shift
echo "$*" >&3 || exit
# (nc would take a kilobyte at a time, and cat's sendfile would keep the pipe's reader out while it waits)
dd bs=64k <&0 >&3 2>/dev/null &
dd bs=64k <&3 2>/dev/null &
wait -n; kill $(jobs -p) # one side has said all
EOS
chmod 755 /bin/served /bin/remote
drivers_load
joined() { # large packets: here it is their number that costs
    bridge_up "192.0.2.$ZENDO_HOST" && ifconfig eth0 mtu 9000 up && brctl addif xenbr0 eth0 &&
        ifconfig xenbr0 mtu 9000
}
step joined joined
serve &

if [ "$ZENDO_HOST" = 2 ]; then
    before=$(free_pages)
    step told wait_for 7200 [ -e /tmp/done ]
    step memory memory_returns "$before"
    finish hosts "guest=$g"
    exit
fi

# on_there COMMAND...: it succeeds on the other machine
on_there() {
    remote $there ". /lib/zendo.sh; . /jobs/guestlib.sh; . /jobs/loadlib.sh; g=$g boot=$boot;" \
        "if $* 2>&1; then echo yes; fi" </tmp/silent >/tmp/there.out
    cat /tmp/there.out
    [ "$(tail -n 1 /tmp/there.out)" = yes ]
}

before=$(free_pages)
step other wait_for 300 ping -c 1 -W 2 $there
numbers_take
load_start 'disk=["phy:/dev/vda,xvda,w"]'
for n in $(seq "$rounds"); do
    at=$(round)
    x there xl migrate -s remote "$g" $there || { xl_why; break; }
    step gone guest_absent "$g"
    step follow on_there "(exec >/dev/console 2>&1; console_follow $g)"
    step moved on_there goes_on "$at" || break
    at=$(on_there round | head -n 1)
    step back on_there timeout "$XT" xl migrate -s remote "$g" 192.0.2.1 || { xl_why; break; }
    console_follow "$g"
    step gone-there on_there guest_absent "$g"
    step returned goes_on "$at" || { xl_why; break; }
done
step numbers numbers
x destroy xl destroy "$g"
step memory memory_returns "$before"
step tell on_there 'touch /tmp/done'
finish hosts "guest=$g"
