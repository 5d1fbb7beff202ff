#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# managed.sh OUTDIR: the root of dom0 with what docs/management.md installs: OUTDIR/managed, and as a
# disk image like dom0.img: OUTDIR/managed.img. root may log in by ssh from one such root to
# another. Needs root.sh and guest.sh to have run.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: managed.sh OUTDIR}
SIZE=${SIZE:-2G}
R=$OUT/managed
key=$(key_of "$DOM0/managed.sh" "$DOM0/lib.sh" "$DOM0/managed-packages.txt" "$OUT/root.key" \
    "$OUT/guest/common.key" "$OUT/guest/linux-6.1.key" "$SIZE")
stage_fresh "$OUT/managed.key" "$key" && exit 0
[ "$(id -u)" = 0 ] || die "building the root needs root (chroot)"

say "the root with libvirt (a few minutes, once)"
finish() {
    for m in "$R/dev" "$R/proc"; do ! mountpoint -q "$m" || umount "$m"; done
}
trap finish EXIT
finish
rm -rf "$R" "$OUT/managed.key"
cp -a --reflink=auto "$OUT/root" "$R"
rm -rf "$R/root/guest"
mkdir -p "$R/root/guest"
cp "$OUT/guest/tiny" "$OUT"/guest/*.cfg "$R/root/guest/"
ln -sfn root/guest "$R/guest" # the paths in the configurations are those of the minimal dom0
cp "$OUT/guest/initrd-6.1.gz" "$R/root/guest/initrd"
ln -sfn "/boot/$(basename "$R"/boot/vmlinuz-*)" "$R/root/guest/vmlinuz"

mount --bind /dev "$R/dev"
mount -t proc proc "$R/proc"
cp -L /etc/resolv.conf "$R/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$R/usr/sbin/policy-rc.d" # services start with the machine
chmod 755 "$R/usr/sbin/policy-rc.d"
inside() { DEBIAN_FRONTEND=noninteractive chroot "$R" "$@" >>"$OUT/managed.log" 2>&1; }
: >"$OUT/managed.log"
inside apt-get -q update && inside apt-get -q install -y $(list_read "$DOM0/managed-packages.txt") ||
    { tail "$OUT/managed.log" >&2; die "the packages do not install"; }
inside apt-get clean
install -d -m 700 "$R/root/.ssh" # for the test
inside ssh-keygen -q -t ed25519 -N '' -C test -f /root/.ssh/id_ed25519
cp "$R/root/.ssh/id_ed25519.pub" "$R/root/.ssh/authorized_keys"
rm -rf "$R/usr/sbin/policy-rc.d" "$R"/var/lib/apt/lists/*_* "$R"/var/cache/apt/*.bin "$R"/usr/share/doc/*
: >"$R/etc/resolv.conf"
finish

# Masked in dom0.img to save time; and no exporter before libvirt's address is given.
rm -f "$R/etc/systemd/system/multi-user.target.wants/prometheus-libvirt-exporter.service"
rm -f "$R/etc/systemd/system/xendomains.service" "$R/etc/systemd/system/systemd-logind.service"
echo 0123456789abcdef0123456789abcdef >"$R/etc/machine-id"

rm -f "$OUT/managed.img.new"
truncate -s "$SIZE" "$OUT/managed.img.new"
mke2fs -q -t ext4 -L zendo-dom0 -O ^metadata_csum -m 1 -d "$R" -F "$OUT/managed.img.new"
mv "$OUT/managed.img.new" "$OUT/managed.img"
echo "$key" >"$OUT/managed.key"
