#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools.sh OUTDIR: programs that some tests of guests need, with their libraries. Their packages are
# unpacked, not installed: they bring much that no root should have.
#   OUTDIR/tools.gz        a ramdisk piece for the minimal dom0 (tools/dom0.txt)
#   OUTDIR/guest/tools.gz  one for the guests' ramdisk (tools/guest.txt)
#   OUTDIR/bench.gz        what bench/oplist/worklist wants, for the minimal dom0 (tools/bench.txt)

. "$(dirname "$0")/lib.sh"
. "$DOM0/files.sh"
OUT=${1:?usage: tools.sh OUTDIR}
KEY=$(key_of "$DOM0/tools.sh" "$DOM0/lib.sh" "$DOM0/files.sh" "$DOM0"/tools/* "$SUITE")
stage_fresh "$OUT/tools.key" "$KEY" && exit 0
[ "$(id -u)" = 0 ] || die "unpacking the tools needs root (chroot)"

say "tools for tests"
R=$OUT/tools-root
T=$OUT/tools-tree
rm -rf "$R" "$OUT/tools.key"
mkdir -p "$OUT/guest"
apt_ready
apt_sources >"$OUT/tools.sources"
SRC=
[ -s "$OUT/tools.sources" ] && SRC=-
# shellcheck disable=SC2086
mmdebstrap --quiet --mode=root --variant=extract --format=directory \
    --include="$(list_read "$DOM0/tools/packages.txt" | paste -sd,)" \
    --aptopt='APT::Install-Recommends "false"' "$SUITE" "$R" $SRC <"$OUT/tools.sources" ||
    die "mmdebstrap failed"
for to in dom0 guest bench; do
    rm -rf "$T"
    mkdir -p "$T"
    files_copy "$R" "$DOM0/tools/$to.txt" "$T"
    out=$OUT/tools.gz
    [ $to != bench ] || out=$OUT/bench.gz
    if [ $to = guest ]; then # whose ramdisk has no libraries
        out=$OUT/guest/tools.gz
        for d in lib lib64; do ln -s usr/$d "$T/$d"; done
    fi
    cpio_make "$T" "$OUT/tools.cpio"
    rm -f "$out"
    gzip -9n <"$OUT/tools.cpio" >"$out"
done
rm -rf "$T" "$R" "$OUT/tools.cpio" "$OUT/tools.sources"
echo "$KEY" >"$OUT/tools.key"
