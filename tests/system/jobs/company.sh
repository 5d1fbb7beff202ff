# SPDX-License-Identifier: BSD-2-Clause
# dom0 and a Linux guest both run many short processes on the same CPUs; both must stay right.
. /lib/zendo.sh
. /jobs/guestlib.sh
x create xl create -p /guest/minimal.cfg 'extra="console=hvc0 panic=5 zendo.then=busy"' || xl_why
console_follow minimal
x unpause xl unpause minimal
step up console_wait minimal GUEST-READY 240
bash /jobs/processes.sh
rounds=$(grep -ac GUEST-ROUND /tmp/console-minimal)
step right [ "$(grep -aEc 'GUEST-WRONG|segfault' /tmp/console-minimal)" = 0 ]
step worked [ "$rounds" -gt 0 ]
x destroy xl destroy minimal
finish company "guest rounds: $((rounds * 50))"
