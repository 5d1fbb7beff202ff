#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The guest tests: a small PV kernel boots as dom0 and makes hypercalls, right and wrong ones.

    run.py                        everything, QEMU, build/zendo.mb2
    run.py child. grant           only tests whose names start so
    HYP=/boot/xen-4.17-amd64.gz run.py      the same tests on another hypervisor of this ABI
    run.py -M bochs info          in Bochs, whose faults are exact
    HYP=... run.py --record abi   write what this hypervisor answers to tests/guest/abi/expected.txt

Every test is in one kernel (build/guest/guest.elf); tests that kill a guest kill a child of it. When
a test ends the machine or stops it, that test has failed and a new boot goes on behind it.
Environment: EMU names a command that starts emulators (a limiter); CPU QEMU's CPU model.
"""

import argparse
import gzip
import os
import pathlib
import queue
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque

import facts

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / "build" / "guest"
CC = os.environ.get("CC", "gcc")
CFLAGS = ["-std=gnu17", "-O2", "-g", "-ffreestanding", "-mcmodel=kernel", "-mno-red-zone", "-fno-pic",
          "-mgeneral-regs-only", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
          "-fcf-protection=none", "-fno-toplevel-reorder", "-fno-strict-aliasing", "-Wall",
          "-Wextra", "-Werror",
          "-Ihypervisor", "-I."]
HYP_LIB = ["hypervisor/lib/format.c", "hypervisor/lib/string.c", "hypervisor/lib/strlcpy.c"]
XEN_CPU = "EPYC,+svm,+npt,-smap,-smep,-rdtscp,-monitor"


def fail(text):
    print(f"FAIL build {text}")
    sys.exit(1)


def run(argv, **more):
    done = subprocess.run(argv, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **more)
    if done.returncode:
        sys.stdout.write(done.stdout.decode(errors="replace"))
        fail(f"{argv[0]} ended with {done.returncode}")


def stale(target, sources):
    if not target.exists():
        return True
    made = target.stat().st_mtime
    return any(pathlib.Path(s).stat().st_mtime > made for s in sources)


def compile_one(source):
    """An object file, made again when the source or any header is newer."""
    path = pathlib.Path(source)
    made = OUT / "obj" / (str(path).replace("/", "-") + ".o")
    headers = [*HERE.glob("*/*.h"), TOP / "hypervisor/abi/xen.h", pathlib.Path(__file__)]
    if stale(made, [TOP / path, *headers]):
        made.parent.mkdir(parents=True, exist_ok=True)
        extra = ["-D__ASSEMBLY__"] if path.suffix == ".S" else []
        run([CC, *CFLAGS, *extra, "-c", str(path), "-o", str(made)])
    return str(made)


def build():
    """build/guest/guest.elf from every source of every folder here."""
    sources = sorted(str(p.relative_to(TOP)) for p in HERE.glob("*/*") if p.suffix in (".c", ".S"))
    objects = [compile_one(s) for s in sources + HYP_LIB]
    elf = OUT / "guest.elf"
    script = HERE / "lib" / "guest.lds"
    if stale(elf, [*objects, script]):
        run(["ld", "-static", "-nostdlib", "-z", "noexecstack", "--no-warn-rwx-segments", "-z",
             "max-page-size=4096", "--build-id=none", "-T", str(script), "-o", str(elf), *objects])
        run(["objcopy", "--strip-debug", str(elf), str(elf) + ".boot"])
    return pathlib.Path(str(elf) + ".boot")


def hypervisor():
    path = pathlib.Path(os.environ.get("HYP") or TOP / "build" / "zendo.mb2")
    if not path.exists():
        fail(f"no hypervisor at {path}: run make first")
    return path


def is_real_xen(path):
    data = gzip.open(path).read(1 << 16) if path.suffix == ".gz" else path.read_bytes()
    return path.suffix == ".gz" or b"zendo" not in data


class Machine:
    """One boot: a GRUB CD, an emulator, its serial line."""

    def __init__(self, options, work, kernel_line):
        self.options, self.work = options, work
        work.mkdir(parents=True, exist_ok=True)
        self.hyp = hypervisor()
        self.iso(kernel_line)

    def iso(self, kernel_line):
        tree = self.work / "cd"
        run(["rm", "-rf", str(tree)])
        (tree / "boot" / "grub").mkdir(parents=True)
        run(["cp", "-L", str(self.hyp), str(tree / "boot" / "hypervisor")])
        run(["cp", str(OUT / "guest.elf.boot"), str(tree / "boot" / "guest")])
        vcpus = self.options.cpus
        line = (f"com1=115200,8n1 console=com1 loglvl=all guest_loglvl=warning/all dom0_mem=64M,max:64M "
                f"dom0_max_vcpus={vcpus} noreboot {self.options.hyp_line}")
        if is_real_xen(self.hyp):
            # QEMU 7.2 does not always fault when CR0.TS is set: no lazy FPU switching
            line += " spec-ctrl=eager-fpu"
        (tree / "boot" / "grub" / "grub.cfg").write_text(
            "serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\n"
            "set gfxpayload=text\nset timeout=0\nmenuentry guest {\n"
            f" multiboot2 /boot/hypervisor {line}\n module2 /boot/guest {kernel_line}\n}}\n")
        run(["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "--modules=serial terminal", "-o",
             str(self.work / "boot.iso"), str(tree)])
        run(["rm", "-rf", str(tree)])

    def argv(self, port):
        if self.options.machine == "bochs":
            return self.bochs(port)
        cpu = os.environ.get("CPU") or XEN_CPU
        return ["qemu-system-x86_64", "-machine", "pc", "-accel", "tcg,thread=single", "-cpu", cpu,
                "-smp", str(self.options.cpus), "-m", "256", "-display", "none", "-monitor", "none",
                "-no-reboot", "-nic", "none", "-serial", "stdio", "-cdrom",
                str(self.work / "boot.iso"), "-boot", "d"] + shlex.split(self.options.qemu)

    def bochs(self, port):
        model = os.environ.get("CPU") or "corei7_skylake_x"
        # with SVM a guest's triple fault is a panic before it is an exit, and stops the debugger
        panics = "fatal, cpu0=report" if model == "ryzen" else "fatal"
        (self.work / "bochsrc").write_text("\n".join([
            # SeaBIOS describes only the first CPU here
            f"cpu: model={model}, count=1, ips=400000000, reset_on_triple_fault=0, "
            "ignore_bad_msrs=1",
            "megs: 256", "romimage: file=/usr/share/seabios/bios.bin",
            "vgaromimage: file=/usr/share/vgabios/vgabios.bin", "ata0: enabled=1",
            "ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15",
            f"ata1-master: type=cdrom, path={self.work}/boot.iso, status=inserted", "boot: cdrom",
            f"com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}",
            'display_library: rfb, options="timeout=0"', f"log: {self.work}/bochs.log",
            f"panic: action={panics}", "clock: sync=none, time0=1000000000",
            "pci: enabled=1, chipset=i440fx",
            "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy",
            "speaker: enabled=1, mode=none"]) + "\n")
        (self.work / "bochs.rc").write_text("c\n" * 100)
        return ["bochs", "-q", "-f", str(self.work / "bochsrc"), "-rc", str(self.work / "bochs.rc")]

    def lines(self, quiet):
        """The serial lines as they come, until the machine ends or is silent for @quiet seconds;
        the last item is then None or the word `silent`."""
        argv = shlex.split(os.environ.get("EMU", ""))
        listener = None
        if self.options.machine == "bochs":
            listener = socket.create_server(("127.0.0.1", 0))
            argv += self.argv(listener.getsockname()[1])
        else:
            argv += self.argv(0)
        pipe = subprocess.DEVNULL if listener else subprocess.PIPE
        child = subprocess.Popen(argv, stdout=pipe, stdin=subprocess.DEVNULL, start_new_session=True,
                                 stderr=subprocess.DEVNULL if listener else subprocess.STDOUT)
        try:
            stream = child.stdout
            if listener:
                listener.settimeout(900)
                stream = listener.accept()[0].makefile("rb", buffering=0)
            yield from self.read(stream, quiet)
        finally:
            try:
                os.killpg(child.pid, 15)
            except ProcessLookupError:
                pass
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, 9)
                child.wait()
            if listener:
                listener.close()

    def read(self, stream, quiet):
        items = queue.Queue()

        def pump():
            buffer = b""
            while True:
                data = os.read(stream.fileno(), 65536)
                if not data:
                    break
                *whole, buffer = (buffer + data).split(b"\n")
                for one in whole:
                    items.put(one.decode(errors="replace").rstrip("\r"))
            if buffer:
                items.put(buffer.decode(errors="replace"))
            items.put(None)

        threading.Thread(target=pump, daemon=True).start()
        started = False
        with open(self.work / "serial.txt", "a", encoding="utf-8") as log:
            while True:
                try:
                    line = items.get(timeout=quiet if started else quiet + 600)
                except queue.Empty:
                    yield "silent"
                    return
                if line is None:
                    yield None
                    return
                started = True
                log.write(line + "\n")
                log.flush()
                yield line


RESULT = re.compile(r"(ok|FAIL) ([a-z0-9_]+\.[a-z0-9_]+)(.*)")
RUNNING = re.compile(r"run ([a-z0-9_]+\.[a-z0-9_]+)$")
OF_THE_CPU = ("abi.cpu", "abi.cpu_of_child", "abi.cpu_of_hvm", "abi.hvm_context")


def judge(options, word, name, why):
    """A test that gives facts is right when they are the expected ones. On another CPU than the one
    they were recorded on, those of the CPU say nothing."""
    got = options.facts.get(name) or {}
    want = options.expected.get(name, {})
    if word != "ok" or options.record or not (got or want):
        return word, name, why
    other_cpu = options.machine == "bochs" or os.environ.get("CPU", XEN_CPU) != XEN_CPU
    if name in OF_THE_CPU and other_cpu:
        print(f"# {name}: another CPU than the facts', not compared", flush=True)
        return word, name, why
    wrong = facts.compare(got, want, options.differences.get(name, {}))
    for line in wrong:
        print(f"# {name}: {line}", flush=True)
    return ("FAIL", name, f"{len(wrong)} facts: {wrong[0]}") if wrong else (word, name, why)


def boot_once(options, work, line, report):
    """One boot. Returns None when the guest came to its end, or (test that ended it, why, what the
    console said last)."""
    running, trouble, rows = None, "", {}
    console = deque(maxlen=0 if options.verbose else 20)
    machine = Machine(options, work, line)
    for text in machine.lines(options.quiet):
        if text is None or text == "silent":
            why = "the machine went off" if text is None else f"silent for {options.quiet} s"
            return running, (trouble or why), console
        if options.verbose:
            print(f"    | {text}", flush=True)
        text = text.lstrip("\x1b[0m ")
        if not RESULT.match(text):
            console.append(text)
        if m := RUNNING.search(text):
            running, trouble = m.group(1), ""
            rows = options.facts.setdefault(running, {})
        elif m := facts.ROW.match(text):
            facts.add({running: rows}, running, m.group(1), m.group(2))
        elif m := RESULT.match(text):
            report(*judge(options, m.group(1), m.group(2), m.group(3).strip()), console)
            console.clear()
            running = None
        elif text.startswith("BENCH ") or text.startswith("# "):
            print(text, flush=True)
        elif re.search(r"panic|PANIC|FATAL|Assertion", text):
            trouble = trouble or text.strip()[:160]
        elif text.startswith("GUEST-END"):
            return None


class Results:
    def __init__(self):
        self.failed, self.passed, self.lock = 0, 0, threading.Lock()

    def __call__(self, word, name, why, console=()):
        with self.lock:
            if word == "ok":
                self.passed += 1
                print(f"ok {name}", flush=True)
            else:
                self.failed += 1
                print(f"FAIL {name} {why}", *(f"    | {text}" for text in console), sep="\n", flush=True)


def series(options, name, line, report):
    """Boot until every test had its turn."""
    work = OUT / name
    run(["rm", "-rf", str(work)])
    after = ""
    for _ in range(40):
        ended = boot_once(options, work, f"{line} {after}".strip(), report)
        if ended is None:
            return
        running, why, console = ended
        if running is None:
            report("FAIL", f"{name.replace('-', '_')}.boot", f"{why} (see {work}/serial.txt)", console)
            return
        report("FAIL", running, why, console)
        after = f"after={running}"


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*", help="beginnings of test names")
    p.add_argument("-M", "--machine", default="pc", choices=("pc", "bochs"))
    p.add_argument("-c", "--cpus", type=int, default=2)
    p.add_argument("-a", "--all", action="store_true", help="longer soak and fuzz")
    p.add_argument("-v", "--verbose", action="store_true", help="show the serial line")
    p.add_argument("-q", "--quiet", type=int, default=120, help="seconds of silence that are a hang")
    p.add_argument("-l", "--line", default="", help="more words for the test kernel")
    p.add_argument("--hyp-line", default="", help="more options for the hypervisor")
    p.add_argument("--qemu", default="", help="more options for QEMU")
    p.add_argument("--work", help="name of the working folder, for several at a time")
    p.add_argument("--build", action="store_true", help="only build the kernel")
    p.add_argument("--record", action="store_true", help="take the facts seen as those expected")
    options = p.parse_args()
    build()
    if options.build:
        return 0
    options.facts, options.differences = {}, {}
    options.expected = facts.load(facts.EXPECTED) if facts.EXPECTED.exists() else {}
    if not is_real_xen(hypervisor()):
        options.differences = facts.load(facts.DIFFERENCES, reasons=True)
    report = Results()
    line = options.line
    if options.names:
        line += " only=" + ",".join(options.names)
    if options.machine == "bochs":
        line += " exact=1"
        if os.environ.get("CPU") == "ryzen":
            line += " bochs_svm"  # docs/design/hvm.md has its faults
    if options.all:
        line += " fuzz=400000 soak=1000"
    start = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    name = "xen" if is_real_xen(hypervisor()) else "zendo"
    series(options, options.work or f"{name}-{options.machine}", line.strip(), report)
    if options.record:
        facts.save(facts.EXPECTED, options.expected | {t: r for t, r in options.facts.items() if r})
    print(f"# guest tests on {name}: {report.passed} passed, {report.failed} failed, "
          f"{time.monotonic() - start:.0f} s")
    return 1 if report.failed or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
