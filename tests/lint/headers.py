#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each header compiles alone, and twice in a row, with both compilers."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from common import TOP, report, sources

FLAGS = ["-std=gnu17", "-ffreestanding", "-mgeneral-regs-only", "-Wall", "-Wextra", "-Werror",
         "-Ihypervisor", "-I.", "-Ibuild/include", "-fsyntax-only", "-x", "c", "-"]
# Made of something other than declarations: lists a reader includes with his own macro.
APART = set()


def check(job):
    compiler, path = job
    name = str(path.relative_to("hypervisor")) if path.parts[0] == "hypervisor" else str(path)
    done = subprocess.run([compiler, *FLAGS], cwd=TOP, input=f'#include "{name}"\n' * 2,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        first = next((line for line in done.stdout.splitlines() if "error" in line), "fails")
        return f"{path}: alone with {compiler}: {first}"
    return None


def main():
    headers = [p for p in sources("hypervisor", "pv-drivers", suffixes={".h"}) if str(p) not in APART]
    jobs = [(compiler, path) for compiler in ("gcc", "clang") for path in headers]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        report("headers", [finding for finding in pool.map(check, jobs) if finding])


main()
