# SPDX-License-Identifier: BSD-2-Clause
"""HVM guests: Debian's device model, hvmloader, SeaBIOS and OVMF; every way to boot, every device."""

from harness import media, paths
from harness.machine import Disk, Machine
from harness.runner import test


@test("guest/hvm-firmware", quick=True)
def hvm_firmware(t):
    t.mini(Machine("pc", 1, 1024), ["tinyhvm"], guests=True, hvm=True, each=600)


@test("guest/hvm-linux")
def hvm_linux(t):
    t.mini(Machine("pc", 1, 1024), ["linux"], guests=True, hvm=True, each=900,
           kernel_extra="zendo.guest=hvm zendo.up=1800")


@test("guest/hvm-viridian")
def hvm_viridian(t):
    t.mini(Machine("pc", 1, 1024), ["linux"], guests=True, hvm=True, each=900,
           kernel_extra="zendo.guest=hvm zendo.up=1800 zendo.with=viridian=1")


@test("guest/hvm-4vcpus")
def hvm_smp(t):
    t.mini(Machine("pc", 2, 1024), ["linux"], guests=True, hvm=True, each=900,
           kernel_extra="zendo.guest=hvm4 zendo.up=1800")


@test("guest/hvm-8vcpus")
def hvm_eight(t):
    t.mini(Machine("pc", 2, 1024), ["linux"], guests=True, hvm=True, each=1800,
           kernel_extra="zendo.guest=hvm zendo.vcpus=8 zendo.up=1800")


EMULATED = "xen_emul_unplug=never"  # Linux keeps the emulated disks and network cards


def linux_image(out, line, name=None):
    """A bootable image with a kernel as guest. It is CD and disk, for BIOS and for UEFI."""
    guest = paths.DOM0 / "guest"
    name = name or paths.kernel_name()
    files = {"boot/vmlinuz": paths.kernel(name),
             "boot/initrd": paths.need(guest / f"initrd-{name}.gz"),
             "boot/drivers": paths.need(guest / f"drivers-{name}.gz")}
    return media.grub_image(
        out, "menuentry guest {\n linux /boot/vmlinuz console=ttyS0 quiet panic=5 net.ifnames=0 "
        f"zendo.ip=192.0.2.41 zendo.disk=xvdb,sdb,nvme0n2,vdb {line}\n"
        " initrd /boot/initrd /boot/drivers\n}\n", files, ["i386-pc", "x86_64-efi"])


def with_disks(t, job, disks, kernel_extra="", each=900):
    """A job that finds these disks (files) as dom0's /dev/vda, /dev/vdb."""
    machine = Machine("pc", 1, 1024)
    machine.disks += [Disk(d) for d in disks]
    t.mini(machine, [job], guests=True, hvm=True, each=each, kernel_extra=kernel_extra)


def boot_ways(t, ways, line="", name=None):
    t.work.mkdir(parents=True, exist_ok=True)
    with_disks(t, "bootways", [linux_image(t.work / "guest.img", line, name)],
               f"zendo.ways={','.join(ways)}", 900 * len(ways))


@test("guest/hvm-boot")
def hvm_boot(t):
    boot_ways(t, ["disk", "cd"])


@test("guest/hvm-ovmf")
def hvm_ovmf(t):
    boot_ways(t, ["ovmf"])


# Emulated devices that stay in use, one way of jobs/bootways.sh each
@test("guest/hvm-ide")
def hvm_ide(t):
    boot_ways(t, ["ide"], EMULATED)


@test("guest/hvm-ahci")
def hvm_ahci(t):
    boot_ways(t, ["ahci"], EMULATED)


@test("guest/hvm-nvme")
def hvm_nvme(t):
    boot_ways(t, ["nvme"], EMULATED)


@test("guest/hvm-virtio")
def hvm_virtio(t):
    boot_ways(t, ["virtio"], EMULATED)


@test("guest/hvm-32bit")
def hvm_32bit(t):
    boot_ways(t, ["ahci"], EMULATED, name="6.1-686")


@test("guest/hvm-32bit-pae")
def hvm_32bit_pae(t):
    boot_ways(t, ["disk"], name="6.1-686-pae")


@test("guest/pvh-32bit-pae")
def pvh_32bit_pae(t):
    t.mini(Machine("q35", 1, 1024), ["linux"], guests=True, guest_kernel="6.1-686-pae",
           kernel_extra="zendo.guest=pvh")


@test("guest/hvm-memtest")
def hvm_memtest(t):
    t.work.mkdir(parents=True, exist_ok=True)
    image = media.grub_image(
        t.work / "guest.img", "linux /boot/memtest console=ttyS0,115200 nopause\nboot\n",
        {"boot/memtest": paths.need(paths.DOM0 / "memtest.bin")}, ["i386-pc"])
    with_disks(t, "memtest", [image])


def debian(t, firmware):
    """Debian as it is installed: GRUB finds kernel and ramdisk on the root file system."""
    t.work.mkdir(parents=True, exist_ok=True)
    image = media.grub_image(
        t.work / "guest.img", "search --set=root --label zendo-dom0\n"
        "linux /vmlinuz root=LABEL=zendo-dom0 ro console=ttyS0 xen_emul_unplug=never\n"
        "initrd /initrd.img\nboot\n", {}, ["i386-pc", "x86_64-efi"])
    with_disks(t, "debian", [image, paths.need(paths.DOM0 / "dom0.img")], each=1800,
               kernel_extra=f"zendo.firmware={firmware}")


@test("guest/hvm-debian")
def hvm_debian(t):
    debian(t, "seabios")


@test("guest/hvm-debian-ovmf")
def hvm_debian_ovmf(t):
    debian(t, "ovmf")


@test("guest/hvm-screen")
def hvm_screen(t):
    t.mini(Machine("pc", 2, 1024), ["screen"], guests=True, hvm=True, each=900)


@test("guest/hvm-commands")
def hvm_commands(t):
    t.mini(Machine("pc", 2, 1024), ["commands"], guests=True, hvm=True, each=1800,
           kernel_extra="zendo.type=hvm")


# Guests that are saved, restored and moved while they run -------------------------------------------

def move(t, guest, moves, hvm=False, rounds=2):
    t.mini(Machine("pc", 2, 1536), ["move"], guests=True, hvm=hvm, each=1800,
           kernel_extra=f"zendo.guest={guest} zendo.moves={moves} zendo.rounds={rounds}")


@test("guest/pvh-save")
def pvh_save(t):
    move(t, "pvh", "save,check")


@test("guest/pvh-migrate")
def pvh_migrate(t):
    move(t, "pvh4", "migrate")


@test("guest/hvm-save")
def hvm_save(t):
    move(t, "hvm", "save,check", hvm=True)


@test("guest/hvm-migrate")
def hvm_migrate(t):
    move(t, "hvm4", "migrate", hvm=True)
