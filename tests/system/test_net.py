# SPDX-License-Identifier: BSD-2-Clause
"""Guests' networks. Data are checked by sums in both directions."""

import hashlib
import os
import socket
import threading

from harness import dom0
from harness.machine import Machine, free_ports, hub
from harness.runner import test
from harness.session import Failed


def of_kind(kind):
    """What a boot needs for a guest of that kind; firmware takes its time to load an HVM guest's kernel."""
    return {"guests": True, "hvm": kind == "hvm", "each": 3600 if kind == "hvm" else 1200,
            "kernel_extra": f"zendo.type={kind}" + (" zendo.up=1200" if kind == "hvm" else "")}


@test("net/vifs")
def net_vifs(t, kind="pv"):
    t.mini(Machine("pc", 2, 1024, count=0), ["vifs"], **of_kind(kind))


@test("net/pvh-vifs")
def net_pvh_vifs(t):
    net_vifs(t, "pvh")


@test("net/hvm-vifs")
def net_hvm_vifs(t):
    net_vifs(t, "hvm")


@test("net/vlan")
def net_vlan(t, kind="pv"):
    t.mini(Machine("q35", 2, 1024, nics=hub("e1000e", "virtio-net-pci")), ["vlan"], **of_kind(kind))


@test("net/pvh-vlan")
def net_pvh_vlan(t):
    net_vlan(t, "pvh")


@test("net/hvm-vlan")
def net_hvm_vlan(t):
    net_vlan(t, "hvm")


@test("net/driver-domain")
def net_driver(t, kind="pv"):
    t.mini(Machine("pc", 2, 1280, count=0), ["netdriver"], driver=True, dom0_mem=512, **of_kind(kind))


@test("net/pvh-driver-domain")
def net_pvh_driver(t):
    net_driver(t, "pvh")


@test("net/hvm-driver-domain")
def net_hvm_driver(t):
    net_driver(t, "hvm")


@test("net/zendo-driver-domain")
def net_zendo_driver(t):
    more = of_kind("pv")
    more["kernel_extra"] += " zendo.back=zendo"
    t.mini(Machine("pc", 2, 1664, count=0), ["netdriver"], driver=True, dom0_mem=768, tools=True,
           files=dom0.backends(), **more)


@test("net/zendo-pv")
def net_zendo(t, kind="pv"):
    t.mini(Machine("pc", 2, 1024, count=0), ["netd"], tools=True, files=dom0.backends(), **of_kind(kind))


@test("net/zendo-pvh")
def net_zendo_pvh(t):
    net_zendo(t, "pvh")


@test("net/zendo-hvm")
def net_zendo_hvm(t):
    net_zendo(t, "hvm")


class Outside:
    """What traffic (dom0/mini/traffic) meets outside of the machine, and what comes from there."""

    def __init__(self):
        self.data = os.urandom(2 << 20)
        self.taken = self._serve(self._take)
        self.given = self._serve(lambda c: c.sendall(self.data + self._sum(self.data)))

    @staticmethod
    def _sum(data):
        return hashlib.sha256(data).hexdigest().encode() + b"  -\n"

    @staticmethod
    def _all(connection):
        return b"".join(iter(lambda: connection.recv(65536), b""))

    def _take(self, connection):
        connection.sendall(self._sum(self._all(connection)))

    @staticmethod
    def _serve(answer):
        """Answer each connection to a new port, which is returned."""
        listener = socket.create_server(("127.0.0.1", 0))

        def one(connection):
            with connection:
                answer(connection)

        def run():
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        return listener.getsockname()[1]

    def visit(self, taken, given):
        """Send to one port of ours and receive from the other, at the same time; are both sums right?"""
        got = {}

        def send():
            with socket.create_connection(("127.0.0.1", taken), 300) as c:
                c.sendall(self.data)
                c.shutdown(socket.SHUT_WR)
                got["sent"] = self._all(c) == self._sum(self.data)

        sender = threading.Thread(target=send)
        sender.start()
        with socket.create_connection(("127.0.0.1", given), 300) as c:
            data = self._all(c)
        got["received"] = self._sum(data[:-68]) == data[-68:]
        sender.join()
        if not (got.get("sent") and got["received"]):
            raise Failed(f"from outside to port {taken}: {got}, {len(data)} bytes received")


@test("net/outside")
def net_outside(t, kind="pv"):
    world = Outside()
    ports = free_ports(4)
    there = ("10.0.2.15:9000", "10.0.2.15:9001", "10.0.2.9:9000", "10.0.2.9:9001")
    forward = ",".join(f"hostfwd=tcp:127.0.0.1:{p}-{to}" for p, to in zip(ports, there))
    machine = Machine("q35", 2, 1024, nics=["-nic", f"user,model=e1000e,{forward}"])
    options = of_kind(kind)
    each = options.pop("each")
    options["kernel_extra"] += f" zendo.taken={world.taken} zendo.given={world.given}"
    boot = dom0.boot_mini(machine, t.work, ["outside"], tools=True, **options)
    with t.session(machine, boot) as s:
        s.wait("ZENDO-DOM0-UP", 240)
        s.wait("OUTSIDE-READY", each)
        for _ in range(2):
            world.visit(*ports[:2])
            world.visit(*ports[2:])
        s.send("visited\n")
        s.wait_result("outside", 300)
        s.wait_off(90)


@test("net/pvh-outside")
def net_pvh_outside(t):
    net_outside(t, "pvh")


@test("net/hvm-outside")
def net_hvm_outside(t):
    net_outside(t, "hvm")
