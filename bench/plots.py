# SPDX-License-Identifier: BSD-2-Clause
"""Bars and curves as SVG for a page: text in the page's own colour, bars in colours the page's style names."""

import io
import math
import re
import zlib

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
    # a page has many of them, whose ids would be the same
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\1p{zlib.crc32(text.encode()):08x}-", text)
    for digits, css in CSS.items():
        text = text.replace(digits, css)
    # it scales with the page
    return re.sub(r'^<svg[^>]*?(viewBox="[^"]*")[^>]*>', r'<svg \1 role="img" xmlns:xlink='
                  r'"http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg">', text, count=1,
                  flags=re.DOTALL)


def _pyplot():
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 10,
                                "font.family": "sans-serif", "text.color": INK, "axes.labelcolor": INK,
                                "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": QUIET})
    return pyplot


def _plain(axes, along):
    axes.grid(axis=along, color=QUIET, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def curves(plots, unit, across):
    """Lines over a count, one small plot for each of plots: [(title, {hypervisor: [(count, value)]})]. From
    nought up, so that what does not grow is flat. Returns SVG."""
    pyplot = _pyplot()
    high = (len(plots) + 1) // 2
    fig, grid = pyplot.subplots(high, 2, figsize=(9, 2.6 * high), squeeze=False, layout="constrained")
    for axes in grid.flat[len(plots):]:
        axes.set_visible(False)
    for axes, (title, lines) in zip(grid.flat, plots):
        for hypervisor, points in lines.items():
            axes.plot(*zip(*points), color=BARS[hypervisor], marker="o")
        counts = sorted({count for points in lines.values() for count, _ in points})
        axes.set_xscale("log", base=2)
        axes.set_xticks(counts, [str(c) for c in counts])
        axes.set_ylim(0, 1.1 * max(value for points in lines.values() for _, value in points) or 1)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(across)
        axes.set_ylabel(unit)
        _plain(axes, "y")
    return _svg(fig)


def bars(rows, unit, log=False):
    """Horizontal bars. rows: [(label, {hypervisor: (median, least, greatest)})]; a line from the least to
    the greatest stands on each. Returns SVG."""
    pyplot = _pyplot()
    shown = [h for h in BARS if any(h in row for _, row in rows)]
    thick = HEIGHT / len(shown)
    fig, axes = pyplot.subplots(figsize=(9, 0.6 + len(rows) * max(0.3, 0.16 * len(shown))))
    for n, hypervisor in enumerate(shown):
        at = [(i - HEIGHT / 2 + (n + 0.5) * thick, row[hypervisor])
              for i, (_, row) in enumerate(rows) if hypervisor in row]
        axes.barh([y for y, _ in at], [m for _, (m, _, _) in at], thick * 0.9, color=BARS[hypervisor])
        for y, (middle, low, high) in at:
            if low < high:  # (a median has six digits, and so may stand a little beyond)
                axes.errorbar(middle, y, xerr=[[max(middle - low, 0)], [max(high - middle, 0)]], color=INK,
                              linewidth=1, capsize=2)
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.invert_yaxis()
    axes.set_ylim(len(rows) - 0.4, -0.6)
    if log:
        axes.set_xscale("log")
        axes.set_xlim(left=10 ** math.floor(math.log10(min(m for _, row in rows for m, _, _ in row.values()
                                                           if m) / 2)))
    axes.set_xlabel(unit + (", each line ten times the one before" if log else ""))
    _plain(axes, "x")
    axes.spines["left"].set_visible(False)
    return _svg(fig)
