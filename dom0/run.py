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
from harness.debian import command, login  # noqa: E402
from harness.machine import Disk, Machine, accelerator  # noqa: E402
from harness.session import Failed, Session, handle_signals  # noqa: E402


def show(data):
    os.write(1, data)


def title(text):
    print(f"\n\n=== {text} ===", flush=True)


KINDS = {"pv": "PV", "pvh": "PVH", "hvm": "HVM"}


def demonstrate(machine, boot, work, guest):
    with Session(machine, boot, work, echo=show) as s:
        try:
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
            command(s, f"while xl domid {guest} >/dev/null 2>&1; do sleep 1; done; xl list",
                    r"Domain-0", 120)
            title("power-off")
            s.send("poweroff\n")
            s.wait_off(300)
        except Failed as e:
            print(f"\n\nThe demonstration failed: {e}\nThe console's last lines:\n{e.tail}\n"
                  f"All of it: {work}/serial.txt", flush=True)
            return 1
        print(f"\n\nThe demonstration went well, in {s.seconds():.0f} s.", flush=True)
        return 0


def main():
    handle_signals()
    cpus, mem = int(os.environ.get("CPUS") or 2), int(os.environ.get("MEM") or 2048)
    machine = Machine("q35", cpus, mem, disks=[Disk(paths.need(paths.DOM0 / "dom0.img"))],
                      nics=["-nic", "user,model=e1000e"])
    # As many host threads as CPUs is quicker, where the host has as many.
    machine.parallel = (os.cpu_count() or 1) >= cpus
    guest = os.environ.get("GUEST") or "pv"
    if guest not in KINDS:
        raise paths.Missing(f"GUEST={guest}: one of {', '.join(KINDS)}")
    work = paths.BUILD / "run"
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("DEMO")
    start = f"zendo.guest={guest}" if terminal and os.environ.get("GUEST") else ""
    boot = dom0.boot_full(machine, work, kernel_extra=start)
    print(f"Booting {boot.hyp.name} in QEMU (UEFI, {cpus} CPUs, {mem} MiB) with {accelerator()}.\n"
          f"dom0 is Debian 12; log in as root with the password zendo.", flush=True)
    if not terminal:
        return demonstrate(machine, boot, work, guest)
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
