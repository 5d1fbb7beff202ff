# SPDX-License-Identifier: BSD-2-Clause
# Guests that crash in several ways: each is gone, its memory is back, dom0 did not notice.
. /lib/zendo.sh
. /jobs/guestlib.sh
xl create -q /guest/tiny-$KIND.cfg 'extra="block"' && xl destroy tiny
sleep 2
before=$(free_pages)
one() { # LABEL CONFIG NAME EXTRA SECONDS
    x "$1-create" xl create -p "/guest/$2.cfg" "$TYPE" "extra=\"$4\"" || xl_why
    console_follow "$3"
    x "$1-unpause" xl unpause "$3"
    step "$1-gone" wait_for "$5" guest_absent "$3"
}
one report tiny-$KIND tiny crash 60
one fault tiny-$KIND tiny fault 60
one linux minimal minimal 'console=hvc0 panic=5 zendo.then=crash' 300
step panicked wait_for 10 console_has minimal 'Kernel panic'
step memory memory_returns "$before"
step toolstack xl list
step kernel eval '! dmesg | grep -E "BUG:|Oops|Call Trace"'
finish crash
