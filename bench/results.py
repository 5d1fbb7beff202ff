# SPDX-License-Identifier: BSD-2-Clause
"""build/bench/results.json: made of runs, written, read and checked against results.schema.json."""

import json
import os
import platform
import subprocess
from pathlib import Path

from . import figures, plan

SCHEMA = Path(__file__).resolve().parent / "results.schema.json"
VERSION = 1


def collect(runs, pattern=""):
    """The figures of runs: the samples of all boots that count, together."""
    table = {}
    for run in runs:
        if run.warm_up:
            continue
        for name, values in (run.samples or {}).items():
            if plan.wanted(pattern, f"{run.source.id}/{name}"):
                table.setdefault((run.source.id, name, run.hypervisor), (run.source, []))[1].extend(values)
    return [_figure(source, name, hypervisor, values)
            for (_, name, hypervisor), (source, values) in table.items()]


def _figure(source, name, hypervisor, values):
    median, spread = figures.summary(values)
    return {"id": f"{source.id}/{name}", "name": name, "title": source.titles.get(name, name),
            "source": source.id, "group": source.of("group", name), "guest": source.of("guest", name),
            "instrument": source.instrument, "unit": source.of("unit", name),
            "better": source.of("better", name), "hypervisor": hypervisor, "samples": values,
            "median": median, "spread": spread, "resolution": source.resolution}


def profiles(runs):
    return [{"source": run.source.id, "hypervisor": run.hypervisor, "title": run.source.of("group", ""),
             "every": run.source.every, "samples": sum(count for _, count in run.stacks), "stacks": run.stacks}
            for run in runs if run.stacks]


def host():
    """What measured: nothing that names the machine."""
    def first(*argv):
        try:
            done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                  check=False)
            return done.stdout.splitlines()[0] if done.stdout else ""
        except OSError:
            return ""
    return {"cpus": os.cpu_count() or 1, "kernel": platform.release(),
            "qemu": first("qemu-system-x86_64", "--version"),
            "bochs": first("dpkg-query", "-W", "-f", "bochs ${Version}", "bochs")}


def save(data, path):
    """One figure a line: a change of one is a line in a diff."""
    check(data)
    lines = []
    for key, value in data.items():
        if key in ("figures", "runs", "profiles"):
            rows = ",\n".join("  " + json.dumps(item) for item in value)
            lines.append(f" {json.dumps(key)}: [\n{rows}\n ]" if value else f" {json.dumps(key)}: []")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def load(path):
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    check(data)
    return data


def check(data):
    """Raises jsonschema.ValidationError when data is not what the schema says."""
    import jsonschema  # a package of bench/packages.txt: only who reads or writes needs it
    jsonschema.validate(data, json.loads(SCHEMA.read_text(encoding="utf-8")))
