# SPDX-License-Identifier: BSD-2-Clause
"""libzendo-pv (pv-drivers/): its example as a guest, with the back ends of dom0's kernel."""

from harness import paths
from harness.machine import Machine
from harness.runner import test

FILES = {"guest/example": paths.BUILD / "pv" / "example"}


@test("pv/example", quick=True)
def pv_example(t):
    t.mini(Machine("pc", 1, 1024), ["pvdrivers"], files=FILES)
