# SPDX-License-Identifier: BSD-2-Clause
"""What several samples say together: median, spread, and whether two of them have a ratio."""

import statistics

# A ratio whose two ends, by the spread of both figures, are this far apart and which may be 1 is refused.
SWAMPED = 0.05

INSTRUMENTS = {
    "bochs-instructions": "Bochs: the time-stamp counter ticks once an instruction, 400 ticks a microsecond; "
                          "a run repeats to the tick or nearly",
    "qemu-instructions": "QEMU's TCG with -icount: an instruction takes one nanosecond (two for disks), idle "
                         "time none; other work on the host does not show",
    "host time": "seconds of this host's clock, or of its processors; other work on the host does show",
}
DETERMINISTIC = ("bochs-instructions", "qemu-instructions")


def rounded(value):
    """Six digits are more than any instrument here has; whole numbers stay whole."""
    value = float(f"{value:.6g}") if abs(value) < 1e6 else round(value)
    return int(value) if value == int(value) else value


def summary(samples):
    """Median and spread (greatest less least, in the figure's unit) of one sample or more."""
    return rounded(statistics.median(samples)), rounded(max(samples) - min(samples))


def ends(figure):
    """Least and greatest value the figure may have had: of its samples, half a step of its clock beyond."""
    half = figure.get("resolution", 0) / 2
    return max(min(figure["samples"]) - half, 0), max(figure["samples"]) + half


def ratio(ours, theirs):
    """(ratio of the medians, "") or (None, why there is none)."""
    if ours is None or theirs is None:
        return None, "only one was measured"
    for figure in (ours, theirs):
        if figure["instrument"] not in DETERMINISTIC and len(figure["samples"]) < 3:
            return None, f"{len(figure['samples'])} of 3 samples of {figure['instrument']}"
    (low, high), (their_low, their_high) = ends(ours), ends(theirs)
    if not theirs["median"] or not their_low:
        return None, "nothing to divide by"
    least, most = low / their_high, high / their_low
    if least < 1 < most and most - least > SWAMPED:
        return None, f"between {least:.2f} and {most:.2f} by the spread"
    return ours["median"] / theirs["median"], ""


def by_id(figures):
    """{id: {hypervisor: figure}} in the order of the figures."""
    table = {}
    for figure in figures:
        table.setdefault(figure["id"], {})[figure["hypervisor"]] = figure
    return table
