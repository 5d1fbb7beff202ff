# SPDX-License-Identifier: BSD-2-Clause
# Debian as it was installed (ZENDO_NAME, on the machine's first virtio disk): GRUB for PV guests, then the
# one for PVH, starts from its own menu the kernel that it brought, to a login and off. (Debian 13's kernel is
# packed by zstd, which Debian 12's GRUB for PV does not know; the one for PVH leaves that to the kernel.)
. /lib/zendo.sh
. /jobs/guestlib.sh
name=${ZENDO_NAME:-debian-12}
keys() { echo "$1" >"$(xenstore-read "/local/domain/$(xl domid "$guest")/console/tty")"; }
# (prompts end no line, so nobody sees them: once more when the guest was not ready for what was typed)
logged_in() {
    keys root
    sleep 10
    keys zendo
    sleep 15
    keys 'echo "IT IS $(cat /etc/hostname), $(cat /sys/hypervisor/guest_type) on $(findmnt -no SOURCE /)"'
    sleep 10
    console_has "$guest" "IT IS $name, ${guest^^} on /dev/xvda1"
}
begins() { # pv|pvh: up to GRUB
    guest=$1
    step "$guest-create" xl_create -p "/guest/$guest.cfg" "kernel=\"/guest/grub-$guest.bin\"" 'ramdisk=""' \
        'extra=""' memory=400 maxmem=400 'disk=["format=raw,vdev=xvda,access=rw,target=/dev/vda"]' || xl_why
    console_follow "$guest"
    x "$guest-unpause" xl unpause "$guest"
    step "$guest-grub" console_wait "$guest" 'Loading Linux' 600 || xl_why
}
starts() {
    begins "$1"
    step "$guest-kernel" console_wait "$guest" 'Linux version' 900 || xl_why
    step "$guest-systemd" console_wait "$guest" "Welcome to .*Debian GNU/Linux ${name#debian-}" 600
    step "$guest-login" console_wait "$guest" 'Reached target.*[Ll]ogin\|Started.*getty.*hvc0' 900
    step "$guest-shell" wait_for 900 logged_in
    keys poweroff
    step "$guest-gone" wait_for 300 guest_absent "$guest"
}
drivers_load
step bridge bridge_up
step disk wait_for 20 [ -b /dev/vda ]
if [ "$name" = debian-13 ]; then
    begins pv
    step pv-zstd console_wait pv 'error: not xen image' 60
    x pv-destroy xl destroy pv
else
    starts pv
fi
starts pvh
finish installed "$name"
