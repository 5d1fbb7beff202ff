#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the layers of tests, shows progress, and ends with the line `N passed, N failed`.

A layer is a way to get commands; a command prints `ok NAME` or `FAIL NAME why` for each test.
Lines that begin with `    | ` after a FAIL line are what its console said last; their end is shown
again with the failures. A command also fails when it ends badly without having printed a FAIL line,
or prints no result at all. Everything a command prints is kept in build/test-logs.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

TOP = pathlib.Path(__file__).resolve().parent.parent
LOGS = TOP / "build" / "test-logs"
LINTS = ["layers.py", "tour.py", "functions.py", "panics.py", "names.py", "text.py", "headers.py",
         "abi.py"]
FUZZ_RUNS = 20000
DETAIL = "    | "
DETAIL_LINES = 20


class Command:
    """One child process. `prefix` goes before the names of its tests; `limit` is in seconds."""

    def __init__(self, name, argv, prefix="", limit=300, single=False):
        self.name, self.argv, self.prefix = name, argv, prefix
        self.limit, self.single = limit, single


def make(target):
    """Builds a target of the Makefile; returns its output when that fails."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(["make", "-s", "-k", f"-j{os.cpu_count() or 1}", target], cwd=TOP, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout if done.returncode else None


def lint_commands(_):
    for script in LINTS:
        yield Command(f"lint-{script}", ["python3", f"tests/lint/{script}"])


def unit_commands(_):
    for compiler in ("gcc", "clang"):
        for source in sorted(TOP.glob("tests/unit/*.c")):
            name = f"unit-{compiler}/{source.stem}"
            yield Command(name, [f"build/{name}"], prefix=f"{name}.")


def bench_commands(options):
    yield Command("bench", ["/usr/bin/python3", "-B", "tests/bench/run.py"], prefix="bench.")
    if options.all:  # its packages are large
        subprocess.run(["./packages.sh", "bench/packages.txt", "tests/bench/packages.txt"], cwd=TOP, check=True)
        yield Command("bench-browser", ["/usr/bin/python3", "-B", "tests/bench/browser.py"], prefix="bench.")


def fuzz_commands(options):
    for source in sorted(TOP.glob("tests/fuzz/*.c")):
        corpus = TOP / "build" / "fuzz-corpus" / source.stem
        corpus.mkdir(parents=True, exist_ok=True)
        seeds = TOP / "tests" / "fuzz" / "corpus" / source.stem
        argv = [f"build/fuzz/{source.stem}", f"-runs={options.fuzz_runs}", "-seed=1",
                "-verbosity=0", f"-artifact_prefix={corpus}-", str(corpus)]
        if seeds.is_dir():
            argv.append(str(seeds))
        yield Command(f"fuzz/{source.stem}", argv, limit=None, single=True)


def script_commands(folder):
    """The layers that start emulators have a runner of their own, told how much to do."""
    def commands(options):
        argv = ["python3", f"tests/{folder}/run.py"] + (["--all"] if options.all else [])
        yield Command(folder, argv, prefix=f"{folder}.", limit=None)
    return commands


def checked_commands(_):
    """The checked build (sync/lock_check.h): all guest tests, and dom0 and a guest on some CPUs."""
    hyp = ["env", "HYP=build/checked/zendo.mb2", "python3"]
    yield Command("checked-guest", hyp + ["tests/guest/run.py"], prefix="checked.", limit=None)
    yield Command("checked-system", hyp + ["tests/system/run.py", "boot/q35-4cpu-reboot",
                                          "guest/commands"],
                  prefix="checked.", limit=None)


# name, make target to build first, commands, how many at once (0: one per CPU), part of --quick
LAYERS = [
    ("lint", None, lint_commands, 0, True),
    ("unit", "unit-programs", unit_commands, 0, True),
    ("bench", None, bench_commands, 1, True),
    ("fuzz", "fuzz-programs", fuzz_commands, 0, True),
    ("guest", None, script_commands("guest"), 1, False),
    ("checked", "checked", checked_commands, 1, False),
    ("system", None, script_commands("system"), 1, False),
]


class Tally:
    """Counts results and prints what a reader wants to see while waiting."""

    def __init__(self, verbose):
        self.passed, self.failed, self.verbose = 0, 0, verbose
        self.lock = threading.Lock()
        self.failures = []  # of each its line and its details

    def result(self, line, log):
        """Counts a result; returns the list to which its details go."""
        details = []
        with self.lock:
            if line.startswith("ok "):
                self.passed += 1
                if self.verbose:
                    print(line, flush=True)
            else:
                self.failed += 1
                self.failures.append((line, details))
                print(f"{line}  [{log.relative_to(TOP)}]", flush=True)
        return details

    def say(self, text):
        with self.lock:
            print(text, flush=True)


def run_command(command, tally, show):
    """Runs one command, counting each result line as it comes."""
    log = LOGS / (command.name.replace("/", "-") + ".log")
    passed = failed = 0
    details = []
    with open(log, "w", encoding="utf-8", errors="replace") as out:
        try:
            child = subprocess.Popen(command.argv, cwd=TOP, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, errors="replace")
        except OSError as error:
            tally.result(f"FAIL {command.name} {error}", log)
            return
        killer = threading.Timer(command.limit or 0, child.kill)
        if command.limit:
            killer.start()
        for line in child.stdout:
            out.write(line)
            out.flush()
            if line.startswith(DETAIL):
                details.append(line.rstrip("\n"))
                continue
            word, _, rest = line.rstrip("\n").partition(" ")
            if command.single or word not in ("ok", "FAIL") or not rest:
                if show and not command.single and line.startswith("# "):
                    tally.say(line.rstrip("\n"))
                continue
            passed += word == "ok"
            failed += word == "FAIL"
            details = tally.result(f"{word} {command.prefix}{rest}", log)
        status = child.wait()
        killer.cancel()
    if command.single:
        tally.result(f"ok {command.name}" if status == 0
                     else f"FAIL {command.name} exit status {status}", log)
    elif status != 0 and not failed:
        tally.result(f"FAIL {command.name} ended with status {status} after {passed} passed", log)
    elif not passed and not failed:
        tally.result(f"FAIL {command.name} printed no result", log)


def run_layer(layer, options, tally):
    name, target, commands, workers, _ = layer
    started, before = time.monotonic(), (tally.passed, tally.failed)
    tally.say(f"== {name}")
    if target:
        complaint = make(target)
        if complaint is not None:
            log = LOGS / f"{name}-build.log"
            log.write_text(complaint, encoding="utf-8")
            tally.say(complaint.rstrip("\n"))
            tally.result(f"FAIL {name}-build make {target} failed", log)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for _ in pool.map(lambda c: run_command(c, tally, workers == 1), commands(options)):
            pass
    tally.say(f"   {name}: {tally.passed - before[0]} passed, {tally.failed - before[1]} failed, "
              f"{time.monotonic() - started:.0f} s")


def main():
    names = [layer[0] for layer in LAYERS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("layers", nargs="*", metavar="LAYER", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="only the layers that need no emulator")
    parser.add_argument("--all", action="store_true", help="the long matrices too")
    parser.add_argument("--fuzz-runs", type=int, default=FUZZ_RUNS, help="inputs for each fuzzer")
    parser.add_argument("--verbose", "-v", action="store_true", help="also show what passed")
    options = parser.parse_args()
    unknown = set(options.layers) - set(names)
    if unknown:
        parser.error(f"no such layer: {', '.join(sorted(unknown))}")

    LOGS.mkdir(parents=True, exist_ok=True)
    tally = Tally(options.verbose)
    chosen = [layer for layer in LAYERS if layer[0] in options.layers or
              not options.layers and (layer[4] or not options.quick)]
    for layer in chosen:
        run_layer(layer, options, tally)
    if len(chosen) > 1 and tally.failures:
        print("== failed")
        for line, details in tally.failures:
            print(line, *details[-DETAIL_LINES:], sep="\n")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
