# SPDX-License-Identifier: BSD-2-Clause
"""What the lints share: finding sources and reporting."""

import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def sources(*folders, suffixes):
    """All files with one of the suffixes below the folders, as paths relative to the top."""
    found = []
    for folder in folders:
        found += [p.relative_to(TOP) for p in sorted((TOP / folder).rglob("*"))
                  if p.suffix in suffixes and p.is_file()]
    return found


def report(name, findings):
    """Prints the result lines of lint `name` and ends the program."""
    for finding in findings:
        print(f"FAIL lint-{name} {finding}")
    if not findings:
        print(f"ok lint-{name}")
    sys.exit(1 if findings else 0)
