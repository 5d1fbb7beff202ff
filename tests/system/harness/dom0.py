# SPDX-License-Identifier: BSD-2-Clause
"""What runs above the hypervisor in a test: dom0's kernel, ramdisk and both command lines."""

from . import media, paths
from .machine import Boot

HYP_LINE = "com1=115200,8n1 console=com1 loglvl=all guest_loglvl=all"
KERNEL_LINE = "console=hvc0 earlyprintk=xen net.ifnames=0 panic=5"


def dom0_memory(machine_mem):
    """How much of a machine (MiB) a test gives to dom0: what is left suits a few small guests."""
    return max(min(machine_mem // 2, 1024), 256)


def lines(machine, hyp_extra="", kernel_extra="", dom0_mem=None):
    hyp = HYP_LINE
    if paths.is_real_xen():
        # QEMU 7.2 does not always fault when CR0.TS is set, so lazy FPU switching corrupts the
        # registers of whoever runs next.
        hyp += " spec-ctrl=eager-fpu"
    if "dom0_mem=" not in hyp_extra:
        mem = dom0_mem or dom0_memory(machine.mem)
        hyp += f" dom0_mem={mem}M,max:{mem}M"
    kernel = KERNEL_LINE
    if machine.kind == "bochs":
        # Its Skylake is one whose gather instructions leak: AVX would be hidden from everybody.
        hyp += " spec-ctrl=gds-mit=no"
        # SeaBIOS' tables describe hotplug registers that Bochs lacks: Linux would eject every
        # PCI device.
        kernel += " acpiphp.disable=1"
        if paths.is_real_xen():
            # Bochs' XSAVEC writes the AVX state over its header: "Bad FPU state detected". Zendo
            # hides it; here Linux is told (word 10, bit 1) and uses XSAVEOPT.
            kernel += " clearcpuid=321"
            if machine.cpus > 1:
                # By clusters of x2APICs the second CPU's is not what Xen expects (BUG in its
                # genapic/x2apic.c).
                hyp += " x2apic_phys=true"
    return f"{hyp} {hyp_extra}".strip(), f"{kernel} {kernel_extra}".strip()


def bare(boot, machine):
    """The same kernel, ramdisk and jobs on the machine itself, without a hypervisor."""
    boot.hyp = None
    boot.kernel_line = boot.kernel_line.replace("console=hvc0 earlyprintk=xen",
                                                "console=ttyS0,115200 zendo.bare")
    if machine.kind == "bochs":
        # Linux would believe CPUID, a real CPU's 3,500 MHz; the TSC ticks at `ips`. And no hypervisor
        # hides XSAVEC (see lines()), with it XSAVES.
        boot.kernel_line += " tsc_early_khz=400000 clearcpuid=321,323"
    return boot


def job_pieces(jobs):
    """A ramdisk piece with the jobs of tests/system/jobs (and what they share)."""
    files = {f"jobs/{p.name}": (0o755, p.read_bytes()) for p in sorted(paths.JOBS.glob("*.sh"))}
    for j in jobs:
        if f"jobs/{j}.sh" not in files:
            raise paths.Missing(f"no job {j} in {paths.JOBS}")
    return [media.cpio(files)]


def guest_pieces(kernel=None):
    """A ramdisk piece with the guests: /guest/*.cfg, tiny, vmlinuz, initrd."""
    return [paths.need(paths.DOM0 / "guest" / "common.cpio"),
            paths.need(paths.DOM0 / "guest" / f"linux-{kernel or paths.kernel_name()}.cpio")]


def tool_pieces():
    """Programs of some tests: for dom0, and for a guest's ramdisk (/guest/tools)."""
    paths.dom0_build("tools")
    guest = paths.need(paths.DOM0 / "guest" / "tools.gz").read_bytes()
    return [paths.need(paths.DOM0 / "tools.gz"), media.cpio({"guest/tools": (0o644, guest)})]


def oplist_pieces():
    """The list of operations that job oplist runs, and the packages it uses."""
    paths.dom0_build("tools")
    return [paths.need(paths.DOM0 / "bench.gz"),
            media.cpio({"usr/bin/oplist": (0o755, paths.built("oplist", "oplist").read_bytes()),
                        "usr/bin/worklist": (0o755, (paths.ROOT / "bench/oplist/worklist").read_bytes())})]


def backends():
    """`files` for boot_mini: the user-space back ends, which need `tools` for their libraries."""
    here = paths.ROOT / "pv-drivers" / "backends"
    return {"usr/sbin/zendo-blkd": paths.built("backends", "zendo-blkd"),
            "usr/sbin/zendo-netd": paths.built("backends", "zendo-netd"),
            "etc/xen/scripts/block-zendo": here / "block-zendo",
            "etc/xen/scripts/vif-zendo": here / "vif-zendo"}


def boot_mini(machine, work, jobs=(), end="", hyp_extra="", kernel_extra="", guests=False,
              guest_kernel=None, dom0_mem=None, kernel=None, hyp=None, hvm=False, driver=False,
              tools=False, files=None, oplist=False):
    """The minimal dom0 with jobs (names of tests/system/jobs) one after the other. `hvm` adds the
    device model, `driver` the ramdisk of a driver domain, `tools` what dom0/tools lists, `oplist`
    bench/oplist, `files` more: {path: file}."""
    work.mkdir(parents=True, exist_ok=True)
    kernel = kernel or paths.kernel_name()
    pieces = [paths.need(paths.DOM0 / f"mini-{kernel}.gz")]
    more = tool_pieces() if tools else []
    if files:
        more.append(media.cpio({path: (paths.need(f).stat().st_mode & 0o777, f.read_bytes())
                                for path, f in files.items()}))
    if jobs:
        pieces += job_pieces(jobs)
        kernel_extra += f" zendo.job={','.join(jobs)}"
    if hvm:
        pieces.append(paths.need(paths.DOM0 / "hvm.gz"))
    if driver:  # the same root as dom0's
        root = media.ramdisk(work / "driver", [paths.need(
            paths.DOM0 / f"mini-{guest_kernel or paths.kernel_name()}.gz")] + more)
        pieces.append(media.cpio({"guest/driver": (0o644, root.read_bytes())}))
    if guests:
        pieces += guest_pieces(guest_kernel)
    pieces += more
    if oplist:
        pieces += oplist_pieces()
    if end:
        kernel_extra += f" zendo.end={end}"
    hyp_line, kernel_line = lines(machine, hyp_extra, kernel_extra, dom0_mem)
    return Boot(hyp or paths.hypervisor(machine.loader()), paths.kernel(kernel),
                media.ramdisk(work / "initrd", pieces), hyp_line, kernel_line)


def boot_full(machine, work, hyp_extra="", kernel_extra="", dom0_mem=None, hyp=None):
    """Debian's dom0 from its disk image (the caller gives the machine that disk)."""
    work.mkdir(parents=True, exist_ok=True)
    hyp_line, kernel_line = lines(machine, hyp_extra,
                                  f"root=LABEL=zendo-dom0 ro {kernel_extra}", dom0_mem)
    return Boot(hyp or paths.hypervisor(machine.loader()), paths.need(paths.DOM0 / "vmlinuz"),
                paths.need(paths.DOM0 / "initrd"), hyp_line, kernel_line)
