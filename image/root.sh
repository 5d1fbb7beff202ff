#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# root.sh OUTDIR DEB: Debian's root with our package, our files (files/), the example guest and GRUB's
# menu: OUTDIR/root; and what is to be on the EFI system partition: OUTDIR/esp. OUTDIR/uuid names the
# root file system, the same for equal input. Needs debian.sh to have run.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: root.sh OUTDIR DEB}
DEB=${2:?usage: root.sh OUTDIR DEB}
R=$OUT/root
# shellcheck disable=SC2046
KEY=$(key_of "$IMAGE/root.sh" "$IMAGE/lib.sh" "$IMAGE/grub-probe" "$OUT/debian.key" "$DEB" \
    $(find "$IMAGE/files" "$IMAGE/example" -type f | sort))
stage_fresh "$OUT/root.key" "$KEY" && exit 0
[ "$(id -u)" = 0 ] || die "building the root needs root (chroot)"

say "the appliance's root"
finish() {
    for m in "$R/boot/efi" "$R/dev" "$R/proc"; do
        ! mountpoint -q "$m" || umount "$m"
    done
}
trap finish EXIT
finish
rm -rf "$R" "$OUT/esp" "$OUT/root.key"
cp -a --reflink=auto "$OUT/debian" "$R"
UUID=$(uuid_of "$KEY root")
echo "$UUID" >"$OUT/uuid"

# Names, login, network, services.
cp -R "$IMAGE"/files/. "$R/"
printf '%s\n' "UUID=$UUID / ext4 noatime,errors=remount-ro,x-systemd.growfs 0 1" \
    "UUID=$(esp_id "$UUID") /boot/efi vfat noatime,umask=0077 0 2" >"$R/etc/fstab"
cat >"$R/etc/apt/sources.list" <<X
deb http://deb.debian.org/debian $SUITE main
deb http://deb.debian.org/debian $SUITE-updates main
deb http://deb.debian.org/debian-security $SUITE-security main
X
echo 'APT::Install-Recommends "false";' >"$R/etc/apt/apt.conf.d/99mmdebstrap"
echo 'root:zendo' | chroot "$R" chpasswd
# The C xenstored; Debian would prefer the OCaml one.
sed -i 's,^#*XENSTORED=.*,XENSTORED=/usr/lib/xen-4.17/bin/xenstored,' "$R/etc/default/xen"
grep -q '^XENSTORED=/usr/lib/xen-4.17/bin/xenstored$' "$R/etc/default/xen"
chroot "$R" systemctl -q enable systemd-networkd systemd-resolved serial-getty@hvc0 zendo-first-boot
# Guests are shut down with the machine. Saved ones would need room on its disk.
sed -i 's/^XENDOMAINS_SAVE=.*/XENDOMAINS_SAVE=/; s/^XENDOMAINS_RESTORE=.*/XENDOMAINS_RESTORE=false/' \
    "$R/etc/default/xendomains"
mkdir -p "$R/etc/xen/auto"
# What only takes time, or waits for what need not come.
chroot "$R" systemctl -q mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap \
    systemd-networkd-wait-online grub-common grub-initrd-fallback

# The example guest: dom0's kernel, its PV drivers, busybox.
E=$R/usr/share/zendo/example
version=$(basename "$R"/lib/modules/*)
T=$OUT/example
rm -rf "$T"
mkdir -p "$E" "$T/bin" "$T/sbin" "$T/dev" "$T/proc" "$T/sys" "$T/tmp" "$T/modules" "$T/www" "$T/etc"
cp "$R/bin/busybox" "$T/bin/"
ln -s bin/busybox "$T/init"
cp "$IMAGE"/example/* "$T/etc/"
n=0
for f in $(modules_of "$R" "$version" xen-netfront xen-blkfront); do
    n=$((n + 1))
    cp "$f" "$T/modules/$(printf %02d $n)-$(basename "$f")"
done
cpio_make "$T" "$OUT/example.cpio"
gzip -9n <"$OUT/example.cpio" >"$E/initrd"
ln "$R/boot/vmlinuz-$version" "$E/vmlinuz"
rm -rf "$T" "$OUT/example.cpio"

# Our package, as anybody installs it; but there is no disk below a chroot for grub-probe to look at.
mkdir -p "$R/boot/efi" "$R/boot/grub/i386-pc"
mount --bind /dev "$R/dev"
mount -t proc proc "$R/proc"
mount -t tmpfs -o size=256M tmpfs "$R/boot/efi"
cp "$R"/usr/lib/grub/i386-pc/*.mod "$R"/usr/lib/grub/i386-pc/*.lst "$R/boot/grub/i386-pc/"
inside() { DEBIAN_FRONTEND=noninteractive chroot "$R" "$@" >>"$OUT/root.log" 2>&1; }
: >"$OUT/root.log"
inside dpkg-divert --local --rename --add /usr/sbin/grub-probe
sed "s/@UUID@/$UUID/" "$IMAGE/grub-probe" >"$R/usr/sbin/grub-probe"
chmod 755 "$R/usr/sbin/grub-probe"
# Before Linux alone in the menu, hence the default.
inside dpkg-divert --divert /etc/grub.d/08_linux_xen --rename --add /etc/grub.d/20_linux_xen
cp "$DEB" "$R/zendo.deb"
inside dpkg -i /zendo.deb || { tail -n 20 "$OUT/root.log" >&2; die "the package does not install"; }
rm "$R/zendo.deb"
sed -i "s/ root=[^ ]* / root=UUID=$UUID /" "$R/etc/zendo/zendo.cfg"
inside zendo-esp default
rm "$R/usr/sbin/grub-probe"
inside dpkg-divert --rename --remove /usr/sbin/grub-probe
grep -q "multiboot2.*/boot/xen-4.17-zendo.gz" "$R/boot/grub/grub.cfg" || die "GRUB's menu lacks the hypervisor"
cp -R "$R/boot/efi" "$OUT/esp"
finish

# What the first boot makes, and what building left.
: >"$R/etc/machine-id"
rm -rf "$R/etc/hostname" "$R"/etc/ssh/ssh_host_* "$R/var/lib/dbus/machine-id" "$R"/var/log/*.log \
    "$R"/var/log/apt "$R"/var/cache/apt/*.bin "$R"/var/lib/apt/lists/*_* "$R/etc/resolv.conf" \
    "$R"/var/lib/systemd/random-seed "$R"/var/cache/debconf/*-old "$R"/var/lib/dpkg/*-old
ln -s ../run/systemd/resolve/stub-resolv.conf "$R/etc/resolv.conf"
echo "$KEY" >"$OUT/root.key"
