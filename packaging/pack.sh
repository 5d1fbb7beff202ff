# SPDX-License-Identifier: BSD-2-Clause
# What the scripts that make Debian packages share. Sourced; TOP is the top of the repository.

# pack_begin NAME BUILD: the commit gives VERSION, and the date of all files; $T is an empty tree,
# which pack_finish makes BUILD/NAME_VERSION_amd64.deb of.
pack_begin() {
    NAME=$1 BUILD=$2
    VERSION=0.$(git_says rev-list --count HEAD || echo 0)+$(git_says rev-parse --short=9 HEAD || echo unknown)
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git_says log -1 --format=%ct || date +%s)}
    export SOURCE_DATE_EPOCH
    T=$(mktemp -d "$BUILD/deb.XXXXXX")
    trap 'rm -rf "$T" "$T.deb"' EXIT
    mkdir -p "$T/DEBIAN" "$T/usr/share/man/man8"
}
git_says() { git -C "$TOP" "$@" 2>/dev/null; }

# pack_size: KiB of what is in the tree so far
pack_size() { du -sk --apparent-size --exclude=DEBIAN "$T" | cut -f1; }

# pack_finish: the package, alone of its name; prints its path
pack_finish() {
    local out=$BUILD/${NAME}_${VERSION}_amd64.deb old
    (cd "$T" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs md5sum) >"$T/DEBIAN/md5sums"
    chmod -R go=u,go-w "$T"
    dpkg-deb -Zxz --root-owner-group --build "$T" "$T.deb" >/dev/null
    for old in "$BUILD/$NAME"_*.deb; do [ "$old" = "$out" ] || rm -f "$old"; done
    mv "$T.deb" "$out"
    echo "$out"
}
