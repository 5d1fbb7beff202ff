# SPDX-License-Identifier: BSD-2-Clause
"""Where things are: the checkout, the build directory, the hypervisor under test, its dom0."""

import os
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("BUILD", ROOT / "build")).resolve()
DOM0 = BUILD / "dom0"
WORK = BUILD / "system"
JOBS = ROOT / "tests" / "system" / "jobs"

_lock = threading.Lock()


class Missing(Exception):
    """A file that a test needs does not exist."""


def need(path):
    path = Path(path)
    if not path.exists():
        raise Missing(f"missing file: {path}")
    return path


def hypervisor(loader):
    """The binary to test for loader "efi" or "multiboot2".

    HYP names one binary; the other loader's is its sibling: zendo.efi and zendo.mb2, or for a
    distribution's Xen xen-*.efi and xen-*.gz.
    """
    named = Path(os.environ.get("HYP") or BUILD / "zendo.efi").resolve()
    if named.suffix in (".gz", ".mb2", ".efi"):
        pairs = {".gz": (".efi", ".gz"), ".efi": (".efi", ".mb2"), ".mb2": (".efi", ".mb2")}
        efi, mb2 = pairs[named.suffix]
        if named.suffix == ".efi" and named.with_suffix(".gz").exists():
            mb2 = ".gz"
        return need(named.with_suffix(efi if loader == "efi" else mb2))
    return need(named)


def is_real_xen():
    """Is the hypervisor under test the distribution's Xen? It needs other CPU flags."""
    return Path(os.environ.get("HYP") or "zendo").name.startswith("xen-")


def kernel_name():
    return os.environ.get("KERNEL") or "6.1"


def kernel(name=None):
    return need(DOM0 / "kernels" / (name or kernel_name()) / "vmlinuz")


def dom0_build(*parts):
    """Build what is missing above the hypervisor; cheap when nothing changed."""
    with _lock:
        subprocess.run([str(ROOT / "dom0" / "build.sh"), str(DOM0), *parts], check=True)


def built(target, name):
    """A program of the build directory, made up to date."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    with _lock:
        subprocess.run(["make", "-s", target], cwd=ROOT, env=env, check=True)
    return need(BUILD / name)


def installed(name):
    """The disk of somebody's Debian (dom0/installed.sh), made when it is missing."""
    subprocess.run([str(ROOT / "dom0" / "installed.sh"), str(BUILD / "installed"), name], check=True)
    return need(BUILD / "installed" / f"{name}.img")
