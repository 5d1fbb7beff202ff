# SPDX-License-Identifier: BSD-2-Clause
"""zendo-bench, with programs that only say what xl and the list would."""

import contextlib
import io
import json
import os
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from bench import figures, machine, results

SAID = "OP syscall 150.5 151.5 150.5\nxencall: error: nothing\nOP web 2000.5 1999 2100\nOP x y\n"
XL = """#!/bin/sh
case $* in
info) echo "xen_version            : 4.17.0"; echo "cc_compile_by          : zendo";;
"info xen_caps") echo "xen-3.0-x86_64 hvm-3.0-x86_64";;
esac
"""


class Figures(unittest.TestCase):
    def setUp(self):
        self.made = machine.figures_of("pvh", {"create": [200.0, 210.0, 190.0], "init": []}, SAID, "zendo")

    def test_are_those_of_the_schema(self):
        results.check({"schema": results.VERSION, "instruments": figures.INSTRUMENTS, "figures": self.made})
        self.assertEqual({f["id"]: (f["median"], f["unit"], f["better"]) for f in self.made}, {
            "machine-pvh/create": (200, "ms", "lower"), "machine-pvh/syscall": (150.5, "ns", "lower"),
            "machine-pvh/web": (2000.5, "requests/s", "higher")})

    def test_have_a_ratio_by_their_spread(self):
        faster = machine.figures_of("pvh", {}, "OP syscall 100 101 102\n", "xen")
        self.assertAlmostEqual(figures.ratio(self.made[1], faster[0])[0], 150.5 / 101)


class Guests(unittest.TestCase):
    def test_are_configured_as_xl_reads_it(self):
        text = machine.configuration("hvm", "/boot/vmlinuz-1", Path("/tmp/r"), ["-t", "50"])
        lines = dict(line.split(" = ", 1) for line in text.splitlines())
        self.assertEqual((lines["type"], lines["memory"], lines["nographic"]), ('"hvm"', "320", "1"))
        self.assertIn("bench.options=-t,50", lines["extra"])
        self.assertNotIn("nographic", machine.configuration("pv", "k", Path("r"), []))


class Command(unittest.TestCase):
    """In a folder of programs of our own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "xl").write_text(XL)
        (self.folder / "xl").chmod(0o755)
        for patch in (unittest.mock.patch.dict(os.environ, PATH=f"{folder.name}:{os.environ['PATH']}"),
                      unittest.mock.patch.object(os, "geteuid", return_value=0),
                      unittest.mock.patch.object(machine, "Files")):
            files = patch.start()
            self.addCleanup(patch.stop)
        files.return_value.list_here.side_effect = lambda options: SAID

    def run_it(self, *argv):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            return machine.main([*argv, "--kinds", "dom0"]), said.getvalue()

    def test_says_on_which_hypervisor(self):
        self.assertEqual(machine.hypervisor(), ("zendo", "4.17.0"))
        (self.folder / "xl").write_text("#!/bin/sh\nexit 1\n")
        self.assertEqual(machine.hypervisor(), ("none", ""))

    def test_writes_what_it_compares_with(self):
        path = self.folder / "figures"
        self.assertEqual(self.run_it("--quick", "--json", str(path))[0], 0)
        results.check(json.loads(path.read_text()))
        status, said = self.run_it("--baseline", str(path))
        self.assertEqual((status, "2 figures compared: 0 worse" in said), (0, True))
        path.write_text(path.read_text().replace("150.5", "50.5").replace("151.5", "51.5"))
        status, said = self.run_it("--baseline", str(path))
        self.assertEqual((status, "WORSE  machine-dom0/syscall" in said), (1, True))
