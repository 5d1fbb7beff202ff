# SPDX-License-Identifier: BSD-2-Clause
# libvirt over ssh: the daemon, ssh and a guest that is defined, for who connects from outside of the machine
# (docs/management.md) and makes an end by removing the guest.
. /lib/zendo.sh
. /jobs/guestlib.sh
export LIBVIRT_DEFAULT_URI=xen:///system
net() { wait_for 20 [ -e /sys/class/net/eth0 ] && ip addr add 10.0.2.15/24 dev eth0 && ip link set eth0 up; }
step net net
mkdir -p /run/sshd /run/libvirt
step sshd /usr/sbin/sshd
daemon() { libvirtd -d -p /run/libvirtd.pid && wait_for 300 virsh uri; }
step daemon daemon
define() { # a guest that stays until it is told to go
    sed 's/panic=5/& zendo.then=wait/' /guest/minimal.cfg >/tmp/minimal.cfg &&
        virsh domxml-from-native xen-xl /tmp/minimal.cfg >/tmp/minimal.xml && virsh define /tmp/minimal.xml
}
step define define
echo "ZENDO-REMOTE-READY"
removed() { ! virsh dominfo minimal; }
step removed wait_for 1200 removed
finish remote
[ -z "$STEPS_FAILED" ]
