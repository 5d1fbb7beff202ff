# SPDX-License-Identifier: BSD-2-Clause
# dom0, a PV guest and a PVH guest run many short processes on the same CPUs: what one kind leaves in
# a CPU must not show in the others.
. /lib/zendo.sh
. /jobs/guestlib.sh

busy='extra="console=hvc0 panic=5 zendo.then=busy"'
x create-pv xl create -p /guest/minimal.cfg 'name="pv"' "$busy" || xl_why
x create-pvh xl create -p /guest/minimal.cfg 'name="pvh"' 'type="pvh"' "$busy" || xl_why
for guest in pv pvh; do
    console_follow $guest
    x unpause-$guest xl unpause $guest
done
for guest in pv pvh; do step up-$guest console_wait $guest GUEST-READY 300; done
bash /jobs/processes.sh
for guest in pv pvh; do
    rounds=$(grep -ac GUEST-ROUND /tmp/console-$guest)
    step right-$guest [ "$(grep -aEc 'GUEST-WRONG|segfault' /tmp/console-$guest)" = 0 ]
    step worked-$guest [ "$rounds" -gt 0 ]
    x destroy-$guest xl destroy $guest
done
finish sharing
