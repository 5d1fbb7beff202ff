# SPDX-License-Identifier: BSD-2-Clause
"""Guests' disks: every back end, devices that come, go and grow, driver domains; checked by checksums."""

from harness import dom0, media
from harness.machine import Disk, Machine
from harness.runner import test
from test_guest import pvgrub
from test_hvm import EMULATED, linux_image


def with_disk(t, job, kind="pv", mib=96, each=1200, mem=1536, extra="", **boot):
    """A job whose dom0 has an empty disk of the machine, /dev/vda."""
    t.work.mkdir(parents=True, exist_ok=True)
    media.run("truncate", "-s", f"{mib}M", t.work / "disk.img")
    machine = Machine("pc", 2, mem, disks=[Disk(t.work / "disk.img")])
    t.mini(machine, [job], guests=True, each=each, dom0_mem=mem - 512,
           kernel_extra=f"zendo.type={kind} {extra}", **boot)


@test("vbd/pv-formats")
def pv_formats(t):
    with_disk(t, "vbd", hvm=True, tools=True)


@test("vbd/pvh-formats")
def pvh_formats(t):
    with_disk(t, "vbd", "pvh", hvm=True, tools=True)


@test("vbd/hvm-formats")
def hvm_formats(t):
    with_disk(t, "vbd", "hvm", hvm=True, tools=True, each=3600, extra="zendo.up=1200")


@test("vbd/pv-changes")
def pv_changes(t):
    with_disk(t, "vbd-changes")


@test("vbd/pvh-changes")
def pvh_changes(t):
    with_disk(t, "vbd-changes", "pvh")


@test("vbd/hvm-changes")
def hvm_changes(t):
    with_disk(t, "vbd-changes", "hvm", hvm=True, each=3600, extra="zendo.up=1200")


@test("vbd/driver-domain")
def driver_domain(t):
    with_disk(t, "vbd-driver", driver=True)


@test("vbd/pvh-driver-domain")
def pvh_driver_domain(t):
    with_disk(t, "vbd-driver", "pvh", driver=True)


@test("vbd/hvm-driver-domain")
def hvm_driver_domain(t):
    with_disk(t, "vbd-driver", "hvm", hvm=True, driver=True, each=3600, extra="zendo.up=1200")


@test("vbd/zendo-pv")
def zendo_pv(t):
    with_disk(t, "blkd", tools=True, files=dom0.backends())


@test("vbd/zendo-pvh")
def zendo_pvh(t):
    with_disk(t, "blkd", "pvh", tools=True, files=dom0.backends())


@test("vbd/zendo-hvm")
def zendo_hvm(t):
    with_disk(t, "blkd", "hvm", hvm=True, tools=True, files=dom0.backends(), each=3600, extra="zendo.up=1200")


@test("vbd/zendo-driver-domain")
def zendo_driver_domain(t):
    with_disk(t, "vbd-driver", driver=True, tools=True, files=dom0.backends(), extra="zendo.back=zendo")


@test("vbd/zendo-pvgrub")
def zendo_pvgrub(t):
    pvgrub(t, "pv", "192.0.2.11", "zendo.back=zendo", dom0.backends(), tools=True)


@test("vbd/zendo-pvh-pvgrub")
def zendo_pvh_pvgrub(t):
    """GRUB for PVH is a 32-bit program: its rings are laid out in another way."""
    pvgrub(t, "pvh", "192.0.2.21", "zendo.back=zendo", dom0.backends(), tools=True)


@test("vbd/hvm-cd")
def hvm_cd(t):
    t.work.mkdir(parents=True, exist_ok=True)
    image = linux_image(t.work / "guest.img", f"{EMULATED} zendo.then=orders")
    t.mini(Machine("pc", 1, 1024, disks=[Disk(image)]), ["cdrom"], guests=True, hvm=True, each=1200)
