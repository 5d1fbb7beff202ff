# SPDX-License-Identifier: BSD-2-Clause
"""Typing at Debian's dom0 on its serial console: log in, run commands, read what they say."""

import re

from .session import Failed

PROMPT = r"root@[\w-]+:~# "


def login(s, seconds=420, host="dom0", password="zendo"):
    # the prompt is written in pieces, and systemd or the kernel may speak between them
    s.wait(rf"{host}\b[^\x00]{{0,400}}?login: ", seconds, "the login prompt")
    s.send("root\n")
    s.wait(r"Password: ", 90)
    s.send(password + "\n")
    s.wait(PROMPT, 90, "the shell's prompt")
    # the kernel's messages bypass the terminal and would cut lines in two, as would its width
    s.send("dmesg -n 1; stty cols 250\n")
    s.wait(PROMPT, 60, "the shell's prompt")


def said(s, line, seconds=120):
    """Run a command; returns its exit status and what it said (after its own echo)."""
    begin = s.mark
    s.send(line + "; echo status-$?-\n")
    m = s.wait(r"status-(\d+)-", seconds, f"the end of {line!r}")
    text = m.string[begin:m.start()].decode(errors="replace")
    s.wait(PROMPT, 60)
    # The echo may have been cut by systemd, who has the same console: it is taken off where it is whole.
    return int(m.group(1)), text.rpartition("echo status-$?-")[2]


def command(s, line, pattern, seconds=120):
    """Run a command; it must print pattern and succeed."""
    status, text = said(s, line, seconds)
    if not re.search(pattern, text):
        raise Failed(f"no {pattern!r} from {line!r}", s.tail())
    if status:
        raise Failed(f"{line!r} ended with status {status}", s.tail())


# libxl gives a script ten seconds, which are few where all is emulated and the machine has other work.
IMPATIENT = r"killing execution of /etc/xen/scripts/\S+ \w+ because of timeout"


def create(s, arguments, seconds=300):
    """xl create; some more times if it was for nothing but its impatience that it failed."""
    for _ in range(4):
        status, text = said(s, f"xl create {arguments}", seconds)
        if not re.search(IMPATIENT, text):
            break
    if status:
        raise Failed(f"xl create {arguments} ended with status {status}", s.tail())
