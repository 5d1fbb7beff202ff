# SPDX-License-Identifier: BSD-2-Clause
# A small PVH guest from creation to its end; its memory comes back.
. /lib/zendo.sh
. /jobs/guestlib.sh

x warm xl create -p /guest/tiny-pvh.cfg && x warm-destroy xl destroy tiny
sleep 1
before=$(free_pages)
x create xl create -p /guest/tiny-pvh.cfg || xl_why
x list xl list
xl dmesg -c >/dev/null
console_follow tiny
x unpause xl unpause tiny
step up console_wait tiny TINY-GUEST-UP 30
step gone wait_for 30 guest_absent tiny
step logs eval "xl dmesg | grep TINY-GUEST-LOGS"
step memory memory_returns "$before"
xl dmesg | tail -n 30
finish tinypvh
