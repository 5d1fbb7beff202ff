#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the appliance, or the hypervisor with the tests' dom0: for a person on a terminal, or by itself
as a demonstration. Called by run.sh, which builds first and says what the environment means."""

import os
import re
import sys
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "system"))
from harness import dom0, paths  # noqa: E402
from harness.debian import PROMPT, command, create, login  # noqa: E402
from harness.machine import Disk, Machine, accelerator, free_ports  # noqa: E402
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


def demonstrate(s, host, guest_part):
    login(s, 900, host=host)
    title("dom0 is up; what does the hypervisor say?")
    # (the shell is there before the toolstack's services are)
    command(s, "until xl list >/dev/null 2>&1; do sleep 1; done; xl info", r"xen_version +: 4\.17")
    command(s, "xl list", r"Domain-0 +0 ")
    command(s, "xl dmesg | tail -n 12", r".")
    guest_part(s)
    command(s, "xl list", r"Domain-0")


def test_guest(s, kind):
    title(f"a {KINDS[kind]} guest: Debian's kernel, a disk and a network port")
    command(s, f"truncate -s 4M /tmp/{kind}.img", r".")
    create(s, f"/root/guest/{kind}.cfg")
    command(s, f"until xl console -t pv {kind}; do sleep 1; done", r"GUEST-READY", 900)
    title("the guest shut itself down")
    command(s, f"while xl domid {kind} >/dev/null 2>&1; do sleep 1; done", "", 120)


def example_guest(s, kind, port):
    """The appliance's example guest, and its web page as anybody on its network sees it."""
    title(f"the example guest, {KINDS[kind]}: Debian's kernel and a web server")
    create(s, f"/etc/xen/example.cfg 'type=\"{kind}\"'")
    s.send("xl console -t pv example\n")
    s.wait(rf"example: a {KINDS[kind]} guest, its web page is http://{re.escape(FIRST_GUEST)}/", 600)
    s.send("\x1d")
    s.wait(PROMPT, 60)
    title("its page, from outside the machine")
    try:
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60).read().decode()
    except OSError as e:
        raise Failed(f"no page: {e}", s.tail()) from None
    print(page, flush=True)
    if f"A {KINDS[kind]} guest of Zendo" not in page:
        raise Failed("this is not the guest's page", s.tail())
    title("the guest is asked to shut down")
    command(s, "xl shutdown -w example; while xl domid example; do sleep 1; done", "", 300)


# QEMU's network gives dom0 the address before.
FIRST_GUEST = "10.0.2.16"


def appliance(kind, board, guest, machine_of, terminal, work):
    """The appliance's disk or CD and nothing else. The first guest's web server has a port of the host."""
    image = paths.need(paths.BUILD / f"zendo-appliance.{kind}")
    port = free_ports(1)[0]
    machine = machine_of(board, [Disk(image, "cd" if kind == "iso" else "virtio")],
                         f",hostfwd=tcp:127.0.0.1:{port}-{FIRST_GUEST}:80")
    work.mkdir(parents=True, exist_ok=True)
    print(f"Booting {image.name} in QEMU ({'BIOS' if board == 'pc' else 'UEFI'}, {machine.cpus} CPUs, "
          f"{machine.mem} MiB) with {accelerator()}.\nLog in as root with the password zendo.", flush=True)
    if not terminal:
        return play(machine, None, work, lambda s: demonstrate(
            s, r"zendo-\w+", lambda s: example_guest(s, guest, port)))
    leave(machine, None, work, "In dom0 try: xl info; xl list\n"
          f"and a guest with a web server: xl create -c /etc/xen/example.cfg 'type=\"{guest}\"'\n"
          f"(Ctrl-] twice leaves its console; the page of the first one is http://localhost:{port}/ of this host.)")


def beside(guest, machine_of, terminal, work):
    """The tests' Debian on a disk; hypervisor, kernel and ramdisk on a partition made for this boot."""
    machine = machine_of("q35", [Disk(paths.need(paths.DOM0 / "dom0.img"))])
    start = f"zendo.guest={guest}" if terminal and os.environ.get("GUEST") else ""
    boot = dom0.boot_full(machine, work, kernel_extra=start)
    print(f"Booting {boot.hyp.name} in QEMU (UEFI, {machine.cpus} CPUs, {machine.mem} MiB) with {accelerator()}.\n"
          f"dom0 is Debian 12; log in as root with the password zendo.", flush=True)
    if not terminal:
        return play(machine, boot, work, lambda s: demonstrate(
            s, "dom0", lambda s: test_guest(s, guest)))
    leave(machine, boot, work, "Three Ctrl-a switch your input between dom0 and the hypervisor.\n"
          "In dom0 try: xl info; xl list; "
          + (f"xl console -t pv {guest} (your guest, once it is up; Ctrl-] twice leaves it)" if start else
             f"truncate -s 4M /tmp/{guest}.img; xl create -c /root/guest/{guest}.cfg"))


def leave(machine, boot, work, advice):
    """Become the emulator: the terminal is the machine's serial line."""
    print(f"This terminal is the machine's serial console. To leave: Ctrl-] then x.\n{advice}\n"
          "The disk's changes are thrown away at the end.", flush=True)
    machine.terminal = True
    argv = machine.argv(work, boot)
    os.execvp(argv[0], argv)


def main():
    handle_signals()
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("DEMO")
    cpus, mem = int(os.environ.get("CPUS") or 2), int(os.environ.get("MEM") or 2048)
    guest = os.environ.get("GUEST") or "pv"
    if guest not in KINDS:
        raise paths.Missing(f"GUEST={guest}: one of {', '.join(KINDS)}")

    def machine_of(board, disks, nic=""):
        # As many host threads as CPUs is quicker, where the host has as many.
        return Machine(board, cpus, mem, disks=disks, nics=["-nic", f"user,model=e1000e{nic}"],
                       parallel=(os.cpu_count() or 1) >= cpus)

    work = Path(os.environ.get("WORK") or paths.BUILD / "run")
    image = os.environ.get("IMAGE") or "img"
    if image == "dom0":
        return beside(guest, machine_of, terminal, work)
    board = "pc" if os.environ.get("BIOS") else "q35"
    return appliance(image, board, guest, machine_of, terminal, work)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except paths.Missing as e:
        sys.exit(f"run: {e}")
