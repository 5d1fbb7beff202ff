# SPDX-License-Identifier: BSD-2-Clause
"""Two machines with a disk in common and a wire between them: guests move from one to the other."""

from contextlib import ExitStack

from harness import dom0
from harness.machine import Disk, Machine, wire
from harness.runner import test
from harness.session import Session


def move(t, guest, hvm=False, rounds=1, up=240, each=1800):
    """A guest under load moves to the other machine and back, while it runs."""
    t.work.mkdir(parents=True, exist_ok=True)
    disk = t.work / "disk"
    with open(disk, "wb") as f:
        f.truncate(16 << 20)
    with ExitStack() as stack:
        sessions = []
        for n in (1, 2):
            machine = Machine("pc", 1, 1024)
            machine.disks = [Disk(disk, snapshot=False, shared=True)]
            machine.nics = wire(n, t.work / "wire")
            work = t.work / str(n)
            boot = dom0.boot_mini(
                machine, work, ["hosts"], "poweroff", guests=True, hvm=hvm,
                kernel_extra=f"zendo.guest={guest} zendo.host={n} zendo.rounds={rounds}")
            sessions.append(stack.enter_context(Session(machine, boot, work)))
            sessions[-1].wait(r"ZENDO-DOM0-UP .*$", up, f"the minimal dom0 of machine {n}")
        for s in sessions:
            s.wait_result("hosts", each)
            s.wait_off(120)


@test("guest/between-hosts")
def between_hosts(t):
    move(t, "pv", rounds=2)


@test("guest/pvh-between-hosts")
def pvh_between_hosts(t):
    move(t, "pvh4")


@test("guest/hvm-between-hosts")
def hvm_between_hosts(t):
    move(t, "hvm", hvm=True)
