# SPDX-License-Identifier: BSD-2-Clause
# A kernel that is not Linux, from Debian: GNU Mach for Xen, 64-bit PV. It gives up before its console works, with
# a reason of its own, as it does under Xen 4.17.
. /lib/zendo.sh
. /jobs/guestlib.sh
cat >/tmp/gnumach.cfg <<'CFG'
name = "gnumach"
type = "pv"
kernel = "/guest/gnumach"
memory = 64
CFG
x create xl create /tmp/gnumach.cfg || xl_why
step gone wait_for 60 guest_absent gnumach || xl_why
step reason grep 'has shut down, reason code 252 ' /var/log/xen/xl-gnumach.log || xl_why
finish gnumach
