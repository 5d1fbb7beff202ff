#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# disk.sh OUTDIR IMAGE: the disk image from OUTDIR/root and OUTDIR/esp, without mounting anything. For
# BIOS, GRUB is where grub-install would put it; it goes on with the root's /boot/grub.

. "$(dirname "$0")/lib.sh"
OUT=${1:?usage: disk.sh OUTDIR IMAGE}
IMG=${2:?usage: disk.sh OUTDIR IMAGE}
KEY=$(key_of "$IMAGE/disk.sh" "$IMAGE/lib.sh" "$OUT/root.key")
stage_fresh "$OUT/disk.key" "$KEY" && [ -e "$IMG" ] && exit 0
say "disk image"
UUID=$(cat "$OUT/uuid")
R=$OUT/root
MIB=1048576
BIOS_START=1 ESP_START=2 ESP_MIB=256 # in MiB
ROOT_START=$((ESP_START + ESP_MIB))
# A quarter more than the files for the file system's own and the first hours; the first boot lets it
# grow to the disk's end.
ROOT_MIB=$(($(du -sm "$R" | cut -f1) * 5 / 4 + 128))

rm -f "$IMG.new" "$OUT/disk.key"
truncate -s $(((ROOT_START + ROOT_MIB + 1) * MIB)) "$IMG.new"
sfdisk -q "$IMG.new" <<X
label: gpt
label-id: $(uuid_of "$UUID disk")
start=$((BIOS_START * 2048)), size=2048, type=21686148-6449-6E6F-744E-656564454649, uuid=$(uuid_of "$UUID bios"), name=bios
start=$((ESP_START * 2048)), size=$((ESP_MIB * 2048)), type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=$(uuid_of "$UUID esp"), name=esp
start=$((ROOT_START * 2048)), size=$((ROOT_MIB * 2048)), type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, uuid=$(uuid_of "$UUID root"), name=root
X

ESP=$IMG.new@@$((ESP_START * MIB))
mformat -i "$ESP" -F -T $((ESP_MIB * 2048)) -H $((ESP_START * 2048)) -h 255 -s 63 -v ZENDO-ESP \
    -N "$(esp_id "$UUID" | tr -d -)" ::
mcopy -i "$ESP" -s -m "$OUT"/esp/* ::

E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -L zendo-root -U "$UUID" -m 1 -d "$R" -F \
    -E "offset=$((ROOT_START * MIB)),hash_seed=$UUID" "$IMG.new" ${ROOT_MIB}M

# What grub-install does on a device: the boot sector loads the first sector of the core, which has a
# list of the others. Offsets and sizes: GRUB's include/grub/i386/pc/boot.h.
grub-mkimage -O i386-pc -d "$R/usr/lib/grub/i386-pc" -p "(,gpt3)/boot/grub" -o "$OUT/core.img" \
    biosdisk part_gpt ext2
python3 - "$IMG.new" "$R/usr/lib/grub/i386-pc/boot.img" "$OUT/core.img" $((BIOS_START * 2048)) <<'X'
import struct, sys
boot, core = (bytearray(open(name, "rb").read()) for name in sys.argv[2:4])
start = int(sys.argv[4])
assert len(boot) == 512 and len(core) <= 2048 * 512
struct.pack_into("<Q", boot, 0x5C, start)         # GRUB_BOOT_MACHINE_KERNEL_SECTOR
struct.pack_into("<Q", core, 512 - 12, start + 1)  # the list's only entry
with open(sys.argv[1], "r+b") as disk:
    disk.write(boot[:440])                         # behind it the partition table begins
    disk.seek(start * 512)
    disk.write(core)
X
mv "$IMG.new" "$IMG"
rm "$OUT/core.img"
echo "$KEY" >"$OUT/disk.key"
