# SPDX-License-Identifier: BSD-2-Clause
import unittest

from bench import baseline, figures
from sample import data, figure


class Statistics(unittest.TestCase):
    def test_median_and_spread(self):
        self.assertEqual(figures.summary([7]), (7, 0))
        self.assertEqual(figures.summary([1, 9, 2]), (2, 8))
        self.assertEqual(figures.summary([1, 2, 3, 10]), (2.5, 9))
        self.assertEqual(figures.summary([262144123]), (262144123, 0))
        self.assertEqual(figures.summary([0.1 + 0.2]), (0.3, 0))

    def test_by_id_keeps_order(self):
        rows = figures.by_id([figure([1], id="pace/sha"), figure([1], id="pace/loop"),
                              figure([1], "xen", "pace/sha")])
        self.assertEqual([(i, list(row)) for i, row in rows.items()],
                         [("pace/sha", ["zendo", "xen"]), ("pace/loop", ["zendo"])])


class Ratio(unittest.TestCase):
    def of(self, ours, theirs, **more):
        return figures.ratio(figure(ours, **more), figure(theirs, "xen", **more))

    def test_of_instructions(self):
        self.assertEqual(self.of([108], [216]), (0.5, ""))
        self.assertEqual(self.of([4], [4]), (1.0, ""))

    def test_refused_when_spreads_meet(self):
        value, why = self.of([90, 100, 110], [95, 105, 115])
        self.assertIsNone(value)
        self.assertEqual(why, "between 0.78 and 1.16 by the spread")

    def test_given_when_spreads_are_apart(self):
        self.assertEqual(self.of([90, 100, 110], [180, 200, 220])[0], 0.5)

    def test_given_when_both_are_nearly_equal(self):
        self.assertEqual(self.of([1000, 1001], [1000, 1002])[0], 1000.5 / 1001)

    def test_refused_below_the_clock(self):
        self.assertIsNone(self.of([40], [30], resolution=20)[0])
        self.assertIsNone(self.of([10], [5], resolution=10)[0])
        self.assertEqual(self.of([400], [300], resolution=20)[0], 400 / 300)

    def test_of_time_wants_repeats(self):
        value, why = self.of([1.0], [9.0], id="boot/wall")
        self.assertIsNone(value)
        self.assertEqual(why, "1 of 3 samples of host time")
        self.assertEqual(self.of([1, 1, 1], [2, 2, 2], id="boot/wall")[0], 0.5)

    def test_refused_without_a_divisor(self):
        self.assertIsNone(self.of([3], [0])[0])
        self.assertIsNone(figures.ratio(figure([3]), None)[0])


class Baseline(unittest.TestCase):
    def worse(self, now, then, **more):
        return [round(c[0], 1) for c in baseline.compare(data(figure(now, **more)), data(figure(then, **more)))]

    def test_by_direction(self):
        self.assertEqual(self.worse([110], [100]), [10.0])
        self.assertEqual(self.worse([90], [100]), [-10.0])
        self.assertEqual(self.worse([90], [100], better="higher"), [11.1])
        self.assertEqual(self.worse([100], [100]), [])

    def test_not_by_spread(self):
        self.assertEqual(self.worse([100, 110, 120], [90, 100, 110]), [])
        self.assertEqual(self.worse([110], [100], resolution=10), [])
        self.assertEqual(self.worse([120], [100], resolution=10), [20.0])

    def test_not_of_other_units_or_hypervisors(self):
        self.assertEqual(baseline.compare(data(figure([9], unit="ms")), data(figure([1]))), [])
        self.assertEqual(baseline.compare(data(figure([9], "xen")), data(figure([1], "xen"))), [])
        self.assertEqual(baseline.common(data(figure([9], "xen")), data(figure([1], "xen"))), 0)
        self.assertEqual(baseline.common(data(figure([9])), data(figure([1]))), 1)

    def test_report_counts_above_the_limit(self):
        names = ("null_hypercall", "yield", "stack_switch", "multicall_16")
        now = data(*(figure([n], id=f"bochs-vmx/{i}") for i, n in zip(names, (104, 107, 90, 50))))
        then = data(*(figure([100], id=f"bochs-vmx/{i}") for i in names))
        text, worse = baseline.report(baseline.compare(now, then), 5, baseline.common(now, then))
        self.assertEqual(worse, 1)
        self.assertEqual(text.splitlines(), [
            "4 figures compared: 1 worse by more than 5 %, 2 better",
            "WORSE  bochs-vmx/yield: 100 -> 107 instructions (+7.0 %)",
            "better bochs-vmx/stack_switch: 100 -> 90 instructions (-10.0 %)",
            "better bochs-vmx/multicall_16: 100 -> 50 instructions (-50.0 %)"])
