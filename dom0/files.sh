# SPDX-License-Identifier: BSD-2-Clause
# Sourced after lib.sh by the scripts that make ramdisk pieces for the minimal dom0.

# files_copy ROOT LIST TREE: the files of LIST from a Debian tree, and the libraries of those that are
# programs (by their names below /usr: the minimal dom0's /lib is a link)
files_copy() {
    list_read "$2" | while read -r f; do
        [ -e "$1$f" ] || die "no package has $f"
        {
            echo "$f"
            chroot "$1" /lib64/ld-linux-x86-64.so.2 --list "$f" 2>/dev/null |
                awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/lib64/ { print $1 }'
        } | while read -r l; do
            to=$3/usr/${l#/}
            case $l in /usr/*) to=$3$l ;; esac
            mkdir -p "$(dirname "$to")"
            cp -L "$1$l" "$to"
            strip --strip-unneeded "$to" 2>/dev/null || :
        done
    done
}
