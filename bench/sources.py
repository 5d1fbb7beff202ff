# SPDX-License-Identifier: BSD-2-Clause
"""What can be measured: for each source the command that runs it once and how its output is read.

A source is one boot of an emulator with one hypervisor. It yields samples: {name: [value, ...]}.
"""

import re
import sys
from dataclasses import dataclass, field

from . import titles

NO_APICV = "apicv=0"  # Bochs: with virtual-interrupt delivery Linux comes to a stop (docs/design/hvm.md)


COUNTED = "-icount shift=0,sleep=off"  # QEMU: an instruction takes a nanosecond, idle time none


@dataclass
class Source:
    """One bed and one job. Names are those of the figures, after "ID/"."""
    id: str
    group: object                # what it is about: text, or name -> text
    instrument: str
    titles: dict
    read: object                 # output -> {name: [samples]}; what is not in titles is kept as well
    argv: list
    env: dict = field(default_factory=dict)
    guest: object = "dom0"       # or name -> guest kind
    unit: object = "ms"          # or name -> unit
    better: object = "lower"     # or name -> lower, higher
    resolution: float = 0        # the step of the job's clock
    done: str = ""               # a pattern the output must have
    hypervisors: tuple = ("zendo", "xen")
    rounds: int = 1              # boots that count; the warm-up's do not
    warm_up: int = 0
    quick: bool = False          # part of QUICK=1
    usual: bool = True           # part of a run without ONLY
    cost: int = 120              # seconds it takes, as measured; for the estimate and the time limit
    limit: int = 1800            # seconds after which it is ended
    every: int = 0               # instructions from one sample of a profile to the next (bench/sampler.py)

    def of(self, what, name):
        value = getattr(self, what)
        return value(name) if callable(value) else value


def samples(pattern, scale=1.0):
    """A reader: every match of pattern is a sample; its groups are name and value."""
    regex = re.compile(pattern, re.MULTILINE)

    def read(text):
        found = {}
        for name, value in regex.findall(text):
            found.setdefault(name, []).append(round(float(value) * scale, 3))
        return found
    return read


def both(*readers):
    def read(text):
        found = {}
        for reader in readers:
            found.update(reader(text))
        return found
    return read


# Guest rows: tests/guest/bench -----------------------------------------------------------------

def curve(axis):
    what, counts, names = titles.AXES[axis]
    return {f"{name}_{axis}_{count}": f"{title}; {what}: {count:,}"
            for name, title in names.items() for count in counts}


def kind_of_row(name):
    """The kind of guest a row is about: pv, pvh (with a local APIC) or hvm (all of a board)."""
    return "hvm" if name.startswith("board_") else "pvh" if name.startswith("hvm_") else "pv"


def rows(id, bed, instrument, machine, tests, env=None, more=(), **rest):
    def group(name):
        return (f"toolstack's calls for PVH and HVM guests, {bed}" if name in titles.TOOLSTACK else
                f"curves over {titles.AXES[titles.axis_of(name)[1]][0]}, {bed}" if titles.axis_of(name) else
                f"exits of PVH and HVM guests, {bed}" if name.startswith(("hvm_", "board_")) else
                f"hypercalls and traps of PV guests, {bed}")
    argv = [sys.executable, "-B", "tests/guest/run.py", "-M", machine, "-c", "1", "-q", "400",
            "--work", f"bench-{id}-{{hypervisor}}", *more, *tests]
    names = titles.EXITS | titles.TOOLSTACK
    if tests == ["bench"]:
        names = titles.PV | names | curve("beside") | curve("vcpus")
    return Source(
        id, group, instrument, names,
        samples(r"^BENCH (\S+) (\d+)$"), argv, env or {}, guest=kind_of_row,
        unit=lambda name: "pages" if "pages_per" in name else "instructions",
        done=r"^ok (bench|curve)\.", **rest)


def memory(counts):
    """A boot for each size of the machine's memory, by bench/memory.py."""
    source = rows("qemu-memory", "QEMU", "qemu-instructions", "pc", [], cost=35)
    source.argv = [sys.executable, "-B", "-m", "bench.memory", "{hypervisor}", *map(str, counts), "--", *source.argv]
    source.titles = curve("mib")
    return source


# Jobs in dom0: tests/system/jobs ---------------------------------------------------------------

def job(id, name, title, names, read, bed, line="", more=(), **rest):
    """bed: the machine's options of tests/system/boot.py."""
    argv = [sys.executable, "-B", "tests/system/boot.py", *bed, "-j", name,
            "-w", f"build/bench/work/{id}-{{hypervisor}}", "-t", "1500", *more]
    if line:
        argv += ["--kernel-line", line]
    instrument = "bochs-instructions" if "bochs" in bed else "qemu-instructions"
    env = {} if "bochs" in bed else {"ACCEL": "tcg"}  # KVM does not count
    return Source(id, title, instrument, names, read, argv, env, done=f"ZENDO-RESULT {name} ok", **rest)


BOCHS = ("-M", "bochs")
A = {"pv": "a PV", "pvh": "a PVH", "hvm": "an HVM"}
COUNT = ("-M", "pc", "--count")
PACE_NUMBER = r"\bPACE (\S+) ([\d.]+)"


def guestpace(kind, bed, id, **rest):
    hvm = ("--hvm",) if kind == "hvm" else ()
    more = ("-g", *hvm, *(("--hyp-line", NO_APICV) if bed is BOCHS and kind != "pv" else ()))
    return job(id, "guestpace", f"ordinary work in {A[kind]} guest, and its creation", titles.GUESTPACE,
               both(samples(r"(?<!GUEST-)" + PACE_NUMBER), samples(r"\bGUEST-PACE (\S+) (\d+)", 10)),
               bed, f"zendo.guest={kind} zendo.up=1200", more, guest=kind, resolution=10, **rest)


def list_read(scale):
    """The lines of oplist: a figure and its samples (in the step's output, not on the guest's console)."""
    def read(text):
        return {name: [round(float(v) * (1 if name == "web" else scale), 1) for v in values.split()]
                for name, values in re.findall(r"^  list: OP (\S+)((?: [\d.]+)+)\s*$", text, re.MULTILINE)}
    return read


def oplist(place, bed=COUNT, id="", vcpus=1, **rest):
    """bench/oplist in dom0 (and on the bare machine), or in a guest of that kind."""
    where = "dom0" if place == "dom0" else f"{A[place]} guest"
    more = ["--oplist"]
    if place != "dom0":
        more += ["-g", *(("--hvm",) if place == "hvm" else ()),
                 *(("--hyp-line", NO_APICV) if "bochs" in bed and place != "pv" else ())]
    line = "" if place == "dom0" else f"zendo.guest={place} zendo.vcpus={vcpus} zendo.up=1200"
    return job(id or f"oplist-{place}", "oplist", f"single operations of a program in {where}", titles.OPLIST,
               list_read(0.4 if "bochs" in bed else 1), bed, line, more, guest=place,
               unit=lambda n: "requests/s" if n == "web" else "instructions",
               better=lambda n: "higher" if n == "web" else "lower",
               hypervisors=("none", "zendo", "xen") if place == "dom0" else ("zendo", "xen"), **rest)


def profile(name, title, more=(), line="", **rest):
    """A job in Bochs with bench/sampler.py: its own figures are those of the job, so none are kept."""
    source = job(f"profile-{name}", name, title, {"stacks": title}, lambda text: {}, BOCHS, line, more,
                 hypervisors=("zendo",), every=100_003, **rest)
    stacks = f"build/bench/work/{source.id}-zendo/stacks"
    source.env = {"BOCHS": "bench/sampler.py", "ELF": "build/zendo.elf", "STACKS": stacks, "EVERY": str(source.every)}
    return source


def lifepace(kind, **rest):
    hvm = ("--hvm",) if kind == "hvm" else ()
    return job(f"lifepace-{kind}", "lifepace", f"the life of {A[kind]} guest of 512 MiB",
               titles.LIFEPACE, samples(PACE_NUMBER), (*COUNT, "-m", "2047", "-d", "1200"),
               f"zendo.guest={kind} zendo.up=1200 zendo.rounds=2", ("-g", *hvm), guest=kind,
               resolution=1, **rest)


def fio(kind, **rest):
    rate = samples(r"\bFIO ((?!warm)\S+): .* (\d+) KiB/s", 1 / 1024)

    def latency(text):
        found = samples(r"\bFIO ((?!warm)\S+): .* ([\d.]+) us")(text)
        return {f"{name}.us": values for name, values in found.items()}
    names = titles.FIO | {f"{n}.us": t for n, t in titles.FIO.items()}
    return job(f"fio-{kind}", "fio", f"disk of {A[kind]} guest", names, both(rate, latency),
               ("-M", "pc", "--count=1", "-m", "1280", "-d", "600"), f"zendo.type={kind}",
               ("-g", "--tools"), guest=kind,
               unit=lambda n: "us a request" if n.endswith(".us") else "MiB/s",
               better=lambda n: "lower" if n.endswith(".us") else "higher", **rest)


def netpace(kind, **rest):
    return job(f"netpace-{kind}", "netpace", f"network of {kind.upper()} guests", titles.NETPACE,
               samples(PACE_NUMBER), COUNT, f"zendo.type={kind} zendo.rounds=2", ("-g", "--tools"),
               guest=kind, unit=lambda n: "us" if n == "ping" else "packets/s" if n.endswith("-packets") else "Mbit/s",
               better=lambda n: "lower" if n == "ping" else "higher", **rest)


def boot():
    def read(text):
        m = re.search(r"^boot: done in ([\d.]+) s, the emulator's processor time ([\d.]+) s", text,
                      re.MULTILINE)
        return {"wall": [float(m[1])], "processor": [float(m[2])]} if m else {}
    argv = [sys.executable, "-B", "tests/system/boot.py", "-M", "pc", "-u", "ZENDO-INIT",
            "-w", "build/bench/work/boot-{hypervisor}"]
    return Source("boot", "power-on to dom0's /init", "host time", titles.BOOT, read, argv, unit="s",
                  hypervisors=("none", "zendo", "xen"), rounds=3, warm_up=1, cost=12)


ALL = [
    rows("bochs-vmx", "VMX", "bochs-instructions", "bochs", ["bench"],
         quick=True, cost=25),
    rows("bochs-svm", "SVM", "bochs-instructions", "bochs", ["bench.hvm"],
         env={"CPU": "ryzen"}, quick=True, cost=25),
    rows("qemu-svm", "QEMU's SVM", "qemu-instructions", "pc", ["bench"],
         more=("--qemu", COUNTED), quick=True, cost=15),
    memory(titles.AXES["mib"][1]),
    job("pace", "pace", "ordinary work in dom0", titles.PACE, samples(PACE_NUMBER, 400 / 1e6), BOCHS,
        more=("-k", "6.1"), unit="million instructions", hypervisors=("none", "zendo", "xen"), cost=205),
    profile("pace", "dom0 with ordinary work (tests/system/jobs/pace.sh), from power-on", cost=265),
    *(oplist(k, quick=k != "hvm", cost=c) for k, c in (("dom0", 45), ("pv", 70), ("pvh", 90), ("hvm", 140))),
    *(oplist(k, ("-M", "bochs", "-c", "2"), f"oplist-bochs-{k}", vcpus=2, usual=False, cost=600, limit=5400)
      for k in ("dom0", "pv", "pvh")),
    *(guestpace(k, COUNT, f"guestpace-{k}", cost=c, usual=k != "hvm")
      for k, c in (("pv", 90), ("pvh", 90), ("hvm", 130))),
    *(guestpace(k, BOCHS, f"guestpace-bochs-{k}", usual=False, cost=900, limit=5400)
      for k in ("pv", "pvh", "hvm")),
    *(lifepace(k, cost=c, quick=k == "pv") for k, c in (("pv", 135), ("pvh", 140))),
    lifepace("hvm", cost=210, usual=False),
    *(fio(k, cost=85) for k in ("pv", "pvh")),
    *(netpace(k, cost=c) for k, c in (("pv", 115), ("pvh", 125))),
    boot(),
]
BY_ID = {source.id: source for source in ALL}
