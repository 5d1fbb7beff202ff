#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Seconds from power-on to dom0's /init, two hypervisors in turn on the same machine.

    tests/system/race.py XEN            build/zendo.* against XEN (xen-*.efi; its .gz beside it)
    tests/system/race.py -n 5 -M pc XEN

Says for each run the wall seconds and the emulator's processor seconds (less disturbed by what else
the host does), then the smallest and the median of both.
"""

import argparse
import os
import statistics
import sys

sys.dont_write_bytecode = True
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import dom0, paths  # noqa: E402
from harness.machine import Machine, accelerator  # noqa: E402
from harness.session import Failed, Session, handle_signals  # noqa: E402


def processor_seconds(pid):
    """User and system time of a process so far (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(hyp, o):
    # as the tests do: paths.hypervisor and dom0.lines look at it
    os.environ["HYP"] = str(hyp)
    machine = Machine(o.machine, o.cpus, o.mem)
    work = paths.WORK / "race"
    with Session(machine, dom0.boot_mini(machine, work), work) as s:
        s.wait("ZENDO-INIT", 600, "dom0's /init")
        return s.seconds(), processor_seconds(s.pid)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("other", type=Path, help="the other hypervisor, e.g. /boot/xen-4.17-amd64.efi")
    p.add_argument("-n", "--rounds", type=int, default=3)
    p.add_argument("-M", "--machine", default="pc", choices=("q35", "grub-efi", "pc", "bochs"))
    p.add_argument("-c", "--cpus", type=int, default=1)
    p.add_argument("-m", "--mem", type=int, default=1024, help="MiB")
    o = p.parse_args()
    handle_signals()
    hyps = [paths.BUILD / "zendo.efi", o.other.resolve()]
    print(f"race: {o.machine}, {o.cpus} CPU(s), {o.mem} MiB, "
          f"{'Bochs' if o.machine == 'bochs' else accelerator()}", flush=True)
    figures = {h: [] for h in hyps}
    for n in range(o.rounds):
        # who is first alternates: a host that warms up or slows down favours nobody
        for hyp in hyps if n % 2 == 0 else reversed(hyps):
            figures[hyp].append(run(hyp, o))
            wall, cpu = figures[hyp][-1]
            print(f"  {hyp.name}: {wall:.1f} s, processor {cpu:.1f} s", flush=True)
    for hyp in hyps:
        wall, cpu = zip(*figures[hyp])
        print(f"{hyp.name}: wall least {min(wall):.1f} s, median {statistics.median(wall):.1f} s; "
              f"processor least {min(cpu):.1f} s, median {statistics.median(cpu):.1f} s")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (paths.Missing, Failed) as e:
        sys.exit(f"race: {e}\n{getattr(e, 'tail', '')}")
