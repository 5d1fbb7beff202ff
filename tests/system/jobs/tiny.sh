# SPDX-License-Identifier: BSD-2-Clause
# A small guest from creation to its end; its memory comes back.
. /lib/zendo.sh
. /jobs/guestlib.sh

x warm xl create -p /guest/tiny-pv.cfg && x warm-destroy xl destroy tiny
sleep 1
before=$(free_pages)
x create xl create -p /guest/tiny-pv.cfg || xl_why
x list xl list
console_follow tiny
x unpause xl unpause tiny
step up console_wait tiny TINY-GUEST-UP 30
step gone wait_for 30 guest_absent tiny
step memory memory_returns "$before"
finish tiny
