# SPDX-License-Identifier: BSD-2-Clause
"""libzendo-pv (pv-drivers/): its kernels as guests, with the back ends of dom0's kernel and QEMU."""

import os
import re
import subprocess

from harness import paths
from harness.machine import Machine
from harness.runner import test
from harness.session import Failed


def kernels():
    """Built as a user would, when the sources are newer."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    built = subprocess.run(["make", "-s", "pv-drivers"], cwd=paths.ROOT, env=env, text=True, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if built.returncode:
        raise Failed("make pv-drivers failed", built.stdout[-2000:])
    return {f"guest/{name}": paths.BUILD / "pv" / name for name in ("example", "check", "example-hvm", "check-hvm")}


def readme(work):
    """What pv-drivers/README.md shows, made as it says."""
    text = (paths.ROOT / "pv-drivers" / "README.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^```\w+ ([\w.-]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    work.mkdir(parents=True, exist_ok=True)
    (work / "hello.c").write_text(blocks["hello.c"], encoding="utf-8")
    built = subprocess.run(["sh", "-e", "-c", blocks["hello"] + blocks["hello-hvm"]], cwd=work, text=True, check=False,
                           env=os.environ | {"ZENDO": str(paths.ROOT)}, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
    if built.returncode:
        raise Failed("pv-drivers/README.md's commands failed", built.stdout[-2000:])
    return {f"guest/{name}": work / name for name in ("hello", "hello-hvm")}


@test("pv/example", quick=True)
def pv_example(t):
    t.mini(Machine("pc", 1, 1024), ["pvdrivers"], files=kernels() | readme(t.work), hvm=True, each=900)


@test("pv/example-two-levels")
def pv_example_two_levels(t):
    t.mini(Machine("pc", 1, 1024), ["pvdrivers"], files=kernels() | readme(t.work), hvm=True, each=900,
           kernel_extra="zendo.events=2l")


@test("pv/check")
def pv_check(t):
    t.mini(Machine("pc", 1, 1024), ["pvcheck"], files=kernels(), hvm=True, each=1200)
