#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mkkernel.py OUT PACKING [FLAW...]: a small kernel file for the loaders' tests.

PACKING is gzip, xz, lzma, lz4, zstd, none (a bzImage around a bare ELF), elf (no bzImage) or
bzip2 (which the loaders do not know). FLAW is no-dom0, no-entry, i386, cut (half the file is
missing) or damaged (half of the payload is overwritten). Prints size and CRC-32 of the unpacked
ELF, in hexadecimal as the payload prints them.
"""

import bz2
import gzip
import lzma
import random
import struct
import subprocess
import sys
import zlib

SIZE = 9 << 20  # more than one block of LZ4
SETUP = 5 * 512


def note(kind, value):
    return struct.pack("<III4s", 4, len(value), kind, b"Xen\0") + value + b"\0" * (-len(value) % 4)


def make_elf(flaws):
    """An ELF with one segment and the notes that make a dom0 (xen/elfnote.h)."""
    notes = note(6, b"linux\0")
    if "no-entry" not in flaws:
        notes += note(1, struct.pack("<Q", 0xffffffff81000000))
    notes += note(17, struct.pack("<I", 0x8001 if "no-dom0" in flaws else 0x8801))
    machine = 3 if "i386" in flaws else 62
    head = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 2, machine, 1, 0x1000000, 64, 0,
                       0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0xffffffff81000000, 0x1000000, SIZE, SIZE, 4096)
    table = struct.pack("<IIQQQQQQ", 4, 4, 4096, 0, 0, len(notes), len(notes), 4)
    noise = random.Random(1)
    # Code-like: a quarter noise with calls in it, the rest compressible.
    words = b"".join(b"\xe8" + noise.randbytes(3) + b"\x00\x90\x0f\xe9" for _ in range(SIZE // 32))
    body = bytearray((words + bytes(SIZE))[:SIZE])
    body[:len(head + load + table)] = head + load + table
    body[4096:4096 + len(notes)] = notes
    return bytes(body)


def tool(*argv, data):
    return subprocess.run(argv, input=data, stdout=subprocess.PIPE, check=True).stdout


def pack(elf, packing):
    size = struct.pack("<I", len(elf))
    if packing == "none":
        return elf
    if packing == "gzip":
        return gzip.compress(elf, 1)
    if packing == "bzip2":
        return bz2.compress(elf, 1) + size
    if packing == "lzma":
        return lzma.compress(elf, lzma.FORMAT_ALONE, preset=1) + size
    if packing == "xz":
        filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 1}]
        return lzma.compress(elf, lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=filters) + size
    if packing == "lz4":
        return tool("lz4", "-l", "-c", "-1", data=elf) + size
    if packing == "zstd":
        return tool("zstd", "-q", "-c", "-1", data=elf) + size
    raise SystemExit(f"unknown packing {packing}")


def main():
    out, packing, *flaws = sys.argv[1:]
    elf = make_elf(flaws)
    if packing == "elf":
        data = elf
    else:
        payload = bytearray(pack(elf, packing))
        if "damaged" in flaws:
            payload[len(payload) // 2:-8] = b"\xa5" * (len(payload) - len(payload) // 2 - 8)
        setup = bytearray(SETUP)
        setup[0x1f1] = SETUP // 512 - 1
        setup[0x202:0x208] = b"HdrS\x0f\x02"
        struct.pack_into("<II", setup, 0x248, 0x180, len(payload))
        data = bytes(setup) + bytes(0x180) + bytes(payload) + bytes(64)
    if "cut" in flaws:
        data = data[:len(data) // 2]
    with open(out, "wb") as file:
        file.write(data)
    print(f"{len(elf):x} {zlib.crc32(elf):x}")


main()
