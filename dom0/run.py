#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the hypervisor with Debian's dom0 from its disk image: for a person on a terminal, or by
itself as a demonstration. Called by run.sh, which builds first."""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "system"))
from harness import dom0, paths  # noqa: E402
from harness.debian import PROMPT, command, login  # noqa: E402
from harness.machine import Disk, Machine, accelerator  # noqa: E402
from harness.session import Failed, Session, handle_signals  # noqa: E402


def show(data):
    os.write(1, data)


def title(text):
    print(f"\n\n=== {text} ===", flush=True)


KINDS = {"pv": "PV", "pvh": "PVH", "hvm": "HVM"}


def play(machine, boot, work, steps):
    """Steps that a person would take, shown as they go. Returns the exit status."""
    with Session(machine, boot, work, echo=show) as s:
        try:
            steps(s)
            title("power-off")
            s.send("poweroff\n")
            s.wait_off(300)
        except Failed as e:
            print(f"\n\nThe demonstration failed: {e}\nThe console's last lines:\n{e.tail}\n"
                  f"All of it: {work}/serial.txt", flush=True)
            return 1
        print(f"\n\nThe demonstration went well, in {s.seconds():.0f} s.", flush=True)
        return 0


def demonstrate(s, guest):
    s.wait(r"Linux version ", 240, "dom0's kernel")
    login(s, 900)
    title("dom0 is up; what does the hypervisor say?")
    command(s, "xl info", r"xen_version +: 4\.17")
    command(s, "xl list", r"Domain-0 +0 ")
    command(s, "xl dmesg | tail -n 12", r".")
    title(f"a {KINDS[guest]} guest: Debian's kernel, a disk and a network port")
    command(s, f"truncate -s 4M /tmp/{guest}.img", r".")
    command(s, f"xl create /root/guest/{guest}.cfg; "
            f"until xl console -t pv {guest}; do sleep 1; done", r"GUEST-READY", 900)
    title("the guest shut itself down")
    command(s, f"while xl domid {guest} >/dev/null 2>&1; do sleep 1; done; xl list", r"Domain-0", 120)


def demonstrate_appliance(s):
    login(s, 900, host=r"zendo-\w+")
    title("the appliance is up: its example guest")
    command(s, "xl create /etc/xen/example.cfg", r"Parsing config", 300)
    s.send("xl console -t pv example\n")
    s.wait(r"example: a \w+ guest, its web page is http://[0-9.]+/", 600)
    s.send("\x1d")
    s.wait(PROMPT, 60)
    command(s, "xl shutdown -w example; while xl domid example; do sleep 1; done", "", 300)


def appliance(kind, cpus, mem, terminal):
    """The appliance's disk or CD and nothing else, by UEFI or BIOS."""
    image = paths.need(paths.BUILD / f"zendo-appliance.{kind}")
    board = "pc" if os.environ.get("BIOS") else "q35"
    machine = Machine(board, cpus, mem, disks=[Disk(image, "cd" if kind == "iso" else "virtio")],
                      nics=["-nic", "user,model=e1000e"])
    machine.parallel = (os.cpu_count() or 1) >= cpus
    work = paths.BUILD / "run"
    work.mkdir(parents=True, exist_ok=True)
    print(f"Booting {image.name} in QEMU ({'BIOS' if board == 'pc' else 'UEFI'}, {cpus} CPUs, {mem} MiB) with "
          f"{accelerator()}.\nLog in as root with the password zendo. Changes are thrown away at the end.",
          flush=True)
    if not terminal:
        return play(machine, None, work, demonstrate_appliance)
    print("This terminal is the machine's serial console. To leave: Ctrl-] then x.", flush=True)
    machine.terminal = True
    argv = machine.argv(work, None)
    os.execvp(argv[0], argv)


def main():
    handle_signals()
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("DEMO")
    cpus, mem = int(os.environ.get("CPUS") or 2), int(os.environ.get("MEM") or 2048)
    if os.environ.get("IMAGE"):
        return appliance(os.environ["IMAGE"], cpus, mem, terminal)
    machine = Machine("q35", cpus, mem, disks=[Disk(paths.need(paths.DOM0 / "dom0.img"))],
                      nics=["-nic", "user,model=e1000e"])
    # As many host threads as CPUs is quicker, where the host has as many.
    machine.parallel = (os.cpu_count() or 1) >= cpus
    guest = os.environ.get("GUEST") or "pv"
    if guest not in KINDS:
        raise paths.Missing(f"GUEST={guest}: one of {', '.join(KINDS)}")
    work = paths.BUILD / "run"
    start = f"zendo.guest={guest}" if terminal and os.environ.get("GUEST") else ""
    boot = dom0.boot_full(machine, work, kernel_extra=start)
    print(f"Booting {boot.hyp.name} in QEMU (UEFI, {cpus} CPUs, {mem} MiB) with {accelerator()}.\n"
          f"dom0 is Debian 12; log in as root with the password zendo.", flush=True)
    if not terminal:
        return play(machine, boot, work, lambda s: demonstrate(s, guest))
    print("This terminal is the machine's serial console. To leave: Ctrl-] then x.\n"
          "Three Ctrl-a switch your input between dom0 and the hypervisor.\n"
          "In dom0 try: xl info; xl list; "
          + (f"xl console -t pv {guest} (your guest, once it is up; Ctrl-] twice leaves it)\n" if start else
             f"truncate -s 4M /tmp/{guest}.img; xl create -c /root/guest/{guest}.cfg\n")
          + "The disk's changes are thrown away at the end.", flush=True)
    machine.terminal = True
    argv = machine.argv(work, boot)
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except paths.Missing as e:
        sys.exit(f"run: {e}")
