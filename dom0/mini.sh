#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mini.sh OUTDIR: the minimal dom0, a ramdisk that needs no disk. In pieces, because Linux accepts
# archives one after another and the pieces change for different reasons:
#   OUTDIR/mini/user.gz          programs, libraries, init
#   OUTDIR/mini/modules-NAME.gz  drivers of kernel NAME
# and assembled: OUTDIR/mini-NAME.gz. Needs root.sh and kernels.sh to have run.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: mini.sh OUTDIR}
R=$OUT/root
mkdir -p "$OUT/mini"

# libs_of FILE -> the shared libraries (as paths in the root) that it loads
libs_of() {
    chroot "$R" /usr/bin/ldd "$1" 2>/dev/null |
        awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
}

user_make() {
    key=$(key_of "$DOM0/mini.sh" "$DOM0/lib.sh" "$DOM0"/mini/* "$OUT/root.key")
    stage_fresh "$OUT/mini/user.key" "$key" && return 0
    say "minimal dom0: programs"
    T=$OUT/mini/tree
    rm -rf "$T"
    mkdir -p "$T/usr/bin" "$T/usr/lib" "$T/usr/lib64" "$T/usr/sbin" "$T/etc/xen" "$T/root" \
        "$T/dev" "$T/proc" "$T/sys" "$T/jobs" "$T/var/log/xen" "$T/var/lib/xen" \
        "$T/usr/lib/xen-4.17/bin"
    for d in bin sbin lib lib64; do ln -s "usr/$d" "$T/$d"; done
    cp "$R/bin/busybox" "$T/usr/bin/busybox"
    list_read "$DOM0/mini/files.txt" | while read -r f; do
        [ -e "$R$f" ] || die "the root has no $f"
        echo "$f"
        libs_of "$f"
    done | sort -u >"$OUT/mini/files"
    while read -r f; do
        mkdir -p "$T/$(dirname "$f")"
        cp -L "$R$f" "$T$f"
        strip --strip-unneeded "$T$f" 2>/dev/null || :
    done <"$OUT/mini/files"
    for n in read write list ls rm exists chmod watch; do
        ln -s xenstore "$T/usr/bin/xenstore-$n"
    done
    # hotplug scripts look for the tools by these directories
    for p in xl xenstored xenconsoled xentop; do
        ln -s "/usr/lib/xen-4.17/bin/$p" "$T/usr/sbin/$p"
    done
    ln -s ../bin/busybox "$T/usr/sbin/modprobe" # the kernel asks for it by this name
    cp -r "$R/etc/xen/scripts" "$T/etc/xen/"
    cp "$R/etc/xen/xl.conf" "$T/etc/xen/"
    echo 'root:x:0:0:root:/root:/bin/bash' >"$T/etc/passwd"
    echo 'root:x:0:' >"$T/etc/group"
    echo '127.0.0.1 localhost' >"$T/etc/hosts"
    install -m 755 "$DOM0/mini/init" "$T/init"
    cp "$DOM0/mini/zendo.sh" "$T/lib/zendo.sh"
    install -m 755 "$DOM0/mini/orders" "$DOM0/mini/traffic" "$T/usr/bin/"
    printf '. /lib/zendo.sh\nPS1="dom0# "\n' >"$T/root/.profile"
    cp "$T/root/.profile" "$T/root/.bashrc"
    cpio_make "$T" "$OUT/mini/user.cpio"
    gzip -9n <"$OUT/mini/user.cpio" >"$OUT/mini/user.gz"
    rm -f "$OUT/mini/user.cpio"
    echo "$key" >"$OUT/mini/user.key"
}

# modules_make NAME
modules_make() {
    k=$OUT/kernels/$1
    version=$(cat "$k/version")
    key=$(key_of "$DOM0/mini.sh" "$DOM0/lib.sh" "$DOM0/mini/modules.txt" "$version")
    stage_fresh "$OUT/mini/modules-$1.key" "$key" && return 0
    say "minimal dom0: drivers of $version"
    T=$OUT/mini/modules
    rm -rf "$T"
    mkdir -p "$T/usr/lib/modules/$version"
    # shellcheck disable=SC2046
    modules_of "$k" "$version" $(list_read "$DOM0/mini/modules.txt") | while read -r f; do
        to=$T/usr/${f#"$k"/}
        mkdir -p "$(dirname "$to")"
        cp "$f" "$to"
    done
    cp "$k/lib/modules/$version/modules.order" "$k/lib/modules/$version/modules.builtin" \
        "$T/usr/lib/modules/$version/"
    depmod -b "$T/usr" "$version" 2>/dev/null
    # busybox reads the text index only
    find "$T" -name 'modules.*.bin' -exec rm {} +
    cpio_make "$T" "$OUT/mini/modules.cpio"
    gzip -9n <"$OUT/mini/modules.cpio" >"$OUT/mini/modules-$1.gz"
    rm -rf "$OUT/mini/modules.cpio" "$T"
    echo "$key" >"$OUT/mini/modules-$1.key"
}

user_make
for d in "$OUT"/kernels/*/key; do
    name=$(basename "$(dirname "$d")")
    case $name in *-686*) continue ;; esac # guests only
    modules_make "$name"
    cat "$OUT/mini/user.gz" "$OUT/mini/modules-$name.gz" >"$OUT/mini-$name.gz"
done
