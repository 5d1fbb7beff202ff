# SPDX-License-Identifier: BSD-2-Clause
"""The tables of docs/performance.md, made of docs/performance.json.

A table stands between `<!-- bench NAME -->` and `<!-- bench end -->`; all else is prose and stays. The JSON
file has the form of results.json; what a run measured replaces what is there, the rest is kept.
"""

import re

from . import TOP, figures, results, table, titles

TEXT = TOP / "docs" / "performance.md"
DATA = TOP / "docs" / "performance.json"
MARKED = re.compile(r"(<!-- bench (\S+) -->\n).*?(<!-- bench end -->)", re.DOTALL)


def pair(source, name="", suffix=""):
    """Zendo, Xen and their ratio; name says of what, where a table has several."""
    behind = f", {name}" if name else ""
    before = f"{name}, " if name and suffix is None else ""
    return [(f"{before}Zendo{behind if not before else ''}", source, "zendo", suffix or ""),
            (f"{before}Xen{behind if not before else ''}", source, "xen", suffix or ""),
            ("ratio", source, "ratio", suffix or "")]


def kinds(prefix, *names):
    return [column for kind in names for column in pair(f"{prefix}-{kind}", kind.upper(), None)]


def fio(kind):
    return [(f"{unit}, {name}" if name != "ratio" else name, *rest)
            for unit, suffix in (("MiB/s", ""), ("us a request", ".us"))
            for name, *rest in pair(f"fio-{kind}", suffix=suffix)]


def along(source, axis):
    return [(f"{count:,}, {name.capitalize()}", source, name, f"_{axis}_{count}")
            for name in ("zendo", "xen") for count in titles.AXES[axis][1]]


# name: (heading of the first column, titles, columns (heading, source, what, suffix of the name))
TABLES = {
    "pv": ("operation", titles.PV, pair("bochs-vmx")),
    "exits": ("operation", titles.EXITS, pair("bochs-vmx", "VMX") + pair("bochs-svm", "SVM")),
    "toolstack": ("operation", titles.TOOLSTACK, pair("bochs-vmx")),
    "beside": ("operation, beside so many domains", titles.SCALE, along("bochs-vmx", "beside")),
    "vcpus": ("operation, for so many vCPUs", titles.SCALE, along("qemu-svm", "vcpus")),
    "mib": ("operation, by MiB of the machine", titles.SCALE_MEMORY, along("qemu-memory", "mib")),
    "oplist-dom0": ("operation of a program", titles.OPLIST,
                    [("no hypervisor", "oplist-dom0", "none", ""), *pair("oplist-dom0")]),
    "oplist": ("operation of a program", titles.OPLIST, kinds("oplist", "pv", "pvh", "hvm")),
    "oplist-bochs": ("operation of a program", titles.OPLIST,
                     [("dom0, no hypervisor", "oplist-bochs-dom0", "none", ""),
                      *kinds("oplist-bochs", "dom0", "pv", "pvh")]),
    "boot": ("seconds, median", titles.BOOT, [("no hypervisor", "boot", "none", ""), *pair("boot")]),
    "pace": ("work (`tests/system/jobs/pace.sh`)", titles.PACE,
             [("no hypervisor", "pace", "none", ""), *pair("pace")]),
    "guestpace-bochs": ("", titles.GUESTPACE, kinds("guestpace-bochs", "pv", "pvh")),
    "guestpace": ("", titles.GUESTPACE, kinds("guestpace", "pv", "pvh", "hvm")),
    "lifepace": ("", titles.LIFEPACE, kinds("lifepace", "pv", "pvh", "hvm")),
    "fio": ("", titles.FIO, fio("pv")),
    "fio-pvh": ("", titles.FIO, fio("pvh")),
    "netpace": ("", titles.NETPACE, [("Zendo", "netpace-pv", "zendo range", ""),
                                     ("Xen", "netpace-pv", "xen range", ""),
                                     ("ratio", "netpace-pv", "ratio", "")]),
}


def cell(by_id, name, source, what, suffix):
    row = by_id.get(f"{source}/{name}{suffix}", {})
    if what == "ratio":
        value, _ = figures.ratio(row.get("zendo"), row.get("xen"))
        return f"{value:.2f}" if value is not None else "-" if len(row) > 1 else ""
    hypervisor, _, whole_range = what.partition(" ")
    figure = row.get(hypervisor)
    if figure is None:
        return ""
    if whole_range:
        values = min(figure["samples"]), figure["median"], max(figure["samples"])
        return " ".join(table.number(v) for v in values)
    if figure["unit"] == "MiB/s":
        return f"{figure['median']:,.1f}"
    # what has a comma needs no point
    return f"{figure['median']:,.0f}" if figure["median"] >= 40 else table.number(figure["median"])


def render(name, by_id):
    """The table, or None when not one of its figures is known. Columns and rows without any are left out."""
    first, names, columns = TABLES[name]
    rows = [(title, [cell(by_id, n, *column[1:]) for column in columns]) for n, title in names.items()]
    rows = [(title, cells) for title, cells in rows if any(cells)]
    kept = [i for i in range(len(columns)) if any(cells[i] for _, cells in rows)]
    if not rows:
        return None
    lines = [line([first, *(columns[i][0] for i in kept)]), f"| --- |{' ---: |' * len(kept)}"]
    lines += [line([title, *(cells[i] for i in kept)]) for title, cells in rows]
    return "\n".join(lines) + "\n"


def line(cells):
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def rewrite(text, data):
    """The text with its tables made anew; one without figures stays as it is."""
    by_id = figures.by_id(data["figures"])

    def replace(match):
        if match[2] not in TABLES:
            raise ValueError(f"no table {match[2]}: {', '.join(TABLES)}")
        made = render(match[2], by_id)
        return match[0] if made is None else match[1] + made + match[3]
    return MARKED.sub(replace, text)


def merge(old, new):
    """The figures of both, where both have one the new one's."""
    key = lambda f: (f["id"], f["hypervisor"])  # noqa: E731
    kept = {key(f): f for f in old["figures"]} | {key(f): f for f in new["figures"]}
    return {"schema": results.VERSION, "instruments": figures.INSTRUMENTS, "figures": list(kept.values())}


def update(path):
    """Takes a run's figures (if there is one) into docs/performance.json and docs/performance.md."""
    data = results.load(DATA)
    if path and path.exists():
        data = merge(data, results.load(path))
        results.save(data, DATA)
    TEXT.write_text(rewrite(TEXT.read_text(encoding="utf-8"), data), encoding="utf-8")
