# SPDX-License-Identifier: BSD-2-Clause
"""Tests by name, run two at a time, with a line for each as it ends."""

import argparse
import fnmatch
import os
import queue
import subprocess
import sys
import threading
import time
import traceback

from . import dom0, paths
from .machine import accelerator
from .session import Failed, Session, handle_signals, live

TESTS = []  # (name, function, quick)


def test(name, quick=False):
    """Register a test. A quick one belongs to `make test`, the others to `make test-all` only."""
    def register(function):
        TESTS.append((name, function, quick))
        return function
    return register


class Context:
    """What a test gets: its name, its working directory, and ways to boot."""

    def __init__(self, name, report):
        self.name, self.report = name, report
        self.has_reported = False
        self.work = paths.WORK / name.replace("/", "-")
        self.runs = 0

    def dir(self):
        self.runs += 1
        return self.work / str(self.runs) if self.runs > 1 else self.work

    def mini(self, machine, jobs, up=240, each=420, end="poweroff", **boot):
        """Boot the minimal dom0, let it run jobs, and see the machine off (or reset)."""
        slow = 3 if machine.kind == "bochs" else 1
        work = self.dir()
        with Session(machine, dom0.boot_mini(machine, work, jobs, end, **boot), work) as s:
            s.wait(r"ZENDO-(DOM0-UP|DOM0-BARE) .*$", up * slow, "the minimal dom0")
            for job in jobs:
                s.wait_result(job, each * slow)
            s.wait("ZENDO-JOBS-DONE", 60 * slow)
            if end == "reboot":
                s.wait_reset(90 * slow)
            elif end == "poweroff":
                s.wait_off(90 * slow)
            return s

    def script(self, argv, target=None):
        """A script with tests of its own (`ok NAME`, `FAIL NAME why`): each of them counts."""
        self.work.mkdir(parents=True, exist_ok=True)
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        if target:
            built = subprocess.run(["make", "-s", target], cwd=paths.ROOT, env=env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if built.returncode:
                raise Failed(f"make {target} failed", built.stdout[-2000:])
        results = 0
        with open(self.work / "serial.txt", "w", encoding="utf-8") as log:
            child = subprocess.Popen(argv, cwd=paths.ROOT, env=env, text=True, errors="replace",
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            live.add(child)
            last = time.monotonic()
            for line in child.stdout:
                log.write(line)
                word, _, rest = line.strip().partition(" ")
                if word in ("ok", "FAIL") and rest:
                    name, _, why = rest.partition(" ")
                    now = time.monotonic()
                    self.report.done(f"{self.name}/{name}", now - last,
                                     None if word == "ok" else (why or "failed", ""))
                    last, results = now, results + 1
        self.has_reported = results > 0
        live.discard(child)
        if child.wait() not in (0, 1) or not results:
            raise Failed(f"{argv[0]} ended with status {child.returncode} after {results} results")

    def session(self, machine, boot, work=None):
        return Session(machine, boot, work or self.work)


class Report:
    """Prints as results come, counts, keeps the summary."""

    def __init__(self, total):
        self.lock = threading.Lock()
        self.total, self.passed, self.failed = total, 0, []

    def done(self, name, seconds, failure=None):
        with self.lock:
            if failure is None:
                self.passed += 1
                print(f"ok {name} ({seconds:.0f} s)", flush=True)
                return
            self.failed.append(name)
            why, tail = failure
            print(f"FAIL {name} ({seconds:.0f} s): {why}", flush=True)
            for line in tail.rstrip("\n").split("\n"):
                print(f"    | {line}", flush=True)


def run_one(name, function, report):
    context = Context(name, report)
    start = time.monotonic()
    try:
        function(context)
        if not context.has_reported:
            report.done(name, time.monotonic() - start)
    except Failed as e:
        tail = f"{e.tail}(all of it: {context.work}/serial.txt)" if e.tail else ""
        report.done(name, time.monotonic() - start, (str(e), tail))
    except paths.Missing as e:
        report.done(name, time.monotonic() - start, (str(e), ""))
    except Exception:  # a broken test is a failed test, and the others go on
        report.done(name, time.monotonic() - start,
                    ("the test itself broke", traceback.format_exc()))


def chosen(o):
    for name, function, quick in TESTS:
        if o.patterns:
            if any(fnmatch.fnmatch(name, p) for p in o.patterns):
                yield name, function
        elif quick or o.all:
            yield name, function


def main():
    p = argparse.ArgumentParser(description="System tests: the hypervisor with dom0 and guests")
    p.add_argument("patterns", nargs="*", help="names of tests, with * and ?")
    p.add_argument("-a", "--all", action="store_true", help="the long matrix too")
    p.add_argument("-l", "--list", action="store_true", help="list the tests (* = quick)")
    p.add_argument("-j", "--jobs", type=int, default=min(2, os.cpu_count() or 1),
                   help="emulators at once (default 2)")
    p.add_argument("--no-build", action="store_true", help="do not look whether dom0 is stale")
    o = p.parse_args()
    if o.list:
        for name, _, quick in TESTS:
            print(f"{'*' if quick else ' '} {name}")
        return 0
    tests = list(chosen(o))
    if not o.no_build:
        paths.dom0_build()
    print(f"system tests: {len(tests)} of {len(TESTS)}, {o.jobs} at once, "
          f"hypervisor {os.environ.get('HYP') or 'build/zendo.*'}, {accelerator()}", flush=True)
    handle_signals()
    report = Report(len(tests))
    work = queue.SimpleQueue()
    for t in tests:
        work.put(t)

    def worker():
        while True:
            try:
                name, function = work.get_nowait()
            except queue.Empty:
                return
            run_one(name, function, report)

    threads = [threading.Thread(target=worker) for _ in range(o.jobs)]
    for t in threads:
        t.start()
    for t in threads:
        while t.is_alive():
            t.join(1)  # so that signals get through
    if report.failed:
        print(f"failed: {' '.join(report.failed)}")
    print(f"{report.passed} passed, {len(report.failed)} failed")
    return 1 if report.failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
