# SPDX-License-Identifier: BSD-2-Clause
"""The measuring instrument, `make bench`: docs/bench.md says what it does and how it is made."""

from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
OUT = TOP / "build" / "bench"
