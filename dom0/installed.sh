#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# installed.sh OUTDIR NAME: a disk with somebody's Debian as OUTDIR/NAME.img, for guests that bring their
# own kernel; from this machine's apt sources, once. NAME is one of
#
#   debian-12, debian-13  as its installer leaves it: partition table, the root in the first partition,
#                         kernel, grub.cfg by update-grub; nothing in it is for Zendo
#   xen-tools             Debian 12 by xen-create-image: a file system without partitions (xvda2), and
#                         beside it xen-tools-swap.img (xvda1)
#
# Each logs in as root with the password zendo.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: installed.sh OUTDIR NAME}
NAME=${2:?usage: installed.sh OUTDIR NAME}
PROBE=$DOM0/../image/grub-probe
mkdir -p "$OUT"
exec 9>"$OUT/$NAME.lock"
flock 9
KEY=$(key_of "$DOM0/installed.sh" "$PROBE" "$NAME")
stage_fresh "$OUT/$NAME.key" "$KEY" && exit 0
[ "$(id -u)" = 0 ] || die "building a root needs root"
"$DOM0/../packages.sh" "$DOM0/installed-packages.txt" || die "cannot install packages"
say "a disk with $NAME (a few minutes, once)"
R=$OUT/$NAME
rm -rf "$R" "$R.key" "$R.img"

# bootstrap: $suite's root with a kernel, below $R
bootstrap() {
    apt_ready
    apt_sources | sed "s/ $SUITE/ $suite/" >"$R.sources"
    apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries)' >"$R.aptconf" || :
    # Drivers of what no guest has: time and room.
    set --
    for d in drivers/gpu drivers/media drivers/infiniband drivers/net/wireless drivers/net/ethernet \
        drivers/iio drivers/staging drivers/isdn drivers/bluetooth drivers/video drivers/scsi sound; do
        set -- "$@" "--dpkgopt=path-exclude=/lib/modules/*/kernel/$d/*" \
            "--dpkgopt=path-exclude=/usr/lib/modules/*/kernel/$d/*"
    done
    mmdebstrap --mode=root --variant=minbase --format=directory \
        --include=linux-image-amd64,grub2-common,systemd-sysv,systemd-resolved,udev,dbus,iproute2,initramfs-tools,zstd \
        --aptopt='APT::Install-Recommends "false"' --aptopt="$R.aptconf" "$@" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$suite" "$R" - <"$R.sources" || die "mmdebstrap failed"
}

# What an installer asks for: names, login, network, disk.
settle() {
    echo "$NAME" >"$R/etc/hostname"
    printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n' "$NAME" >"$R/etc/hosts"
    echo "UUID=$UUID / ext4 errors=remount-ro 0 1" >"$R/etc/fstab"
    echo 'root:zendo' | chroot "$R" chpasswd
    mkdir -p "$R/etc/systemd/system.conf.d" # emulated machines are slow
    printf '[Manager]\nDefaultDeviceTimeoutSec=15min\nDefaultTimeoutStartSec=15min\n' >"$R/etc/systemd/system.conf.d/slow.conf"
    printf '[Match]\nName=en* eth*\n\n[Network]\nDHCP=ipv4\n' >"$R/etc/systemd/network/eth.network"
    chroot "$R" systemctl -q enable systemd-networkd
    chroot "$R" systemctl -q mask systemd-networkd-wait-online
    printf '%s\n' 'GRUB_DEFAULT=0' 'GRUB_TIMEOUT=1' 'GRUB_DISTRIBUTOR=Debian' \
        'GRUB_CMDLINE_LINUX="console=hvc0"' 'GRUB_TERMINAL=console' >"$R/etc/default/grub"
}

# menu: GRUB's menu by update-grub, which finds no disk below a chroot
menu() {
    sed -e "s/@UUID@/$UUID/" -e "s/echo gpt/echo $partmap/" "$PROBE" >"$R/probe"
    chmod 755 "$R/probe"
    mkdir -p "$R/boot/grub"
    mount --bind /dev "$R/dev"
    mount --bind "$R/probe" "$R/usr/sbin/grub-probe"
    trap 'umount "$R/usr/sbin/grub-probe" "$R/dev"' EXIT
    chroot "$R" update-grub 2>"$R.log" || { cat "$R.log" >&2; die "update-grub failed"; }
    umount "$R/usr/sbin/grub-probe" "$R/dev"
    trap - EXIT
    rm "$R/probe"
    grep -q "linux.*root=UUID=$UUID" "$R/boot/grub/grub.cfg" || die "GRUB's menu lacks the kernel"
}

# disk: partition table and the root in the first partition
disk() {
    mib=$(($(du -sm "$R" | cut -f1) * 5 / 4 + 64))
    truncate -s $(((mib + 2) * 1048576)) "$R.new"
    printf 'label: %s\nstart=2048, size=%s, type=L\n' "$label" $((mib * 2048)) | sfdisk -q "$R.new"
    mke2fs -q -t ext4 -U "$UUID" -m 1 -d "$R" -F -E offset=1048576 "$R.new" ${mib}M
}

# by_tools: xen-create-image makes files in a directory; loop devices while it does
by_tools() {
    rm -rf "$OUT/tools"
    mkdir -p "$OUT/tools"
    mirror=$(apt_sources | awk -v s="$SUITE" '$3 == s { print $2; exit }')
    xen-create-image --hostname="$NAME" --dir="$OUT/tools" --dist="$SUITE" --mirror="$mirror" \
        --install-method=debootstrap --size=2G --swap=64M --memory=256M --fs=ext4 --dhcp --pygrub \
        --arch=amd64 --password=zendo --nohosts --force --cache=no --output="$OUT/tools" \
        >"$R.log" 2>&1 || { tail -n 30 "$R.log" >&2; die "xen-create-image failed"; }
    cp --sparse=always "$OUT/tools/domains/$NAME/swap.img" "$R-swap.img"
    cp --sparse=always "$OUT/tools/domains/$NAME/disk.img" "$R.new"
    rm -rf "$OUT/tools"
}

UUID=$(python3 -c 'import sys, uuid; print(uuid.uuid5(uuid.NAMESPACE_OID, sys.argv[1]))' "$KEY")
case $NAME in
debian-12) suite=bookworm label=dos partmap=msdos ;;
debian-13) suite=trixie label=gpt partmap=gpt ;;
xen-tools) suite= ;;
*) die "no such disk: $NAME" ;;
esac
if [ -n "$suite" ]; then
    bootstrap
    settle
    menu
    disk
else
    by_tools
fi
rm -rf "$R"
mv "$R.new" "$R.img"
echo "$KEY" >"$R.key"
