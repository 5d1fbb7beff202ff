#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# deb.sh BUILD: the Debian package BUILD/zendo-hypervisor_VERSION_amd64.deb of BUILD/zendo.mb2,
# BUILD/zendo.efi and BUILD/oplist, the same to the byte for the same sources.
set -eu
BUILD=${1:?usage: deb.sh BUILD}
HERE=$(cd "$(dirname "$0")" && pwd)
TOP=$(dirname "$HERE")

. "$HERE/pack.sh"
pack_begin zendo-hypervisor "$BUILD"
DOC=$T/usr/share/doc/zendo-hypervisor
mkdir -p "$T/boot" "$DOC"
gzip -9n <"$BUILD/zendo.mb2" >"$T/boot/xen-4.17-zendo.gz"
chmod 644 "$T/boot/xen-4.17-zendo.gz"
install -D -m 644 "$BUILD/zendo.efi" "$T/usr/lib/zendo/zendo.efi"
for command in zendo-esp zendo-unify zendo-metrics zendo-bench; do
    install -D -m 755 "$HERE/$command" "$T/usr/sbin/$command"
    gzip -9n <"$HERE/$command.8" >"$T/usr/share/man/man8/$command.8.gz"
done
install -m 755 "$BUILD/oplist" "$TOP/bench/oplist/worklist" "$T/usr/lib/zendo/"
mkdir "$T/usr/lib/zendo/bench"
for file in __init__.py baseline.py figures.py machine.py table.py titles.py guest-init; do
    install -m 644 "$TOP/bench/$file" "$T/usr/lib/zendo/bench/"
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
sed "s/@VERSION@/$VERSION/; s/@SIZE@/$(pack_size)/" "$HERE/deb/control" >"$T/DEBIAN/control"
pack_finish
