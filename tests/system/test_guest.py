# SPDX-License-Identifier: BSD-2-Clause
"""Guest tests: the toolstack's commands, PV and PVH guests from creation to their end, crashes,
leaks."""

from pathlib import Path

from harness import media, paths
from harness.machine import Disk, Machine
from harness.runner import test


@test("guest/tiny-and-linux", quick=True)
def guest_linux(t):
    t.mini(Machine("q35", 2, 1024), ["tiny", "linux"], guests=True)


@test("guest/linux-4vcpus", quick=True)
def guest_smp(t):
    t.mini(Machine("q35", 4, 1024), ["linux"], guests=True, kernel_extra="zendo.guest=pv4")


@test("guest/commands", quick=True)
def guest_commands(t):
    t.mini(Machine("pc", 2, 1024), ["commands"], guests=True, each=900)


@test("guest/manage", quick=True)
def guest_manage(t):
    t.mini(Machine("q35", 2, 1024), ["manage"], guests=True, each=1200)


@test("guest/toolstack")
def guest_toolstack(t):
    t.mini(Machine("q35", 2, 1024), ["toolstack"], guests=True, each=1200)


@test("guest/churn-100", quick=True)
def guest_churn(t):
    t.mini(Machine("q35", 2, 1024), ["churn"], guests=True, each=900)


@test("guest/crash", quick=True)
def guest_crash(t):
    t.mini(Machine("q35", 2, 1024), ["crash"], guests=True, each=600)


@test("guest/save", quick=True)
def guest_save(t):
    t.mini(Machine("q35", 2, 1024), ["move"], guests=True, each=900,
           kernel_extra="zendo.moves=save,check zendo.rounds=1")


@test("guest/migrate", quick=True)
def guest_migrate(t):
    t.mini(Machine("q35", 2, 1024), ["move"], guests=True, each=900,
           kernel_extra="zendo.moves=broken,migrate zendo.rounds=1")


@test("guest/pvh-tiny-and-linux", quick=True)
def guest_pvh(t):
    t.mini(Machine("q35", 2, 1024), ["tinypvh", "linux"], guests=True, kernel_extra="zendo.guest=pvh")


@test("guest/pvh-4vcpus", quick=True)
def guest_pvh_smp(t):
    t.mini(Machine("q35", 4, 1024), ["linux"], guests=True, kernel_extra="zendo.guest=pvh4")


@test("guest/pvh-commands", quick=True)
def guest_pvh_commands(t):
    t.mini(Machine("pc", 2, 1024), ["commands"], guests=True, each=900,
           kernel_extra="zendo.type=pvh")


@test("guest/pvh-tsc-emulated")
def guest_pvh_emulated_tsc(t):
    t.mini(Machine("pc", 1, 1024), ["linux"], guests=True,
           kernel_extra="zendo.guest=pvh zendo.with=tsc_mode=1")


# The long ones ----------------------------------------------------------------------------------

# Debian's grub-xen-host. GRUB waits for its disk without giving its CPU away: where one thread of QEMU
# takes turns for all CPUs, each page of a file costs a turn. With one CPU it is the hypervisor that switches.
GRUB = {f"guest/grub-{guest}.bin": Path(f"/usr/lib/grub-xen/grub-{name}.bin")
        for guest, name in (("pv", "x86_64-xen"), ("pv32", "i386-xen"), ("pvh", "i386-xen_pvh"))}


def pvgrub(t, guest, address, extra="", files=None, **boot):
    """Debian's GRUB in the kernel's place; what it is to start is on the guest's disk."""
    t.work.mkdir(parents=True, exist_ok=True)
    name = paths.kernel_name()
    disk = media.grub_image(
        t.work / "guest.img", "echo GRUB found the menu\nlinux /boot/vmlinuz console=hvc0 panic=5 "
        f"net.ifnames=0 zendo.ip={address}\ninitrd /boot/initrd\nboot\n",
        {"boot/vmlinuz": paths.kernel(name),
         "boot/initrd": paths.need(paths.DOM0 / "guest" / f"initrd-{name}.gz")}, ["i386-pc"])
    t.mini(Machine("q35", 1, 1024, disks=[Disk(disk)]), ["pvgrub"], guests=True, each=1200,
           kernel_extra=f"zendo.guest={guest} {extra}", files=GRUB | (files or {}), **boot)


@test("guest/pvgrub")
def guest_pvgrub(t):
    pvgrub(t, "pv", "192.0.2.11")


@test("guest/pvh-pvgrub")
def guest_pvh_pvgrub(t):
    pvgrub(t, "pvh", "192.0.2.21")


@test("guest/gnumach")
def guest_gnumach(t):
    t.mini(Machine("q35", 1, 1024), ["gnumach"],
           files={"guest/gnumach": Path("/boot/gnumach-1.8-xen-486.gz")})


def installed(t, name):
    t.mini(Machine("q35", 1, 1280, disks=[Disk(paths.installed(name))]), ["installed"], guests=True,
           each=2400, kernel_extra=f"zendo.name={name}", files=GRUB)


@test("guest/debian-12")
def guest_debian_12(t):
    installed(t, "debian-12")


@test("guest/debian-13")
def guest_debian_13(t):
    installed(t, "debian-13")


@test("guest/company")
def guest_company(t):
    t.mini(Machine("q35", 1, 1024), ["company"], guests=True, each=1200,
           kernel_extra="zendo.rounds=150")


@test("guest/linux-4vcpus-on-1cpu")
def guest_overcommit(t):
    t.mini(Machine("q35", 1, 1024), ["linux"], guests=True, kernel_extra="zendo.guest=pv4")


@test("guest/by-pvh-dom0")
def guest_by_pvh(t):
    """dom0 is a PVH guest itself, and its guests are PV and PVH."""
    t.mini(Machine("q35", 2, 1280), ["tiny", "tinypvh", "linux", "move"], guests=True, each=1200,
           dom0_mem=640, hyp_extra="dom0=pvh", kernel_extra="zendo.rounds=1")


@test("guest/toolstack-of-pvh-dom0")
def guest_toolstack_pvh(t):
    t.mini(Machine("q35", 2, 1280), ["toolstack"], guests=True, each=1500, dom0_mem=640,
           hyp_extra="dom0=pvh")


@test("guest/linux-8vcpus")
def guest_eight(t):
    t.mini(Machine("q35", 4, 1024), ["linux"], guests=True, each=900,
           kernel_extra="zendo.vcpus=8 zendo.up=900")


@test("guest/pvh-8vcpus")
def guest_pvh_eight(t):
    t.mini(Machine("q35", 4, 1024), ["linux"], guests=True, each=900,
           kernel_extra="zendo.guest=pvh zendo.vcpus=8 zendo.up=900")


@test("guest/crowd-64")
def guest_crowd(t):
    t.mini(Machine("q35", 2, 4096), ["crowd"], guests=True, each=1800)


@test("guest/moves-4vcpus")
def guest_moves(t):
    t.mini(Machine("q35", 2, 1024), ["move"], guests=True, each=3600,
           kernel_extra="zendo.guest=pv4 zendo.moves=save,check,broken,migrate zendo.rounds=5")


@test("guest/pc-linux")
def guest_bios(t):
    t.mini(Machine("pc", 2, 1024), ["tiny", "linux"], guests=True)


@test("guest/churn-1000")
def guest_churn_long(t):
    t.mini(Machine("q35", 2, 1024), ["churn"], guests=True, each=7200,
           kernel_extra="zendo.times=1000")


@test("guest/pvh-manage")
def guest_pvh_manage(t):
    t.mini(Machine("q35", 2, 1024), ["manage"], guests=True, each=1500,
           kernel_extra="zendo.type=pvh")


@test("guest/pvh-toolstack")
def guest_pvh_toolstack(t):
    t.mini(Machine("q35", 2, 1024), ["toolstack"], guests=True, each=1500,
           kernel_extra="zendo.type=pvh")


@test("guest/pvh-churn-100")
def guest_pvh_churn(t):
    t.mini(Machine("q35", 2, 1024), ["churn"], guests=True, each=900,
           kernel_extra="zendo.type=pvh")


@test("guest/pvh-killed-while-booting")
def guest_pvh_killed(t):
    t.mini(Machine("q35", 2, 1024), ["churn"], guests=True, each=3600,
           kernel_extra="zendo.type=pvh zendo.churn=minimal zendo.times=50")


@test("guest/pvh-killed-200")
def guest_pvh_killed_long(t):
    t.mini(Machine("q35", 2, 1024), ["churn"], guests=True, each=14400,
           kernel_extra="zendo.type=pvh zendo.churn=minimal zendo.times=200")


@test("guest/hvm-churn-100")
def guest_hvm_churn(t):
    t.mini(Machine("pc", 2, 1024), ["churn"], guests=True, hvm=True, each=7200,
           kernel_extra="zendo.type=hvm")


@test("guest/hvm-killed-200")
def guest_hvm_killed(t):
    t.mini(Machine("pc", 2, 1024), ["churn"], guests=True, hvm=True, each=14400,
           kernel_extra="zendo.type=hvm zendo.churn=minimal zendo.times=200")


@test("guest/pvh-crash")
def guest_pvh_crash(t):
    t.mini(Machine("q35", 2, 1024), ["crash"], guests=True, each=600,
           kernel_extra="zendo.type=pvh")


@test("guest/pvh-4vcpus-on-1cpu")
def guest_pvh_overcommit(t):
    t.mini(Machine("q35", 1, 1024), ["linux"], guests=True, kernel_extra="zendo.guest=pvh4")


def matrix():
    for dom0 in ("6.1", "6.12"):
        for guest in ("6.1", "6.1-cloud", "6.12", "6.12-cloud"):
            def run(t, dom0=dom0, guest=guest):
                t.mini(Machine("q35", 2, 1024), ["tiny", "linux"], guests=True, kernel=dom0,
                       guest_kernel=guest)
            test(f"guest/dom0-{dom0}-guest-{guest}")(run)
    for guest in ("6.1-cloud", "6.12", "6.12-cloud"):
        def run_pvh(t, guest=guest):
            t.mini(Machine("q35", 2, 1024), ["linux"], guests=True, guest_kernel=guest,
                   kernel_extra="zendo.guest=pvh4")
        test(f"guest/pvh-kernel-{guest}")(run_pvh)
    for model, name in (("corei7_skylake_x", "vmx"), ("ryzen", "svm")):
        def run(t, model=model):
            t.mini(Machine("bochs", 1, 1024, cpu=model), ["tiny", "linux", "crash"], guests=True)
        test(f"guest/bochs-{name}")(run)


matrix()


@test("guest/bochs-vmx-pvh")
def guest_vmx(t):
    t.mini(Machine("bochs", 1, 1024), ["tinypvh", "probe", "linux"], guests=True,
           kernel_extra="zendo.guest=pvh")


@test("guest/bochs-vmx-pvh-smp")
def guest_vmx_smp(t):
    t.mini(Machine("bochs", 2, 1024), ["linux"], guests=True, kernel_extra="zendo.guest=pvh4")


@test("guest/bochs-vmx-hvm-firmware")
def guest_vmx_firmware(t):
    t.mini(Machine("bochs", 1, 1024), ["tinyhvm"], guests=True, hvm=True, each=600)


@test("guest/bochs-vmx-hvm-linux")
def guest_vmx_hvm_linux(t):
    t.mini(Machine("bochs", 1, 1024), ["linux"], guests=True, hvm=True, each=1200,
           kernel_extra="zendo.guest=hvm zendo.up=900")


@test("guest/bochs-vmx-sharing")
def guest_vmx_sharing(t):
    t.mini(Machine("bochs", 1, 1024), ["sharing"], guests=True, kernel_extra="zendo.rounds=20")


@test("guest/sharing")
def guest_sharing(t):
    t.mini(Machine("pc", 1, 1024), ["probe", "sharing"], guests=True, each=900)
