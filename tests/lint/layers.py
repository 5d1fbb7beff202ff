#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Includes go down or stay level, never up; they form no cycle; own header first; few headers."""

import re

from common import TOP, report, sources

LAYERS = [
    "abi lib",
    "sync console debug checked cpu mm",
    "acpi efi irq time pci iommu",
    "sched domain p2m",
    "event grant hypercall",
    "insn pv hvm physdev",
    "control",
    "start",
]
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms.split()}
CLOSURE_LIMIT = 90  # project headers one source may reach
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
GENERATED = {"asm_offsets.h", "compat_layout.h"}
# Sources that look upward by design: they hand over to higher rooms through names.
EXCEPTIONS = {
    "cpu/asm_offsets.c": "numbers the assembly of all rooms needs",
    "cpu/exit_work.c": "the gate runs every room's pending work",
    "cpu/exception.c": "a guest's fault goes to its kind of guest",
    "time/guest_time.c": "a guest's time areas are guest memory",
}
# Headers any room may include: they name things of higher rooms without their workings.
OPEN = {
    "sched/softirq.h": "deferred work by number",
    "domain/domain.h": "the state rooms hang their part of a domain on",
    "domain/vcpu.h": "the same for a vCPU",
    "event/event.h": "raising an event",
    "grant/grant.h": "a domain is created and destroyed with its grant table",
    "hypercall/table.h": "prototypes of handlers, which live with their subject",
    "hypercall/hypercall.h": "preemption and continuations for those handlers",
}
OUTSIDE = {"boot/handover.h"}  # the contract with the loaders


def read_includes(paths):
    return {str(path.relative_to("hypervisor")):
            [i for i in INCLUDE.findall((TOP / path).read_text()) if i not in GENERATED]
            for path in paths}


def upward(includes):
    for path, targets in includes.items():
        room = path.split("/")[0]
        if room not in RANK:
            yield f"hypervisor/{path}: room {room} is in no layer (tests/lint/layers.py)"
            continue
        for target in targets:
            if target in OUTSIDE or target in OPEN:
                continue
            other = target.split("/")[0]
            if target not in includes:
                yield f"hypervisor/{path}: includes {target}, which does not exist"
            elif RANK.get(other, 99) > RANK[room] and path not in EXCEPTIONS:
                yield f"hypervisor/{path}: includes {target} from a higher layer"


def cycles(includes):
    """Depth-first search; every cycle is told once, where it closes."""
    done, stack, found = set(), [], []

    def visit(path):
        if path in stack:
            found.append(" -> ".join(stack[stack.index(path):] + [path]))
        elif path not in done:
            stack.append(path)
            for target in includes.get(path, []):
                visit(target)
            stack.pop()
            done.add(path)

    for path in includes:
        visit(path)
    return [f"hypervisor/{cycle.split(' ')[0]}: include cycle {cycle}" for cycle in found]


def closure(path, includes, seen):
    for target in includes.get(path, []):
        if target not in seen:
            seen.add(target)
            closure(target, includes, seen)
    return seen


def order_and_closure(includes):
    for path, targets in includes.items():
        if not path.endswith(".c"):
            continue
        own = path[:-2] + ".h"
        if own in includes and targets[:1] != [own]:
            yield f"hypervisor/{path}: its own header is not its first include"
        reached = len(closure(path, includes, set()))
        if reached > CLOSURE_LIMIT:
            yield f"hypervisor/{path}: reaches {reached} headers (limit {CLOSURE_LIMIT})"


def main():
    includes = read_includes(sources("hypervisor", suffixes={".c", ".h", ".S", ".inc"}))
    report("layers", [*upward(includes), *cycles(includes), *order_and_closure(includes)])


main()
