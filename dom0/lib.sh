# SPDX-License-Identifier: BSD-2-Clause
# Helpers shared by the scripts that build dom0: errors, caching by a hash of inputs, apt's mirrors.

set -eu
DOM0=$(cd "$(dirname "$0")" && pwd)
SUITE=${SUITE:-bookworm}

die() { echo "dom0: $*" >&2; exit 1; }
say() { echo "dom0: $*"; }

# list_read FILE -> the names in it, without comments and blank lines
list_read() { sed 's/#.*//; /^[[:space:]]*$/d' "$1"; }

# key_of FILE|WORD... -> one hash over the files' contents and the words
key_of() {
    for _a in "$@"; do
        if [ -f "$_a" ]; then cat "$_a"; else echo "$_a"; fi
    done | sha256sum | cut -d' ' -f1
}

# stage_fresh KEYFILE KEY: does KEYFILE record exactly KEY?
stage_fresh() { [ -e "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# apt_sources -> this machine's apt sources of $SUITE, in one-line form. Empty when it has none.
apt_sources() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Architecture: amd64' 2>/dev/null |
        awk -v s="$SUITE" '$2 ~ "^" s {
            print "deb " $1 " " $2 " " $3 }' | sort -u
}

# apt_ready: make sure that apt knows packages at all (a fresh machine has empty lists)
apt_ready() {
    [ -n "$(apt_sources)" ] && apt-cache show linux-image-amd64 >/dev/null 2>&1 && return 0
    apt-get -o DPkg::Lock::Timeout=300 update >/dev/null || die "apt-get update failed"
}

# modules_of MODULES_ROOT KERNEL_VERSION MODULE... -> paths of those modules and all they need
modules_of() {
    _r=$1 _v=$2
    shift 2
    for _m in "$@"; do
        modprobe -d "$_r" -S "$_v" --show-depends "$_m" 2>/dev/null |
            awk '$1 == "insmod" { print $2 }'
    done | awk '!seen[$0]++'
}

# cpio_make DIR OUT: DIR as a newc archive, owners root and times fixed so that equal input gives
# equal bytes
cpio_make() {
    find "$1" -exec touch -h -d @1000000000 {} +
    (cd "$1" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0) >"$2"
}
