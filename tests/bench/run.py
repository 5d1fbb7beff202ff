#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of what make bench concludes from what it measured; no emulator. `run.py` or `run.py NAME...`"""

import sys
import traceback
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]


class Lines(unittest.TestResult):
    """A line for each test, as all layers of tests have it."""

    def addSuccess(self, test):
        print(f"ok {name(test)}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        traceback.print_exception(*err, file=sys.stdout)
        print(f"FAIL {name(test)} {str(err[1]).splitlines()[0] if str(err[1]) else err[0].__name__}",
              flush=True)

    addError = addFailure


def name(test):
    """figures.ratio_of_equal_samples: the file and what the function says after test_."""
    if not hasattr(test, "_testMethodName"):
        return str(test).replace(" ", "_")
    return f"{type(test).__module__.removeprefix('test_')}.{test._testMethodName.removeprefix('test_')}"


def main():
    result = Lines()
    for suite in unittest.defaultTestLoader.discover(str(HERE), "test_*.py"):
        for tests in suite:
            for test in tests if isinstance(tests, unittest.TestSuite) else [tests]:
                if not sys.argv[1:] or any(name(test).startswith(word) for word in sys.argv[1:]):
                    test.run(result)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
