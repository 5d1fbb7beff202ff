# SPDX-License-Identifier: BSD-2-Clause
import contextlib
import dataclasses
import io
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from bench import plan, results, sources
from sample import COMMAND, VMX

TWO = {"zendo": None, "xen": None}


def made_up(id, code, **more):
    """A source that runs a line of Python instead of an emulator."""
    return dataclasses.replace(VMX, id=id, argv=[*COMMAND, code], done="", **({"cost": 1} | more))


class Choice(unittest.TestCase):
    def ids(self, **how):
        return [s.id for s in plan.choose(**how)]

    def test_quick_is_a_part(self):
        self.assertLess(set(self.ids(quick=True)), set(self.ids()))
        self.assertIn("bochs-vmx", self.ids(quick=True))

    def test_what_is_long_only_by_name(self):
        self.assertNotIn("guestpace-bochs-pv", self.ids())
        self.assertIn("guestpace-bochs-pv", self.ids(pattern="guestpace-bochs"))

    def test_patterns(self):
        self.assertEqual(self.ids(pattern="bochs-svm/*"), ["bochs-svm"])
        self.assertEqual(self.ids(pattern="pace/pingpong"), ["pace"])
        self.assertEqual(self.ids(pattern="null_hypercall"), ["bochs-vmx", "bochs-svm", "qemu-svm"])
        self.assertEqual(self.ids(pattern="*/multicall_16"), ["bochs-vmx", "qemu-svm"])
        self.assertEqual(self.ids(pattern="randread,boot/wall"), ["fio-pv", "fio-pvh", "boot"])
        self.assertEqual(self.ids(pattern="nothing-like-it"), [])
        self.assertTrue(plan.wanted("board_*,hvm", "bochs-svm/hvm_cpuid"))
        self.assertFalse(plan.wanted("hvm_cpuid?", "bochs-svm/hvm_cpuid"))


class Order(unittest.TestCase):
    def test_of_hypervisors_alternates(self):
        runs = plan.runs([sources.BY_ID["boot"]], {"none": None, **TWO})
        self.assertEqual([(r.hypervisor, r.warm_up) for r in runs[:7]], [
            ("none", True), ("zendo", True), ("xen", True), ("xen", False), ("zendo", False),
            ("none", False), ("none", False)])
        self.assertEqual(len(runs), 12)

    def test_leaves_out_who_is_not_there(self):
        self.assertEqual([r.hypervisor for r in plan.runs([VMX], {"none": None, "zendo": None})], ["zendo"])

    def test_bare_machine_has_no_hypervisor(self):
        (run,) = [r for r in plan.runs([sources.BY_ID["pace"]], {"none": None, **TWO}) if r.hypervisor == "none"]
        self.assertEqual(run.argv()[-3:], ["--bare", "-m", "512"])
        self.assertIn("build/bench/work/pace-none", run.argv())


class Runs(unittest.TestCase):
    def all(self, *made, budget=60, hypervisors=TWO, **how):
        with contextlib.redirect_stdout(io.StringIO()) as said, tempfile.TemporaryDirectory() as folder, \
                unittest.mock.patch.object(plan, "OUT", Path(folder)):
            todo = plan.Runner(hypervisors, budget, **how).all(plan.runs(made, hypervisors))
        return todo, said.getvalue()

    def test_samples_come_together_without_the_warm_up(self):
        code = "import time; print('BENCH t', time.monotonic_ns())"
        todo, _ = self.all(made_up("test-a", code, rounds=3, warm_up=1))
        ours, theirs = results.collect(todo)
        self.assertEqual((len(ours["samples"]), len(theirs["samples"])), (3, 3))
        self.assertLess(max(todo[0].samples["t"][0], todo[1].samples["t"][0]), min(ours["samples"] + theirs["samples"]))

    def test_of_time_are_alone(self):
        code = "import time; print('BENCH a', time.monotonic_ns()); time.sleep(.3); " \
               "print('BENCH b', time.monotonic_ns())"
        todo, _ = self.all(made_up("test-b", code), made_up("test-c", code, instrument="host time", rounds=2))
        timed = sorted((r.samples["a"][0], r.samples["b"][0]) for r in todo if not plan.at_once(r))
        counted = [r.samples["b"][0] for r in todo if plan.at_once(r)]
        self.assertEqual(len(timed), 4)
        self.assertTrue(all(end <= begin for (_, end), (begin, _) in zip(timed, timed[1:])))
        self.assertLess(max(counted), timed[0][0])

    def test_that_take_too_long_are_ended(self):
        todo, _ = self.all(made_up("test-d", "import time; print('BENCH x 1', flush=True); time.sleep(60)", limit=1))
        self.assertEqual([r.why for r in todo], ["ended after 1 s"] * 2)
        self.assertEqual(results.collect(todo), [])

    def test_are_not_begun_without_time(self):
        todo, said = self.all(made_up("test-e", "print('BENCH x 1')", cost=61),
                              made_up("test-f", "print('BENCH x 1')", cost=15),
                              made_up("test-g", "print('BENCH x 1')", instrument="host time", cost=20))
        late = "not begun: it would end too late"
        self.assertEqual([r.why for r in todo], [late, late, "", "", "", ""])
        self.assertIn("[ 6/6]", said)
        todo, _ = self.all(made_up("test-f", "print('BENCH x 1')", cost=15),
                           made_up("test-g", "print('BENCH x 1')", instrument="host time", cost=20), budget=50)
        self.assertEqual([r.why for r in todo], [late, late, "", ""])

    def test_get_their_hypervisor(self):
        code = "import os; print('BENCH', os.environ['HYP'], 1)"
        todo, _ = self.all(made_up("test-f", code), hypervisors={"zendo": "/z", "xen": "/x"})
        self.assertEqual([list(r.samples) for r in todo], [["/z"], ["/x"]])
