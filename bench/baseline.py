# SPDX-License-Identifier: BSD-2-Clause
"""Compares a run with an earlier one."""

from . import figures


def change(figure, before):
    """By how many per cent the figure is worse than before (negative: better), or None when their spreads
    leave open whether it changed, or nothing can be said."""
    if figure["instrument"] != before["instrument"] or figure["unit"] != before["unit"]:
        return None
    if figure["median"] == before["median"]:
        return 0.0
    if not before["median"] or not figure["median"]:
        return None
    low, high = figures.ends(figure)
    old_low, old_high = figures.ends(before)
    if low <= old_high and old_low <= high:
        return None
    old, new = before["median"], figure["median"]
    if figure["better"] == "higher":
        old, new = new, old
    return (new / old - 1) * 100


def compare(now, then, hypervisor="zendo"):
    """[(percent worse, figure, before)] of what changed, the worst first."""
    old = {f["id"]: f for f in then["figures"] if f["hypervisor"] == hypervisor}
    changed = []
    for figure in now["figures"]:
        if figure["hypervisor"] == hypervisor and figure["id"] in old:
            percent = change(figure, old[figure["id"]])
            if percent:
                changed.append((percent, figure, old[figure["id"]]))
    return sorted(changed, key=lambda item: -item[0])


def common(now, then, hypervisor="zendo"):
    """How many figures both have: a comparison of none must not pass."""
    old = {f["id"] for f in then["figures"] if f["hypervisor"] == hypervisor}
    return sum(f["hypervisor"] == hypervisor and f["id"] in old for f in now["figures"])


def report(changed, limit, count):
    """(text, how many are worse by more than limit per cent)."""
    worse = [c for c in changed if c[0] > limit]
    lines = [f"{count} figures compared: {len(worse)} worse by more than {limit:g} %, "
             f"{sum(c[0] < 0 for c in changed)} better"]
    for percent, figure, before in changed:
        if abs(percent) > limit:
            word = "WORSE " if percent > 0 else "better"
            lines.append(f"{word} {figure['id']}: {before['median']:,} -> {figure['median']:,} "
                         f"{figure['unit']} ({percent:+.1f} %)")
    return "\n".join(lines), len(worse)
