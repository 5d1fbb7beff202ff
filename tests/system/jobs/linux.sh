# SPDX-License-Identifier: BSD-2-Clause
# A Linux guest with a disk and a network port (ZENDO_GUEST: pv, pv4, pvh, pvh4 or hvm; ZENDO_UP:
# seconds it may take to come up; ZENDO_VCPUS: how many it has; ZENDO_WITH: one more line of its
# configuration) from creation to its own power-off.
. /lib/zendo.sh
. /jobs/guestlib.sh
guest=${ZENDO_GUEST:-pv}
cpus=${ZENDO_VCPUS:-$(sed -n 's/^vcpus *= *//p' /guest/$guest.cfg)}

step user32 /guest/user32
step bridge bridge_up
guest_disk "$guest"
step create xl_create -p "/guest/$guest.cfg" "vcpus=$cpus" ${ZENDO_WITH:+"$ZENDO_WITH"} || xl_why
console_follow "$guest"
x unpause xl unpause "$guest"
step up console_wait "$guest" "GUEST-UP .*cpus=$cpus " "${ZENDO_UP:-240}" || xl_why
x vcpu-list xl vcpu-list "$guest"
step cpu console_wait "$guest" 'GUEST-CPU ok' 120
step user32-guest console_wait "$guest" 'GUEST-USER32 ok' 30
step disk console_wait "$guest" 'GUEST-DISK ok' 120
step net console_wait "$guest" 'GUEST-NET ok' 120
step ready console_wait "$guest" GUEST-READY 30
step gone wait_for 60 guest_absent "$guest"
finish linux "guest=$guest"
