# SPDX-License-Identifier: BSD-2-Clause
# dom0 has its memory (at least ZENDO_MIN MiB) and ZENDO_FILL MiB of it keep what is written there.
. /lib/zendo.sh
min=${ZENDO_MIN:-128} fill=${ZENDO_FILL:-64}
have=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
step size [ "$have" -ge "$min" ]
keeps() {
    local i
    mkdir -p /tmp/fill
    mount -t tmpfs -o size=95% tmpfs /tmp/fill
    dd if=/dev/urandom of=/tmp/fill/seed bs=64k count=16 2>/dev/null
    tail -c +32 /tmp/fill/seed >/tmp/fill/tail
    # every copy differs by its first line, so a page in the wrong place shows
    for i in $(seq 1 "$fill"); do
        (echo "copy $i"; cat /tmp/fill/tail) >"/tmp/fill/$i" || return 1
    done
    for i in $(seq 1 "$fill"); do
        [ "$(head -n 1 "/tmp/fill/$i")" = "copy $i" ] || return 1
        tail -c +$((1 + $(echo "copy $i" | wc -c))) "/tmp/fill/$i" | cmp - /tmp/fill/tail || return 1
    done
    umount /tmp/fill
}
step keeps keeps
finish memory "total=${have}M"
