#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# deb.sh BUILD: the Debian package BUILD/zendo-backends_VERSION_amd64.deb of BUILD/zendo-blkd, for dom0 or a
# driver domain; the same to the byte for the same sources.
set -eu
BUILD=${1:?usage: deb.sh BUILD}
HERE=$(cd "$(dirname "$0")" && pwd)
TOP=$HERE/../..

git_says() { git -C "$TOP" "$@" 2>/dev/null; }
VERSION=0.$(git_says rev-list --count HEAD || echo 0)+$(git_says rev-parse --short=9 HEAD || echo unknown)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git_says log -1 --format=%ct || date +%s)}
export SOURCE_DATE_EPOCH

OUT=$BUILD/zendo-backends_${VERSION}_amd64.deb
T=$(mktemp -d "$BUILD/deb.XXXXXX")
trap 'rm -rf "$T" "$T.deb"' EXIT
mkdir -p "$T/DEBIAN" "$T/usr/share/man/man8"
install -D -m 755 -s "$BUILD/zendo-blkd" "$T/usr/sbin/zendo-blkd"
install -D -m 755 "$HERE/block-zendo" "$T/etc/xen/scripts/block-zendo"
install -D -m 644 "$HERE/zendo-blkd.service" "$T/lib/systemd/system/zendo-blkd.service"
install -D -m 644 "$TOP/LICENSE" "$T/usr/share/doc/zendo-backends/copyright"
install -m 644 "$HERE/README.md" "$T/usr/share/doc/zendo-backends/README.md"
gzip -9n <"$HERE/zendo-blkd.8" >"$T/usr/share/man/man8/zendo-blkd.8.gz"
echo /etc/xen/scripts/block-zendo >"$T/DEBIAN/conffiles"
cat >"$T/DEBIAN/postinst" <<'X'
#!/bin/sh
set -e
# (in a chroot there is nothing to start; an upgrade's disks go on where they were)
if [ "$1" = configure ] && command -v systemctl >/dev/null; then
    systemctl -q enable zendo-blkd.service || :
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl restart zendo-blkd.service || :
    fi
fi
X
cat >"$T/DEBIAN/prerm" <<'X'
#!/bin/sh
set -e
if [ "$1" = remove ] && command -v systemctl >/dev/null; then
    systemctl -q disable --now zendo-blkd.service || :
fi
X
chmod 755 "$T/DEBIAN/postinst" "$T/DEBIAN/prerm"
cat >"$T/DEBIAN/control" <<X
Package: zendo-backends
Version: $VERSION
Architecture: amd64
Maintainer: The Zendo authors <root@localhost>
Section: kernel
Priority: optional
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$T" | cut -f1)
Depends: libc6, liburing2, libxengnttab1, libxenevtchn1, libxenstore4, xen-utils-common
Recommends: qemu-system-common
Description: user-space back ends for disks of Xen guests
 zendo-blkd serves disks of PV, PVH and HVM guests from dom0 or a driver domain,
 beside the back ends of the kernel and of QEMU; it can be ended and started
 again while guests run.
X
(cd "$T" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs md5sum) >"$T/DEBIAN/md5sums"
chmod -R go=u,go-w "$T"
dpkg-deb -Zxz --root-owner-group --build "$T" "$T.deb" >/dev/null
for old in "$BUILD"/zendo-backends_*.deb; do [ "$old" = "$OUT" ] || rm -f "$old"; done
mv "$T.deb" "$OUT"
echo "$OUT"
