# SPDX-License-Identifier: BSD-2-Clause
"""Figures and runs that the tests make up."""

import sys

from bench import figures, plan, results, sources

VMX = sources.BY_ID["bochs-vmx"]
COMMAND = [sys.executable, "-c"]


def figure(samples, hypervisor="zendo", id="bochs-vmx/null_hypercall", **more):
    source, name = id.split("/")
    made = results._figure(sources.BY_ID[source], name, hypervisor, samples)
    return made | more


def data(*made, **more):
    return {"schema": results.VERSION, "instruments": figures.INSTRUMENTS, "figures": list(made), **more}


def run(source="bochs-vmx", text="", hypervisor="zendo", **more):
    made = plan.Run(sources.BY_ID[source], hypervisor, **more)
    plan.read(made, text)
    return made
