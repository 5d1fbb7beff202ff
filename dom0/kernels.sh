#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# kernels.sh OUTDIR [NAME...]: Debian's kernels for tests, unpacked beside each other:
# OUTDIR/kernels/NAME/vmlinuz, and lib/modules with an index. NAME is 6.1, 6.1-cloud, 6.12 or
# 6.12-cloud; without names, those that apt on this machine can find.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: kernels.sh OUTDIR [NAME...]}
shift
[ $# -gt 0 ] || set -- 6.1 6.1-cloud 6.12 6.12-cloud

# meta_of NAME -> the meta package that always depends on the newest kernel of that line
meta_of() {
    case $1 in
    6.1) echo linux-image-amd64 ;;
    6.1-cloud) echo linux-image-cloud-amd64 ;;
    6.12) echo linux-image-6.12-amd64 ;;
    6.12-cloud) echo linux-image-6.12-cloud-amd64 ;;
    *) die "no such kernel: $1" ;;
    esac
}

for name in "$@"; do
    dir=$OUT/kernels/$name
    key=$(key_of "$DOM0/kernels.sh" "$SUITE" "$name")
    stage_fresh "$dir/key" "$key" && continue
    apt_ready
    package=$(apt-cache depends "$(meta_of "$name")" 2>/dev/null |
        awk '/Depends: linux-image/ { print $2; exit }')
    if [ -z "$package" ]; then
        say "kernel $name: apt has no $(meta_of "$name") here; left out"
        continue
    fi
    say "kernel $name: $package"
    rm -rf "$dir"
    mkdir -p "$dir/deb"
    (cd "$dir/deb" && apt-get -q=2 -o APT::Sandbox::User=root download "$package" >/dev/null) ||
        die "cannot download $package"
    dpkg-deb -x "$dir"/deb/*.deb "$dir/tree"
    mv "$dir"/tree/boot/vmlinuz-* "$dir/vmlinuz"
    mv "$dir"/tree/boot/config-* "$dir/config"
    mv "$dir/tree/lib" "$dir/lib"
    ls "$dir/lib/modules" >"$dir/version"
    # 6.12 compresses its modules, busybox cannot unpack them: once, here.
    find "$dir/lib/modules" -name '*.ko.xz' -exec xz -d {} +
    depmod -b "$dir" "$(cat "$dir/version")"
    rm -rf "$dir/deb" "$dir/tree"
    echo "$key" >"$dir/key"
done
