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
finish efi
