# SPDX-License-Identifier: BSD-2-Clause
# A PVH guest that tries what makes a processor leave a guest, and says what some of it costs.
. /lib/zendo.sh
. /jobs/guestlib.sh

x create xl create -p /guest/probe-pvh.cfg || xl_why
x unpause xl unpause probe
step gone wait_for 60 guest_absent probe
step good eval "xl dmesg | grep PROBE-GOOD"
xl dmesg | grep -E "PROBE|probe|crashed"
finish probe
