#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turns GRUB's ascii.pf2 (package grub-common) into the C array of console/font.h.

PFF2 format: https://www.gnu.org/software/grub/manual/grub-dev (section "Font"): a "FILE" section, then
sections of a 4-letter name and a big-endian length; CHIX indexes characters (code, flags, offset);
a glyph is width, height, x and y offset, device width (big-endian 16 bits), then packed bits.
"""
import struct
import sys

WIDTH, HEIGHT = 8, 16


def sections(data):
    at = 0
    while at + 8 <= len(data):
        name, size = struct.unpack(">4sI", data[at:at + 8])
        if name == b"DATA":
            return
        yield name, data[at + 8:at + 8 + size]
        at += 8 + size


def main(source, out):
    data = open(source, "rb").read()
    found = dict(sections(data))
    ascent = struct.unpack(">H", found[b"ASCE"])[0]
    index = found[b"CHIX"]
    glyphs = {}
    for at in range(0, len(index), 9):
        code, _, offset = struct.unpack(">IBI", index[at:at + 9])
        glyphs[code] = offset
    with open(out, "w", encoding="ascii") as c:
        c.write('#include "console/font.h"\nconst uint8_t font_bits[95][FONT_HEIGHT] = {\n')
        for code in range(0x20, 0x7f):
            rows = [0] * HEIGHT
            at = glyphs[code]
            width, height, x, y, _ = struct.unpack(">HHhhh", data[at:at + 10])
            bits = data[at + 10:at + 10 + (width * height + 7) // 8]
            for n in range(width * height):
                if bits[n // 8] & (0x80 >> (n % 8)):
                    row, column = ascent - (y + height) + n // width, x + n % width
                    if 0 <= row < HEIGHT and 0 <= column < WIDTH:
                        rows[row] |= 0x80 >> column
            c.write("    {" + ", ".join(f"0x{r:02x}" for r in rows) + "},\n")
        c.write("};\n")


main(sys.argv[1], sys.argv[2])
