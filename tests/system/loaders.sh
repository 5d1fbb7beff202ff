#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# loaders.sh [-v] [WORD...]: the two loaders, with a payload in place of the hypervisor that checks
# every promise of boot/handover.h. Boots through OVMF, GRUB on BIOS, GRUB on UEFI, and Bochs; with
# every compression of the kernel; and with every bad input, whose message is compared. Prints
# `ok NAME` or `FAIL NAME why`; with words, runs only the tests whose names contain one of them.
# Needs build/loaders/zendo.{efi,mb2} (make loaders-test). EMU names a command to start emulators by,
# LOADERS_WORK another folder for what a run makes.

set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
W=${LOADERS_WORK:-$BUILD/loaders/test}
VERBOSE=
[ "${1:-}" = -v ] && { VERBOSE=1; shift; }
WORDS=("$@")
EMU=${EMU-$(command -v emu || true)}
OVMF=$(ls /usr/share/OVMF/OVMF_CODE_4M.fd /usr/share/OVMF/OVMF_CODE.fd 2>/dev/null | head -1)
FAILED=0
mkdir -p "$W"
# Two runs in one folder would overwrite each other's disks.
exec 7>"$W/lock"
flock -n 7 || { echo "FAIL loaders another run is using $W"; exit 1; }

wanted() {
    [ ${#WORDS[@]} = 0 ] && return 0
    local word
    for word in "${WORDS[@]}"; do case $1 in *"$word"*) return 0 ;; esac; done
    return 1
}
ok() { echo "ok $1"; }
fail() { echo "FAIL $1 $2"; FAILED=1; }

# boot NAME SECONDS COMMAND...: runs an emulator until the payload or the loader has said its last
# word. The command gets the serial file's name in $SERIAL. Output: $W/NAME.txt without escapes.
boot() {
    local name=$1 limit=$2 child steps said
    shift 2
    SERIAL=$W/$name.serial
    export SERIAL
    rm -f "$SERIAL" "$W/pid"
    # Waiting for a slot to run in does not count: the clock starts with the process id.
    # shellcheck disable=SC2016
    $EMU sh -c 'echo $$ >'"$W/pid"'; exec "$@"' sh "$@" \
        >"$W/$name.log" 2>&1 &
    child=$!
    while [ ! -s "$W/pid" ] && kill -0 $child 2>/dev/null; do sleep 0.2; done
    for ((steps = limit * 5; steps > 0; steps--)); do
        kill -0 $child 2>/dev/null || break
        grep -aqE "${STOP:-^.?payload: (good|BAD)|zendo: .*[a-z)]}" "$SERIAL" 2>/dev/null && break
        sleep 0.2
    done
    # the message may be half said: it has ended when nothing follows for a second
    for ((steps = 30; steps > 0; steps--)); do
        said=$(stat -c %s "$SERIAL" 2>/dev/null)
        sleep 1
        [ "$said" = "$(stat -c %s "$SERIAL" 2>/dev/null)" ] && break
    done
    [ -s "$W/pid" ] && kill "$(cat "$W/pid")" 2>/dev/null
    wait $child 2>/dev/null
    tr -d '\r\033' <"$SERIAL" >"$W/$name.txt" 2>/dev/null
    [ -n "$VERBOSE" ] && grep -a -E 'payload|zendo' "$W/$name.txt"
    return 0
}

# shellcheck disable=SC2016
qemu() { # NAME MEM MACHINE ARGS...
    local name=$1 mem=$2 machine=$3
    shift 3
    boot "$name" "${LIMIT:-300}" sh -c 'exec qemu-system-x86_64 -serial file:"$SERIAL" "$@"' sh \
        -machine "$machine" -accel tcg -cpu "${CPU:-max}" -m "$mem" -display none -monitor none \
        -no-reboot -nic none -rtc base=utc "$@"
}
qemu_efi() { # NAME MEM DISK...: OVMF with a FAT disk or a CD
    local name=$1 mem=$2 disk=$3
    case $disk in
    *.iso) set -- -cdrom "$disk" ;;
    *) set -- -drive "file=$disk,format=raw,if=virtio,readonly=on" ;;
    esac
    qemu "$name" "$mem" q35 -drive "if=pflash,format=raw,readonly=on,file=$OVMF" "$@"
}
qemu_bios() { qemu "$1" "$2" pc -cdrom "$3"; }

# has NAME TEXT...: each text is in the output
has() {
    local name=$1 text
    shift
    for text in "$@"; do
        grep -aqF -- "$text" "$W/$name.txt" && continue
        fail "$name" "lacks \"$text\": $(grep -aE 'payload: (wrong|BAD)|zendo' "$W/$name.txt" |
            head -3 | tr '\n' ';')"
        return 1
    done
    ok "$name"
}

KERNEL_OPTIONS="root=/dev/xvda1 console=hvc0"
HYP_OPTIONS="com1=115200,8n1 console=com1"

# cd_make ISO LOADER KERNEL RAMDISK [GRUB-LINES]; no file: no module. WORD goes before options.
cd_make() {
    local iso=$1 tree=$W/cd
    rm -rf "$tree"
    mkdir -p "$tree/boot/grub"
    cp "$2" "$tree/boot/zendo"
    {
        printf '%s\n' 'serial --unit=0 --speed=115200' 'terminal_input serial' \
            'terminal_output serial' 'set timeout=0' "${5:-}" 'menuentry test {'
        echo " multiboot2 /boot/zendo ${WORD:-} $HYP_OPTIONS"
        [ -n "$3" ] && cp "$3" "$tree/boot/vmlinuz" &&
            echo " module2 /boot/vmlinuz ${WORD:-} $KERNEL_OPTIONS"
        [ -n "$4" ] && cp "$4" "$tree/boot/initrd" && echo " module2 /boot/initrd"
        echo '}'
    } >"$tree/boot/grub/grub.cfg"
    grub-mkrescue -o "$iso" "$tree" >"$W/grub.log" 2>&1 || { cat "$W/grub.log" >&2; exit 1; }
    rm -rf "$tree"
}

# esp_make IMAGE MIB FILE=NAME...: a FAT disk
esp_make() {
    local image=$1 mib=$2 pair
    shift 2
    rm -f "$image"
    truncate -s "${mib}M" "$image"
    mformat -i "$image" -F ::
    mmd -i "$image" ::/EFI ::/EFI/BOOT ::/sub
    for pair in "$@"; do mcopy -i "$image" "${pair%%=*}" "::/${pair#*=}" || exit 1; done
}

crc_of() { python3 -c 'import sys,zlib; print("%x" % zlib.crc32(open(sys.argv[1],"rb").read()))' "$1"; }
kernel_make() { # NAME PACKING [FLAW...]
    [ -e "$W/$1" ] || python3 tests/system/payload/mkkernel.py "$W/$1" "${@:2}" >"$W/$1.sum"
    read -r KERNEL_SIZE KERNEL_CRC <"$W/$1.sum"
}
stock() { # NAME: one of Debian's kernels, and what it unpacks to
    local dir=$BUILD/dom0/kernels/$1
    [ -e "$dir/vmlinuz" ] || sh dom0/kernels.sh "$BUILD/dom0" "$1" >/dev/null || return 1
    STOCK=$dir/vmlinuz
    [ -e "$W/stock-$1.sum" ] && [ "$W/stock-$1.sum" -nt "$STOCK" ] ||
        python3 - "$STOCK" >"$W/stock-$1.sum" <<'X'
import lzma, struct, subprocess, sys, zlib
data = open(sys.argv[1], "rb").read()
at, size = struct.unpack_from("<II", data, 0x248)
payload = data[(data[0x1f1] + 1) * 512 + at:][:size - 4]
if payload[:4] == b"\x28\xb5\x2f\xfd":
    elf = subprocess.run(["zstd", "-dcq"], input=payload, stdout=subprocess.PIPE).stdout
else:
    elf = lzma.decompress(payload)
print("%x %x" % (len(elf), zlib.crc32(elf)))
X
    read -r KERNEL_SIZE KERNEL_CRC <"$W/stock-$1.sum"
}

EFI=$BUILD/loaders/zendo.efi
MB2=$BUILD/loaders/zendo.mb2
[ -e "$EFI" ] && [ -e "$MB2" ] || { echo "FAIL loaders missing: run make loaders-test"; exit 1; }
[ -e "$W/ramdisk" ] || head -c 47000003 /dev/urandom >"$W/ramdisk"
[ -e "$W/small" ] || head -c 100001 /dev/urandom >"$W/small"
RAMDISK_CRC=$(crc_of "$W/ramdisk")
SMALL_CRC=$(crc_of "$W/small")

# kernel_line, ramdisk_line: how the payload must have found the files
kernel_line() { echo "bytes=$KERNEL_SIZE crc32=$KERNEL_CRC"; }
big_line() { echo "bytes=2cd29c3 crc32=$RAMDISK_CRC"; }
small_line() { echo "bytes=186a1 crc32=$SMALL_CRC"; }

config() { # FILE KERNEL RAMDISK
    printf '[global]\ndefault=test\n[other]\nkernel=none\n[test]\noptions=%s\nkernel=%s %s\n%s\n' \
        "$HYP_OPTIONS" "$2" "$KERNEL_OPTIONS" "${3:+ramdisk=$3}" >"$1"
}

efi_stock() { # TEST KERNEL MEM
    wanted "$1" || return
    stock "$2" || { fail "$1" "no kernel $2"; return; }
    config "$W/c.cfg" vmlinuz initrd.img
    esp_make "$W/esp.img" 128 "$EFI=EFI/BOOT/BOOTX64.EFI" "$W/c.cfg=EFI/BOOT/bootx64.cfg" \
        "$STOCK=EFI/BOOT/vmlinuz" "$W/ramdisk=EFI/BOOT/initrd.img"
    qemu_efi "$1" "$3" "$W/esp.img"
    has "$1" "payload: good" "$(kernel_line)" "$(big_line)" "options [$HYP_OPTIONS]" \
        "kernel_options [$KERNEL_OPTIONS]" "screen kind=2" "from_efi=1" "loader [zendo.efi]"
}

bios_packing() { # PACKING: small kernel through GRUB on BIOS
    local name=mb2-bios-$1
    wanted "$name" || return
    kernel_make "kernel-$1" "$1"
    cd_make "$W/boot.iso" "$MB2" "$W/kernel-$1" "$W/small"
    qemu_bios "$name" 512 "$W/boot.iso"
    has "$name" "payload: good" "$(kernel_line)" "$(small_line)" "options [$HYP_OPTIONS]" \
        "kernel_options [$KERNEL_OPTIONS]" "screen kind=1 width=50 height=19"
}

mb2_bad() { # TEST MESSAGE KERNEL [MEM [CPU]]
    wanted "$1" || return
    cd_make "$W/boot.iso" "$MB2" "$3" ""
    CPU=${5:-max} qemu_bios "$1" "${4:-512}" "$W/boot.iso"
    has "$1" "zendo: $2"
}

# All bad input of zendo.efi in one boot: the shell runs it again and again, each run must come back
# with its message, the memory must all be there at the end, and then a good one must start.
EFI_BAD=(
    "efi-no-config|-cfg=none.cfg|none.cfg: not found"
    "efi-no-kernel-line|-cfg=empty.cfg|empty.cfg: no kernel="
    "efi-no-section|-cfg=good.cfg nosuch|good.cfg: no kernel= for the chosen section"
    "efi-endless-chain|-cfg=chain.cfg|chain.cfg: too many chain= in a row"
    "efi-missing-kernel|-cfg=good.cfg missing-kernel|no-such-file: not found"
    "efi-missing-ramdisk|-cfg=good.cfg missing-ramdisk|no-such-ramdisk: not found"
    "efi-kernel-is-folder|-cfg=good.cfg folder|/sub: is a folder, not a file"
    "efi-not-a-kernel|-cfg=good.cfg not-a-kernel|small: not a kernel (neither a bzImage nor an ELF file)"
    "efi-empty-kernel|-cfg=good.cfg empty-kernel|nothing: not a kernel (neither a bzImage nor an ELF file)"
    "efi-truncated|-cfg=good.cfg truncated|cut: truncated kernel file"
    "efi-damaged|-cfg=good.cfg damaged|damaged: damaged kernel (its compressed data is inconsistent)"
    "efi-unknown-compression|-cfg=good.cfg bzip2|bzip2: unknown compression of the kernel"
    "efi-not-dom0|-cfg=good.cfg no-dom0|no-dom0: kernel may not be dom0: built without Xen dom0 support (XENFEAT_dom0)"
    "efi-cloud-kernel|-cfg=good.cfg cloud|cloud: kernel may not be dom0: built without Xen dom0 support (XENFEAT_dom0)"
    "efi-no-entry|-cfg=good.cfg no-entry|no-entry: kernel may not be dom0: it has no Xen entry point (ELF note)"
    "efi-not-x86-64|-cfg=good.cfg i386|i386: not an x86-64 ELF kernel"
    "efi-huge-kernel|-cfg=good.cfg huge|huge: too little memory to unpack the kernel"
    "efi-long-options|-cfg=long.cfg|options: too long"
)

efi_bad() {
    local entry test arguments message name=efi-bad files=() flaw before after
    wanted efi-bad || return
    printf 'options=x\n' >"$W/empty.cfg"
    printf '[global]\nchain=chain.cfg\n' >"$W/chain.cfg"
    { printf 'kernel=good\noptions='; head -c 9000 /dev/zero | tr '\0' x; } >"$W/long.cfg"
    : >"$W/nothing"
    # Debian's cloud flavour is built without CONFIG_XEN_DOM0.
    stock 6.12-cloud && cp "$STOCK" "$W/cloud"
    kernel_make good zstd
    kernel_make cut xz cut
    kernel_make damaged xz damaged
    kernel_make bzip2 bzip2
    for flaw in no-dom0 no-entry i386; do kernel_make $flaw lz4 $flaw; done
    # The size word says 1 GiB, more than the machine has.
    cp "$W/good" "$W/huge"
    python3 -c 'import struct,sys
f = open(sys.argv[1], "r+b"); d = f.read(); n, = struct.unpack_from("<I", d, 0x24c)
f.seek(5 * 512 + 0x180 + n - 4); f.write(struct.pack("<I", 1 << 30))' "$W/huge"
    {
        for entry in missing-kernel:no-such-file folder:/sub not-a-kernel:small truncated:cut \
            empty-kernel:nothing damaged:damaged bzip2:bzip2 no-dom0:no-dom0 no-entry:no-entry \
            i386:i386 cloud:cloud huge:huge good:good; do
            printf '[%s]\nkernel=%s\n' "${entry%%:*}" "${entry#*:}"
        done
        printf '[missing-ramdisk]\nkernel=good\nramdisk=no-such-ramdisk\n'
    } >"$W/good.cfg"
    {
        echo 'FS0:'
        echo 'zendo.efi -cfg=none.cfg'
        echo memmap
        for entry in "${EFI_BAD[@]}"; do
            IFS='|' read -r test arguments message <<<"$entry"
            echo "echo TEST $test"
            echo "zendo.efi $arguments"
        done
        echo memmap
        echo 'echo TEST efi-help'
        echo 'zendo.efi -help'
        echo 'echo TEST efi-bad-then-good'
        echo 'zendo.efi -nosuch -cfg=good.cfg good -- extra=1'
    } >"$W/startup.nsh"
    for flaw in none empty chain long good; do
        [ -e "$W/$flaw.cfg" ] && files+=("$W/$flaw.cfg=$flaw.cfg")
    done
    for flaw in good cut damaged bzip2 no-dom0 no-entry i386 cloud huge small nothing; do
        files+=("$W/$flaw=$flaw")
    done
    esp_make "$W/esp.img" 128 "$EFI=zendo.efi" "$W/startup.nsh=startup.nsh" "${files[@]}"
    LIMIT=600 STOP='payload: (good|BAD)' qemu_efi $name 512 "$W/esp.img"
    for entry in "${EFI_BAD[@]}"; do
        IFS='|' read -r test arguments message <<<"$entry"
        after=$(awk -v t="TEST $test" '$0 ~ t"$" && !/echo/ { on = 1; next } /TEST/ { on = 0 } on' \
            "$W/$name.txt" | grep -a '^zendo.efi: ' | head -1)
        if [ "$after" = "zendo.efi: $message" ]; then
            ok "$test"
        else
            fail "$test" "said \"$after\""
        fi
    done
    # The shell itself grows by a few pages; had each run left one, it would be as many as runs.
    read -r before after < <(grep -a '^ *Available :' "$W/$name.txt" | tr -d , |
        awk '{ printf "%s ", $3 } END { print "" }')
    if [ -n "$after" ] && [ $((before - after)) -lt ${#EFI_BAD[@]} ]; then
        ok efi-bad-leaves-no-memory-behind
    else
        fail efi-bad-leaves-no-memory-behind "free pages before: $before, after: $after"
    fi
    grep -aqF "unknown option -nosuch ignored" "$W/$name.txt" && ok efi-unknown-option ||
        fail efi-unknown-option "not reported"
    grep -aqF "[SECTION] options=... kernel=FILE" "$W/$name.txt" && ok efi-help ||
        fail efi-help "no help"
    cp "$W/$name.txt" "$W/efi-bad-then-good.txt"
    kernel_make good zstd
    has efi-bad-then-good "payload: good" "$(kernel_line)" "options [extra=1]"
}

# Names: NAME.cfg is found by dropping parts of the program's name; chain=; a kernel elsewhere.
efi_names() {
    wanted efi-names || return
    kernel_make good zstd
    printf '[global]\ndefault=there\nchain=second.cfg\n[here]\nkernel=none\n' >"$W/first.cfg"
    printf '[there]\nkernel=/sub/good %s\nramdisk=small\noptions=from-chain\nvideo=gfx-800x600\n' \
        "$KERNEL_OPTIONS" >"$W/second.cfg"
    printf 'FS0:\ncd EFI\\BOOT\nzendo-4.2-test.efi -- more\n' >"$W/startup.nsh"
    esp_make "$W/esp.img" 64 "$EFI=EFI/BOOT/zendo-4.2-test.efi" "$W/first.cfg=EFI/BOOT/zendo-4.cfg" \
        "$W/second.cfg=EFI/BOOT/second.cfg" "$W/startup.nsh=startup.nsh" "$W/good=sub/good" \
        "$W/small=EFI/BOOT/small"
    qemu_efi efi-names 512 "$W/esp.img"
    has efi-names "payload: good" "$(kernel_line)" "$(small_line)" "options [from-chain more]" \
        "kernel_options [$KERNEL_OPTIONS]" "screen kind=2 width=320 height=258"
}

# Without [global] default= the first instance in the file counts; -basevideo leaves the screen alone.
efi_first() {
    wanted efi-first || return
    kernel_make good zstd
    printf '[one]\nkernel=good %s\n[two]\nkernel=none\noptions=second\nvideo=gfx-800x600\n' \
        "$KERNEL_OPTIONS" >"$W/first.cfg"
    printf 'FS0:\nzendo.efi -basevideo -cfg=first.cfg\n' >"$W/startup.nsh"
    esp_make "$W/esp.img" 64 "$EFI=zendo.efi" "$W/first.cfg=first.cfg" \
        "$W/startup.nsh=startup.nsh" "$W/good=good"
    qemu_efi efi-first 512 "$W/esp.img"
    has efi-first "payload: good" "$(kernel_line)" "options [second]" \
        "kernel_options [$KERNEL_OPTIONS]" "screen kind=2 width=500 height=320"
}

# Secure Boot: the firmware knows Debian's test key only ("snakeoil", which is its passphrase as well).
qemu_secure() { # NAME DISK
    qemu "$1" 512 q35,smm=on -global driver=cfi.pflash01,property=secure,value=on \
        -drive "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd" \
        -drive "if=pflash,format=raw,snapshot=on,file=/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd" \
        -drive "file=$2,format=raw,if=virtio,readonly=on"
}
secure_refused() { # NAME PROGRAM
    esp_make "$W/esp.img" 64 "$2=EFI/BOOT/BOOTX64.EFI" "$W/decoy.cfg=EFI/BOOT/BOOTX64.CFG" "$W/good=EFI/BOOT/good"
    STOP='payload: (good|BAD)|failed to (load|start) Boot' qemu_secure "$1" "$W/esp.img"
    has "$1" "Access Denied"
}

# One file with everything in it: what is beside it and its command line do not count; signed, Secure
# Boot starts it; with one bit changed, or not signed, it does not.
efi_unified() {
    local key=/usr/share/ovmf/PkKek-1-snakeoil
    wanted efi-unified || return
    kernel_make good zstd
    printf 'kernel=inside %s\nramdisk=inside\noptions=%s\n' "$KERNEL_OPTIONS" "$HYP_OPTIONS" >"$W/inside.cfg"
    printf 'kernel=good outside\noptions=outside\n' >"$W/decoy.cfg"
    packaging/zendo-unify "$W/unified.efi" "$W/inside.cfg" "$W/good" "$W/small" "$EFI" &&
        openssl rsa -in $key.key -passin pass:snakeoil -out "$W/key.pem" 2>/dev/null &&
        sbsign --key "$W/key.pem" --cert $key.pem --output "$W/signed.efi" "$W/unified.efi" 2>/dev/null ||
        { fail efi-unified "cannot make it"; return; }
    python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[data.index(open(sys.argv[2], "rb").read()) + 5000] ^= 1
open(sys.argv[3], "wb").write(data)' "$W/signed.efi" "$W/small" "$W/tampered.efi"
    printf 'FS0:\nzendo.efi -cfg=decoy.cfg -- outside\n' >"$W/startup.nsh"
    esp_make "$W/esp.img" 64 "$W/unified.efi=zendo.efi" "$W/decoy.cfg=decoy.cfg" "$W/decoy.cfg=zendo.cfg" \
        "$W/startup.nsh=startup.nsh" "$W/good=good"
    qemu_efi efi-unified 512 "$W/esp.img"
    has efi-unified "payload: good" "$(kernel_line)" "$(small_line)" "options [$HYP_OPTIONS]" \
        "kernel_options [$KERNEL_OPTIONS]"
    esp_make "$W/esp.img" 64 "$W/signed.efi=EFI/BOOT/BOOTX64.EFI"
    qemu_secure efi-unified-signed "$W/esp.img"
    has efi-unified-signed "payload: good" "$(kernel_line)" "$(small_line)" "options [$HYP_OPTIONS]"
    secure_refused efi-unified-tampered "$W/tampered.efi"
    secure_refused efi-unsigned "$EFI"
}

mb2_runs() {
    if wanted mb2-bios-stock-6.1 && stock 6.1; then
        cd_make "$W/boot.iso" "$MB2" "$STOCK" "$W/ramdisk"
        qemu_bios mb2-bios-stock-6.1 512 "$W/boot.iso"
        has mb2-bios-stock-6.1 "payload: good" "$(kernel_line)" "$(big_line)"
    fi
    if wanted mb2-efi-stock-6.12 && stock 6.12; then
        cd_make "$W/boot.iso" "$MB2" "$STOCK" "$W/ramdisk" "insmod all_video"
        qemu_efi mb2-efi-stock-6.12 1024 "$W/boot.iso"
        has mb2-efi-stock-6.12 "payload: good" "$(kernel_line)" "$(big_line)" "descriptor=30" \
            "screen kind=2" "from_efi=1" "options [$HYP_OPTIONS]"
    fi
    if wanted mb2-update-grub; then # what Debian's 20_linux_xen asks before it makes an entry
        gzip -9c "$MB2" >"$W/zendo.mb2.gz"
        if grub-file --is-x86-multiboot2 "$MB2" && grub-file --is-x86-multiboot2 "$W/zendo.mb2.gz"
        then ok mb2-update-grub; else fail mb2-update-grub "grub-file sees no multiboot2 image"; fi
    fi
    if wanted mb2-gzip-placeholder; then
        kernel_make kernel-zstd zstd
        gzip -9c "$MB2" >"$W/zendo.mb2.gz"
        WORD=placeholder cd_make "$W/boot.iso" "$W/zendo.mb2.gz" "$W/kernel-zstd" "$W/small"
        qemu_bios mb2-gzip-placeholder 6144 "$W/boot.iso"
        has mb2-gzip-placeholder "payload: good" "options [$HYP_OPTIONS]" "$(kernel_line)" \
            "kernel_options [$KERNEL_OPTIONS]" "base=100000000"
    fi
    if wanted mb2-bochs; then
        kernel_make kernel-gzip gzip
        cd_make "$W/boot.iso" "$MB2" "$W/kernel-gzip" "$W/small"
        cat >"$W/bochsrc" <<X
cpu: model=corei7_skylake_x, count=1, ips=200000000, reset_on_triple_fault=0, ignore_bad_msrs=1
megs: 256
romimage: file=/usr/share/seabios/bios.bin
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=$W/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$W/mb2-bochs.serial
display_library: rfb, options="timeout=0"
log: $W/bochs.log
panic: action=fatal
clock: sync=none, time0=1000000000
pci: enabled=1, chipset=i440fx
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
X
        echo c >"$W/bochs.rc"
        boot mb2-bochs 300 bochs -q -f "$W/bochsrc" -rc "$W/bochs.rc"
        has mb2-bochs "payload: good" "$(kernel_line)" "$(small_line)"
    fi
}

mb2_bads() {
    local flaw
    kernel_make cut xz cut
    kernel_make damaged xz damaged
    kernel_make bzip2 bzip2
    for flaw in no-dom0 no-entry i386; do kernel_make $flaw lz4 $flaw; done
    mb2_bad mb2-no-module "kernel (first module): missing: the boot entry needs a module2 line" ""
    mb2_bad mb2-not-a-kernel "kernel (first module): not a kernel" "$W/small"
    mb2_bad mb2-truncated "kernel (first module): truncated kernel file" "$W/cut"
    mb2_bad mb2-damaged "kernel (first module): damaged kernel" "$W/damaged"
    mb2_bad mb2-unknown-compression "kernel (first module): unknown compression" "$W/bzip2"
    mb2_bad mb2-not-dom0 "kernel (first module): kernel may not be dom0: built without" "$W/no-dom0"
    mb2_bad mb2-no-entry "kernel (first module): kernel may not be dom0: it has no Xen" "$W/no-entry"
    mb2_bad mb2-not-x86-64 "kernel (first module): not an x86-64 ELF kernel" "$W/i386"
    if wanted mb2-too-little-memory && stock 6.1; then
        mb2_bad mb2-too-little-memory "kernel (first module): too little memory" "$STOCK" 72
    fi
    mb2_bad mb2-no-long-mode "this processor has no long mode" "$W/cut" 64 qemu32
    mb2_bad mb2-no-cpuid-long-mode "this processor has no long mode" "$W/cut" 64 486
}

for packing in gzip xz lzma lz4 zstd none elf; do bios_packing $packing; done
mb2_runs
efi_stock efi-stock-6.1 6.1 512
efi_stock efi-stock-6.12-large 6.12 6144
efi_names
efi_first
efi_unified
efi_bad
mb2_bads
exit $FAILED
