#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Licence lines, layout that any editor shows alike, and nothing that is true on one machine only."""

import re
import subprocess

from common import TOP, report

LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
CODE = {".c", ".h", ".S", ".inc", ".py", ".sh", ".awk", ".mk", ".lds"}
C_LIKE = {".c", ".h", ".S", ".inc"}
COLUMNS = 100
SELF = "tests/lint/text.py"

# A path of some developer's machine; a package registry asked by name instead of through its client.
FOREIGN = [
    (re.compile(r"(?<![\w.$}/-])/(work|home/\w+)/"), "path of one machine"),
    (re.compile(r"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|crates\.io|proxy\.golang\.org|"
                r"docker\.io|quay\.io|ghcr\.io|rubygems\.org)\b"), "host name of a registry"),
]
HOME_OF_ROOT = re.compile(r"(?<![\w.$}/-])/root/")  # means the guest's own in dom0/


def tracked():
    done = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, stdout=subprocess.PIPE, check=True)
    return [name for name in done.stdout.decode().split("\0") if name]


def check(name, text):
    path = TOP / name
    lines = text.splitlines()
    if (path.suffix in CODE or path.name == "Makefile") and \
            not any(LICENCE in line for line in lines[:4]):
        yield f"{name}: no line '{LICENCE}' at its head"
    if text and not text.endswith("\n"):
        yield f"{name}: no end of line at its end"
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        if line != line.rstrip() and path.suffix != ".md":
            yield f"{where}: white space at the end"
        if path.suffix in C_LIKE and "\t" in line:
            yield f"{where}: tab"
        # (what a test links with is one line by its format)
        if path.suffix in C_LIKE and len(line) > COLUMNS and not line.startswith("/* sources:"):
            yield f"{where}: {len(line)} columns (limit {COLUMNS})"
        if name != SELF:
            for pattern, what in FOREIGN:
                if pattern.search(line):
                    yield f"{where}: {what}"
            if not name.startswith("dom0/") and HOME_OF_ROOT.search(line):
                yield f"{where}: path of one machine"


def main():
    findings = []
    for name in tracked():
        if (TOP / name).is_symlink() or not (TOP / name).is_file():
            continue
        try:
            text = (TOP / name).read_bytes().decode()
        except UnicodeDecodeError:
            continue  # a picture, a seed of a fuzzer
        findings += check(name, text)
    report("text", findings)


main()
