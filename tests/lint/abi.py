#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The layouts of hypervisor/abi/check.c hold with both compilers; nobody retypes an ABI structure."""

import pathlib
import re
import subprocess

from common import TOP, report, sources

FLAGS = ["-std=gnu17", "-ffreestanding", "-Wall", "-Wextra", "-Werror", "-Ihypervisor", "-I.",
         "-fsyntax-only"]
XEN = pathlib.Path("/usr/include/xen")
# Names of our own that a public header we do not include uses too.
OURS = set()
DEFINED = re.compile(r"^struct\s+(\w+)\s*\{", re.MULTILINE)


def main():
    findings = []
    for compiler in ("gcc", "clang"):
        done = subprocess.run([compiler, *FLAGS, "hypervisor/abi/check.c"], cwd=TOP, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        findings += [f"hypervisor/abi/check.c: {compiler}: {line}"
                     for line in done.stdout.splitlines() if "error" in line]
        if done.returncode and not findings:
            findings.append(f"hypervisor/abi/check.c: {compiler} fails")

    public = set()
    for header in XEN.rglob("*.h"):
        public |= set(DEFINED.findall(header.read_text(errors="replace")))
    for path in sources("hypervisor", "pv-drivers", suffixes={".c", ".h"}):
        for name in DEFINED.findall((TOP / path).read_text()):
            if name in public - OURS:
                findings.append(f"{path}: struct {name} is one of the public headers' names")
    report("abi", findings)


main()
