# SPDX-License-Identifier: BSD-2-Clause
"""docs/start.md, done as it says: each command in it runs where it says, in its order."""

import os
import re
import subprocess
import time

from harness import paths
from harness.debian import IMPATIENT, PROMPT, command, login
from harness.machine import Disk, Machine, free_ports
from harness.runner import test
from harness.session import SCALE, Failed
from test_image import HOST, empty, image

ADDRESS = "192.0.2.77"  # in the text
GUEST = "10.0.2.16"     # what QEMU's network gives to the second who asks


def blocks():
    """(where, commands) for each fenced block; one without a place is not to be executed by anybody."""
    text = (paths.ROOT / "docs" / "start.md").read_text()
    found = re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S)
    for kind, body in found:
        if kind != "text":
            where = re.fullmatch(r"sh (builder|stick|zendo|guest|other)", kind)
            if not where:
                raise Failed(f"docs/start.md: a block of kind {kind!r}")
            yield where.group(1), body.splitlines()


class Guide:
    """The machine that the reader has, and what she does beside the commands."""

    def __init__(self, t):
        self.t, self.s, self.boots, self.in_guest = t, None, 0, False
        self.stick, self.disk = empty(t.work / "stick.disk", 1024), empty(t.work / "machine.disk", 4096)
        self.variables = t.work / "variables.fd"
        self.variables.unlink(missing_ok=True)
        self.port = free_ports(1)[0]

    def boot(self, with_stick):
        disks = [Disk(self.disk, "ahci", snapshot=False)] + [Disk(self.stick, "usb", snapshot=False)] * with_stick
        machine = Machine("q35", 2, 2048, disks=disks, vars_file=self.variables, nics=[
            "-nic", f"user,model=e1000e,hostfwd=tcp:127.0.0.1:{self.port}-{GUEST}:80"])
        self.boots += 1
        self.s = self.t.session(machine, None, self.t.work / f"boot-{self.boots}")

    def close(self):
        if self.s:
            self.s.stop()
        self.s = None

    def at(self, where):
        """The reader goes there: the machine may have to be switched on, the guest's console left."""
        if where in ("builder", "guest"):
            return
        if not self.s:
            self.boot(where == "stick")
            if where == "other":
                return
            login(self.s, 900, host=HOST, password="zendo" if where == "stick" else "secret")
        elif self.in_guest and where == "zendo":
            self.s.send("\x1d")
            self.s.wait(PROMPT, 60)
            self.in_guest = False

    def builder(self, line):
        if line == "make image":
            image("iso")
            return
        argv = line.replace("/dev/sdX", str(self.stick))
        subprocess.run(argv, shell=True, check=True, cwd=paths.ROOT, stdout=subprocess.DEVNULL)
        os.truncate(self.stick, 1 << 30)  # a stick does not shrink

    def dom0(self, line):
        if line in ("poweroff", "reboot"):
            self.s.send(line + "\n")
            (self.s.wait_off if line == "poweroff" else self.s.wait_reset)(300)
            self.close()
        elif line == "zendo-install":
            self.install()
        elif line.startswith("xl create -c "):
            self.s.send(line + "\n")
            while self.s.wait(rf"its web page is http://{re.escape(GUEST)}/|{IMPATIENT}", 600).group(0).startswith(b"kill"):
                self.s.wait(PROMPT, 300)  # the machine is busy, not the guest broken
                self.s.send(line + "\n")
            self.s.send("\n")
            self.s.wait(r"/ # ", 60, "the guest's prompt")
            self.in_guest = True
        elif line.startswith("ip "):
            command(self.s, f"until {line} | grep '10[.]0[.]2'; do sleep 1; done", "", 300)
        else:
            command(self.s, line, r"\S" if line.split()[0] in ("xl", "lsblk") else "", 300)

    def install(self):
        s = self.s
        s.send("zendo-install\n")
        # which of the two is sda is chance: the stick has 1 GiB
        disk = s.wait(r"(?s)(/dev/sd[ab]) +4G.*which of them\?", 60).group(1).decode()
        s.send(disk + "\n")
        for what in ("password on it:", "once more:"):
            s.wait(what, 60)
            s.send("secret\n")
        s.wait("Type yes", 60)
        s.send("yes\n")
        s.wait(f"done: {disk} starts by UEFI and by BIOS", 900)
        s.wait(PROMPT, 60)

    def guest(self, line):
        self.s.send(line + "\n")
        self.s.wait(r"/ # ", 60, "the guest's prompt")

    def other(self, line, page):
        """From another machine. The machine may still be on its way up."""
        argv = line.replace(ADDRESS, f"127.0.0.1:{self.port}").split()
        end = time.monotonic() + 1200 * SCALE
        while True:
            said = subprocess.run([*argv, "-s", "-m", "20"], stdout=subprocess.PIPE, text=True)
            if said.returncode == 0 and page in said.stdout:
                return
            if time.monotonic() > end or self.s.ended:
                raise Failed(f"no {page!r} from {line!r} but {said}", self.s.tail())
            time.sleep(2)


@test("guide")
def guide(t):
    g = Guide(t)
    pages = iter(["A PV guest of Zendo", "Hello from my guest", "A PV guest of Zendo"])
    try:
        for where, lines in blocks():
            g.at(where)
            for line in lines:
                if where == "other":
                    g.other(line, next(pages))
                else:
                    {"builder": g.builder, "guest": g.guest}.get(where, g.dom0)(line)
        if next(pages, None):
            raise Failed("the guide does not look at every page")
        login(g.s, host=HOST, password="secret")
        command(g.s, "xl list", r"web +\d")
        g.dom0("poweroff")
    finally:
        g.close()
    g.stick.unlink()
    g.disk.unlink()
