# SPDX-License-Identifier: BSD-2-Clause
# A kernel that is not Linux, from Debian: GNU Mach for Xen, 64-bit PV. Without a first program (the
# Hurd's) it comes as far as looking for one.
. /lib/zendo.sh
. /jobs/guestlib.sh
cat >/tmp/gnumach.cfg <<'CFG'
name = "gnumach"
type = "pv"
kernel = "/guest/gnumach"
memory = 64
on_crash = "destroy"
CFG
x create xl create -p /tmp/gnumach.cfg || xl_why
console_follow gnumach
x unpause xl unpause gnumach
step banner console_wait gnumach 'GNU Mach 1\.8' 60 || xl_why
step end console_wait gnumach 'No bootstrap code loaded with the kernel' 60 || xl_why
step gone wait_for 60 guest_absent gnumach || xl_why
finish gnumach
