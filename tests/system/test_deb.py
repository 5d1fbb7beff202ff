# SPDX-License-Identifier: BSD-2-Clause
"""The Debian package: what it does to a system and takes back."""

import contextlib
import subprocess

from harness import paths
from harness.debian import command, login
from harness.machine import Boot, Disk, Machine
from harness.runner import test
from harness.session import Failed


def package(t, then):
    made = subprocess.run(["make", "-s", "deb", f"BUILD={paths.BUILD}"], cwd=paths.ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        raise Failed("make deb failed", made.stdout[-2000:])
    t.script(["bash", "tests/system/deb.sh", made.stdout.split()[-1],
              str(paths.need(paths.DOM0 / "root")), str(t.work), *then])


@test("deb", quick=True)
def deb(t):
    package(t, [])


@contextlib.contextmanager
def booted(t):
    """Debian with the package installed, by the menu that update-grub made; logged in."""
    package(t, ["disk"])
    t.has_reported = False  # the boot itself counts as well
    # GRUB itself comes from a CD (grub-install wants a real disk) and goes on with the disk's menu
    boot = Boot(None, None, None, "", "", grub="search --set=root --label zendo-dom0\n"
                "configfile ($root)/boot/grub/grub.cfg\n")
    machine = Machine("pc", 1, 2048, disks=[Disk(t.work / "disk.img")])
    with t.session(machine, boot) as s:
        login(s)
        yield s
        s.send("poweroff\n")
        s.wait_off(180)


@test("deb-boot")
def deb_boot(t):
    with booted(t) as s:
        command(s, "xl info", r"cc_compile_by +: zendo")
        command(s, "dpkg -s zendo-hypervisor", "install ok installed")


@test("deb-bench")
def deb_bench(t):
    """What zendo-bench says of the machine that the package is installed on."""
    with booted(t) as s:
        command(s, "zendo-bench --quick --kinds pv,pvh --json figures",
                r"(?s)machine-dom0.*hypercall.*machine-pv:.*syscall.*machine-pvh:.*syscall.*\d figures in", 3000)
        # (the emulator's clock says nothing; that they are all found again does)
        command(s, "zendo-bench --quick --kinds dom0 --baseline figures --regression 100000",
                r"\d\d figures compared: 0 worse", 900)
        command(s, "xl list | wc -l", r"\b2\r?\n")
