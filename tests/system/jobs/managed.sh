# SPDX-License-Identifier: BSD-2-Clause
# Go on in Debian's root with libvirt (dom0/managed.sh; the machine's first virtio disk), on the minimal dom0's
# kernel, store and consoles: runs the job ZENDO_INSIDE there,
# which ends with status 0 when all its steps were right.
. /lib/zendo.sh
drivers_load
modprobe ext4
modprobe tun # emulated network cards
wait_for 20 [ -b /dev/vda ]
M=/managed
mkdir -p $M
mount -t ext4 /dev/vda $M || mount /dev/vda $M
for d in proc sys dev dev/pts run tmp; do mount --bind /$d $M/$d; done
mount -t xenfs xenfs $M/proc/xen 2>/dev/null
mkdir -p $M/jobs $M/var/log/xen
cp /jobs/*.sh $M/jobs/
cp /lib/zendo.sh $M/lib/
for n in usleep ifconfig; do # where jobs take them from busybox
    [ -e $M/usr/local/bin/$n ] || ln -s /bin/busybox $M/usr/local/bin/$n
done
bridge_up
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/xen-4.17/bin
# (on a terminal each virsh would start an agent that asks for passwords)
# shellcheck disable=SC2015
chroot $M bash -c "cd /root && exec bash /jobs/${ZENDO_INSIDE:?}.sh" </dev/null && result managed ok "$ZENDO_INSIDE" ||
    result managed fail "$ZENDO_INSIDE"
