# SPDX-License-Identifier: BSD-2-Clause
# memtest86+ from GRUB, as an HVM guest: it tests the guest's memory in nine ways without an error.
. /lib/zendo.sh
. /jobs/guestlib.sh
step bridge bridge_up # the disk back end, too
drivers_load
step disk wait_for 20 [ -b /dev/vda ]
x create xl create -p /guest/hvm-boot.cfg memory=64 maxmem=64 'vif=[]' \
    'disk=["format=raw,vdev=hda,access=rw,target=/dev/vda"]' || xl_why
tty=$(xenstore-read "/local/domain/$(xl domid boot)/serial/0/tty")
stty -F "$tty" raw -echo
cat "$tty" >/tmp/console-boot & # it draws a screen: there are no lines
x unpause xl unpause boot
step up console_wait boot 'Memtest86+ v6' 300
step screen screen_shows boot 10000
step tests console_wait boot '#9 ' 900
no_errors() { console_has boot 'Errors: 0' && ! console_has boot 'Errors: *[1-9]'; }
step right no_errors
x destroy xl destroy boot
finish memtest
