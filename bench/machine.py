# SPDX-License-Identifier: BSD-2-Clause
"""zendo-bench: what this machine's hypervisor costs, measured here by its clock: single operations, a compile and
a web server in the control domain and in guests of each kind, and the guests' lives (see zendo-bench(8)).

    zendo-bench                  everything, about a quarter of an hour
    zendo-bench --quick          less of it, in less than five minutes
    zendo-bench --kinds pv,pvh   dom0 and these guests
    zendo-bench --json FILE      also as a file, that `make bench BASELINE=` and the report can read
    zendo-bench --baseline FILE  fails when something is worse than in such a file
"""

import argparse
import datetime
import gzip
import json
import os
import platform
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import tty
from pathlib import Path

from . import baseline, figures, table, titles

HERE = Path(__file__).resolve().parent
MODULES = ("xen-evtchn", "xen-gntdev", "xen-gntalloc", "xen-privcmd")  # what oplist's items of Xen use
WANTED = ("tcc", "ab")                                                 # what worklist uses where it is installed
NAME = "zendo-bench"
LIST = re.compile(r"^OP (\S+)((?: [\d.]+)+)\s*$", re.MULTILINE)
# guest memory in MiB; and how long it may take to its first process and to the list's end
MEMORY, UP, DONE = 320, 600, 1200


def run(*argv, **more):
    return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more).stdout


def hypervisor():
    """zendo, xen or none; and its version."""
    try:
        said = run("xl", "info")
    except (OSError, subprocess.CalledProcessError):
        return "none", ""
    version = re.search(r"^xen_version *: (\S+)", said, re.MULTILINE)
    return ("zendo" if re.search(r"^cc_compile_by *: zendo", said, re.MULTILINE) else "xen",
            version[1] if version else "")


def possible(kinds):
    """Those of the kinds of guest that can be had here."""
    caps = run("xl", "info", "xen_caps")
    has = {"pv": "xen-3.0-x86_64" in caps, "pvh": "hvm-3.0-x86_64" in caps,
           "hvm": "hvm-3.0-x86_64" in caps and any(Path("/usr/lib").glob("xen-*/boot/hvmloader"))}
    for kind in kinds:
        if not has[kind]:
            print(f"zendo-bench: no {kind.upper()} guests here", file=sys.stderr)
    return [kind for kind in kinds if has[kind]]


class Files:
    """Where oplist and worklist are: installed, or built in a checkout."""

    def __init__(self):
        installed = HERE.parent / "oplist"
        self.oplist = installed if installed.is_file() else HERE.parent / "build" / "oplist"
        self.worklist = HERE.parent / "worklist" if installed.is_file() else HERE / "oplist" / "worklist"
        if not self.oplist.exists():
            sys.exit(f"zendo-bench: no {self.oplist} (make oplist)")

    def list_here(self, options):
        with tempfile.TemporaryDirectory() as folder:  # as both are called in guests
            for path in (self.oplist, self.worklist):
                (Path(folder) / path.name).symlink_to(path)
            return run(str(self.worklist), *options, env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))

    def ramdisk(self, tree):
        """The guest's, below tree: busybox, the list, what it uses, modules, init."""
        kernel = platform.release()
        busybox = shutil.which("busybox") or sys.exit("zendo-bench: no busybox (package busybox-static)")
        for folder in ("bin", "sbin", "usr/bin", "dev", "proc", "sys", "tmp", "modules"):
            (tree / folder).mkdir(parents=True)
        for path in (Path(busybox), self.oplist, self.worklist):
            shutil.copy(path, tree / "bin" / path.name)
        for path in filter(None, map(shutil.which, WANTED)):
            for file in [path, *re.findall(r"(/\S+) \(0x", run("ldd", path))]:
                to = tree / file.lstrip("/")
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(os.path.realpath(file), to)
        for n, module in enumerate(MODULES):
            for file in re.findall(r"^insmod (\S+)", run("modprobe", "-S", kernel, "--show-depends", module), re.MULTILINE):
                shutil.copy(file, tree / "modules" / f"{n}-{Path(file).name}")
        shutil.copy(HERE / "guest-init", tree / "init")
        os.chmod(tree / "init", 0o755)
        packed = tree.parent / "ramdisk"
        archive = subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=tree, check=True,
                                 stdout=subprocess.PIPE).stdout
        packed.write_bytes(gzip.compress(archive, 1))
        return f"/boot/vmlinuz-{kernel}", packed


class Console:
    """A guest's console, read as it comes."""

    def __init__(self, domid):
        for _ in range(600):
            path = subprocess.run(["xenstore-read", f"/local/domain/{domid}/console/tty"], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
            if path:
                break
            time.sleep(0.1)
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        self.text = ""

    def wait(self, pattern, seconds):
        """Until it said that, from what it said so far on; seconds that took."""
        begun = time.monotonic()
        while not re.search(pattern, self.text, re.MULTILINE):
            left = begun + seconds - time.monotonic()
            if left < 0 or not select.select([self.fd], [], [], max(left, 0))[0]:
                raise TimeoutError(f"the guest did not say {pattern} in {seconds} s:\n{self.text[-2000:]}")
            self.text += os.read(self.fd, 65536).decode(errors="replace").replace("\r", "")
        return time.monotonic() - begun

    def close(self):
        os.close(self.fd)


def configuration(kind, kernel, ramdisk, options):
    lines = {"name": NAME, "type": kind, "kernel": kernel, "ramdisk": str(ramdisk), "memory": MEMORY, "vcpus": 1,
             "extra": f"console=hvc0 loglevel=4 panic=5 bench.options={','.join(options)}", "on_poweroff": "destroy",
             "on_reboot": "destroy", "on_crash": "destroy"}
    if kind == "hvm":
        lines |= {"vga": "none", "nographic": 1, "vnc": 0, "usb": 0}
    return "".join(f"{k} = {json.dumps(v)}\n" for k, v in lines.items())


def timed(*argv):
    begun = time.monotonic()
    run(*argv)
    return (time.monotonic() - begun) * 1000


def lives(kind, config, rounds):
    """({name: [milliseconds]} of so many guests' lives, what the last one's list said)."""
    took = {"create": [], "init": [], "destroy": []}
    for n in range(rounds):
        took["create"].append(timed("xl", "create", "-q", "-p", str(config)))
        try:
            console = Console(run("xl", "domid", NAME).strip())
            begun = time.monotonic()
            run("xl", "unpause", NAME)
            console.wait("^BENCH-UP", UP)
            took["init"].append((time.monotonic() - begun) * 1000)
            if n == rounds - 1:
                console.wait("^BENCH-DONE", DONE)
            said = console.text
            console.close()
        finally:
            took["destroy"].append(timed("xl", "destroy", NAME))
    return took, said


def figure(place, name, title, unit, samples, on):
    median, spread = figures.summary(samples)
    return {"id": f"machine-{place}/{name}", "name": name, "title": title, "source": f"machine-{place}",
            "group": "operations and life of " + ("dom0" if place == "dom0" else f"a {place.upper()} guest"),
            "guest": place, "instrument": "host time", "unit": unit, "better": "higher" if name == "web" else "lower",
            "hypervisor": on, "samples": [figures.rounded(s) for s in samples], "median": median, "spread": spread,
            "resolution": 0}


def figures_of(place, took, said, on):
    made = [figure(place, name, titles.LIFE[name], "ms", samples, on) for name, samples in took.items() if samples]
    return made + [figure(place, name, titles.OPLIST.get(name, name), "requests/s" if name == "web" else "ns",
                          [float(v) for v in values.split()], on) for name, values in LIST.findall(said)]


def measure(o, on):
    files = Files()
    options = ["-t", "5000", "-n", "3"] if o.quick else ["-t", "20000", "-n", "7"]
    kinds = [k for k in (o.kinds or "pv,pvh,hvm").split(",") if k != "dom0"]
    print("zendo-bench: dom0", flush=True)
    made = figures_of("dom0", {}, files.list_here(options), on)
    if on == "none" or not kinds:
        return made
    with tempfile.TemporaryDirectory() as folder:
        kernel, ramdisk = files.ramdisk(Path(folder) / "tree")
        for kind in possible(kinds):
            print(f"zendo-bench: {kind.upper()} guests", flush=True)
            config = Path(folder) / f"{kind}.cfg"
            config.write_text(configuration(kind, kernel, ramdisk, options), encoding="utf-8")
            made += figures_of(kind, *lives(kind, config, 3 if o.quick else 7), on)
    return made


def options(argv):
    p = argparse.ArgumentParser(prog="zendo-bench", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    p.add_argument("--kinds", default="", metavar="KINDS", help="of guests, by commas: pv, pvh, hvm; or dom0 alone")
    p.add_argument("--json", type=Path, metavar="FILE")
    p.add_argument("--baseline", type=Path, metavar="FILE", help="what --json wrote before")
    p.add_argument("--regression", type=float, default=10, metavar="PERCENT")
    o = p.parse_args(argv)
    if set(o.kinds.split(",")) - {"", "dom0", "pv", "pvh", "hvm"}:
        p.error(f"no such kind of guest in {o.kinds}")
    return o


def main(argv=None):
    o = options(argv)
    if os.geteuid():
        sys.exit("zendo-bench: only root can create guests")
    then = json.loads(o.baseline.read_text(encoding="utf-8")) if o.baseline else None
    on, version = hypervisor()
    begun, clock = datetime.datetime.now(datetime.timezone.utc), time.monotonic()
    data = {"schema": 1, "begun": begun.isoformat(timespec="seconds"), "quick": o.quick, "only": o.kinds,
            "host": {"cpus": os.cpu_count() or 1, "kernel": platform.release()},
            "hypervisors": {on: {"file": on, "version": version}}, "instruments": figures.INSTRUMENTS, "runs": []}
    try:
        data["figures"] = measure(o, on)
    except subprocess.CalledProcessError as e:
        sys.exit(f"zendo-bench: {e}\n{e.stdout or ''}")
    except TimeoutError as e:
        sys.exit(f"zendo-bench: {e}")
    data["seconds"] = round(time.monotonic() - clock)
    print(table.text(data), end="")
    if o.json:
        o.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(f"\nzendo-bench: {len(data['figures'])} figures in {data['seconds']} s")
    if not then:
        return 0
    count = baseline.common(data, then, on)
    text, worse = baseline.report(baseline.compare(data, then, on), o.regression, count)
    print(text)
    return 1 if worse or not count else 0


if __name__ == "__main__":
    sys.exit(main())
