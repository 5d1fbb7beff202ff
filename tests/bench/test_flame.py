# SPDX-License-Identifier: BSD-2-Clause
"""Profiles: stacks from stops of an emulator, drawn, kept and shown."""

import re
import tempfile
import unittest
import unittest.mock
import xml.etree.ElementTree
from pathlib import Path

from bench import flame, plan, report, results, sampler, sources
from sample import data, run

NM = """\
ffff000000001000 T entry_syscall
ffff000000001100 T hypercall
ffff000000001200 t do_call.part.0
ffff000000001300 T leaf
ffff000000002000 D not_code
"""
FRAMES = """\
00000060 0000000000000044 00000000 FDE cie=00000000 pc=ffff000000001100..ffff000000001200
   LOC           CFA      rbx   rbp   ra
ffff000000001100 rsp+8    u     u     c-8
ffff000000001101 rsp+16   u     c-16  c-8
ffff000000001104 rbp+16   u     c-16  c-8

000000a8 000000000000002c 00000000 FDE cie=00000000 pc=ffff000000001200..ffff000000001300
   LOC           CFA      rbx   ra
ffff000000001200 rsp+8    u     c-8
ffff000000001204 rsp+16   c-16  c-8

000000d8 000000000000002c 00000000 FDE cie=00000000 pc=ffff000000001300..ffff000000001380

"""
BASE = 0xffff000000000000
STACK = 0xffff100000000000


class Stops(unittest.TestCase):
    def setUp(self):
        self.symbols = sampler.Symbols(NM, FRAMES)

    def test_have_the_names_of_functions(self):
        self.assertEqual([self.symbols.name(BASE + at) for at in (0x1000, 0x10ff, 0x1210, 0x1300)],
                         ["entry_syscall", "entry_syscall", "do_call", "leaf"])
        self.assertTrue(self.symbols.inside(BASE + 0x1000))
        self.assertFalse(self.symbols.inside(0x400000))

    def test_are_followed_to_the_assembly(self):
        # leaf was called by do_call, which keeps RBX, that by hypercall, which keeps RBP, that by the entry
        words = {STACK: BASE + 0x1220, STACK + 16: BASE + 0x1150, STACK + 0x108: BASE + 0x1040}
        registers = {"rsp": STACK, "rbp": STACK + 0x100}
        self.assertEqual(self.symbols.stack(BASE + 0x1310, registers, words),
                         ("entry_syscall", "hypercall", "do_call", "leaf"))

    def test_end_where_the_stack_is_not_known(self):
        self.assertEqual(self.symbols.stack(BASE + 0x1310, {"rsp": STACK, "rbp": 0}, {}), ("leaf",))

    def test_are_read_as_bochs_tells_them(self):
        answers = {"r": b"rsp: ffff1000_00000000 rbp: ffff1000_00000100\n",
                   f"print-stack {sampler.STACK_WORDS}": b" | STACK 0xffff100000000000 [0xffff0000:0x00001220] (<unknown>)\n"
                   b" | STACK 0xffff100000000010 [0xffff0000:0x00001150] (<unknown>)\n"
                   b" | STACK 0xffff100000000108 [0xffff0000:0x00001040] (<unknown>)\n"}
        debugger = unittest.mock.Mock(ask=answers.__getitem__)
        said = b"Next at t=5\n(0) [0x00000000130f] e008:%s (leaf+f): nop ; 90\n<bochs:3> "
        self.assertEqual(sampler.sample(debugger, self.symbols, said % b"ffff000000001310"),
                         ("entry_syscall", "hypercall", "do_call", "leaf"))
        self.assertEqual(sampler.sample(debugger, self.symbols, said % b"0000000000401000"), ("guest",))


STACKS = [["guest", 60], ["entry;call;a<b", 30], ["entry;call", 9], ["exit", 1]]


class Drawing(unittest.TestCase):
    def boxes(self):
        tree = xml.etree.ElementTree.fromstring(flame.svg(STACKS))
        return {group[0].text.split(":")[0]: group[1].attrib for group in tree}

    def test_is_as_wide_as_its_samples(self):
        boxes = self.boxes()
        self.assertEqual({name: round(float(box["width"]) + 0.5) for name, box in boxes.items()},
                         {"entry": 975, "call": 975, "a<b": 750, "exit": 25})

    def test_stands_on_what_called(self):
        boxes = {name: (float(box["x"]), float(box["y"])) for name, box in self.boxes().items()}
        self.assertEqual(boxes["entry"][1] - boxes["call"][1], flame.LINE)
        self.assertEqual((boxes["entry"][1], boxes["exit"]), (boxes["exit"][1], (975.0, boxes["exit"][1])))

    def test_of_nothing_is_nothing(self):
        self.assertEqual(flame.svg([["guest", 5]]), "")


class Kept(unittest.TestCase):
    def test_by_a_run_and_shown(self):
        source = sources.BY_ID["profile-pace"]
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.object(plan, "TOP", Path(folder)):
            self.assertEqual(run("profile-pace", "ZENDO-RESULT pace ok\n").why, "gave no figure")
            path = Path(folder) / source.env["STACKS"]
            path.parent.mkdir(parents=True)
            path.write_text("".join(f"{stack} {count}\n" for stack, count in STACKS))
            made = run("profile-pace", "ZENDO-RESULT pace ok\n")
            self.assertEqual(run("profile-pace", "ZENDO-RESULT pace fail\n").stacks, None)
        (profile,) = results.profiles([made])
        self.assertEqual((made.why, profile["samples"], profile["stacks"]), ("", 100, STACKS))
        kept = data(profiles=[profile])
        results.check(kept)
        page = report.page(kept)
        self.assertIn('<a href="#flame">', page)
        self.assertIn("of 100 samples, one every 100,003 instructions, 40 (40.0%) were in the hypervisor", page)
        self.assertTrue(re.search(r"<code>a&lt;b</code></td><td>30</td><td>75.0%", page))
