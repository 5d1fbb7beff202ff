# SPDX-License-Identifier: BSD-2-Clause
# What a guest costs (ZENDO_GUEST: pv, pvh, hvm): milliseconds of dom0's clock to create it and until its
# /init runs, then ordinary work, its disk and its network by the guest's own clock. With -M bochs a
# millisecond is 400,000 instructions; docs/performance.md has the table.
. /lib/zendo.sh
. /jobs/guestlib.sh
guest=${ZENDO_GUEST:-pv}

ms() { echo "PACE $1 $(((${EPOCHREALTIME/./} - $2) / 1000))"; }

step bridge bridge_up
dd if=/dev/zero of="/tmp/$guest.img" bs=1M count=12 2>/dev/null
dd if=/dev/zero of=/tmp/zeros bs=1M count=12 2>/dev/null
sed '/^extra/s/"$/ zendo.then=pace"/' "/guest/$guest.cfg" >/tmp/pace.cfg
nc -l -p 5001 >/dev/null &
nc -l -p 5002 </tmp/zeros &
begin=${EPOCHREALTIME/./}
x create xl create -p /tmp/pace.cfg || xl_why
ms create "$begin"
console_follow "$guest"
begin=${EPOCHREALTIME/./}
x unpause xl unpause "$guest"
step up console_wait "$guest" "GUEST-UP" "${ZENDO_UP:-600}" || xl_why
ms init "$begin"
step paced console_wait "$guest" GUEST-PACED 900
step right sh -c "! grep 'GUEST-PACE .* fail' /tmp/console-$guest"
step gone wait_for 60 guest_absent "$guest"
finish guestpace "guest=$guest"
