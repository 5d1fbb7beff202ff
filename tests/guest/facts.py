# SPDX-License-Identifier: BSD-2-Clause
"""Rows of facts: what each call answered, and what it should have.

A guest test prints `= KEY: ITEM=RESULT ...`. The table abi/expected.txt holds what the real Xen said
(run.py --record writes it); abi/differences.txt holds, each with its reason, the results that are
meant to be others here. `*` there means any result.
"""

import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent / "abi"
EXPECTED = HERE / "expected.txt"
DIFFERENCES = HERE / "differences.txt"
COLUMNS = 100
HEAD = """# SPDX-License-Identifier: BSD-2-Clause
# Results of hypercalls and instructions under Xen 4.17 (Debian), as a PV dom0 or its child sees them.
# Written by: HYP=/boot/xen-4.17-amd64.gz python3 tests/guest/run.py --record abi
"""
ROW = re.compile(r"= ([^:]+): (.*)")


def expand(items):
    """The items of a row in order: `3..5=X` is three of them."""
    out = {}
    for item in items.split():
        name, _, result = item.partition("=")
        first, dots, last = name.partition("..")
        if dots and first.isdigit() and last.isdigit():
            for number in range(int(first), int(last) + 1):
                out[str(number)] = result
        else:
            out[name] = result
    return out


def add(table, test, key, items):
    table.setdefault(test, {}).setdefault(key, {}).update(expand(items))


def load(path, reasons=False):
    """{test: {key: {item: result}}} of a table file; with @reasons every row needs one before it."""
    table, test, key, reason = {}, None, None, False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            reason = number > len(HEAD.splitlines()) - 1 or reason
        elif line.startswith("["):
            test, reason = line.strip("[]"), False
        elif line.startswith(" "):
            add(table, test, key, line)
        elif line:
            key, _, items = line.partition(":")
            if reasons and not reason:
                raise ValueError(f"{path}:{number}: a difference without a reason")
            add(table, test, key, items)
        else:
            reason = False
    return table


def shortened(items):
    """Items as text; runs of equal numbers joined again."""
    out, run = [], None
    for name, result in items.items():
        if name.isdigit() and run and run[1] + 1 == int(name) and run[2] == result:
            run[1] += 1
            continue
        if run:
            out.append(run)
        run = [int(name), int(name), result] if name.isdigit() else None
        if not run:
            out.append([name, name, result])
    if run:
        out.append(run)
    return [f"{a}={r}" if a == b else f"{a}..{b}={r}" for a, b, r in out]


def save(path, table):
    lines = [HEAD.rstrip()]
    for test in sorted(table):
        lines += ["", f"[{test}]"]
        for key, items in table[test].items():
            line = f"{key}:"
            for item in shortened(items):
                if len(line) + 1 + len(item) > COLUMNS:
                    lines.append(line)
                    line = "   "
                line += " " + item
            lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def compare(got, want, differ):
    """Lines that say what is not as it should be, for one test; one per row."""
    out = []
    for key in dict.fromkeys([*want, *got]):
        ours, theirs = got.get(key, {}), want.get(key, {})
        meant, wrong = differ.get(key, {}), {}
        for item in dict.fromkeys([*theirs, *ours]):
            right = meant.get(item, theirs.get(item))
            if right != "*" and ours.get(item) != right:
                wrong[item] = f"{ours.get(item)} (expected: {right})"
        if wrong:
            out.append(f"{key}: " + ", ".join(shortened(wrong)))
    return out
