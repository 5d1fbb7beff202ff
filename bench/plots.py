# SPDX-License-Identifier: BSD-2-Clause
"""Bars as SVG for a page: text in the page's own colour, bars in colours the page's style names."""

import io
import math
import re

# matplotlib wants colours in digits: these stand for those of the style sheet
INK, QUIET = "#010203", "#010204"
BARS = {"none": "#010205", "zendo": "#010206", "xen": "#010207"}
CSS = {INK: "currentColor", QUIET: "var(--quiet)", **{c: f"var(--{n})" for n, c in BARS.items()}}
HEIGHT = 0.8  # of a group of bars, in rows


def _svg(fig):
    from matplotlib import pyplot
    out = io.StringIO()
    fig.savefig(out, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(fig)
    text = out.getvalue()
    text = text[text.index("<svg"):]
    for digits, css in CSS.items():
        text = text.replace(digits, css)
    # it scales with the page
    return re.sub(r'^<svg[^>]*?(viewBox="[^"]*")[^>]*>', r'<svg \1 role="img" xmlns:xlink='
                  r'"http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg">', text, count=1,
                  flags=re.DOTALL)


def bars(rows, unit, log=False):
    """Horizontal bars. rows: [(label, {hypervisor: (median, least, greatest)})]; a line from the least to
    the greatest stands on each. Returns SVG."""
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 10,
                                "font.family": "sans-serif", "text.color": INK, "axes.labelcolor": INK,
                                "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": QUIET})
    shown = [h for h in BARS if any(h in row for _, row in rows)]
    thick = HEIGHT / len(shown)
    fig, axes = pyplot.subplots(figsize=(9, 0.6 + len(rows) * max(0.3, 0.16 * len(shown))))
    for n, hypervisor in enumerate(shown):
        at = [(i - HEIGHT / 2 + (n + 0.5) * thick, row[hypervisor])
              for i, (_, row) in enumerate(rows) if hypervisor in row]
        axes.barh([y for y, _ in at], [m for _, (m, _, _) in at], thick * 0.9, color=BARS[hypervisor])
        for y, (middle, low, high) in at:
            if low < high:
                axes.errorbar(middle, y, xerr=[[middle - low], [high - middle]], color=INK, linewidth=1,
                              capsize=2)
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.invert_yaxis()
    axes.set_ylim(len(rows) - 0.4, -0.6)
    if log:
        axes.set_xscale("log")
        axes.set_xlim(left=10 ** math.floor(math.log10(min(m for _, row in rows for m, _, _ in row.values()
                                                           if m) / 2)))
    axes.set_xlabel(unit + (", each line ten times the one before" if log else ""))
    axes.grid(axis="x", color=QUIET, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return _svg(fig)
