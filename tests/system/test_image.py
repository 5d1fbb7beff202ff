# SPDX-License-Identifier: BSD-2-Clause
"""The appliance's images as a person gets them: nothing but the disk or the CD in the machine."""

import hashlib
import subprocess
import threading

from harness import paths
from harness.debian import PROMPT, command, create, login
from harness.machine import Disk, Machine
from harness.runner import test
from harness.session import Failed

HOST = r"zendo-[0-9a-f]{6}"
_lock = threading.Lock()


def image(kind):
    with _lock:
        made = subprocess.run(["make", "-s", "image", f"BUILD={paths.BUILD}"], cwd=paths.ROOT, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        raise Failed("make image failed", made.stdout[-2000:])
    return paths.BUILD / f"zendo-appliance.{kind}"


def machine(board, disks, **more):
    return Machine(board, 2, 2048, disks=disks, nics=["-nic", "user,model=e1000e"], **more)


def empty(path, mib):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(path, "wb") as f:
        f.truncate(mib << 20)
    return path


def off(s):
    s.send("poweroff\n")
    s.wait_off(300)


def looks_right(s):
    """What holds after every first boot."""
    command(s, "xl info", r"cc_compile_by +: zendo")
    command(s, "dpkg -s zendo-hypervisor", "install ok installed")
    command(s, "cat /etc/machine-id /etc/hostname", r"(?s)([0-9a-f]{6})[0-9a-f]{26}.*zendo-\1")
    command(s, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; systemctl is-active ssh", r"(?s)SHA256.*\nactive")
    command(s, "until ip -4 addr show xenbr0 | grep inet; do sleep 1; done", r"inet 10\.0\.2\.", 120)


def example(s, kind):
    """The example guest, and its web page."""
    create(s, f"/etc/xen/example.cfg 'type=\"{kind}\"'")
    s.send("xl console -t pv example\n")
    m = s.wait(r"example: a (\w+) guest, its web page is http://([0-9.]+)/", 300)
    if m.group(1).decode().lower() != kind:
        raise Failed(f"the guest says that it is {m.group(1)}")
    s.send("\x1d")
    s.wait(PROMPT, 60)
    command(s, f"busybox wget -q -O - http://{m.group(2).decode()}/", "guest of Zendo")
    command(s, "xl shutdown -w example; while xl domid example; do sleep 1; done", "", 300)


@test("image-efi")
def image_efi(t):
    """The disk image on a larger disk: it grows; a kernel update; the second boot is like the first."""
    disk = empty(t.work / "appliance.disk", 3072)
    subprocess.run(["dd", f"if={image('img')}", f"of={disk}", "bs=1M", "conv=notrunc,sparse", "status=none"],
                   check=True)
    with t.session(machine("q35", [Disk(disk, snapshot=False)]), None) as s:
        login(s, host=HOST)
        looks_right(s)
        command(s, "df -m --output=size / | tail -n 1", r"\s2[5-9]\d\d\s")
        example(s, "pv")
        example(s, "hvm")
        command(s, "echo '# mine' | tee -a /etc/zendo/zendo.cfg >>/etc/xen/example.cfg", "")
        command(s, "cd /boot; cp vmlinuz-6* vmlinuz-99-test; cp initrd.img-6* initrd.img-99-test; cd; "
                "run-parts --arg=99-test --arg=/boot/vmlinuz-99-test /etc/initramfs/post-update.d",
                "zendo.efi with vmlinuz-99-test", 300)
        command(s, "cat /etc/machine-id /etc/hostname /etc/ssh/ssh_host_ed25519_key.pub | sha256sum >was", "")
        off(s)
    with t.session(machine("q35", [Disk(disk, snapshot=False)]), None, t.work / "again") as s:
        login(s, host=HOST)
        command(s, "cat /etc/machine-id /etc/hostname /etc/ssh/ssh_host_ed25519_key.pub | sha256sum - | cmp - was",
                "")
        command(s, "tail -qn 1 /etc/xen/example.cfg /boot/efi/EFI/zendo/zendo.cfg", r"(?s)# mine\s+# mine")
        off(s)
    disk.unlink()


@test("image-pygrub")
def image_pygrub(t):
    """Debian as it was installed, and as xen-tools makes it: pygrub takes the kernel from the guest's disk."""
    names = ("debian-12", "debian-13", "xen-tools")
    disks = [Disk(image("img"))] + [Disk(paths.installed(name)) for name in names]
    disks.append(Disk(paths.need(paths.BUILD / "installed" / "xen-tools-swap.img")))
    with t.session(machine("q35", disks), None) as s:
        login(s, host=HOST)
        for i, name in enumerate(names):
            disk, root = f'"phy:/dev/vd{"bcd"[i]},xvda,w"', "/dev/xvda1"
            if name == "xen-tools":
                disk, root = '"phy:/dev/vdd,xvda2,w","phy:/dev/vde,xvda1,w"', "/dev/xvda2"
            # xen-tools' configuration of the network is for eth0
            lines = 'extra="net.ifnames=0"', f'name="{name}"', 'bootloader="pygrub"', "memory=400", 'vif=["bridge=xenbr0"]', f"disk=[{disk}]"
            command(s, "printf '%s\\n' " + " ".join(f"'{line}'" for line in lines) + f" >{name}.cfg", "")
            create(s, f"{name}.cfg", 600)
            s.send(f"xl console {name}\n")
            s.wait(rf"{name} login: ", 900)
            s.send("root\n")
            s.wait("Password: ", 120)
            s.send("zendo\n")
            s.wait(rf"root@{name}:~# ", 240)
            s.send("echo $(cat /sys/hypervisor/guest_type) on $(findmnt -n -o SOURCE /) of $(cat /etc/debian_version)\n")
            s.wait(rf"PV on {root} of {13 if name == 'debian-13' else 12}\.", 120)
            s.send("until ip -4 -o addr show | grep -o ' 10[.]0[.]2[^ ]*'; do sleep 1; done\n")
            s.wait(r" 10\.0\.2\.\d+/24", 240)
            s.send("poweroff\n")
            s.wait(rf"root@{HOST}:~# ", 600)
            command(s, f"while xl domid {name}; do sleep 1; done", "", 120)
        off(s)


@test("image-bios")
def image_bios(t):
    with t.session(machine("pc", [Disk(image("img"))]), None) as s:
        login(s, host=HOST)
        looks_right(s)
        example(s, "pvh")
        off(s)


@test("image-bench")
def image_bench(t):
    """zendo-bench as the appliance carries it, with a guest of every kind."""
    with t.session(machine("q35", [Disk(image("img"))]), None) as s:
        login(s, host=HOST)
        command(s, "zendo-bench --quick --json figures",
                r"(?s)machine-dom0.*hypercall.*machine-pv:.*syscall.*machine-pvh:.*syscall.*machine-hvm:.*syscall"
                r".*\d figures in", 3000)
        command(s, "python3 -c 'import json; f = json.load(open(\"figures\"))[\"figures\"]; "
                "print(*sorted({x[\"guest\"] for x in f if x[\"name\"] == \"web\"}))'", "dom0 hvm pv pvh")
        command(s, "xl list | wc -l", r"\b2\r?\n")
        off(s)


@test("iso-efi")
def iso_efi(t):
    """As a stick."""
    with t.session(machine("q35", [Disk(image("iso"), "usb")]), None) as s:
        login(s, host=HOST)
        looks_right(s)
        command(s, "efibootmgr", "BootCurrent")
        off(s)


@test("iso-bios")
def iso_bios(t):
    """As a CD."""
    with t.session(machine("pc", [Disk(image("iso"), "cd")]), None) as s:
        login(s, host=HOST)
        looks_right(s)
        off(s)


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


@test("install")
def install(t):
    """From the live system to the disk that is named; the other one stays as it is to the bit."""
    target = empty(t.work / "target.disk", 4096)
    other = empty(t.work / "other.disk", 64)
    subprocess.run(["sfdisk", "-q", str(other)], input=b"label: gpt\nsize=16MiB\n", check=True)
    before = digest(other)
    variables = t.work / "variables.fd"
    variables.unlink(missing_ok=True)
    disks = [Disk(image("iso"), "cd"), Disk(other, snapshot=False), Disk(target, snapshot=False)]
    with t.session(machine("q35", disks, vars_file=variables), None) as s:
        login(s, host=HOST)
        command(s, "! zendo-install --yes --disk /dev/sr0 --password-file /etc/issue", "read-only|not a disk")
        command(s, "! zendo-install --yes --disk /dev/vda1 --password-file /etc/issue", "not a disk")
        command(s, "! zendo-install --yes --disk /dev/vda --password-file /etc/issue", "less than")
        command(s, "! zendo-install --yes --password-file /etc/issue", "needs --disk")
        s.send("zendo-install --hostname zendo-abcdef\n")
        s.wait(r"(?s)vda.*vdb.*which of them\?", 60)
        s.send("/dev/vdb\n")
        s.wait("password on it:", 60)
        s.send("secret\n")
        s.wait("once more:", 60)
        s.send("secret\n")
        s.wait("Type yes", 60)
        s.send("yes\n")
        s.wait("done: /dev/vdb starts by UEFI and by BIOS", 900)
        s.wait(PROMPT, 60)
        off(s)
    if digest(other) != before:
        raise Failed("the disk that was not named has changed")
    for board, entry in (("pc", None), ("q35", "fallback"), ("q35", "list")):
        # (SeaBIOS tries the first disk only)
        m = machine(board, [Disk(target), Disk(other)], vars_file=variables if entry == "list" else None)
        with t.session(m, None, t.work / f"{board}-{entry}") as s:
            login(s, host="zendo-abcdef", password="secret")
            command(s, "findmnt -n -o SOURCE /; xl info", r"(?s)/dev/vda3.*cc_compile_by +: zendo")
            if entry == "list":
                command(s, "efibootmgr -v | grep $(efibootmgr | sed -n 's/^BootCurrent: /^Boot/p')",
                        r"(?i)Zendo.*zendo\.efi")
            off(s)
    target.unlink()
    other.unlink()
