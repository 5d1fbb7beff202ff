# SPDX-License-Identifier: BSD-2-Clause
"""The Debian package: what it does to a system and takes back."""

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


@test("deb-boot")
def deb_boot(t):
    """Debian with the package installed, by the menu that update-grub made."""
    package(t, ["disk"])
    t.has_reported = False  # the boot itself counts as well
    # GRUB itself comes from a CD (grub-install wants a real disk) and goes on with the disk's menu
    boot = Boot(None, None, None, "", "", grub="search --set=root --label zendo-dom0\n"
                "configfile ($root)/boot/grub/grub.cfg\n")
    machine = Machine("pc", 1, 2048, disks=[Disk(t.work / "disk.img")])
    with t.session(machine, boot) as s:
        login(s)
        command(s, "xl info", r"cc_compile_by +: zendo")
        command(s, "dpkg -s zendo-hypervisor", "install ok installed")
        s.send("poweroff\n")
        s.wait_off(180)
