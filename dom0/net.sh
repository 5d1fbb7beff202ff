#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# net.sh OUTDIR: programs for tests of networks, as a ramdisk piece for the minimal dom0:
#   OUTDIR/net.gz  dnsmasq, nft, iperf3, NPtcp
# Needs root.sh to have run.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: net.sh OUTDIR}
KEY=$(key_of "$DOM0/net.sh" "$DOM0/lib.sh" "$DOM0"/net/* "$OUT/root.key")
stage_fresh "$OUT/net.key" "$KEY" && exit 0

say "programs for networks"
R=$OUT/root
T=$OUT/net-tree
rm -rf "$T" "$OUT/net.key"
mkdir -p "$T/debs/partial" "$T/all"
apt_ready
# all that they need and the root lacks
# shellcheck disable=SC2046
apt-get -q=2 -o APT::Sandbox::User=root -o Dir::State::status="$R/var/lib/dpkg/status" \
    -o Dir::Cache::archives="$T/debs" -o Debug::NoLocking=true --no-install-recommends --download-only -y \
    install $(list_read "$DOM0/net/packages.txt") >/dev/null || die "cannot download packages"
for deb in "$T"/debs/*.deb; do dpkg-deb -x "$deb" "$T/all"; done

# take FILE: of the packages, or else of the root, where the minimal dom0's /lib is a link to /usr/lib
take() {
    from=$T/all$1
    [ -e "$from" ] || from=$R$1
    [ -e "$from" ] || die "no package has $1"
    to=$T/tree/usr/${1#/}
    case $1 in /usr/*) to=$T/tree$1 ;; esac
    mkdir -p "$(dirname "$to")"
    cp -L "$from" "$to"
    strip --strip-unneeded "$to" 2>/dev/null || :
}
L=/lib/x86_64-linux-gnu
list_read "$DOM0/net/files.txt" | while read -r f; do
    take "$f"
    "$R/lib64/ld-linux-x86-64.so.2" --library-path "$T/all/usr$L:$T/all$L:$R/usr$L" --list "$T/all$f" |
        awk '$2 == "=>" { print $3 }' | while read -r l; do
            l=${l#"$T/all"}
            take "${l#"$R"}"
        done
done
cpio_make "$T/tree" "$OUT/net.cpio"
gzip -9n <"$OUT/net.cpio" >"$OUT/net.gz"
rm -rf "$T" "$OUT/net.cpio"
echo "$KEY" >"$OUT/net.key"
