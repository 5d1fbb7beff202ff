# SPDX-License-Identifier: BSD-2-Clause
"""Function definitions, from Universal Ctags."""

import json
import subprocess
from collections import namedtuple

from common import TOP

Function = namedtuple("Function", "name path first last static")


def functions(paths):
    """Every function defined in the C files."""
    done = subprocess.run(
        ["ctags", "--output-format=json", "--languages=C", "--langmap=C:.c.h", "--c-kinds=f",
         "--fields=+nef", "-I", "TEST+", "-f", "-", "-L", "-"],
        cwd=TOP, input="\n".join(map(str, paths)), stdout=subprocess.PIPE, text=True, check=True)
    found = []
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag":
            found.append(Function(tag["name"], tag["path"], tag["line"],
                                  tag.get("end", tag["line"]), "file" in tag))
    return found
