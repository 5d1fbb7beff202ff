# SPDX-License-Identifier: BSD-2-Clause
# For jobs with kernels of libzendo-pv (/guest/NAME). Sourced after guestlib.sh.

# kernel_start KERNEL NAME TYPE OPTIONS [LINE...]: create the guest, paused until its console is followed
kernel_start() {
    local kernel=$1 name=$2 type=$3 options=$4
    shift 4
    rm -f "/tmp/console-$name" # of the one before
    [ "$type" != hvm ] || kernel=$kernel-hvm # in the 32-bit format
    cat >"/tmp/$name.cfg" <<END
name = "$name"
type = "$type"
kernel = "/guest/$kernel"
extra = "$options"
memory = 32
vcpus = 1
on_poweroff = "destroy"
on_reboot = "destroy"
on_crash = "preserve"
END
    # (QEMU's other machine, that with a platform device, does not know the entry: pv-drivers/README.md)
    [ "$type" != hvm ] || printf '%s\n' 'xen_platform_pci = 0' 'vga = "none"' 'nographic = 1' 'serial = "pty"' 'usb = 0' >>"/tmp/$name.cfg"
    xl_create -q -p "/tmp/$name.cfg" "$@" && console_follow "$name" && xl unpause "$name"
}
