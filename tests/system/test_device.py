# SPDX-License-Identifier: BSD-2-Clause
"""Device tests: dom0's own disks and network ports under load, checked by checksums; firmware."""

from harness import media
from harness.machine import Disk, Machine, hub
from harness.runner import test


def disk(t, name, mib=160):
    """An empty disk for one run."""
    t.work.mkdir(parents=True, exist_ok=True)
    path = t.work / f"{name}.img"
    media.run("truncate", "-s", f"{mib}M", path)
    return path


def three(t):
    return [Disk(disk(t, bus), bus) for bus in ("ahci", "virtio", "nvme")]


@test("device/disks-and-network", quick=True)
def device_load(t):
    """AHCI, virtio-blk and NVMe at once, then e1000e against virtio-net; MSI, MSI-X, INTx."""
    m = Machine("q35", 2, 1536, disks=three(t), nics=hub("e1000e", "virtio-net-pci"))
    t.mini(m, ["disks", "network"], dom0_mem=900, kernel_extra="zendo.disks=ata2,vda,nvme0n1")


@test("device/pc-disks-and-network")
def device_load_bios(t):
    m = Machine("pc", 2, 1536, disks=three(t), nics=hub("e1000e", "virtio-net-pci"))
    t.mini(m, ["disks", "network"], dom0_mem=900, kernel_extra="zendo.disks=sda,vda,nvme0n1")


@test("device/bochs-ide")
def device_bochs(t):
    m = Machine("bochs", 1, 1024, disks=[Disk(disk(t, "ide", 96), "ide")])
    t.mini(m, ["disks"], kernel_extra="zendo.disks=sda zendo.mb=8")


@test("device/efi-variables")
def device_efi(t):
    """What efibootmgr sets is still there after a reset of the machine."""
    t.work.mkdir(parents=True, exist_ok=True)
    variables = t.work / "vars.fd"
    variables.unlink(missing_ok=True)
    t.mini(Machine("q35", 1, 1024, vars_file=variables), ["efi"], end="reboot")
    t.mini(Machine("q35", 1, 1024, vars_file=variables), ["efi-kept"])
