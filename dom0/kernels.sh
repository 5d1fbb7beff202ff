#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# kernels.sh OUTDIR [NAME...]: Debian's kernels for tests, unpacked beside each other:
# OUTDIR/kernels/NAME/vmlinuz, and lib/modules with an index. NAME is 6.1, 6.1-cloud, 6.12,
# 6.12-cloud, or one of the 32-bit 6.1-686 and 6.1-686-pae, which bring a busybox of their own; without
# names, those that apt on this machine can find.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: kernels.sh OUTDIR [NAME...]}
shift
[ $# -gt 0 ] || set -- 6.1 6.1-cloud 6.12 6.12-cloud 6.1-686 6.1-686-pae

# meta_of NAME -> the meta package that always depends on the newest kernel of that line
meta_of() {
    case $1 in
    6.1) echo linux-image-amd64 ;;
    6.1-cloud) echo linux-image-cloud-amd64 ;;
    6.12) echo linux-image-6.12-amd64 ;;
    6.12-cloud) echo linux-image-6.12-cloud-amd64 ;;
    6.1-686) echo linux-image-686 ;;
    6.1-686-pae) echo linux-image-686-pae ;;
    *) die "no such kernel: $1" ;;
    esac
}

# apt_32 COMMAND...: apt for i386 with lists of its own, from this machine's mirrors
A=$OUT/apt-i386
apt_32() {
    _tool=$1
    shift
    "$_tool" -q=2 -o APT::Architecture=i386 -o APT::Architectures::=i386 \
        -o APT::Sandbox::User=root -o Dir::State="$A" -o Dir::State::status="$A/status" \
        -o Dir::Cache="$A/cache" -o Dir::Etc::sourcelist="$A/sources" -o Dir::Etc::sourceparts=- "$@"
}
apt_32_ready() {
    [ -e "$A/status" ] && return 0
    mkdir -p "$A/lists/partial" "$A/cache/archives/partial"
    apt_sources | sed 's/^deb /deb [arch=i386] /' >"$A/sources"
    apt_32 apt-get update >/dev/null 2>&1 || : # no lists, no packages: said below
    : >"$A/status"
}

for name in "$@"; do
    dir=$OUT/kernels/$name
    key=$(key_of "$DOM0/kernels.sh" "$SUITE" "$name")
    stage_fresh "$dir/key" "$key" && continue
    apt_ready
    apt=
    case $name in *-686*) apt_32_ready && apt=apt_32 ;; esac
    package=$($apt apt-cache depends "$(meta_of "$name")" 2>/dev/null |
        awk '/Depends: linux-image/ { print $2; exit }')
    if [ -z "$package" ]; then
        say "kernel $name: apt has no $(meta_of "$name") here; left out"
        continue
    fi
    say "kernel $name: $package"
    rm -rf "$dir"
    mkdir -p "$dir/deb"
    (cd "$dir/deb" && $apt apt-get -q=2 -o APT::Sandbox::User=root download "$package" \
        ${apt:+busybox-static} >/dev/null) || die "cannot download $package"
    for deb in "$dir"/deb/*.deb; do dpkg-deb -x "$deb" "$dir/tree"; done
    mv "$dir"/tree/boot/vmlinuz-* "$dir/vmlinuz"
    mv "$dir"/tree/boot/config-* "$dir/config"
    mv "$dir/tree/lib" "$dir/lib"
    ls "$dir/lib/modules" >"$dir/version"
    # 6.12 compresses its modules, busybox cannot unpack them: once, here.
    find "$dir/lib/modules" -name '*.ko.xz' -exec xz -d {} +
    depmod -b "$dir" "$(cat "$dir/version")"
    [ -z "$apt" ] || mv "$dir/tree/bin/busybox" "$dir/busybox"
    rm -rf "$dir/deb" "$dir/tree"
    echo "$key" >"$dir/key"
done
