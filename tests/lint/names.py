#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A function other files can call is named for its room or its file, a handler hc_<ABI name>."""

import pathlib

from common import report, sources
from tags import functions

FREE_ROOMS = {"lib"}  # general words: memcpy, sort, fls
# hc_<ABI name>; the machine as a whole; instructions by their own names.
FREE_PREFIXES = {"hc", "machine", "rdmsr", "wrmsr"}
# Words that name the thing itself in every room, and so say more than a room's name would.
FREE_PREFIXES |= {
    "mfn", "image",          # frame numbers; what the loader put into memory
    "caller", "guest",       # whoever made the hypercall; its memory and its faults
    "clear_guest", "cpu_init_secondary", "double_fault_handle",
    "subop",                 # rows of a multiplexed hypercall
    "leaf", "link",          # the two kinds of page-table entry (pv/entry_ref.h)
    "msix",                  # the other half of irq/msi.c
}


def prefixes(path, everything):
    """
    The first words functions of a file may have: its room, any file of its room (whole or first
    word), and any header at all, because a header's function may live in another file.
    """
    allowed = set(path.parts[1:-1]) | FREE_PREFIXES
    for other in everything:
        if other.parts[1] == path.parts[1]:
            allowed |= {other.stem, other.stem.split("_")[0]}
        elif other.suffix == ".h":
            allowed.add(other.stem)
    return allowed


def main():
    findings = []
    everything = sources("hypervisor", suffixes={".c", ".h"})
    paths = [p for p in everything if p.parts[1] not in FREE_ROOMS and p.suffix == ".c"]
    for function in functions(paths):
        path = pathlib.PurePath(function.path)
        if not function.static and not any(
                function.name == p or function.name.startswith(p + "_")
                for p in prefixes(path, everything)):
            findings.append(f"{path}:{function.first}: {function.name} starts with neither its "
                            "room's nor a file's name")
    report("names", findings)


main()
