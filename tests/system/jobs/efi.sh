# SPDX-License-Identifier: BSD-2-Clause
# The firmware's variables are reachable through the hypervisor: read, change, read again.
. /lib/zendo.sh
modprobe efivarfs
mount -t efivarfs efivarfs /sys/firmware/efi/efivars
step runtime [ -d /sys/firmware/efi/efivars ]
step show efibootmgr -v
efibootmgr -v >/tmp/boot.entries
step order grep -q '^BootOrder: ' /tmp/boot.entries
step set efibootmgr -t 7
step kept eval 'efibootmgr | grep -q "^Timeout: 7 seconds"'
# For job efi-kept a variable of our own: OVMF sets the timeout anew at each boot.
own=/sys/firmware/efi/efivars/ZendoKept-5a2d3c1e-0f4b-4c7d-9a68-7e1b2c3d4e5f
keep() { # attributes first (UEFI 2.10, 8.2.1): non-volatile, boot and run time
    [ -e $own ] || printf '\007\000\000\000as written' >$own
    [ "$(tail -c 10 $own)" = 'as written' ]
}
step own keep
finish efi
