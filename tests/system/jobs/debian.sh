# SPDX-License-Identifier: BSD-2-Clause
# Debian as an HVM guest, from its disk (the machine's second virtio disk; the first has GRUB) to a
# login on the serial line, and off; by SeaBIOS or by OVMF (ZENDO_FIRMWARE).
. /lib/zendo.sh
. /jobs/guestlib.sh
step bridge bridge_up # the disk back end, too
drivers_load
step disk wait_for 20 [ -b /dev/vdb ]
with=()
[ "$ZENDO_FIRMWARE" != ovmf ] || with=('bios="ovmf"' 'vga="none"' 'vnc=0') # as in bootways.sh
x create xl create -p /guest/hvm-boot.cfg memory=420 maxmem=420 'vif=[]' 'hdtype="ahci"' "${with[@]}" \
    'disk=["format=raw,vdev=hda,access=rw,target=/dev/vda","format=raw,vdev=hdb,access=rw,target=/dev/vdb"]' ||
    xl_why
console_follow boot serial/0/tty
x unpause xl unpause boot
keys() { echo "$1" >"$(xenstore-read "/local/domain/$(xl domid boot)/serial/0/tty")"; }
step kernel console_wait boot 'Linux version' 300 || screen_shows boot 1
step systemd console_wait boot 'Welcome to .*Debian GNU/Linux 12' 600
step login console_wait boot 'Reached target.*[Ll]ogin\|Started.*getty.*ttyS0' 900
sleep 5
keys root
sleep 5
keys zendo
sleep 10
keys 'echo "IT IS $(cat /sys/hypervisor/type) $(systemd-detect-virt) $(findmnt -no SOURCE /) $(ls -d /sys/firmware/efi)"'
efi=
[ "$ZENDO_FIRMWARE" != ovmf ] || efi=' /sys/firmware/efi'
step shell console_wait boot "IT IS xen xen /dev/sd[ab]$efi" 120
keys poweroff
step gone wait_for 300 guest_absent boot
finish debian
