#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the hypervisor with a dom0 in an emulator and show the serial console: one run, by hand.

    tests/system/boot.py                          build/zendo.efi, q35, minimal dom0, shell
    tests/system/boot.py -M pc -c 4 -j poweroff   GRUB, four CPUs, run a job
    HYP=/boot/xen-4.17-amd64.gz tests/system/boot.py -M bochs -j poweroff

Exit status: 0 when the machine switched itself off, 1 otherwise. With -i the terminal is the
serial line (Ctrl-] ends the emulator).
"""

import argparse
import os
import select
import sys

sys.dont_write_bytecode = True
import termios
import tty
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import dom0, paths  # noqa: E402
from harness.machine import Boot, Disk, Machine, accelerator, hub  # noqa: E402
from harness.session import Failed, Session, handle_signals  # noqa: E402


def options():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("-M", "--machine", default="q35", choices=("q35", "grub-efi", "pc", "bochs"))
    p.add_argument("-H", "--hyp", type=Path, help="hypervisor (default: HYP, build/zendo.*)")
    p.add_argument("--bare", action="store_true", help="the minimal dom0 without a hypervisor (not q35)")
    p.add_argument("-c", "--cpus", type=int, default=1)
    p.add_argument("-m", "--mem", type=int, default=1024, help="MiB")
    p.add_argument("-d", "--dom0-mem", type=int, help="MiB")
    p.add_argument("-j", "--jobs", default="", help="jobs of tests/system/jobs, by commas")
    p.add_argument("-g", "--guests", action="store_true", help="put the guests in the ramdisk")
    p.add_argument("--hvm", action="store_true", help="put the device model in the ramdisk")
    p.add_argument("--driver", action="store_true", help="put a driver domain's ramdisk in the ramdisk")
    p.add_argument("--tools", action="store_true", help="put what dom0/tools lists in the ramdisk")
    p.add_argument("--oplist", action="store_true", help="put bench/oplist and what it uses in it")
    p.add_argument("--backends", action="store_true", help="put pv-drivers/backends in it (with --tools)")
    p.add_argument("-k", "--kernel", help="6.1 or 6.12 (default: KERNEL or 6.1)")
    p.add_argument("-f", "--full", action="store_true", help="dom0.img instead of the ramdisk")
    p.add_argument("-e", "--end", default="", help="poweroff, reboot, crash or stay")
    p.add_argument("-t", "--timeout", type=int, default=300, help="seconds")
    p.add_argument("-i", "--interactive", action="store_true")
    p.add_argument("-w", "--work", type=Path, help="working directory (default build/system/boot)")
    p.add_argument("-b", "--build", action="store_true", help="build dom0 first when it is stale")
    p.add_argument("-u", "--until", help="stop, as a success, at this line (regular expression)")
    p.add_argument("--cpu", default="", help="the emulator's CPU model")
    p.add_argument("--parallel", action="store_true", help="a host thread for every CPU")
    p.add_argument("--count", type=int, nargs="?", const=0, metavar="N",
                   help="QEMU: an instruction takes 2^N (1) nanoseconds, and idle time none")
    p.add_argument("--hyp-line", default="", help="more options for the hypervisor")
    p.add_argument("--kernel-line", default="", help="more options for dom0's kernel")
    p.add_argument("--kernel-file", type=Path, help="boot this kernel as dom0 instead")
    p.add_argument("--ramdisk-file", type=Path, help="with --kernel-file: its ramdisk")
    p.add_argument("--disk", action="append", default=[], metavar="FILE[:virtio|ahci|nvme]")
    p.add_argument("--nic", help="a QEMU -nic argument, e.g. user,model=e1000e")
    p.add_argument("--hub", help="network models on one hub, by commas: e1000e,virtio-net-pci")
    o = p.parse_args()
    if o.bare and o.machine == "q35":
        p.error("--bare starts the kernel by GRUB: -M pc, grub-efi or bochs")
    return o


def show(data):
    os.write(1, data)


def terminal(session):
    """The terminal is the serial line until Ctrl-] or the machine's end."""
    saved = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        while session.process.poll() is None:
            if select.select([0], [], [], 0.2)[0]:
                data = os.read(0, 256)
                if b"\x1d" in data:
                    return
                session.process.stdin.write(data)
                session.process.stdin.flush()
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, saved)


def main():
    o = options()
    handle_signals()
    if o.build or not paths.DOM0.exists():
        paths.dom0_build()
    machine = Machine(o.machine, o.cpus, o.mem, o.cpu)
    for d in o.disk:
        name, _, bus = d.partition(":")
        machine.disks.append(Disk(Path(name), bus or "virtio", snapshot=False))
    machine.parallel, machine.count = o.parallel, o.count
    if o.nic:
        machine.nics = ["-nic", o.nic]
    elif o.hub:
        machine.nics = hub(*o.hub.split(","))
    work = o.work or paths.WORK / "boot"
    common = dict(hyp_extra=o.hyp_line, kernel_extra=o.kernel_line, dom0_mem=o.dom0_mem, hyp=o.hyp)
    if o.kernel_file:
        hyp_line, kernel_line = dom0.lines(machine, o.hyp_line, o.kernel_line, o.dom0_mem)
        boot = Boot(o.hyp or paths.hypervisor(machine.loader()), o.kernel_file, o.ramdisk_file,
                    hyp_line, kernel_line)
    elif o.full:
        machine.disks.insert(0, Disk(paths.need(paths.DOM0 / "dom0.img")))
        boot = dom0.boot_full(machine, work, **common)
    else:
        boot = dom0.boot_mini(machine, work, [j for j in o.jobs.split(",") if j], o.end,
                              guests=o.guests, hvm=o.hvm,
                              driver=o.driver, tools=o.tools, kernel=o.kernel, oplist=o.oplist,
                              files=dom0.backends() if o.backends else None, **common)
    if o.bare:
        boot = dom0.bare(boot, machine)
    print(f"boot: {boot.hyp} on {o.machine}, {o.cpus} CPU(s), {o.mem} MiB, "
          f"{'Bochs' if o.machine == 'bochs' else accelerator()}", flush=True)
    with Session(machine, boot, work, echo=show) as session:
        try:
            if o.interactive:
                terminal(session)
                return 0
            if o.until:
                session.wait(o.until, o.timeout)
            else:
                session.wait_off(o.timeout)
        except Failed as e:
            print(f"\nboot: {e} (after {session.seconds():.0f} s; all of it in {work}/serial.txt)")
            return 1
        # (what went off by itself has left no such figure)
        used = f", the emulator's processor time {session.processor_seconds():.2f} s" if o.until else ""
        print(f"\nboot: done in {session.seconds():.2f} s{used}")
        return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except paths.Missing as e:
        sys.exit(f"boot: {e}")
