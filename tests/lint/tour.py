#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""hypervisor/tour.txt names every source of the hypervisor exactly once, and nothing else."""

from common import TOP, report, sources

APART = {
    "abi/compat_offsets.c",  # the same
    "cpu/asm_offsets.c",     # compiled by a rule of its own: its product is a header
    "checked/lock_check.c",  # in checked builds only, beside the tour
}


def main():
    tour = [line.split("#")[0].strip() for line in (TOP / "hypervisor/tour.txt").read_text().splitlines()]
    tour = [line for line in tour if line]
    have = {str(p.relative_to("hypervisor")) for p in sources("hypervisor", suffixes={".c", ".S"})}
    have -= APART
    findings = [f"hypervisor/tour.txt: {path} does not exist" for path in tour if path not in have]
    findings += [f"hypervisor/tour.txt: {path} stands more than once"
                 for path in sorted(set(tour)) if tour.count(path) > 1]
    findings += [f"hypervisor/{path}: not in hypervisor/tour.txt"
                 for path in sorted(have - set(tour))]
    report("tour", findings)


main()
