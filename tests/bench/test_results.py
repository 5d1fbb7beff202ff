# SPDX-License-Identifier: BSD-2-Clause
import re
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import jsonschema

from bench import docs, figures, plots, report, results, table
from sample import data, figure


class Schema(unittest.TestCase):
    def test_takes_what_is_written(self):
        one = data(figure([1, 2, 3]), figure([4], "xen"), begun="2026-01-01T00:00:00+00:00", runs=[
            {"source": "pace", "hypervisor": "xen", "warm_up": False, "seconds": 1, "processor": 1.5,
             "why": "gave no figure"}])
        with tempfile.TemporaryDirectory() as folder:
            results.save(one, Path(folder) / "a" / "results.json")
            self.assertEqual(results.load(Path(folder) / "a" / "results.json"), one)

    def test_refuses_what_is_not_so(self):
        whole = figure([1])
        for wrong in ({"samples": []}, {"unit": 3}, {"better": "sideways"}, {"id": "no source"},
                      {"hypervisor": "kvm"}, {"instrument": "guess"}, {"spread": -1}, {"guest": "vm"},
                      {"extra": 1}):
            with self.assertRaises(jsonschema.ValidationError, msg=str(wrong)):
                results.check(data(whole | wrong))
        for key in whole:
            with self.assertRaises(jsonschema.ValidationError, msg=key):
                results.check(data({k: v for k, v in whole.items() if k != key}))
        with self.assertRaises(jsonschema.ValidationError):
            results.check(data(whole) | {"schema": 2})


class Text(unittest.TestCase):
    def test_has_ratio_or_reason(self):
        said = table.text(data(figure([108]), figure([216], "xen"),
                               figure([1.0], id="boot/wall"), figure([2.0], "xen", "boot/wall"),
                               runs=[{"source": "pace", "hypervisor": "xen", "why": "gave no figure"}]))
        self.assertRegex(said, r"null_hypercall +instructions +108 +216  0\.50\n")
        self.assertRegex(said, r"wall +s +1 +2  - \(1 of 3 samples of host time\)\n")
        self.assertIn("\npace, xen: gave no figure\n", said)
        self.assertNotIn("none", said)


class Documents(unittest.TestCase):
    TEXT = "a\n\n<!-- bench pace -->\n| old |\n<!-- bench end -->\n\nb\n\n<!-- bench fio -->\n| kept |\n" \
           "<!-- bench end -->\n"

    def test_tables_are_made_anew_and_prose_stays(self):
        made = docs.rewrite(self.TEXT, data(figure([1554.4], "none", "pace/loop"), figure([1600], id="pace/loop"),
                                            figure([3200], "xen", "pace/loop"), figure([26], id="pace/tmpfs")))
        self.assertEqual(made, """\
a

<!-- bench pace -->
| work (`tests/system/jobs/pace.sh`) | no hypervisor | Zendo | Xen | ratio |
| --- | ---: | ---: | ---: | ---: |
| `loop`: a shell's loop, 100,000 rounds | 1,554 | 1,600 | 3,200 | 0.50 |
| `tmpfs`: a file of 10 MB written and removed | | 26 | | |
<!-- bench end -->

b

<!-- bench fio -->
| kept |
<!-- bench end -->
""")

    def test_unknown_table_is_an_error(self):
        with self.assertRaises(ValueError):
            docs.rewrite("<!-- bench nix -->\n<!-- bench end -->\n", data())

    def test_merge_keeps_what_was_not_measured(self):
        old = data(figure([1]), figure([2], "xen"), figure([3], id="pace/loop"))
        made = docs.merge(old, data(figure([9]), figure([4], id="pace/sha")))
        self.assertEqual([(f["id"], f["hypervisor"], f["median"]) for f in made["figures"]], [
            ("bochs-vmx/null_hypercall", "zendo", 9), ("bochs-vmx/null_hypercall", "xen", 2),
            ("pace/loop", "zendo", 3), ("pace/sha", "zendo", 4)])

    def test_performance_md_is_what_its_figures_say(self):
        text, known = docs.TEXT.read_text(encoding="utf-8"), results.load(docs.DATA)
        self.assertEqual(docs.rewrite(text, known), text, "run make bench-docs")
        by_id, placed = figures.by_id(known["figures"]), {m[2] for m in docs.MARKED.finditer(text)}
        self.assertEqual({n for n in docs.TABLES if docs.render(n, by_id)} - placed, set(), "has no place")


class Page(unittest.TestCase):
    def setUp(self):
        self.drawn = []
        self.bars, plots.bars = plots.bars, lambda *a, **k: self.drawn.append((a, k)) or "<svg></svg>"

    def tearDown(self):
        plots.bars = self.bars

    def test_has_every_figure_and_nothing_from_outside(self):
        page = report.page(data(figure([108]), figure([216], "xen"), figure([1.0, 3.0], id="boot/wall"),
                                runs=[{"source": "pace", "hypervisor": "xen", "why": "<gone>"}]))
        self.assertIn("<td>108</td><td>216</td><td>0.50</td>", page)
        self.assertIn("<small>1 to 3</small>", page)
        self.assertIn("Xen: &lt;gone&gt;", page)
        self.assertNotRegex(page, r"(src|href)=\"(?!#)|@import|<script|url\((?!#)")
        for target in re.findall(r'href="#([^"]+)"', page):
            self.assertEqual(page.count(f'id="{target}"'), 1, target)

    def test_kinds_of_guests_stand_together(self):
        report.page(data(*(figure([n], id=f"guestpace-{k}/sha") for n, k in enumerate(("hvm", "pv", "pvh"), 7))))
        self.assertEqual([label for label, _ in self.drawn[0][0][0]], ["sha, PV", "sha, PVH", "sha, HVM"])

    def test_counts_of_something_are_curves(self):
        for axis, across in (("beside", "idle domains beside"), ("vcpus", "vCPUs of that domain")):
            with unittest.mock.patch.object(plots, "curves", return_value="<svg></svg>") as drawn:
                report.page(data(*(figure([n], h, f"bochs-vmx/destroy_call_{axis}_{n}")
                                   for n in (4, 64) for h in ("zendo", "xen"))))
            lines = [("destroy_call", {"zendo": [(4, 4), (64, 64)], "xen": [(4, 4), (64, 64)]})]
            drawn.assert_called_once_with(lines, "instructions", across)
            self.assertEqual(self.drawn, [])

    def test_great_differences_are_drawn_to_powers_of_ten(self):
        report.page(data(figure([5]), figure([800], id="bochs-vmx/yield")))
        report.page(data(figure([500]), figure([800], id="bochs-vmx/yield")))
        self.assertEqual([k["log"] for _, k in self.drawn], [True, False])
