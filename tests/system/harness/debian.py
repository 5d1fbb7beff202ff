# SPDX-License-Identifier: BSD-2-Clause
"""Typing at Debian's dom0 on its serial console: log in, run commands, read what they say."""

PROMPT = r"root@dom0:~# "


def login(s, seconds=420):
    s.wait(r"dom0 login: ", seconds, "the login prompt")
    s.send("root\n")
    s.wait(r"Password: ", 90)
    s.send("zendo\n")
    s.wait(PROMPT, 90, "the shell's prompt")
    # the kernel's messages bypass the terminal and would cut lines in two
    s.send("dmesg -n 1\n")
    s.wait(PROMPT, 60, "the shell's prompt")


def command(s, line, pattern, seconds=120):
    """Run a command; it must print pattern (after its own echo) and succeed."""
    s.send(line + "; echo status-$?\n")
    s.wait(r"echo status-\$\?\r?\n", 60, "the command's echo")
    s.wait(pattern, seconds, f"{pattern!r} from {line!r}")
    s.wait(r"status-0\r", seconds, f"the success of {line!r}")
    s.wait(PROMPT, 60)
