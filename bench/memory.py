# SPDX-License-Identifier: BSD-2-Clause
"""A boot of the guest test curve.memory for each size of the machine's memory, in MiB:

    python3 -m bench.memory HYPERVISOR MIB... -- COMMAND...

COMMAND is tests/guest/run.py with its options. The host gives what is touched: the hypervisor's tables of all
frames. A size for which it has not so much is left out, and of the large ones one is booted at a time.
"""

import fcntl
import os
import signal
import subprocess
import sys

from . import OUT

QEMU = "-icount shift=0,sleep=off -machine memory-backend=m -m {0} -object memory-backend-ram,id=m,size={0}M,reserve=off"
# QEMU's own processors have 40 bits of address, in which a TiB has no room beside the devices; and an AMD one has its
# memory there in two parts.
CPU = "EPYC,+svm,+npt,-smap,-smep,-rdtscp,-monitor,phys-bits=48"
FRAME_BYTES = {"zendo": 24, "xen": 40}  # of tables, for each frame of 4 KiB
QEMU_MIB = 192                          # what else is touched
LARGE = 2048                            # MiB of the host
# MiB of the machine: Xen executes 150 instructions for each frame when it boots, 40,000 million for a TiB
MOST = {"zendo": 1 << 20, "xen": int(os.environ.get("XEN_MIB", "32768"))}


def need(hypervisor, mib):
    """MiB of the host that such a boot takes."""
    return (mib * 256 * FRAME_BYTES[hypervisor] >> 20) + QEMU_MIB


def available():
    with open("/proc/meminfo", encoding="ascii") as f:
        return next(int(line.split()[1]) >> 10 for line in f if line.startswith("MemAvailable:"))


def boot(command, hypervisor, mib):
    argv = [*command, "--qemu", QEMU.format(mib), "curve"]
    if hypervisor == "xen":
        argv += ["--hyp-line", "bootscrub=no"]  # else it clears free memory when idle, and the host gives all of it
    child = subprocess.Popen(argv, env=dict(os.environ, CPU=CPU))
    # who is ended ends its emulator
    signal.signal(signal.SIGTERM, lambda *_: (child.terminate(), child.wait(), sys.exit(1)))
    return child.wait()


def main(hypervisor, *words):
    sizes, command = words[:words.index("--")], words[words.index("--") + 1:]
    OUT.mkdir(parents=True, exist_ok=True)
    for mib in map(int, sizes):
        if mib > MOST[hypervisor]:
            print(f"LEFT OUT {mib:,} MiB: minutes of boot (XEN_MIB={mib} asks for it)", flush=True)
            continue
        wanted = need(hypervisor, mib)
        with open(OUT / "memory.lock", "w", encoding="ascii") as lock:
            if wanted > LARGE:
                fcntl.flock(lock, fcntl.LOCK_EX)
            if wanted + wanted // 8 > available():
                print(f"LEFT OUT {mib:,} MiB: the host has no {wanted:,} MiB for its tables", flush=True)
            elif failed := boot(command, hypervisor, mib):
                return failed
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
