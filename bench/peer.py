# SPDX-License-Identifier: BSD-2-Clause
"""The hypervisors that are compared: ours, Debian's Xen, and none."""

import subprocess
from pathlib import Path

from . import OUT, TOP

XEN = "xen-4.17-amd64.gz"
PACKAGE = "xen-hypervisor-4.17-amd64"


def zendo():
    return TOP / "build" / "zendo.mb2"


def xen(fetch):
    """Its file, or None. Installed or unpacked from its package; with fetch the package is got and
    unpacked below build/: to install it would change what this machine boots."""
    unpacked = OUT / "xen"
    for path in (Path("/boot") / XEN, unpacked / "boot" / XEN):
        if path.exists():
            return path
    if not fetch:
        return None
    unpacked.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "-q", "download", PACKAGE], cwd=unpacked, check=True)
    for package in unpacked.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(unpacked)], check=True)
    return unpacked / "boot" / XEN


def chosen(peer):
    """{name: file} of the hypervisors; peer is xen, none, or auto: xen where it is there."""
    found = {"none": None, "zendo": zendo()}
    other = xen(fetch=peer == "xen") if peer != "none" else None
    if other:
        found["xen"] = other
    return found


def versions(hypervisors):
    """{name: {"file", "version"}} for results.json."""
    said = {}
    for name, path in hypervisors.items():
        version = ""
        if name == "zendo":
            version = _output("git", "describe", "--always", "--dirty")
        elif name == "xen":
            package = next((OUT / "xen").glob("*.deb"), None) if OUT in path.parents else None
            version = _output("dpkg-deb", "-f", str(package), "Version") if package else \
                _output("dpkg-query", "-W", "-f", "${Version}", PACKAGE)
        said[name] = {"file": path.name if path else "", "version": version}
    return said


def _output(*argv):
    done = subprocess.run(argv, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False)
    return done.stdout.strip()
