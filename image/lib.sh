# SPDX-License-Identifier: BSD-2-Clause
# Helpers of the scripts that build the appliance: those of dom0/lib.sh, with our own names.

. "$(dirname "$0")/../dom0/lib.sh"
IMAGE=$(cd "$(dirname "$0")" && pwd)
TOP=$(dirname "$IMAGE")

die() { echo "image: $*" >&2; exit 1; }
say() { echo "image: $*"; }

# What mmdebstrap, mke2fs, mtools, mksquashfs and xorriso take for the time.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$TOP" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

# uuid_of TEXT -> a UUID for it
uuid_of() { python3 -c 'import sys, uuid; print(uuid.uuid5(uuid.NAMESPACE_OID, sys.argv[1]))' "$1"; }

# esp_id UUID -> the serial number of the FAT file system beside that root, as /etc/fstab wants it
esp_id() { echo "$1" | cut -c1-8 | tr a-f A-F | sed 's/..../&-/'; }
