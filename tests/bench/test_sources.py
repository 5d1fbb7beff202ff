# SPDX-License-Identifier: BSD-2-Clause
"""Outputs are read as the jobs write them (shortened from real ones)."""

import contextlib
import io
import unittest
import unittest.mock

from bench import memory, plan, results, sources, titles
from sample import run

ROWS = """\
# bench.all: 1000 rounds
BENCH null_hypercall 108
BENCH pages_per_idle_domain 12
ok bench.all
BENCH hvm_cpuid 334
BENCH board_pit_read 635
ok bench.hvm
"""
GUESTPACE = """\
PACE create 11304\r
PACE init 8093\r
  pv> GUEST-PACE sha 101\r
  pv> GUEST-PACE read_ 9\r
  paced: pv said 'GUEST-PACED'\r
ZENDO-RESULT guestpace ok guest=pv\r
"""
LIFEPACE = """\
PACE create 4535\r
PACE destroy 315\r
PACE create 4483\r
PACE destroy 316\r
ZENDO-RESULT lifepace ok guest=pv\r
"""
FIO = """\
  measure: FIO warm: 16384 KiB, 56 ms, 285 IOPS, 292571 KiB/s, 3403.703125 us\r
  measure: FIO randread-1: 8192 KiB, 534 ms, 3835 IOPS, 15340 KiB/s, 233.404922 us\r
  measure: FIO write-32: 32768 KiB, 87 ms, 367 IOPS, 376643 KiB/s, 28962.616813 us\r
ZENDO-RESULT fio ok \r
"""
NETPACE = """\
  round-1: PACE a-dom0 3186 Mbit/s\r
  round-1: PACE a-b-packets 41000 packets/s of 32768 less 7\r
  round-1: PACE ping 63 us at least, 71.5 on average\r
  round-2: PACE a-dom0 3063 Mbit/s\r
  round-2: PACE ping 64 us at least, 70 on average\r
ZENDO-RESULT netpace ok guest=pv\r
"""
OPLIST = """\
  list> OP syscall 170.0 172.0 171.0\r
  list: OP syscall 170.0 172.0 171.0\r
  list: OP compile 90000000 90000200 90000100\r
  list: OP web 2345.67 2345.67 2340.00\r
ZENDO-RESULT oplist ok guest=pv\r
"""
MEMORY = "BENCH create_mib_512 16000\nok curve.memory\nBENCH create_mib_32768 16001\nok curve.memory\n"
BOOT = "boot: build/zendo.mb2 on pc\nx\n\nboot: done in 14.62 s, the emulator's processor time 9.20 s\n"


class Read(unittest.TestCase):
    def figures(self, source, text):
        made = run(source, text)
        self.assertEqual(made.why, "")
        return {f["name"]: f for f in results.collect([made])}

    def test_guest_rows(self):
        made = self.figures("bochs-vmx", ROWS)
        self.assertEqual({n: (f["samples"], f["unit"], f["guest"]) for n, f in made.items()}, {
            "null_hypercall": ([108], "instructions", "pv"),
            "pages_per_idle_domain": ([12], "pages", "pv"),
            "hvm_cpuid": ([334], "instructions", "pvh"),
            "board_pit_read": ([635], "instructions", "hvm")})

    def test_pace(self):
        made = self.figures("pace", "PACE loop 3890000\r\nPACE tmpfs 72500\r\nZENDO-RESULT pace ok \r\n")
        self.assertEqual({n: f["samples"] for n, f in made.items()}, {"loop": [1556], "tmpfs": [29]})

    def test_guestpace(self):
        made = self.figures("guestpace-pv", GUESTPACE)
        self.assertEqual({n: f["samples"] for n, f in made.items()},
                         {"create": [11304], "init": [8093], "sha": [1010], "read_": [90]})

    def test_lifepace(self):
        made = self.figures("lifepace-pvh", LIFEPACE)
        self.assertEqual(made["create"]["samples"], [4535, 4483])
        self.assertEqual((made["destroy"]["median"], made["destroy"]["guest"]), (315.5, "pvh"))

    def test_oplist(self):
        made = self.figures("oplist-pv", OPLIST)
        self.assertEqual({n: (f["samples"], f["unit"], f["better"]) for n, f in made.items()}, {
            "syscall": ([170, 172, 171], "instructions", "lower"),
            "compile": ([90000000, 90000200, 90000100], "instructions", "lower"),
            "web": ([2345.7, 2345.7, 2340], "requests/s", "higher")})
        made = self.figures("oplist-bochs-pvh", OPLIST)
        self.assertEqual((made["syscall"]["samples"], made["web"]["samples"][0]), ([68, 68.8, 68.4], 2345.7))

    def test_memory_of_the_machine(self):
        made = self.figures("qemu-memory", MEMORY)
        self.assertEqual([(f["samples"], f["guest"]) for f in made.values()], [([16000], "pv"), ([16001], "pv")])

    def test_memory_that_the_host_has_not(self):
        made = run("qemu-memory", MEMORY + "LEFT OUT 1,048,576 MiB: no room\n")
        self.assertEqual((made.why, made.left_out, len(made.samples)), ("left out: 1,048,576 MiB: no room", True, 2))
        booted, said = [], io.StringIO()
        with unittest.mock.patch.object(memory, "boot", lambda command, on, mib: booted.append((*command, on, mib))), \
                unittest.mock.patch.object(memory, "available", lambda: 6000), contextlib.redirect_stdout(said):
            argv = plan.Run(sources.BY_ID["qemu-memory"], "zendo").argv()
            self.assertEqual(memory.main(*argv[argv.index("bench.memory") + 1:]), 0)
        self.assertEqual([(b[-2], b[-1]) for b in booted], [("zendo", 512), ("zendo", 32768)])
        self.assertIn("bench-qemu-memory-zendo", booted[0])
        self.assertRegex(said.getvalue(), "^LEFT OUT 1,048,576 MiB: the host")

    def test_fio(self):
        made = self.figures("fio-pv", FIO)
        self.assertEqual(set(made), {"randread-1", "randread-1.us", "write-32", "write-32.us"})
        self.assertEqual([(made[n]["median"], made[n]["unit"], made[n]["better"])
                          for n in ("randread-1", "randread-1.us")],
                         [(14.98, "MiB/s", "higher"), (233.405, "us a request", "lower")])

    def test_netpace(self):
        made = self.figures("netpace-pv", NETPACE)
        self.assertEqual((made["a-dom0"]["samples"], made["a-dom0"]["better"]), ([3186, 3063], "higher"))
        self.assertEqual((made["a-b-packets"]["samples"], made["a-b-packets"]["unit"]), ([41000], "packets/s"))
        self.assertEqual((made["ping"]["samples"], made["ping"]["better"]), ([63, 64], "lower"))

    def test_boot(self):
        made = self.figures("boot", BOOT)
        self.assertEqual((made["wall"]["samples"], made["processor"]["samples"]), ([14.62], [9.2]))


class Failure(unittest.TestCase):
    def test_of_a_job_gives_no_figure(self):
        made = run("netpace-pv", NETPACE.replace("netpace ok", "netpace fail steps failed:"))
        self.assertEqual((made.why, made.samples), ("did not end well", {}))

    def test_of_the_guest_gives_no_figure(self):
        made = run("bochs-vmx", ROWS.replace("ok ", "FAIL "))
        self.assertEqual((made.why, made.samples), ("did not end well", {}))

    def test_of_one_test_of_the_guest_is_said(self):
        made = run("bochs-vmx", ROWS.replace("ok bench.hvm", "FAIL bench.hvm silent for 400 s"))
        self.assertEqual((made.why, len(made.samples)), ("FAIL bench.hvm silent for 400 s", 4))

    def test_of_the_emulator_is_said(self):
        self.assertEqual(run("pace", "").why, "gave no figure")


class Points(unittest.TestCase):
    def test_of_curves(self):
        self.assertEqual(titles.axis_of("destroy_call_beside_64"), ("destroy_call", "beside", 64))
        self.assertEqual(titles.axis_of("create_mib_512"), ("create", "mib", 512))
        self.assertEqual(titles.axis_of("randread-8"), ("randread", "depth", 8))
        self.assertEqual(titles.axis_of("randwrite-32.us"), ("randwrite.us", "depth", 32))
        for name in ("read-32", "randread-x", "multicall_16", "create", "grant_copy_4096", "yield_beside_x"):
            self.assertIsNone(titles.axis_of(name))


class Titles(unittest.TestCase):
    def test_of_all_sources_are_there(self):
        for source in sources.ALL:
            self.assertTrue(source.titles)
            for name in source.titles:
                self.assertIn(source.of("guest", name), ("dom0", "pv", "pvh", "hvm"))
                self.assertIn(source.of("better", name), ("lower", "higher"))
                self.assertTrue(source.of("group", name) and source.of("unit", name))
