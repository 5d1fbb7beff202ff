#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hypercall costs of two hypervisors side by side: build/bench.txt.

    bench.py                      build/zendo.mb2 and, if installed, the distribution's Xen, in Bochs
    bench.py --machine pc         in QEMU with -icount shift=0 instead

Both rigs count one tick of the TSC per instruction, so every run gives the same numbers.
"""

import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
XEN = pathlib.Path("/boot/xen-4.17-amd64.gz")


def measure(hyp, machine):
    """{name: value} of one hypervisor."""
    env = dict(os.environ, HYP=str(hyp))
    argv = [sys.executable, str(HERE / "run.py"), "-M", machine, "-c", "1", "-q", "400", "bench"]
    if machine == "pc":
        argv += ["--qemu", "-icount shift=0,sleep=off"]
    done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, text=True, check=False)
    rows = {}
    for line in done.stdout.splitlines():
        if line.startswith("BENCH "):
            _, name, value = line.split()
            rows[name] = int(value)
        elif line.startswith("FAIL"):
            print(line, file=sys.stderr)
    return rows


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--machine", default="bochs", choices=("bochs", "pc"))
    p.add_argument("--xen", type=pathlib.Path, default=XEN)
    p.add_argument("-o", "--output", type=pathlib.Path, default=TOP / "build" / "bench.txt")
    options = p.parse_args()
    ours = measure(TOP / "build" / "zendo.mb2", options.machine)
    theirs = measure(options.xen, options.machine) if options.xen.exists() else {}
    lines = [f"# instructions in {options.machine}; 1,000 rounds each",
             f"{'operation':28} {'zendo':>9} {'xen':>9} {'ratio':>6}"]
    for name in ours or theirs:
        a, b = ours.get(name), theirs.get(name)
        ratio = f"{a / b:.2f}" if a is not None and b else "-"
        lines.append(f"{name:28} {a if a is not None else '-':>9} {b if b is not None else '-':>9} "
                     f"{ratio:>6}")
    text = "\n".join(lines) + "\n"
    options.output.write_text(text)
    print(text, end="")
    return 0 if ours else 1


if __name__ == "__main__":
    sys.exit(main())
