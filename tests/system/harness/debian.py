# SPDX-License-Identifier: BSD-2-Clause
"""Typing at Debian's dom0 on its serial console: log in, run commands, read what they say."""

import re

from .session import Failed

PROMPT = r"root@[\w-]+:~# "


def login(s, seconds=420, host="dom0", password="zendo"):
    s.wait(rf"{host} login: ", seconds, "the login prompt")
    s.send("root\n")
    s.wait(r"Password: ", 90)
    s.send(password + "\n")
    s.wait(PROMPT, 90, "the shell's prompt")
    # the kernel's messages bypass the terminal and would cut lines in two, as would its width
    s.send("dmesg -n 1; stty cols 250\n")
    s.wait(PROMPT, 60, "the shell's prompt")


def command(s, line, pattern, seconds=120):
    """Run a command; it must print pattern (after its own echo) and succeed."""
    s.send(line + "; echo status-$?\n")
    s.wait(r"echo status-\$\?\r?\n", 60, "the command's echo")
    begin = s.mark
    m = s.wait(r"status-(\d+)\r", seconds, f"the end of {line!r}")
    if not re.search(pattern.encode(), m.string[begin:m.start()]):
        raise Failed(f"no {pattern!r} from {line!r}", s.tail())
    if m.group(1) != b"0":
        raise Failed(f"{line!r} ended with status {m.group(1).decode()}", s.tail())
    s.wait(PROMPT, 60)
