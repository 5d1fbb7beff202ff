#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# deb.sh BUILD: the Debian package BUILD/zendo-hypervisor_VERSION_amd64.deb of BUILD/zendo.mb2 and
# BUILD/zendo.efi, the same to the byte for the same sources.
set -eu
BUILD=${1:?usage: deb.sh BUILD}
HERE=$(cd "$(dirname "$0")" && pwd)
TOP=$(dirname "$HERE")

git_says() { git -C "$TOP" "$@" 2>/dev/null; }
VERSION=0.$(git_says rev-list --count HEAD || echo 0)+$(git_says rev-parse --short=9 HEAD || echo unknown)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git_says log -1 --format=%ct || date +%s)}
export SOURCE_DATE_EPOCH

OUT=$BUILD/zendo-hypervisor_${VERSION}_amd64.deb
T=$(mktemp -d "$BUILD/deb.XXXXXX")
trap 'rm -rf "$T" "$T.deb"' EXIT
DOC=$T/usr/share/doc/zendo-hypervisor
mkdir -p "$T/DEBIAN" "$T/boot" "$DOC" "$T/usr/share/man/man8"
gzip -9n <"$BUILD/zendo.mb2" >"$T/boot/xen-4.17-zendo.gz"
chmod 644 "$T/boot/xen-4.17-zendo.gz"
install -D -m 644 "$BUILD/zendo.efi" "$T/usr/lib/zendo/zendo.efi"
for command in zendo-esp zendo-unify zendo-metrics; do
    install -D -m 755 "$HERE/$command" "$T/usr/sbin/$command"
    gzip -9n <"$HERE/$command.8" >"$T/usr/share/man/man8/$command.8.gz"
done
install -m 644 "$TOP/LICENSE" "$DOC/copyright"
for unit in service timer; do
    install -D -m 644 "$HERE/deb/zendo-metrics.$unit" "$T/lib/systemd/system/zendo-metrics.$unit"
done
for hook in kernel/postinst.d/zz-zendo kernel/postrm.d/zz-zendo initramfs/post-update.d/zendo; do
    install -D -m 755 "$HERE/deb/kernel-hook" "$T/etc/$hook"
    echo "/etc/$hook" >>"$T/DEBIAN/conffiles"
done
for script in postinst prerm postrm; do install -m 755 "$HERE/deb/$script" "$T/DEBIAN/$script"; done
size=$(du -sk --apparent-size --exclude=DEBIAN "$T" | cut -f1)
sed "s/@VERSION@/$VERSION/; s/@SIZE@/$size/" "$HERE/deb/control" >"$T/DEBIAN/control"
(cd "$T" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs md5sum) \
    >"$T/DEBIAN/md5sums"
chmod -R go=u,go-w "$T"
dpkg-deb -Zxz --root-owner-group --build "$T" "$T.deb" >/dev/null
for old in "$BUILD"/zendo-hypervisor_*.deb; do [ "$old" = "$OUT" ] || rm -f "$old"; done
mv "$T.deb" "$OUT"
echo "$OUT"
