# SPDX-License-Identifier: BSD-2-Clause
# What the example of libzendo-pv leaves out (pv-drivers/test/check.c), for each type of ZENDO_TYPES (pv,pvh,hvm): a disk
# written, flushed and opened again; files of dom0 by 9pfs; memory that comes and goes; several vCPUs, by both ABIs of events.
. /lib/zendo.sh
. /jobs/guestlib.sh
. /jobs/pvlib.sh

memory_of() { xl list "$1" | awk 'NR == 2 { print $3 }'; }
memory_is() { [ "$(memory_of "$1")" = "$2" ]; }
balloon() { # NAME MIB GIVEN LISTED (an HVM guest has some more)
    timeout "$XT" xl mem-set "$1" "$2" && console_wait "$1" "CHECK-BALLOON .*, $3 given" 60 &&
        { wait_for 30 memory_is "$1" "$4" || { xl list; return 1; }; }
}
one() { # TYPE
    local g=$1 mib
    rm -f /tmp/share/folder/taken
    step "$g-start" kernel_start check "$g" "$1" 'disk files balloon' \
        'disk=["format=raw,vdev=xvda,access=rw,target=/tmp/a"]' \
        'p9=["tag=share,path=/tmp/share,security_model=none"]' || xl_why
    step "$g-disk" console_wait "$g" 'CHECK-DISK .* written and read' 120 || xl_why
    step "$g-files" console_wait "$g" 'CHECK-FILES share: 20000 bytes' 120 || xl_why
    step "$g-same" cmp /tmp/share/folder/given /tmp/share/folder/taken
    mib=$(memory_of "$g")
    step "$g-smaller" balloon "$g" 28 1024 $((mib - 4))
    step "$g-larger" balloon "$g" 32 0 "$mib"
    x "$g-shutdown" xl shutdown "$g"
    step "$g-done" console_wait "$g" CHECK-DONE 30
    step "$g-gone" wait_for 60 guest_absent "$g" || xl_why
}
smp() { # TYPE EVENTS: all vCPUs, each interrupted by the timer and by another
    kernel_start check smp "$1" "smp events=$2" vcpus=4 && console_wait smp 'CHECK-SMP 4 vCPUs, 24000 turns' 120 &&
        wait_for 30 guest_absent smp
}
traps() { # TYPE: a mistake is told on the console and in the hypervisor's log, and the guest has crashed
    kernel_start check trap "$1" trap && console_wait trap 'pv: trap 6, error 0 at 0xffffffff80' 60 &&
        xl dmesg | grep 'pv: trap 6' && wait_for 30 crashed && xl destroy trap
}
crashed() { case $(guest_state trap) in *c*) ;; *) false ;; esac }
drivers_load
step bridge bridge_up
truncate -s 8M /tmp/a
mkdir -p /tmp/share/folder
head -c 20000 /dev/urandom >/tmp/share/folder/given
for type in $(echo "${ZENDO_TYPES:-pv,pvh,hvm}" | tr , ' '); do
    one "$type"
    for events in fifo 2l; do step "$type-smp-$events" smp "$type" "$events" || xl_why; done
    step "$type-trap" traps "$type" || xl_why
done
finish pvcheck
