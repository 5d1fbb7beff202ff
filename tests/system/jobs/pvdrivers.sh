# SPDX-License-Identifier: BSD-2-Clause
# The example of libzendo-pv (pv-drivers/) as a guest of each type of ZENDO_TYPES (pv,pvh), with both ABIs of events.
. /lib/zendo.sh
. /jobs/guestlib.sh
before=$(free_memory)

# start NAME TYPE OPTIONS [LINE...]
start() {
    local name=$1 type=$2 options=$3
    shift 3
    cat >"/tmp/$name.cfg" <<END
name = "$name"
type = "$type"
kernel = "/guest/example"
extra = "$options"
memory = 24
vcpus = 1
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "preserve"
END
    timeout "$XT" xl create -q -p "/tmp/$name.cfg" "$@" && console_follow "$name" && xl unpause "$name"
}
# date_of NAME: the guest has ours, by the hour
date_of() {
    local guest now
    guest=$(sed -n 's/^EXAMPLE-UP .* at \([0-9]*\) s$/\1/p' "/tmp/console-$1")
    now=$(date +%s)
    echo "guest $guest, dom0 $now"
    [ $((now - guest)) -lt 3600 ] && [ $((guest - now)) -lt 3600 ]
}
one() { # NAME TYPE OPTIONS EVENTS
    step "$1-start" start "$1" "$2" "$3" || xl_why
    step "$1-up" console_wait "$1" "EXAMPLE-UP $1, .*events by $4" 60 || xl_why
    step "$1-gone" wait_for 30 guest_absent "$1" || xl_why
    step "$1-date" date_of "$1"
}
for type in $(echo "${ZENDO_TYPES:-pv,pvh}" | tr , ' '); do
    one "$type" "$type" '' FIFO
    one "$type-2l" "$type" events=2l 'two levels'
done
step memory memory_returns "$before"
finish pvdrivers
