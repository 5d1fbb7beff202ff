#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Turn a fresh Debian root (first argument) into the dom0: names, login, network, Xen daemons.

set -eu
R=$1

echo dom0 >"$R/etc/hostname"
printf '127.0.0.1\tlocalhost\n127.0.1.1\tdom0\n' >"$R/etc/hosts"
echo 'LABEL=zendo-dom0 / ext4 noatime,errors=remount-ro 0 1' >"$R/etc/fstab"
echo 'root:zendo' | chroot "$R" chpasswd
printf 'Debian GNU/Linux 12 control domain on Zendo: \\n \\l\n\n' >"$R/etc/issue"
: >"$R/etc/motd"

# The C xenstored; Debian would prefer the OCaml one.
sed -i 's,^#*XENSTORED=.*,XENSTORED=/usr/lib/xen-4.17/bin/xenstored,' "$R/etc/default/xen"
grep -q '^XENSTORED=/usr/lib/xen-4.17/bin/xenstored$' "$R/etc/default/xen"
printf '%s\n' xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xen-blkback xen-netback loop \
    >"$R/etc/modules-load.d/xen.conf"

# One bridge for the guests and the machine's own ports.
mkdir -p "$R/etc/systemd/network"
printf '[NetDev]\nName=xenbr0\nKind=bridge\n\n[Bridge]\nSTP=no\nForwardDelaySec=0\n' \
    >"$R/etc/systemd/network/10-xenbr0.netdev"
printf '[Match]\nName=xenbr0\n\n[Network]\nAddress=192.0.2.1/24\nDHCP=ipv4\nLinkLocalAddressing=no\nConfigureWithoutCarrier=yes\n' \
    >"$R/etc/systemd/network/10-xenbr0.network"
printf '[Match]\nName=en* eth*\n\n[Network]\nBridge=xenbr0\n' \
    >"$R/etc/systemd/network/20-ports.network"
chroot "$R" systemctl -q enable systemd-networkd.service serial-getty@hvc0.service

# zendo.guest=NAME on the kernel's command line starts /root/guest/NAME.cfg, which then goes on running.
install -D -m 755 "$(dirname "$0")/zendo-guest" "$R/usr/local/sbin/zendo-guest"
cat >"$R/etc/systemd/system/zendo-guest.service" <<'EOF'
[Unit]
Description=The guest that the command line names
ConditionKernelCommandLine=zendo.guest
After=xen.service systemd-networkd.service

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/zendo-guest

[Install]
WantedBy=multi-user.target
EOF
chroot "$R" systemctl -q enable zendo-guest.service

# What only costs time in a small control domain.
for u in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer systemd-networkd-wait-online.service getty@tty1.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-rfkill.service \
    grub-common.service grub-initrd-fallback.service systemd-pstore.service systemd-logind.service modprobe@drm.service xendomains.service \
    sys-kernel-debug.mount \
    sys-kernel-tracing.mount systemd-network-generator.service systemd-machine-id-commit.service; do
    ln -sf /dev/null "$R/etc/systemd/system/$u"
done
mkdir -p "$R/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' \
    >"$R/etc/systemd/journald.conf.d/dom0.conf"

# On a busy host an emulated boot takes minutes; after the usual 90 seconds there would be no login,
# because /dev/hvc0 was "not there".
mkdir -p "$R/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultDeviceTimeoutSec=15min\nDefaultTimeoutStartSec=15min\n' \
    >"$R/etc/systemd/system.conf.d/dom0.conf"

rm -rf "$R"/var/cache/apt/*.bin "$R"/var/lib/apt/lists/*debian* "$R"/var/log/*.log \
    "$R"/var/log/apt "$R"/usr/share/doc/* "$R"/usr/share/info/*
