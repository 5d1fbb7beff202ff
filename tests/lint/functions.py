#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Length of sources, headers and functions."""

from common import TOP, report, sources
from tags import functions

SOURCE_LIMIT, HEADER_LIMIT, FUNCTION_LIMIT, INLINE_LIMIT = 600, 200, 80, 30
FOLDERS = ("hypervisor", "boot", "tests", "dom0", "pv-drivers")


def main():
    paths = sources(*FOLDERS, suffixes={".c", ".h", ".S"})
    findings = []
    for path in paths:
        count = (TOP / path).read_text().count("\n")
        # Headers of tests hold whole worlds that several tests share.
        is_header = path.suffix == ".h" and path.parts[0] != "tests"
        limit = HEADER_LIMIT if is_header else SOURCE_LIMIT
        if count > limit:
            findings.append(f"{path}: {count} lines (limit {limit})")
    for function in functions([p for p in paths if p.suffix != ".S"]):
        count = function.last - function.first + 1
        limit = INLINE_LIMIT if function.path.endswith(".h") else FUNCTION_LIMIT
        if function.path.startswith("tests/"):
            limit = FUNCTION_LIMIT
        if count > limit:
            findings.append(f"{function.path}:{function.first}: {function.name} has {count} lines "
                            f"(limit {limit})")
    report("functions", findings)


main()
