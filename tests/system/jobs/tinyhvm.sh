# SPDX-License-Identifier: BSD-2-Clause
# An HVM guest that has nothing to boot: device model, hvmloader, SeaBIOS, and the end
# while the device model has stopped; its memory comes back.
. /lib/zendo.sh
. /jobs/guestlib.sh

said() { xl dmesg | grep -qE "$1"; }
# wait_said PATTERN: not for long when hvmloader, or the hypervisor, has given up
wait_said() {
    wait_for 240 said "$1|HVMLoader (bug|crashed)|d[0-9]+ crashed" && said "$1"
}

before=$(free_pages)
x create xl create -p /guest/tiny-hvm.cfg || xl_why
x unpause xl unpause tiny
step hvmloader wait_said "HVM Loader"
step invokes wait_said "Invoking SeaBIOS"
step seabios wait_said "No bootable device"
x list xl list
xl dmesg | grep -a "(d" | tail -n 150
cat /var/log/xen/qemu-dm-tiny.log
# A device model that answers no more keeps nobody from destroying its guest. What it has mapped of
# the guest is free when it has gone.
model=$(xenstore-read "/local/domain/$(xl domid tiny)/image/device-model-pid")
step stop kill -STOP "$model"
sleep 3
x destroy xl destroy tiny
kill -CONT "$model"
step memory memory_returns "$before"
finish tinyhvm
