#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bochs, stopped by its debugger after each so many instructions to see where it is: started in Bochs' place
(BOCHS=bench/sampler.py), with the same arguments and one CPU. Environment:

    ELF     the hypervisor with its symbols
    STACKS  the file to write: a line for each stack seen, `OUTERMOST;...;INNERMOST COUNT`; what ran above the
            hypervisor is `guest`
    EVERY   instructions from one sample to the next (a prime, so that no loop keeps step with it)

A stack is followed by the call frame information that the compiler left (.debug_frame), to the assembly that
an interrupt, a call or an exit entered by.
"""

import bisect
import collections
import os
import re
import signal
import subprocess
import sys

BOCHS = "/usr/bin/bochs"
PROMPT = re.compile(rb"<bochs:\d+> $")
WHERE = re.compile(rb"^\(0\) \[[^\]]*\] [0-9a-f]{4}:([0-9a-f]+) ", re.MULTILINE)
REGISTER = re.compile(rb"\b(rsp|rbp): *([0-9a-f_]+)")
SLOT = re.compile(rb"STACK 0x([0-9a-f]+) \[0x([0-9a-f]+(?::0x[0-9a-f]{8})?)\]")
DEPTH = 40
ABOVE = ("guest",)
STACK_WORDS = 256


class Symbols:
    """Names and frames of an ELF file, by binutils. A frame's row says where the caller's stack begins (the
    canonical frame address: a register and an offset) and where from there the caller's RBP lies, if it was saved."""

    def __init__(self, nm, frames):
        names = {int(m[1], 16): m[2] for m in re.finditer(r"^([0-9a-f]{16}) [Tt] (\S+)$", nm, re.MULTILINE)}
        self.at = sorted(names)
        self.names = [names[a].split(".")[0] for a in self.at]  # a function's .cold and .part are it
        rows = {}
        for begin, end, table in re.findall(r" pc=([0-9a-f]+)\.\.([0-9a-f]+)\n((?:.+\n)*)", frames):
            rows[int(begin, 16)] = ("rsp", 8, None)  # as a call leaves it
            rows.setdefault(int(end, 16), None)
            heading = table.split("\n")[0].split()
            for line in table.splitlines()[1:]:
                cells = dict(zip(heading, line.split()))
                register, offset = cells["CFA"].split("+")
                saved = cells.get("rbp", "u")
                rows[int(cells["LOC"], 16)] = (register, int(offset), int(saved[1:]) if saved[0] == "c" else None)
        self.row_at = sorted(rows)
        self.rows = [rows[at] for at in self.row_at]
        self.begin, self.end = self.at[0], max(self.at[-1], self.row_at[-1])

    @classmethod
    def of(cls, path):
        run = lambda *argv: subprocess.run(argv, capture_output=True, text=True, check=True).stdout  # noqa: E731
        return cls(run("nm", path), run("readelf", "--debug-dump=frames-interp", path))

    def inside(self, pc):
        return self.begin <= pc < self.end

    def name(self, pc):
        return self.names[bisect.bisect_right(self.at, pc) - 1]

    def frame(self, pc):
        """(register, offset, where RBP is or None), or None in assembly."""
        i = bisect.bisect_right(self.row_at, pc) - 1
        return self.rows[i] if i >= 0 else None

    def stack(self, pc, registers, words):
        """Names from the outermost in; registers: {"rsp", "rbp"}, words: {address: value} of the stack."""
        names, registers = [], dict(registers)
        while len(names) < DEPTH and self.inside(pc):
            names.append(self.name(pc))
            # (a return address may lie behind its function, where that calls what does not return)
            row = self.frame(pc - (1 if len(names) > 1 else 0))
            if row is None:
                break
            frame = registers[row[0]] + row[1]
            if row[2] is not None:
                registers["rbp"] = words.get(frame + row[2], 0)
            pc, registers["rsp"] = words.get(frame - 8, 0), frame
        return tuple(reversed(names))


class Debugger:
    def __init__(self, argv):
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.said()

    def said(self):
        text = b""
        while not PROMPT.search(text[-20:]):
            data = os.read(self.child.stdout.fileno(), 65536)
            if not data:
                raise EOFError
            text += data
        return text

    def ask(self, command):
        self.child.stdin.write(command.encode() + b"\n")
        self.child.stdin.flush()
        return self.said()


def sample(debugger, symbols, said):
    """The stack of one stop, outermost first; ABOVE outside of the hypervisor."""
    found = WHERE.findall(said)
    pc = int(found[-1], 16) if found else 0
    if not symbols.inside(pc):
        return ABOVE
    registers = {name.decode(): int(value.replace(b"_", b""), 16) for name, value in REGISTER.findall(debugger.ask("r"))}
    words = {}
    for line in debugger.ask(f"print-stack {STACK_WORDS}").splitlines():
        if found := SLOT.search(line):
            words[int(found[1], 16)] = int(found[2].replace(b":0x", b""), 16)
    return symbols.stack(pc, registers, words)


def main():
    symbols = Symbols.of(os.environ["ELF"])
    every, out = int(os.environ.get("EVERY", "100003")), os.environ["STACKS"]
    argv = sys.argv[1:]
    if "-rc" in argv:
        del argv[argv.index("-rc"):argv.index("-rc") + 2]
    stacks, debugger = collections.Counter(), None

    def end(*_):
        """Bochs ends by itself or is ended: what was seen counts."""
        with open(out, "w", encoding="utf-8") as f:
            for stack, count in stacks.items():
                f.write(f"{';'.join(stack)} {count}\n")
        if debugger:
            debugger.child.kill()
            debugger.child.wait()  # its processor time counts
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    try:
        debugger = Debugger([BOCHS, *argv])
        while True:
            stack = sample(debugger, symbols, debugger.ask(f"s {every}"))
            if stacks or stack != ABOVE:  # from the hypervisor's first instructions on
                stacks[stack] += 1
    except (EOFError, BrokenPipeError):
        end()


if __name__ == "__main__":
    main()
