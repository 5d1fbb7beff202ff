# SPDX-License-Identifier: BSD-2-Clause
# fio on a guest's disk (ZENDO_TYPE: pv, pvh), which is a file in dom0's memory by loop and blkback: 4 KiB at random
# (1, 4, 8 and 32 requests at a time) and 1 MiB in sequence (1 and 32), read and written. ZENDO_IO is MiB of each
# (8, and 32 of the large ones); docs/performance.md has the table. With ZENDO_BACK=zendo by zendo-blkd, with
# ZENDO_TARGET before the path (raw,persistent=0:).
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
io=${ZENDO_IO:-8}
step bridge bridge_up
head -c 16m /dev/urandom >/tmp/disk.img
disk=format=raw,vdev=xvda,access=rw,target=/tmp/disk.img
if [ "${ZENDO_BACK:-}" = zendo ]; then
    PATH=$PATH:/usr/sbin
    zendo-blkd &
    disk=format=raw,vdev=xvda,access=rw,script=block-zendo,target=${ZENDO_TARGET:-raw:}/tmp/disk.img
fi
# (xl unpacks what looks like one archive of gzip, and only the first)
{ printf '\0\0\0\0' && cat /guest/initrd /guest/tools; } >/tmp/ramdisk
step up guest_orders $g '' "$TYPE" memory=400 'ramdisk="/tmp/ramdisk"' \
    "disk=['$disk']" || xl_why
jobs() { # one after the other, by one process: its many libraries take long to load
    echo "--name=global --filename=/dev/xvda --ioengine=libaio --direct=1 --size=16M --norandommap --stonewall"
    echo "--name=warm --rw=read --bs=1M --io_size=16M"
    for depth in 1 4 8 32; do
        for rw in randread randwrite; do echo "--name=$rw-$depth --rw=$rw --bs=4k --iodepth=$depth --io_size=${io}M"; done
        case $depth in 4 | 8) continue ;; esac
        for rw in read write; do echo "--name=$rw-$depth --rw=$rw --bs=1M --iodepth=$depth --io_size=$((io * 4))M"; done
    done
}
# measure: a line for each, with milliseconds, IOPS, KiB/s, and the mean microseconds of a request
measure() {
    answer $g "/usr/bin/fio --output-format=terse --terse-version=3 $(jobs)" >/tmp/fio.out
    awk -F ';' -v io="$io" '$1 == 3 {
        f = $3 ~ /write/ ? 41 : 0
        printf "FIO %s: %s KiB, %s ms, %s IOPS, %s KiB/s, %s us\n", $3, $(6 + f), $(9 + f), $(8 + f), $(7 + f), $(40 + f)
        if ($5 == 0 && $(6 + f) == ($3 ~ /rand/ ? io : io * 4) * 1024) good++ }
        END { exit good != 12 }' /tmp/fio.out || { cat /tmp/fio.out; return 1; }
}
step measure measure
x shutdown xl shutdown -w $g
finish fio
