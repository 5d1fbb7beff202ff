#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Costs of hypercalls and exits of two hypervisors side by side: build/bench.txt.

    bench.py                      build/zendo.mb2 and, if installed, the distribution's Xen, in Bochs
    bench.py --machine pc         in QEMU with -icount shift=0 instead
    bench.py bench.hvm            hardware-assisted guests only

Both rigs count one tick of the TSC per instruction, so every run gives the same numbers. In Bochs,
hardware-assisted guests run on a processor with VMX and on one with SVM.
"""

import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
XEN = pathlib.Path("/boot/xen-4.17-amd64.gz")


SVM_MODEL = "ryzen"  # Bochs' usual model has VMX


def run(hyp, options, names, vendor, model=None):
    """{row: value} of one boot; rows of hardware-assisted guests get the vendor before them."""
    env = dict(os.environ, HYP=str(hyp))
    if model:
        env["CPU"] = model
    argv = [sys.executable, str(HERE / "run.py"), "-M", options.machine, "-c", "1", "-q", "400",
            *names]
    if options.machine == "pc":
        argv += ["--qemu", "-icount shift=0,sleep=off"]
    done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, text=True, check=False)
    rows = {}
    for line in done.stdout.splitlines():
        if line.startswith("BENCH "):
            _, name, value = line.split()
            rows[f"{vendor} {name}" if name.startswith(("hvm_", "board_")) else name] = int(value)
        elif line.startswith("FAIL"):
            print(line, file=sys.stderr)
    return rows


def measure(hyp, options):
    """{row: value} of one hypervisor."""
    if options.machine == "pc":
        return run(hyp, options, options.names, "svm")
    return run(hyp, options, options.names, "vmx") | run(hyp, options, ["bench.hvm"], "svm", SVM_MODEL)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*", default=["bench"], help="beginnings of test names")
    p.add_argument("--machine", default="bochs", choices=("bochs", "pc"))
    p.add_argument("--xen", type=pathlib.Path, default=XEN)
    p.add_argument("-o", "--output", type=pathlib.Path, default=TOP / "build" / "bench.txt")
    options = p.parse_args()
    ours = measure(TOP / "build" / "zendo.mb2", options)
    theirs = measure(options.xen, options) if options.xen.exists() else {}
    lines = [f"# instructions in {options.machine}; 1,000 rounds each",
             f"{'operation':34} {'zendo':>9} {'xen':>9} {'ratio':>6}"]
    for name in ours or theirs:
        a, b = ours.get(name), theirs.get(name)
        ratio = f"{a / b:.2f}" if a is not None and b else "-"
        lines.append(f"{name:34} {a if a is not None else '-':>9} {b if b is not None else '-':>9} "
                     f"{ratio:>6}")
    text = "\n".join(lines) + "\n"
    options.output.write_text(text)
    print(text, end="")
    return 0 if ours else 1


if __name__ == "__main__":
    sys.exit(main())
