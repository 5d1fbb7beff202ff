# SPDX-License-Identifier: BSD-2-Clause
"""build/bench/report.html: one page without anything from outside, made of results.json."""

import html
import re

from . import figures, flame, plots, table, titles

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --quiet: #8c959f; --line: #d0d7de;
 --band: #f3f5f7; --soft: #59636e; --link: #0550ae; --zendo: #0969da; --xen: #d4721b; --none: #57a05c;
 --flame0: #ffd8a8; --flame1: #ffec99; --flame2: #ffc9c9; --flame3: #d8f5a2; --flame4: #bac8ff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --quiet: #7d8590;
 --line: #30363d; --band: #161b22; --soft: #9198a1; --link: #79b8ff; --zendo: #4493f8; --xen: #e8934a;
 --none: #6fbf73; --flame0: #7a4100; --flame1: #5c5200; --flame2: #7d2b2b; --flame3: #38551a; --flame4: #33417d } }
* { box-sizing: border-box }
body { color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; margin: 0 auto;
 max-width: 64rem; padding: 1rem }
a { color: var(--link) } :focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -99rem } .skip:focus { position: static }
nav ul { columns: 18rem; padding-left: 1.2rem } figure { overflow-x: auto } svg { width: 100%; min-width: 36rem; height: auto }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal } thead th { background: var(--band) }
td.why { white-space: normal; color: var(--soft); text-align: left } figure { margin: 1rem 0 }
.key { display: inline-block; width: .9em; height: .9em; margin: 0 .3em 0 1em; vertical-align: -.1em }
.flame text { font: 11px ui-monospace, monospace; fill: var(--ink) }
footer { color: var(--soft); border-top: 1px solid var(--line); margin-top: 2rem }
@media print { :root { --ink: #000; --paper: #fff; --quiet: #555; --soft: #555; --line: #bbb; --band: #eee; --zendo: #0969da;
 --xen: #d4721b; --none: #57a05c } nav, .skip { display: none } section, figure { break-inside: auto }
 tr { break-inside: avoid } body { max-width: none; font-size: 11pt } }
"""
NAMES = {"none": "no hypervisor", "zendo": "Zendo", "xen": "Xen"}
KINDS = ("pv", "pvh", "hvm")


def marked(title):
    """A title's Markdown (only `code`) as HTML."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(title))


def plain(title):
    return title.replace("`", "")


def shown(rows):
    return [c for c in table.COLUMNS if any(c in row for _, row in rows)]


def span(row):
    return {h: (f["median"], *figures.ends(f)) for h, f in row.items()}


def key(hypervisors):
    return "".join(f'<span class="key" style="background: var(--{h})"></span>{NAMES[h]}' for h in hypervisors)


def figure(rows, unit, label):
    """One plot. What differs by more than a hundred times is drawn to powers of ten."""
    values = [m for _, row in rows for m, _, _ in row.values() if m]
    drawn = plots.bars(rows, unit, log=bool(values) and max(values) > 100 * min(values))
    hypervisors = [h for h in table.COLUMNS if any(h in row for _, row in rows)]
    return (f"<figure aria-label=\"{html.escape(label)}; the table has the same figures\">"
            f"<figcaption>{html.escape(label)}{key(hypervisors)}</figcaption>{drawn}</figure>")


def counted(rows):
    """{(axis, unit): [(what, {hypervisor: [(count, median)]})]} of figures that are points of a curve."""
    made = {}
    for _, row in rows:
        for hypervisor, f in row.items():
            if point := titles.axis_of(f["name"]):
                what, axis, count = point
                lines = made.setdefault((axis, f["unit"]), {})
                lines.setdefault(what, {}).setdefault(hypervisor, []).append((count, f["median"]))
    return {key: list(lines.items()) for key, lines in made.items()}


def curve(rows, label, axis, unit, lines):
    """The plots of figures that were measured for a number of something."""
    drawn = plots.curves(lines, unit, titles.AXES[axis][0])
    return (f'<figure aria-label="{html.escape(label)}; the table has the same figures"><figcaption>'
            f"{html.escape(label)}{key(shown(rows))}</figcaption>{drawn}</figure>")


def by_unit(rows):
    made = {}
    for figure_id, row in rows:
        one = next(iter(row.values()))
        made.setdefault(one["unit"], []).append((one["name"], span(row)))
    return made


def spread(one):
    if not one["median"] or not (one["spread"] or one["resolution"]):
        return ""
    return f"<br><small>{min(one['samples']):,g} to {max(one['samples']):,g}</small>" if one["spread"] \
        else f"<br><small>by steps of {one['resolution']:,g}</small>"


def rows_table(caption, rows):
    columns = shown(rows)
    head = "".join(f'<th scope="col">{NAMES[c]}</th>' for c in columns)
    lines = [f'<div class="scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}"><table>'
             f"<caption>{html.escape(caption)}</caption><thead><tr><th scope=\"col\">what</th>"
             f'<th scope="col">unit</th>{head}<th scope="col">ratio</th></tr></thead><tbody>']
    for figure_id, row in rows:
        one = next(iter(row.values()))
        cells = "".join(f"<td>{table.number(row[c]['median']) + spread(row[c]) if c in row else ''}</td>"
                        for c in columns)
        value, why = figures.ratio(row.get("zendo"), row.get("xen"))
        last = f"<td>{value:.2f}</td>" if value is not None else \
            f'<td class="why">- {html.escape(why) if len(row) > 1 and "xen" in row else ""}</td>'
        lines.append(f'<tr><td>{marked(one["title"])}<br><small>{html.escape(one["name"])}</small></td>'
                     f'<td>{one["unit"]}</td>{cells}{last}</tr>')
    return "\n".join(lines) + "</tbody></table></div>"


def side_by_side(data):
    """PV, PVH and HVM: the figures of sources that differ only in the kind of guest, in one plot for each unit."""
    made = {}
    for f in data["figures"]:
        family, _, kind = f["source"].rpartition("-")
        if kind in KINDS and f["guest"] == kind:
            rows = made.setdefault((family, f["unit"]), {}).setdefault(f["name"], {})
            rows.setdefault(f"{f['name']}, {kind.upper()}", {})[f["hypervisor"]] = f
    parts = []
    for (family, unit), names in made.items():
        rows = [(label, span(row)) for labels in names.values() for label, row in sorted(
            labels.items(), key=lambda item: KINDS.index(item[0].rpartition(", ")[2].lower()))]
        if len({label.rpartition(", ")[2] for label, _ in rows}) > 1:
            parts.append(figure(rows, unit, f"{family} by kind of guest, {unit}"))
    return f'<section id="kinds"><h2>PV, PVH and HVM</h2>{"".join(parts)}</section>' if parts else ""


def sections(data):
    for number, (source, title, instrument, rows) in enumerate(table.groups(data)):
        drawings = "".join(curve(rows, f"{title}, {unit}", axis, unit, lines)
                           for (axis, unit), lines in counted(rows).items())
        drawings += "".join(figure(r, unit, f"{title}, {unit}") for unit, r in by_unit(
            [row for row in rows if not titles.axis_of(next(iter(row[1].values()))["name"])]).items())
        yield (f"g{number}", title, f'<section id="g{number}"><h2>{html.escape(title)}</h2><p><code>{source}</code>, '
               f"{instrument}</p>{drawings}{rows_table(title, rows)}</section>")


def lost(data):
    missing = [r for r in data.get("runs", []) if r["why"]]
    items = "".join(f"<li>{html.escape(r['source'])}, {NAMES[r['hypervisor']]}: {html.escape(r['why'])}</li>"
                    for r in missing)
    return f"<section><h2>Failed or not begun</h2><ul>{items}</ul></section>" if missing else ""


def profiles(data):
    """A flame graph for each, and the functions that took most themselves."""
    parts = []
    for profile in data.get("profiles", []):
        drawn, total = flame.svg(profile["stacks"]), profile["samples"]
        if not drawn:
            continue
        own = {}
        for stack, count in flame.inside(profile["stacks"]):
            name = stack.rpartition(";")[2]
            own[name] = own.get(name, 0) + count
        within = sum(own.values())
        most = sorted(own.items(), key=lambda item: (-item[1], item[0]))[:15]
        lines = "".join(f"<tr><td><code>{html.escape(name)}</code></td><td>{count:,}</td><td>{count / within:.1%}</td></tr>"
                        for name, count in most)
        title = profile["title"]
        parts.append(
            f'<figure aria-label="{html.escape(title)}"><figcaption>{html.escape(title)}: of {total:,} samples, one every '
            f'{profile["every"]:,} instructions, {within:,} ({within / total:.1%}) were in the hypervisor. Boxes stand on '
            f'what called them; names and shares show when pointed at.</figcaption>{drawn}</figure><div class="scroll" '
            f'tabindex="0" role="region" aria-label="Functions that took most"><table><caption>Functions that took most '
            f'themselves</caption><thead><tr><th scope="col">function</th><th scope="col">samples</th>'
            f'<th scope="col">of the hypervisor</th></tr></thead><tbody>{lines}</tbody></table></div>')
    return f'<section id="flame"><h2>Where the hypervisor spends it</h2>{"".join(parts)}</section>' if parts else ""


def about(data):
    measured = "".join(f"<li>{NAMES[n]}: {html.escape(h['file'])} {html.escape(h['version'])}</li>"
                       for n, h in data.get("hypervisors", {}).items() if h["file"])
    used = {f["instrument"] for f in data["figures"]}
    counted = "".join(f"<li><b>{n}</b>: {html.escape(t)}.</li>" for n, t in data["instruments"].items() if n in used)
    return (f"<p>Ratios are Zendo to Xen. \"-\" instead of one: the spread of the samples, or the step of their clock, "
            f"leaves open which is the greater. Thin lines on bars go from the least sample to the "
            f"greatest, half a step of the clock beyond.</p>"
            f"<ul>{measured}{counted}</ul>")


def page(data):
    kinds, parts, flames = side_by_side(data), list(sections(data)), profiles(data)
    links = ('<li><a href="#kinds">PV, PVH and HVM</a></li>' if kinds else "") + "".join(
        f'<li><a href="#{source}">{html.escape(title)}</a></li>' for source, title, _ in parts) + (
        '<li><a href="#flame">Where the hypervisor spends it</a></li>' if flames else "")
    host = data.get("host", {})
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>What Zendo costs</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
            f'<a class="skip" href="#main">To the figures</a><header><h1>What Zendo costs</h1>{about(data)}</header>'
            f'<nav aria-label="sections"><ul>{links}</ul></nav><main id="main">{kinds}'
            f'{"".join(part for _, _, part in parts)}{flames}{lost(data)}</main><footer><p>{data.get("begun", "")}, '
            f'{data.get("seconds", 0)} s; {host.get("cpus", "")} processors, {html.escape(host.get("qemu", ""))}, '
            f'{html.escape(host.get("bochs", ""))}</p></footer></body></html>\n')
