# SPDX-License-Identifier: BSD-2-Clause
"""Debian's dom0 with what docs/management.md installs: libvirt, from here and over ssh, guests that come
and go with the machine, metrics."""

import json
import re
import shlex
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


class Virsh:
    """virsh on another machine, here the root as a tree, connected by ssh."""

    def __init__(self, port):
        self.uri = f"xen+ssh://root@127.0.0.1:{port}/system?no_verify=1"

    def __call__(self, line, pattern):
        inside = 'mount -t proc proc "$0/proc" && exec chroot "$0" virsh "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-c", inside, str(paths.DOM0 / "managed"), "-c", self.uri,
                               *line.split()], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300)
        if done.returncode or not re.search(pattern, done.stdout):
            raise Failed(f"virsh {line}: {done.stdout}")


def reachable(t, port):
    """A machine with libvirt and a defined guest, its ssh at that port. Ends when the guest is removed."""
    machine = Machine("q35", 2, 2048, disks=[Disk(image())],
                      nics=["-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{port}-:22"])
    boot = dom0.boot_mini(machine, t.work, ["managed"], dom0_mem=1024, kernel_extra="zendo.inside=remote")
    return t.session(machine, boot)


@test("managed/remote")
def remote(t):
    """Another machine connects by ssh with virsh."""
    port = free_ports(1)[0]
    virsh = Virsh(port)
    with reachable(t, port) as s:
        s.wait("ZENDO-REMOTE-READY", 420)
        virsh("hostname", "dom0")
        virsh("list --all", r"(?s)Domain-0 +running.*minimal +shut off")
        virsh("start minimal", "started")
        virsh("dominfo minimal", "State: +(running|idle)")
        virsh("destroy minimal", "destroyed")
        virsh("undefine minimal", "undefined")
        s.wait_result("managed", 300)
        s.wait_off(120)


class Window:
    """virt-manager on this machine (virt_manager.py), with the root's key and what is known of the host."""

    def __init__(self, home, port):
        home = home.resolve()
        shutil.rmtree(home, ignore_errors=True)
        (home / "bin").mkdir(parents=True)
        root = paths.DOM0 / "managed"
        (home / "key").touch(mode=0o600)
        (home / "key").write_bytes((root / "root/.ssh/id_ed25519").read_bytes())
        known = (root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
        (home / "known").write_text(f"[127.0.0.1]:{port} {known}")
        # (ssh reads the configuration of who runs it, whatever HOME says)
        (home / "ssh.conf").write_text(f'IdentityFile "{home}/key"\nIdentitiesOnly yes\nBatchMode yes\n'
                                       f'UserKnownHostsFile "{home}/known"\nStrictHostKeyChecking yes\n')
        (home / "bin/ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F "{home}/ssh.conf" "$@"\n')
        (home / "bin/ssh").chmod(0o755)
        script = paths.ROOT / "tests/system/virt_manager.py"
        # Debian's own Python sees Debian's packages
        self.child = subprocess.Popen(["/usr/bin/python3", "-B", str(script), str(home),
                                       f"xen+ssh://root@127.0.0.1:{port}/system"],
                                      text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        try:
            self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.terminate()
            self.child.wait()

    def __call__(self, *order):
        self.child.stdin.write(shlex.join(order) + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline() or '{"failed": "it ended"}')
        if "failed" in answer:
            raise Failed(f"virt-manager: {answer['failed']}", "\n".join(answer.get("seen", [])))


@test("managed/virt-manager")
def virt_manager(t):
    """virt-manager's window on another machine: the guest started, its console, its end."""
    subprocess.run([paths.ROOT / "packages.sh", paths.ROOT / "tests/system/packages.txt"], check=True)
    port = free_ports(1)[0]
    virsh = Virsh(port)
    with reachable(t, port) as s:
        s.wait("ZENDO-REMOTE-READY", 420)
        with Window(t.work / "home", port) as window:
            window("row", "minimal", "Shutoff")
            window("select", "minimal")
            window("do", "push button", "Run")
            window("row", "minimal", "Running")
            virsh("domstate minimal", "running|idle")
            window("do", "push button", "Open")
            window("terminal", "GUEST-TICK")
            window("picture", str(t.work / "running.png"))
            window("do", "push button", "Shut Down")
            window("row", "minimal", "Shutoff")
            virsh("domstate minimal", "shut off")
            window("picture", str(t.work / "off.png"))
            virsh("undefine minimal", "undefined")
        s.wait_result("managed", 300)
        s.wait_off(120)
