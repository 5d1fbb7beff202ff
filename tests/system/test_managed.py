# SPDX-License-Identifier: BSD-2-Clause
"""Debian's dom0 with what docs/management.md installs: libvirt, from here and over ssh, guests that come
and go with the machine, metrics."""

import re
import shutil
import subprocess
from pathlib import Path

from harness import dom0, media, paths
from harness.debian import PROMPT, command, login
from harness.machine import Disk, Machine, free_ports
from harness.runner import test
from harness.session import Failed


def image():
    paths.dom0_build("managed")
    return paths.need(paths.DOM0 / "managed.img")


def package(what="deb"):
    """The hypervisor's Debian package, or another that make makes."""
    made = subprocess.run(["make", "-s", what, f"BUILD={paths.BUILD}"], cwd=paths.ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        raise Failed(f"make {what} failed", made.stdout[-2000:])
    return Path(made.stdout.split()[-1])


def files_disk(t, **more):
    """A disk that is an archive: jobs and what they share, and more files by name."""
    files = {f"jobs/{p.name}": (0o755, p.read_bytes()) for p in paths.JOBS.glob("*.sh")}
    files["usr/lib/zendo.sh"] = (0o644, (paths.ROOT / "dom0/mini/zendo.sh").read_bytes())
    files["usr/local/bin/usleep"] = (0o755, b'#!/bin/sh\nexec busybox usleep "$@"\n')
    files |= {f"root/{name}": (0o644, data) for name, data in more.items()}
    t.work.mkdir(parents=True, exist_ok=True)
    path = t.work / "files.disk"
    path.write_bytes(media.cpio(files))
    media.round_up(path, 4096)
    return Disk(path)


def debian(t, disks, nics=(), work=None, mem=2048):
    """Debian's dom0 from the first disk; logged in, and the second one's files are there."""
    machine = Machine("q35", 1, mem, disks=disks, nics=list(nics))
    return t.session(machine, dom0.boot_full(machine, work or t.work), work)


def ready(s, files=True):
    login(s)
    command(s, "systemctl is-system-running --wait || systemctl --failed", "running", 400)
    if files:
        command(s, "cd / && busybox cpio -idu </dev/vdb; cd", "")


def job(s, name, seconds=900, **settings):
    words = " ".join(f"ZENDO_{k.upper()}={v}" for k, v in settings.items())
    s.send(f"{words} bash /jobs/{name}.sh\n")
    s.wait_result(name, seconds)
    s.wait(PROMPT, 60)


def off(s):
    s.send("poweroff\n")
    s.wait_off(600)


def file_of(disk, path):
    """What that file of the ext4 file system has, None without one; nobody may have it mounted."""
    done = subprocess.run(["debugfs", "-R", f"cat {path}", str(disk)], capture_output=True, check=True)
    return None if b"File not found" in done.stderr else done.stdout.decode(errors="replace")


@test("managed/xendomains")
def xendomains(t):
    """Guests start with the machine, are saved with it and go on, or are shut down with it."""
    disk = t.work / "kept.disk"
    t.work.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(image(), disk)
    disks = [Disk(disk, snapshot=False)]
    log = "/var/log/xen/console/guest-{}.log"
    wait = """'extra="console=hvc0 panic=5 net.ifnames=0 zendo.ip=192.0.2.{} zendo.then=wait"'"""
    with debian(t, disks) as s:
        ready(s, files=False)
        # what the guests say is kept
        command(s, "echo XENCONSOLED_ARGS=--log=guest >>/etc/default/xen; mkdir -p /var/log/xen/console; "
                "systemctl restart xen; pgrep -a xenconsoled", "log=guest")
        # (libvirt's daemon keeps it from starting with the machine; nobody's guests are there yet)
        command(s, "systemctl mask --now libvirtd; systemctl restart xendomains; systemctl is-active xendomains",
                r"[^-n]active\r?\n")
        command(s, "grep -E '^XENDOMAINS_(SAVE|RESTORE|AUTO)=' /etc/default/xendomains",
                r"(?s)SAVE=/var/lib/xen/save.*RESTORE=true.*AUTO=/etc/xen/auto")
        command(s, "mkdir -p /etc/xen/auto; sed 's/^name.*/name = \"fresh\"/; s/panic=5/& zendo.then=wait/' "
                "guest/minimal.cfg >/etc/xen/auto/fresh.cfg; cat /etc/xen/auto/fresh.cfg", "then=wait")
        for kind, ip in (("pv", 11), ("pvh", 21)):
            command(s, f"truncate -s 4M /var/lib/xen/{kind}.img; sed -i s,/tmp,/var/lib/xen, guest/{kind}.cfg", "")
            command(s, f"xl create guest/{kind}.cfg {wait.format(ip)}", "Parsing config", 300)
            command(s, f"until grep 'GUEST-TICK 3 ' {log.format(kind)}; do sleep 1; done", "GUEST-TICK 3", 300)
        off(s)
    for kind in ("pv", "pvh"):
        if not file_of(disk, f"/var/lib/xen/save/{kind}"):
            raise Failed(f"the guest {kind} was not saved")
    with debian(t, disks, work=t.work / "second") as s:
        ready(s, files=False)
        command(s, "xl list", r"(?s)(?=.*\npv )(?=.*\npvh )(?=.*\nfresh )")
        command(s, "ls -A /var/lib/xen/save | wc -l", r"\b0\b")
        command(s, f"until grep GUEST-TICK {log.format('fresh')}; do sleep 1; done", "GUEST-TICK", 300)
        for kind in ("pv", "pvh"):  # up only once, and goes on
            text = log.format(kind)
            command(s, f"a=$(grep -c TICK {text}); until [ $(grep -c TICK {text}) -gt $a ]; do sleep 1; done; "
                    f"grep -c GUEST-UP {text}", r"\b1\b", 300)
        command(s, "sed -i 's/^XENDOMAINS_SAVE=.*/XENDOMAINS_SAVE=/' /etc/default/xendomains", "")
        off(s)
    for guest in ("pv", "pvh", "fresh"):
        if "GUEST-ASKED poweroff" not in (file_of(disk, log.format(guest)) or ""):
            raise Failed(f"the guest {guest} was not shut down with the machine")
        if file_of(disk, f"/var/lib/xen/save/{guest}"):
            raise Failed(f"the guest {guest} was saved")
    disk.unlink()


@test("managed/metrics")
def metrics(t):
    with debian(t, [Disk(image()), files_disk(t, **{"zendo.deb": package().read_bytes()})]) as s:
        ready(s)
        job(s, "metrics", 600)
        off(s)


@test("managed/backends")
def backends(t):
    """zendo-backends as anybody installs it, under systemd."""
    files = files_disk(t, **{"backends.deb": package("backends-deb").read_bytes()})
    with debian(t, [Disk(image()), files]) as s:
        ready(s)
        job(s, "backends", 1200)
        off(s)


def inside(t, jobs, settings="", nics=(), each=1800):
    """Jobs in the root with libvirt on the minimal dom0, which is up much sooner than Debian's systemd."""
    machine = Machine("q35", 2, 2048, disks=[Disk(image())], nics=list(nics))
    t.mini(machine, ["managed"], each=each, dom0_mem=1024,
           kernel_extra=f"zendo.inside={jobs} {settings}")


@test("managed/libvirt")
def libvirt(t):
    inside(t, "libvirt")


@test("managed/libvirt-pvh")
def libvirt_pvh(t):
    inside(t, "libvirt", "zendo.type=pvh")


@test("managed/libvirt-hvm")
def libvirt_hvm(t):
    inside(t, "libvirt", "zendo.type=hvm zendo.up=1200", each=3600)


@test("managed/remote")
def remote(t):
    """Another machine, here the root as a tree, connects by ssh as virsh and virt-manager do."""
    port = free_ports(1)[0]
    disk = Disk(image())
    machine = Machine("q35", 2, 2048, disks=[disk],
                      nics=["-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{port}-:22"])
    uri = f"xen+ssh://root@127.0.0.1:{port}/system?no_verify=1"

    inside = 'mount -t proc proc "$0/proc" && exec chroot "$0" virsh "$@"'

    def virsh(line, pattern):
        done = subprocess.run(["unshare", "-m", "sh", "-c", inside, str(paths.DOM0 / "managed"), "-c", uri,
                               *line.split()], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300)
        if done.returncode or not re.search(pattern, done.stdout):
            raise Failed(f"virsh {line}: {done.stdout}")

    boot = dom0.boot_mini(machine, t.work, ["managed"], dom0_mem=1024, kernel_extra="zendo.inside=remote")
    with t.session(machine, boot) as s:
        s.wait("ZENDO-REMOTE-READY", 420)
        virsh("hostname", "dom0")
        virsh("list --all", r"(?s)Domain-0 +running.*minimal +shut off")
        virsh("start minimal", "started")
        virsh("dominfo minimal", "State: +(running|idle)")
        virsh("destroy minimal", "destroyed")
        virsh("undefine minimal", "undefined")
        s.wait_result("managed", 300)
        s.wait_off(120)
