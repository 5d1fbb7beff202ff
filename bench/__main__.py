# SPDX-License-Identifier: BSD-2-Clause
"""What the guests and the hypervisor cost, measured: build/bench/results.json and report.html.

    python3 -m bench                             everything, beside Xen if it is installed
    python3 -m bench --quick --peer none         less, Zendo alone
    python3 -m bench --only 'bochs-svm/*,forks'  some figures; --list names them
    python3 -m bench --baseline old.json         fails when a figure is worse than there
    python3 -m bench --docs                      takes results.json into docs/performance.md
"""

import argparse
import datetime
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import OUT, TOP, baseline, docs, figures, peer, plan, report, results, sources, table

BUDGET = {True: 10, False: 40}  # minutes of a quick and of a whole run


def options():
    p = argparse.ArgumentParser(prog="bench", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--quick", action="store_true", help="fewer sources, within ten minutes")
    p.add_argument("--peer", default="auto", choices=("auto", "xen", "none"),
                   help="xen: get it if it is not there; auto: only if it is")
    p.add_argument("--only", default="", metavar="PATTERNS", help="of SOURCE/NAME, by commas")
    p.add_argument("--baseline", type=Path, metavar="FILE", help="an earlier results.json")
    p.add_argument("--regression", type=float, default=5, metavar="PERCENT")
    p.add_argument("--minutes", type=float, help="begin no boot after that (10 or 40)")
    p.add_argument("--list", action="store_true", help="what there is to measure")
    p.add_argument("--docs", action="store_true", help="rewrite the tables of docs/performance.md")
    p.add_argument("--report", action="store_true", help="make report.html of results.json again")
    p.add_argument("-o", "--output", type=Path, default=OUT, help="folder of results.json")
    return p.parse_args()


def prepare(chosen):
    """Builds what boots at the same time would build twice."""
    if any("tests/guest/run.py" in s.argv for s in chosen):
        subprocess.run([sys.executable, "-B", "tests/guest/run.py", "--build"], cwd=TOP, check=True)
    if any("tests/system/boot.py" in s.argv for s in chosen):
        # no disk, and no kernel but pace's and the one that boot.py takes
        subprocess.run(["dom0/build.sh", "build/dom0", "kernels", "root", "mini", "hvm", "guest"], cwd=TOP, check=True,
                       env={"KERNELS": f"6.1 {os.environ.get('KERNEL', '')}"} | os.environ)
    if any("--oplist" in s.argv for s in chosen):
        subprocess.run(["make", "-s", "oplist"], cwd=TOP, check=True)
    if any("--tools" in s.argv or "--oplist" in s.argv for s in chosen):
        subprocess.run(["dom0/build.sh", "build/dom0", "tools"], cwd=TOP, check=True)


def measure(o):
    hypervisors = peer.chosen(o.peer)
    chosen = plan.choose(o.only, o.quick)
    if not chosen:
        sys.exit(f"bench: no figure is called {o.only} (--list names them)")
    prepare(chosen)
    begun, clock = datetime.datetime.now(datetime.timezone.utc), time.monotonic()
    runner = plan.Runner(hypervisors, 60 * (o.minutes or BUDGET[o.quick]))
    signal.signal(signal.SIGTERM, lambda *_: (runner.stop(), sys.exit(1)))
    todo = runner.all(plan.runs(chosen, hypervisors))
    return todo, {
        "schema": results.VERSION, "begun": begun.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - clock), "quick": o.quick, "only": o.only,
        "host": results.host(), "hypervisors": peer.versions(hypervisors),
        "instruments": figures.INSTRUMENTS,
        "runs": [{"source": r.source.id, "hypervisor": r.hypervisor, "warm_up": r.warm_up,
                  "seconds": round(r.seconds, 1), "processor": round(r.processor, 1), "why": r.why}
                 for r in todo],
        "profiles": results.profiles(todo), "figures": results.collect(todo, o.only),
    }


def main():
    o = options()
    if o.list:
        for source in sources.ALL:
            groups = dict.fromkeys(source.of("group", name) for name in source.titles)
            print(f"{source.id}: {'; '.join(groups)} ({source.instrument})"
                  + ("" if source.usual else ", only by --only") + (", quick" if source.quick else ""))
        return 0
    path = o.output / "results.json"
    if o.docs:
        docs.update(path)
        return 0
    if o.report:
        (o.output / "report.html").write_text(report.page(results.load(path)), encoding="utf-8")
        return 0
    then = results.load(o.baseline) if o.baseline else None  # before the work, and before it is overwritten
    todo, data = measure(o)
    results.save(data, path)
    (o.output / "report.html").write_text(report.page(data), encoding="utf-8")
    print(table.text(data), end="")
    # (of the peer's, only those without figures: not every test must hold there)
    failed = sum(bool(run.why) and not run.left_out and not (run.samples and run.hypervisor == "xen") for run in todo)
    if then:
        count = baseline.common(data, then)
        text, worse = baseline.report(baseline.compare(data, then), o.regression, count)
        print(f"\n== beside {o.baseline}\n{text}")
        failed += worse or not count
    print(f"\nbench: {len(data['figures'])} figures in {data['seconds']} s; {path} and report.html beside it")
    return 1 if failed or not (data["figures"] or data["profiles"]) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
