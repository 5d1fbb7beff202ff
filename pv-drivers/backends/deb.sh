#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# deb.sh BUILD: the Debian package BUILD/zendo-backends_VERSION_amd64.deb of BUILD/zendo-blkd and zendo-netd, for
# dom0 or a driver domain; the same to the byte for the same sources.
set -eu
BUILD=${1:?usage: deb.sh BUILD}
HERE=$(cd "$(dirname "$0")" && pwd)
TOP=$HERE/../..

. "$TOP/packaging/pack.sh"
pack_begin zendo-backends "$BUILD"
for d in zendo-blkd zendo-netd; do
    install -D -m 755 -s "$BUILD/$d" "$T/usr/sbin/$d"
    install -D -m 644 "$HERE/$d.service" "$T/lib/systemd/system/$d.service"
    gzip -9n <"$HERE/$d.8" >"$T/usr/share/man/man8/$d.8.gz"
done
for s in block-zendo vif-zendo; do
    install -D -m 755 "$HERE/$s" "$T/etc/xen/scripts/$s"
    echo "/etc/xen/scripts/$s" >>"$T/DEBIAN/conffiles"
done
install -D -m 644 "$TOP/LICENSE" "$T/usr/share/doc/zendo-backends/copyright"
install -m 644 "$HERE/README.md" "$T/usr/share/doc/zendo-backends/README.md"
cat >"$T/DEBIAN/postinst" <<'X'
#!/bin/sh
set -e
# (in a chroot there is nothing to start; an upgrade's devices go on where they were)
if [ "$1" = configure ] && command -v systemctl >/dev/null; then
    systemctl -q enable zendo-blkd.service zendo-netd.service || :
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl restart zendo-blkd.service zendo-netd.service || :
    fi
fi
X
cat >"$T/DEBIAN/prerm" <<'X'
#!/bin/sh
set -e
if [ "$1" = remove ] && command -v systemctl >/dev/null; then
    systemctl -q disable --now zendo-blkd.service zendo-netd.service || :
fi
X
cat >"$T/DEBIAN/postrm" <<'X'
#!/bin/sh
set -e
[ ! -d /run/systemd/system ] || systemctl daemon-reload
[ "$1" != purge ] || rm -rf /run/zendo-blkd /run/zendo-netd
X
chmod 755 "$T/DEBIAN/postinst" "$T/DEBIAN/prerm" "$T/DEBIAN/postrm"
cat >"$T/DEBIAN/control" <<X
Package: zendo-backends
Version: $VERSION
Architecture: amd64
Maintainer: The Zendo authors <root@localhost>
Section: kernel
Priority: optional
Installed-Size: $(pack_size)
Depends: libc6, liburing2, libxengnttab1, libxenevtchn1, libxenstore4, xen-utils-common
Recommends: qemu-system-common
Description: user-space back ends for disks and networks of Xen guests
 zendo-blkd serves disks, zendo-netd network ports of guests from dom0 or a
 driver domain, beside the back ends of the kernel and of QEMU; they can be
 ended and started again while guests run.
X
pack_finish
