# SPDX-License-Identifier: BSD-2-Clause
"""One run of an emulator: its console as text, waits with deadlines, and its certain end."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import threading
import time

SCALE = float(os.environ.get("TIMEOUT_SCALE", "1"))
LONGEST = 6


live = set()  # everything that must not outlive us; each has kill()


def end_all(number=None, frame=None):
    """Kill every emulator that still runs; as the handler of a signal that ends us, also leave."""
    for session in list(live):
        session.kill()
    if number is not None:
        os._exit(128 + number)


def handle_signals():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end_all)


class Failed(Exception):
    """What was waited for did not come. The text says what; tail is the console's end."""

    def __init__(self, why, tail=""):
        super().__init__(why)
        self.tail = tail


class Session:
    """A started emulator. Use as a context manager: the emulator is gone afterwards."""

    # Lines after which no test can go on: fail at once rather than at the deadline.
    FATAL = re.compile(rb"(?m)^(?! +\S+> ).*(Kernel panic - not syncing|ZENDO-FAIL |Manual reset required|"
                       rb"Zendo panic on CPU|Panic on CPU|Failed to boot both default|"
                       rb"\bzendo(\.efi)?: (?!unknown option)).*$")

    def __init__(self, machine, boot, work, echo=None):
        self.machine, self.work, self.echo = machine, work, echo
        self.text = bytearray()
        self.mark = 0                # everything before it has been matched
        self.events = []             # QMP events
        self.pid = None
        self.allow_fatal = False
        self.cond = threading.Condition()
        self.ended = False
        self.heard = 0               # when the console last said something
        self.started = None          # when the emulator itself began (it may queue for a slot)
        work.mkdir(parents=True, exist_ok=True)
        self.log = open(work / "serial.txt", "wb")
        listener = None
        if machine.kind == "bochs":
            listener = socket.create_server(("127.0.0.1", 0))
            machine.serial_port = listener.getsockname()[1]
        argv = machine.argv(work, boot)
        (work / "command").write_text(shlex.join(argv) + "\n")
        # EMU is a command that starts another, e.g. to limit how many emulators run at once
        pid_file = work / "pid"
        pid_file.unlink(missing_ok=True)
        starter = ["/bin/sh", "-c", 'echo $$ >"$0"; exec "$@"', str(pid_file), *argv]
        prefix = shlex.split(os.environ.get("EMU", ""))
        self.emu_log = open(work / "emulator.log", "wb")
        stdio = subprocess.PIPE if listener is None else subprocess.DEVNULL
        self.process = subprocess.Popen(
            prefix + starter, stdin=stdio, stdout=stdio if listener is None else self.emu_log,
            stderr=self.emu_log, start_new_session=True)
        self.sock = None
        live.add(self)
        threading.Thread(target=self._serial, args=(listener,), daemon=True).start()
        while not self.started:
            if pid_file.exists() and pid_file.read_text().strip():
                self.pid = int(pid_file.read_text())
                self.started = time.monotonic()
            elif self.process.poll() is not None:
                raise Failed("the emulator did not start", self._emu_tail())
            else:
                time.sleep(0.05)
        if machine.kind != "bochs":
            threading.Thread(target=self._qmp, daemon=True).start()

    # Input and output --------------------------------------------------------------------------

    def _serial(self, listener):
        if listener is not None:
            listener.settimeout(1)
            while self.sock is None:
                try:
                    self.sock, _ = listener.accept()
                except TimeoutError:
                    if self.process.poll() is not None:
                        break
            listener.close()
        read = (lambda: self.sock.recv(65536)) if self.sock else \
            (lambda: os.read(self.process.stdout.fileno(), 65536) if self.process.stdout else b"")
        while True:
            try:
                data = read()
            except OSError:
                data = b""
            if not data:
                break
            if not self.log.closed:
                self.log.write(data)
                self.log.flush()
            if self.echo:
                self.echo(data)
            with self.cond:
                self.text.extend(data)
                self.heard = time.monotonic()
                self.cond.notify_all()
        with self.cond:
            self.ended = True
            self.cond.notify_all()

    def _qmp(self):
        path = str(self.work / "qmp")
        while self.process.poll() is None:
            try:
                s = socket.socket(socket.AF_UNIX)
                s.connect(path)
                break
            except OSError:
                time.sleep(0.1)
        else:
            return
        s.sendall(b'{"execute":"qmp_capabilities"}\n')
        with s.makefile("rb") as lines:
            try:
                for line in lines:
                    event = json.loads(line)
                    if "event" in event:
                        self.events.append(event)
            except (OSError, ValueError):
                pass

    def send(self, text):
        """Type text on the serial line, slowly enough for a 16550 without flow control."""
        for i in range(0, len(text), 8):
            data = text[i:i + 8].encode()
            if self.sock:
                self.sock.sendall(data)
            else:
                self.process.stdin.write(data)
                self.process.stdin.flush()
            time.sleep(0.05)

    # Waiting -----------------------------------------------------------------------------------

    def seconds(self):
        return time.monotonic() - self.started

    def processor_seconds(self):
        """User and system time of the emulator so far (proc(5): fields 14 and 15 of stat); 0 when it is gone."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait(self, pattern, seconds, what=None):
        """Wait until the console shows pattern (after the last match). Returns the match.

        Fails when the console has been silent for that many seconds, or after LONGEST times as
        many: on a busy machine all goes slowly, but what hangs is silent.
        """
        regex = re.compile(pattern.encode() if isinstance(pattern, str) else pattern, re.M)
        begin = time.monotonic()
        what = what or (pattern if isinstance(pattern, str) else pattern.decode())
        with self.cond:
            while True:
                m = regex.search(self.text, self.mark)
                if m:
                    # a copy: the buffer goes on growing
                    m = regex.search(bytes(self.text), self.mark)
                    self.mark = m.end()
                    return m
                bad = None if self.allow_fatal else self.FATAL.search(self.text, self.mark)
                if bad:
                    # let the rest of it and the lines after it arrive
                    end = time.monotonic() + 3
                    while not self.ended and time.monotonic() < end:
                        self.cond.wait(0.2)
                    line = self.FATAL.search(bytes(self.text), self.mark).group(0).decode(errors="replace").strip()
                    raise Failed(f"no {what!r}: {line}", self.tail())
                if self.ended:
                    raise Failed(f"no {what!r}: the machine went off{self._how()}", self.tail())
                now = time.monotonic()
                quiet = now - max(begin, self.heard)
                if quiet > seconds * SCALE or now - begin > LONGEST * seconds * SCALE:
                    raise Failed(f"no {what!r} in {now - begin:.0f} s, the console silent for "
                                 f"{quiet:.0f} s", self.tail())
                self.cond.wait(1)

    def wait_result(self, job, seconds):
        """Wait for a job's result line; anything but ok is a failure. Returns its text."""
        m = self.wait(rf"ZENDO-RESULT {re.escape(job)} (ok|fail) ?([^\r\n]*)[\r\n]", seconds,
                      f"result of {job}")
        if m.group(1) != b"ok":
            raise Failed(f"{job}: {m.group(2).decode(errors='replace')}", self.tail())
        return m.group(2).decode(errors="replace").strip()

    def wait_off(self, seconds):
        """Wait until the machine switched itself off (not: reset itself, or crashed)."""
        try:
            self.process.wait(seconds * SCALE)
        except subprocess.TimeoutExpired:
            raise Failed(f"the machine is not off {seconds} s later", self.tail()) from None
        for _ in range(20):
            if self.ended:
                break
            time.sleep(0.1)
        if self.machine.kind == "bochs":
            log = (self.work / "bochs.log").read_text(errors="replace")
            if "ACPI control: soft power off" not in log:
                raise Failed("Bochs ended without a soft power-off", self.tail() + log[-500:])
            return
        reasons = self._reasons(5)
        if reasons != ["guest-shutdown"]:
            raise Failed(f"the machine ended by {reasons or 'an emulator error'}",
                         self.tail() + self._emu_tail())

    def wait_reset(self, seconds):
        """Wait until the machine asked for a reset (QEMU then ends: -no-reboot)."""
        try:
            self.process.wait(seconds * SCALE)
        except subprocess.TimeoutExpired:
            raise Failed(f"no reset {seconds} s later", self.tail()) from None
        reasons = self._reasons(5)
        if reasons != ["guest-reset"]:
            raise Failed(f"the machine ended by {reasons or 'an emulator error'}", self.tail())

    def _reasons(self, seconds=0):
        """Why the machine says it ended; that may come a little after its end."""
        end = time.monotonic() + seconds
        while True:
            reasons = [e["data"].get("reason") for e in self.events if e["event"] == "SHUTDOWN"]
            if reasons or time.monotonic() > end:
                return reasons
            time.sleep(0.1)

    def _how(self):
        reasons = self._reasons()
        return f" ({', '.join(map(str, reasons))})" if reasons else ""

    # The end -----------------------------------------------------------------------------------

    def tail(self, lines=40):
        """The console's last lines, without control sequences."""
        text = bytes(self.text).decode(errors="replace").replace("\r", "")
        text = re.sub(r"\x1b(\[[0-9;?=]*[A-Za-z]|[=>cM78]|\([AB0])", "", text)
        return "\n".join(text.split("\n")[-lines:]) + "\n"

    def _emu_tail(self):
        return (self.work / "emulator.log").read_text(errors="replace")[-1500:]

    def kill(self):
        for pid, send in ((self.pid, os.kill), (self.process.pid, os.killpg)):
            if pid and self.process.poll() is None:
                try:
                    send(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def stop(self):
        self.kill()
        self.process.wait()
        live.discard(self)
        if self.sock:
            self.sock.close()
        self.log.close()
        self.emu_log.close()
        for junk in list(self.work.glob("*.img")) + list(self.work.glob("*.iso")):
            junk.unlink(missing_ok=True)
        (self.work / "initrd").unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
