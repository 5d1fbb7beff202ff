#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The system tests. Quick set: run.py; all: run.py -a; some: run.py 'guest/*'; see run.py -h.

Environment: HYP=/boot/xen-4.17-amd64.efi runs the distribution's Xen instead; KERNEL=6.12 another
dom0 kernel; CPU= QEMU's CPU model; ACCEL=tcg never KVM; EMU= a command that starts each emulator;
TIMEOUT_SCALE=3 for a busy machine.
"""

import sys

sys.dont_write_bytecode = True
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import test_boot  # noqa: E402,F401
import test_deb  # noqa: E402,F401
import test_device  # noqa: E402,F401
import test_guest  # noqa: E402,F401
import test_hosts  # noqa: E402,F401
import test_guide  # noqa: E402,F401
import test_hvm  # noqa: E402,F401
import test_image  # noqa: E402,F401
import test_net  # noqa: E402,F401
import test_managed  # noqa: E402,F401
import test_pv  # noqa: E402,F401
import test_run  # noqa: E402,F401
import test_vbd  # noqa: E402,F401
from harness import runner  # noqa: E402

sys.exit(runner.main())
