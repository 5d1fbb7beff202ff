# SPDX-License-Identifier: BSD-2-Clause
# Debian's GRUB as the guest's kernel (ZENDO_GUEST: pv or pvh): it finds grub.cfg, kernel and ramdisk on
# the guest's own disk (here the machine's first virtio disk), and that kernel runs to its power-off. With
# ZENDO_BACK=zendo its disks are zendo-blkd's.
. /lib/zendo.sh
. /jobs/guestlib.sh
guest=${ZENDO_GUEST:-pv}
drivers_load
step bridge bridge_up
step disk wait_for 20 [ -b /dev/vda ]
guest_disk "$guest"
by=
if [ "${ZENDO_BACK:-}" = zendo ]; then
    by=script=block-zendo,
    /usr/sbin/zendo-blkd &
fi
step create xl_create -p "/guest/$guest.cfg" "kernel=\"/guest/grub-$guest.bin\"" 'ramdisk=""' 'extra=""' \
    "disk=[\"${by}format=raw,vdev=xvda,access=rw,target=/tmp/$guest.img\",\"${by}format=raw,vdev=xvdb,access=ro,target=/dev/vda\"]" ||
    xl_why
console_follow "$guest"
x unpause xl unpause "$guest"
step grub console_wait "$guest" 'GRUB found the menu' 300 || xl_why
step up console_wait "$guest" "GUEST-UP .*type=${guest^^}" 900 || xl_why
step disk console_wait "$guest" 'GUEST-DISK ok' 120
step net console_wait "$guest" 'GUEST-NET ok' 120
step ready console_wait "$guest" GUEST-READY 30
step gone wait_for 60 guest_absent "$guest"
# There are no 32-bit PV guests: refused when their kernel is looked at.
if [ "$guest" = pv ]; then
    step 32bit eval '! xl create -p /guest/pv.cfg "kernel=\"/guest/grub-pv32.bin\"" "ramdisk=\"\""'
    step absent guest_absent pv
fi
finish pvgrub "guest=$guest"
