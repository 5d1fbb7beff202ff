# SPDX-License-Identifier: BSD-2-Clause
"""Guests' networks. Data are checked by sums in both directions."""

from harness.machine import Machine, hub
from harness.runner import test


@test("net/vifs")
def net_vifs(t):
    t.mini(Machine("pc", 2, 1024, count=0), ["vifs"], guests=True, each=1200)


@test("net/vlan")
def net_vlan(t):
    t.mini(Machine("q35", 2, 1024, nics=hub("e1000e", "virtio-net-pci")), ["vlan"], guests=True, each=1200)


@test("net/driver-domain")
def net_driver(t):
    t.mini(Machine("pc", 2, 1280, count=True), ["netdriver"], guests=True, driver=True, dom0_mem=512, each=1200)
