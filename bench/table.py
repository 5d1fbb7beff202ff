# SPDX-License-Identifier: BSD-2-Clause
"""The figures as text, for a terminal."""

from . import figures

COLUMNS = ("none", "zendo", "xen")


def number(value):
    return f"{int(value):,}" if value == int(value) else f"{value:,.4g}" \
        if abs(value) < 1000 else f"{value:,.0f}"


def cell(figure):
    """Median, and the spread in per cent of it where samples differ."""
    if figure is None:
        return ""
    text = number(figure["median"])
    if figure["spread"] and figure["median"]:
        text += f" ~{figure['spread'] / figure['median'] * 100:.0f}%"
    return text


def ratio_cell(row):
    """Ours to theirs, or "-" and the reason where both were measured."""
    value, why = figures.ratio(row.get("zendo"), row.get("xen"))
    if value is not None:
        return f"{value:.2f}"
    return f"- ({why})" if "zendo" in row and "xen" in row else "-"


def groups(data):
    """[(source, title, instrument, [(id, {hypervisor: figure})])]."""
    made = {}
    for figure_id, row in figures.by_id(data["figures"]).items():
        one = next(iter(row.values()))
        key = (one["source"], one["group"], one["instrument"])
        made.setdefault(key, []).append((figure_id, row))
    return [(*key, rows) for key, rows in made.items()]


def text(data):
    """All of it; hypervisors that nobody measured have no column."""
    lines = []
    for source, title, instrument, rows in groups(data):
        shown = [c for c in COLUMNS if any(c in row for _, row in rows)]
        both = {"zendo", "xen"} <= set(shown)
        lines += ["", f"== {source}: {title} ({instrument})",
                  f"{'':34} {'unit':20}" + "".join(f" {c:>15}" for c in shown) + ("  ratio" if both else "")]
        for _, row in rows:
            one = next(iter(row.values()))
            lines.append(f"{one['name']:34} {one['unit']:20}"
                         + "".join(f" {cell(row.get(c)):>15}" for c in shown)
                         + (f"  {ratio_cell(row)}" if both else ""))
    lost = [run for run in data.get("runs", []) if run["why"]]
    if lost:
        lines += ["", "== failed or not begun"]
        lines += [f"{run['source']}, {run['hypervisor']}: {run['why']}" for run in lost]
    return "\n".join(lines) + "\n"
