# SPDX-License-Identifier: BSD-2-Clause
"""Which boots are made, in what order, how many at once, and what became of them."""

import fnmatch
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from . import OUT, TOP, figures, flame, sources

SCALE = float(os.environ.get("TIMEOUT_SCALE", "1"))  # as the system tests have it


@dataclass
class Run:
    """One boot of one source."""
    source: sources.Source
    hypervisor: str
    warm_up: bool = False
    seconds: float = 0
    processor: float = 0
    why: str = "not begun"   # why it gave nothing or not all
    left_out: bool = False   # of what this host cannot do; no fault
    samples: dict = None
    stacks: list = None      # of a profile

    def __str__(self):
        return f"{self.source.id}, {self.hypervisor}" + (", warm-up" if self.warm_up else "")

    def argv(self):
        argv = [word.format(hypervisor=self.hypervisor) for word in self.source.argv]
        # 512 MiB: what dom0 has of the same machine below a hypervisor
        return argv + ["--bare", "-m", "512"] if self.hypervisor == "none" else argv


def wanted(pattern, figure_id):
    """Does one of the patterns (by commas; a word is found anywhere) name the figure?"""
    if not pattern:
        return True
    words = (w if set(w) & set("*?[") else f"*{w}*" for w in pattern.split(","))
    return any(fnmatch.fnmatchcase(figure_id, w) for w in words)


def choose(pattern="", quick=False, all_sources=None):
    """The sources of this run. A pattern also finds those that are not usual."""
    def take(source):
        if pattern:
            return any(wanted(pattern, f"{source.id}/{name}") for name in source.titles)
        return source.usual and (source.quick or not quick)
    return [s for s in (sources.ALL if all_sources is None else all_sources) if take(s)]


def runs(chosen, hypervisors):
    """Each source on each hypervisor in turn; who is first alternates with the rounds, so that a host
    that warms up or slows down favours nobody."""
    made = []
    for source in chosen:
        on = [h for h in source.hypervisors if h in hypervisors]
        for n in range(source.warm_up + source.rounds):
            made += [Run(source, h, n < source.warm_up) for h in (on if n % 2 == 0 else reversed(on))]
    return made


def at_once(run):
    """Instructions may be counted beside other work; time may not. (Rounds of a source share a folder.)"""
    return run.source.instrument in figures.DETERMINISTIC and run.source.rounds == 1


class Progress:
    """Says on the terminal what goes on."""

    def __init__(self, total, estimate):
        self.total, self.done, self.begun, self.lock = total, 0, time.monotonic(), threading.Lock()
        self.running = {}
        print(f"bench: {total} boots, about {max(estimate // 60, 1)} minutes on an idle host", flush=True)

    def begin(self, run):
        with self.lock:
            self.running[id(run)] = (run, time.monotonic())

    def end(self, run):
        with self.lock:
            self.running.pop(id(run), None)
            self.done += 1
            what = ", ".join(filter(None, [run.why, f"{len(run.samples)} figures" if run.samples else "",
                                           "a profile" if run.stacks else ""]))
            print(f"[{self.done:2}/{self.total}] {run}: {what}, {run.seconds:.0f} s", flush=True)

    def still(self):
        with self.lock:
            now = time.monotonic()
            what = "; ".join(f"{run} since {now - begun:.0f} s" for run, begun in self.running.values())
            print(f"[{self.done:2}/{self.total}] {(now - self.begun) / 60:.0f} min; {what}", flush=True)


class Runner:
    """Does the runs, in budget seconds: what would end later is not begun, and time for those that cannot be
    done beside others is kept."""

    def __init__(self, hypervisors, budget, workers=2):
        self.hypervisors, self.budget, self.workers = hypervisors, budget, workers
        self.children, self.lock, self.begun = set(), threading.Lock(), time.monotonic()
        self.ending = False

    def all(self, todo):
        counted, timed = [r for r in todo if at_once(r)], [r for r in todo if not at_once(r)]
        later = sum(r.source.cost for r in timed)
        self.progress = Progress(len(todo), sum(r.source.cost for r in counted) // self.workers + later)
        self._together([threading.Thread(target=self._work, args=(counted, self.budget - later))
                        for _ in range(self.workers)])
        self._together([threading.Thread(target=self._work, args=(timed, self.budget))])
        return todo

    def _together(self, threads):
        for thread in threads:
            thread.daemon = True
            thread.start()
        spoken = time.monotonic()
        try:
            while any(t.is_alive() for t in threads):
                time.sleep(0.2)
                if time.monotonic() - spoken > 60:
                    spoken = time.monotonic()
                    self.progress.still()
        except KeyboardInterrupt:
            self.stop()
            raise

    def stop(self):
        """Ends what runs: each command ends its emulator on SIGTERM."""
        with self.lock:
            self.ending = True
            for child in self.children:
                child.send_signal(signal.SIGTERM)

    def _work(self, queue, budget):
        while True:
            with self.lock:
                if not queue or self.ending:
                    return
                run = queue.pop(0)
            if time.monotonic() - self.begun + run.source.cost > budget:
                run.why, run.samples = "not begun: it would end too late", {}
            else:
                self.progress.begin(run)
                self._one(run)
            self.progress.end(run)

    def _one(self, run):
        path = self.hypervisors[run.hypervisor]
        env = dict(os.environ, **run.source.env)
        if path:
            env["HYP"] = str(path)
        log = OUT / "logs" / f"{run.source.id}-{run.hypervisor}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        if run.source.every:
            (TOP / run.source.env["STACKS"]).unlink(missing_ok=True)
        begun = time.monotonic()
        with open(log, "wb") as out:
            child = subprocess.Popen(run.argv(), cwd=TOP, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                     stderr=subprocess.STDOUT)
            with self.lock:
                self.children.add(child)
            run.processor, ended = wait(child, run.source.limit * SCALE)
            with self.lock:
                self.children.discard(child)
        run.seconds = time.monotonic() - begun
        read(run, log.read_text(errors="replace"), ended)


def wait(child, limit):
    """Waits for a child, at most limit seconds. (processor seconds of it and its own, in time?)"""
    timer = threading.Timer(limit, child.terminate)
    timer.start()
    _, status, usage = os.wait4(child.pid, 0)
    in_time = timer.is_alive()
    timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, in_time


def read(run, text, in_time=True):
    """Takes the samples out of a run's output, and why there are none."""
    text = text.replace("\r", "")
    if not in_time:
        run.why, run.samples = f"ended after {run.source.limit} s", {}
        return
    run.why, run.samples = "", run.source.read(text)
    if run.source.every:
        run.stacks = flame.read(TOP / run.source.env["STACKS"])
    if not (run.samples or run.stacks):
        run.why = "gave no figure"
    elif run.source.done and not re.search(run.source.done, text, re.MULTILINE):
        run.why, run.samples, run.stacks = "did not end well", {}, None
    elif failed := re.search(r"^FAIL .*", text, re.MULTILINE):
        run.why = failed[0]  # one test of several: the others' figures are right
    elif left_out := re.search(r"^LEFT OUT (.*)", text, re.MULTILINE):
        run.why, run.left_out = f"left out: {left_out[1]}", True
