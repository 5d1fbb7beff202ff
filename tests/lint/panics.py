#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every function that may panic or assert stands here with the reason why no guest can make it.

No guest may stop the machine (domain_crash() is for what a guest can do). A new call of panic(),
panic_regs() or assert() needs a row; a row without a call is told, too. BOOT: it runs before the
first guest does. Assertions are checked in all builds: each guards who owns a frame or a lock.
"""

import re

from common import TOP, report, sources
from tags import functions

BOOT = "runs before the first guest"
COUNTS = ("reference and type counts are changed by mm/page.c and pv/type.c only, each drop after "
          "its own take; models in tests/unit/page_word.c, pv_tables.c, grant_model.c")
REASONS = {
    "checked/lock_check.c": {
        "lock_check_order": "checked builds only",
        "lock_check_taken": "checked builds only",
        "lock_check_dropped": "checked builds only",
        "lock_check_none": "checked builds only",
        "lock_check_wait": "checked builds only",
    },
    "control/debug_keys.c": {"key_crash": "is what the control domain or the operator asked for"},
    "cpu/exception.c": {
        "exception_host": "faults on guests' addresses and selectors have fix-ups (extable, iret)",
        "double_fault_handle": "stacks are bounded (no recursion, no VLA, -Wframe-larger-than)",
    },
    "cpu/machine_check.c": {"machine_check_handle": "the hardware says its state is lost"},
    "cpu/nmi.c": {"report": "with nmi=fatal only, by signals of the chipset"},
    "cpu/smp.c": {"smp_call": "its only caller is a timer function: interrupts are on"},
    "domain/domain.c": {"system_domain": BOOT, "domain_system_init": BOOT},
    "domain/life.c": {"machine_crashed": "domain 0 is the machine"},
    "domain/vcpu.c": {"vcpu_pause": "domctls on the own domain are refused before (SELF rows pause "
                                    "nothing); vcpu_info's registration looks first"},
    "irq/dispatch.c": {"irq_cpu_init": BOOT},
    "irq/ioapic.c": {"chip_of": "a line is made only for a GSI with a pin, at boot"},
    "irq/lapic.c": {"lapic_init": BOOT, "lapic_timer_init": BOOT},
    "irq/line.c": {
        "irq_line_sync": "called by hypercalls that close or unmap, without a lock",
        "irq_lines_init": BOOT,
    },
    "mm/heap.c": {"heap_free_from": COUNTS, "heap_free": COUNTS, "heap_unclaim": "the domain's claim is taken off under its "
                                                       "page lock, with its own count"},
    "mm/hvmap.c": {name: BOOT for name in (
        "map_or_panic", "map_direct", "boot_page", "frame_table_pages", "link_or_panic", "fill_slots",
        "trampoline_tables",
        "hvmap_init", "hvmap_stub")},
    "mm/page.c": {name: COUNTS for name in (
        "page_last_put", "page_put", "type_put", "page_type_put_more", "page_assign",
        "page_steal_id", "page_unshare")},
    "mm/pool.c": {"pool_free": "frees what pool_alloc() gave"},
    "p2m/p2m.c": {"p2m_free": COUNTS},
    "pv/type.c": {
        "type_put_locked": COUNTS,
        "type_pin": "the pin that was found holds another use, so this put is not the last",
        "page_hook_release": "a frame that is a table has an owner that is a PV domain, and that "
                             "waits in teardown for its frames",
    },
    "sched/core.c": {"sched_init": BOOT},
    "sched/stall.c": {
        "bite": "guests cannot keep a CPU from its timers: their interrupt flag is virtual",
        "look_at_next": "the same",
    },
    "start/configure.c": {"configure_dom0_affinity": BOOT},
    "start/dom0.c": {name: BOOT for name in (
        "allow", "deny", "give_rights", "create", "start_dom0")},
    "start/main.c": {name: BOOT for name in (
        "memory_init", "start_second_half", "start_main")},
    "start/memmap.c": {"memmap_init": BOOT},
    "time/clock.c": {"time_init": BOOT},
}
CALL = re.compile(r"\b(?:panic|panic_regs|assert)\(")
DEFINED_IN = "debug/panic.c"


def calls(paths):
    """(path below hypervisor, line number, function) of every call."""
    spans = {}
    for function in functions(paths):
        spans.setdefault(str(function.path), []).append(function)
    for path in paths:
        for number, line in enumerate((TOP / path).read_text().split("\n"), 1):
            if not CALL.search(line):
                continue
            name = next((f.name for f in spans.get(str(path), []) if f.first <= number <= f.last),
                        "no function")
            yield str(path.relative_to("hypervisor")), number, name


def main():
    paths = [p for p in sources("hypervisor", suffixes={".c", ".S"})
             if str(p.relative_to("hypervisor")) != DEFINED_IN]
    findings, used = [], set()
    for path, number, name in calls(paths):
        used.add((path, name))
        if name not in REASONS.get(path, {}):
            findings.append(f"hypervisor/{path}:{number}: {name} may panic: say in "
                            "tests/lint/panics.py why no guest can make it")
    for path, names in REASONS.items():
        findings += [f"hypervisor/{path}: {name} panics no more: take it out of "
                     "tests/lint/panics.py" for name in names if (path, name) not in used]
    report("panics", findings)


main()
