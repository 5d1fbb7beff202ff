# SPDX-License-Identifier: BSD-2-Clause
# dom0 has its memory (at least ZENDO_MIN MiB) and ZENDO_FILL MiB of it keep what is written there.
. /lib/zendo.sh
min=${ZENDO_MIN:-128} fill=${ZENDO_FILL:-64}
have=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
step size [ "$have" -ge "$min" ]
keeps() {
    local i copies=$((fill / 4))
    mkdir -p /tmp/fill
    mount -t tmpfs -o size=95% tmpfs /tmp/fill
    dd if=/dev/urandom of=/tmp/fill/body bs=1M count=4 2>/dev/null
    # every copy begins with its number, so that a page in the wrong place shows
    for i in $(seq 1 $copies); do
        { printf '%08d' "$i"; cat /tmp/fill/body; } >"/tmp/fill/$i" || return 1
    done
    for i in $(seq 1 $copies); do
        { printf '%08d' "$i"; cat /tmp/fill/body; } | cmp - "/tmp/fill/$i" || return 1
    done
    echo "$copies copies of 4 MiB are as written"
    umount /tmp/fill
}
step keeps keeps
finish memory "total=${have}M"
