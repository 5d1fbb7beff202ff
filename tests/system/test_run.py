# SPDX-License-Identifier: BSD-2-Clause
"""What `make run` does once all is built (dom0/run.py): the demonstration, its failure, a terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time

from harness import paths
from harness.runner import test
from harness.session import SCALE, Failed, live

# Another test runs beside this one: one host thread is enough (machine.py, parallel). The tests' dom0,
# unless a test wants the appliance: that takes minutes to build.
ENV = dict(os.environ, TCG_THREAD="single", IMAGE="dom0")
RUN = [sys.executable, str(paths.ROOT / "dom0" / "run.py")]


def build_with(t, **files):
    """A build directory of its own: as ours, but for these files of dom0."""
    build = t.work / "build"
    dom0 = build / "dom0"
    dom0.mkdir(parents=True, exist_ok=True)
    for path, where in [(p, dom0) for p in paths.DOM0.glob("*") if p.is_file()] + \
                       [(p, build) for p in paths.BUILD.glob("zendo*.*")]:
        link = where / path.name
        link.unlink(missing_ok=True)
        link.symlink_to(path)
    for name, data in files.items():
        (dom0 / name).unlink(missing_ok=True)
        (dom0 / name).write_bytes(data)
    return dict(ENV, BUILD=str(build))


def play(t, env, seconds, argv=RUN):
    """Run it without a terminal; returns its exit status and all it said."""
    t.work.mkdir(parents=True, exist_ok=True)
    log = t.work / "serial.txt"
    with open(log, "wb") as out:
        child = subprocess.Popen(argv, cwd=paths.ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT)
    live.add(child)
    try:
        child.wait(seconds * SCALE)
    except subprocess.TimeoutExpired:
        child.terminate()  # it ends its emulator
        child.wait()
        raise Failed("it did not end", log.read_text(errors="replace")[-3000:]) from None
    finally:
        live.discard(child)
    return child.returncode, log.read_text(errors="replace")


def need(text, *patterns):
    for p in patterns:
        if not re.search(p, text):
            raise Failed(f"it did not say {p!r}", text[-3000:])


def demonstration(t, guest, **env):
    status, text = play(t, dict(build_with(t), **env), 3600)  # several at once, each its own build/run
    need(text, r"with (TCG|KVM)", "Domain-0", rf"GUEST-UP .*type={guest}", "GUEST-DISK ok",
         "GUEST-NET ok", "GUEST-READY", "The demonstration went well")
    if status:
        raise Failed(f"exit status {status}", text[-3000:])


@test("run/demonstration", quick=True)
def run_demonstration(t):
    demonstration(t, "PV")


@test("run/demonstration-pvh")
def run_demonstration_pvh(t):
    demonstration(t, "PVH", GUEST="pvh")


@test("run/demonstration-hvm")
def run_demonstration_hvm(t):
    demonstration(t, "HVM", GUEST="hvm")


def appliance(t, guest, **env):
    """As `make run` does it without arguments: run.sh builds what it boots."""
    env = dict(ENV, IMAGE="img", PACKAGES="no", WORK=str(t.work / "run"), **env)
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        env.pop(name, None)
    status, text = play(t, env, 3600, ["make", "-s", "run"])
    need(text, r"Booting zendo-appliance\.img in QEMU", f"example: a {guest} guest, its web page is http://",
         f"from outside.*\\s+<h1>A {guest} guest of Zendo", "The demonstration went well")
    if status:
        raise Failed(f"exit status {status}", text[-3000:])


@test("run/appliance")
def run_appliance(t):
    appliance(t, "PV")


@test("run/appliance-pvh")
def run_appliance_pvh(t):
    appliance(t, "PVH", GUEST="pvh", BIOS="1")


@test("run/appliance-hvm")
def run_appliance_hvm(t):
    appliance(t, "HVM", GUEST="hvm")


@test("run/failure", quick=True)
def run_failure(t):
    """A broken kernel: exit status 1, and the line that says what is wrong."""
    status, text = play(t, build_with(t, vmlinuz=b"no kernel" * 1000), 600)
    need(text, r"The demonstration failed: .*zendo\.efi: vmlinuz: not a kernel",
         "The console's last lines")
    if status != 1:
        raise Failed(f"exit status {status}", text[-3000:])


def read_until(child, master, log, pattern, seconds):
    """Show a terminal's output to nobody, until a pattern is in it."""
    text, end = b"", time.monotonic() + seconds * SCALE
    while not re.search(pattern, text):
        if time.monotonic() > end or child.poll() is not None:
            raise Failed(f"no {pattern.decode()!r} on the terminal", text.decode(errors="replace"))
        if select.select([master], [], [], 1)[0]:
            try:
                data = os.read(master, 4096)
            except OSError:
                data = b""
            log.write(data)
            text += data


class Terminal:
    """dom0/run.py on a pseudo-terminal, as a person has it. A context manager."""

    def __init__(self, t, env):
        t.work.mkdir(parents=True, exist_ok=True)
        self.log = open(t.work / "serial.txt", "wb")
        self.master, slave = pty.openpty()
        self.child = subprocess.Popen(RUN, env=env, stdin=slave, stdout=slave, stderr=slave,
                                      start_new_session=True)
        os.close(slave)
        live.add(self.child)

    def type(self, text):
        for letter in text:  # a serial port has no flow control
            os.write(self.master, letter.encode())
            time.sleep(0.02)

    def wait(self, pattern, seconds):
        text, end = b"", time.monotonic() + seconds * SCALE
        while not re.search(pattern, text):
            if time.monotonic() > end or self.child.poll() is not None:
                raise Failed(f"no {pattern.decode()!r} on the terminal",
                             text.decode(errors="replace")[-3000:])
            if select.select([self.master], [], [], 1)[0]:
                try:
                    data = os.read(self.master, 4096)
                except OSError:  # nobody has the other end any more
                    continue
                self.log.write(data)
                self.log.flush()
                text += data

    def leave(self):
        """As the banner says: Ctrl-] then x."""
        self.type("\x1dx")
        try:
            self.child.wait(30 * SCALE)
        except subprocess.TimeoutExpired:
            raise Failed("Ctrl-] x did not end it") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        live.discard(self.child)
        os.close(self.master)
        self.log.close()


@test("run/terminal", quick=True)
def run_terminal(t):
    """On a terminal it is the serial console, says how to leave it, and is left that way."""
    with Terminal(t, build_with(t, vmlinuz=b"no kernel" * 1000)) as c:
        c.wait(rb"To leave: Ctrl-\] then x", 60)
        c.wait(rb"zendo\.efi: vmlinuz: not a kernel", 600)
        c.leave()


@test("run/terminal-login")
def run_terminal_login(t):
    """A person logs in, asks dom0, asks the hypervisor, and leaves."""
    with Terminal(t, dict(ENV, GUEST="pvh")) as c:
        c.wait(rb"xl console -t pv pvh", 60)
        c.wait(rb"dom0 login: ", 1200)
        c.type("root\n")
        c.wait(rb"Password: ", 120)
        c.type("zendo\n")
        c.wait(rb"root@dom0:~# ", 240)
        c.type("xl list\n")
        c.wait(rb"Domain-0 +0 ", 120)
        c.type("until xl domid pvh; do sleep 1; done; xl console -t pv pvh\n")
        c.wait(rb"GUEST-TICK", 600)
        c.type("\x1d\x1d")
        c.wait(rb"root@dom0:~# ", 60)
        c.type("\x01\x01\x01m")
        c.wait(rb"Memory: \d+ of \d+ pages free", 60)
        c.type("\x01\x01\x01")
        c.wait(rb"Serial input to the control domain", 60)
        c.leave()
