#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make wrap`: brings lines of C over 100 columns back under the limit, and touches no other line."""

import subprocess
import textwrap

from common import TOP, sources

COLUMNS = 100


def long_lines(text):
    return [n for n, line in enumerate(text.splitlines(), 1) if len(line) > COLUMNS]


def split_comment(line):
    """A long comment that stands alone on its line, as two or more; other lines as they are."""
    body = line.strip()
    if len(line) <= COLUMNS or not (body.startswith("/*") and body.endswith("*/")):
        return [line]
    indent = line[:len(line) - len(line.lstrip())]
    words = textwrap.wrap(body[2:-2].strip(), COLUMNS - len(indent) - 6)
    if len(words) == 1:  # only the closing mark stood over
        words = textwrap.wrap(body[2:-2].strip(), COLUMNS - len(indent) - 20)
    lines = [f"{indent}/* {words[0]}"] + [f"{indent} * {word}" for word in words[1:]]
    lines[-1] += " */"
    return lines


def main():
    for path in sources("hypervisor", "boot", "pv-drivers", "tests", "dom0", suffixes={".c", ".h"}):
        file = TOP / path
        text = file.read_text()
        if not long_lines(text):
            continue
        text = "\n".join(part for line in text.splitlines() for part in split_comment(line)) + "\n"
        places = [f"--lines={n}:{n}" for n in long_lines(text)]
        if places:
            text = subprocess.run(["clang-format", f"--assume-filename={file}", *places], cwd=TOP,
                                  input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
        file.write_text(text)
        left = long_lines(text)
        print(f"{path}: " + (f"still long: lines {left}" if left else "wrapped"))


main()
