# SPDX-License-Identifier: BSD-2-Clause
"""The machines: QEMU q35 with OVMF (zendo.efi, or GRUB for UEFI), QEMU pc with SeaBIOS and GRUB, Bochs
with SeaBIOS and GRUB."""

import glob
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from . import media, paths

# QEMU 7.2's own emulation of these four breaks the real Xen's PV dom0 (SMAP: IRET to ring 3
# faults; MWAIT with ECX=1 faults; RDTSCP intercepts are misreported).
XEN_CPU = "EPYC,+svm,+npt,-smap,-smep,-rdtscp,-monitor"
ZENDO_CPU = "EPYC,+svm,+npt,-smap,-smep,-rdtscp,-monitor"


def kvm_usable():
    """May QEMU use KVM here, with nested virtualisation?"""
    if os.environ.get("ACCEL") == "tcg" or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    for p in glob.glob("/sys/module/kvm_*/parameters/nested"):
        if Path(p).read_text().strip() in ("1", "Y"):
            return True
    return False


def accelerator():
    return "KVM" if kvm_usable() else "TCG (QEMU's own emulation)"


@dataclass
class Boot:
    """What is started: hypervisor, kernel, ramdisk and their command lines."""
    hyp: Path
    kernel: Path
    ramdisk: Path
    hyp_line: str
    kernel_line: str
    grub: str = ""  # GRUB, where there is one, does this instead


@dataclass
class Disk:
    path: Path
    bus: str = "virtio"      # virtio, ahci, nvme, usb; cd: what is read only
    snapshot: bool = True    # writes are thrown away
    shared: bool = False     # another machine has it, too (then without snapshot)


@dataclass
class Machine:
    """kind: q35 (UEFI), grub-efi (q35, GRUB CD for UEFI), pc (BIOS, GRUB CD) or bochs (the same).
    QEMU without anything to start starts from its disks. Memory in MiB."""
    kind: str = "q35"
    cpus: int = 1
    mem: int = 1024
    cpu: str = ""
    disks: list = field(default_factory=list)
    nics: list = field(default_factory=list)  # QEMU arguments, e.g. ["-netdev", ...]
    vars_file: Path = None                    # writable UEFI variables
    # One host thread for every CPU: truly at once, but guests crawl when the host has fewer cores
    # to spare (a CPU that holds a lock is not running). Otherwise one thread takes turns.
    parallel: bool = False
    # Time is instructions, each 2^count nanoseconds, and does not pass when nothing is to do: the same in
    # every run.
    count: int = None
    terminal: bool = False  # the serial line is a person's terminal

    def loader(self):
        return "efi" if self.kind == "q35" else "multiboot2"

    def cpu_model(self):
        if self.cpu or os.environ.get("CPU"):
            return self.cpu or os.environ["CPU"]
        if kvm_usable():
            return "host"
        return XEN_CPU if paths.is_real_xen() else ZENDO_CPU

    def argv(self, work, boot):
        """The emulator's command line. The serial port is standard input and output (QEMU) or a
        socket that the caller listens on (Bochs: com1 of the configuration file)."""
        if self.kind == "bochs":
            return self._bochs(Path(work), boot)
        return self._qemu(Path(work), boot)

    def _qemu(self, work, boot):
        kvm = kvm_usable()
        thread = os.environ.get("TCG_THREAD") or ("multi" if self.parallel else "single")
        board = "pc" if self.kind == "pc" else "q35"
        argv = [os.environ.get("QEMU", "qemu-system-x86_64"), "-machine", board,
                "-accel", "kvm" if kvm else f"tcg,thread={thread}", "-cpu", self.cpu_model(),
                "-smp", str(self.cpus), "-m", str(self.mem), "-display", "none", "-no-reboot"]
        if self.count is not None:
            argv += ["-icount", f"shift={self.count},sleep=off"]
        if self.terminal:
            # Ctrl-] instead of Ctrl-a, which the hypervisor wants for itself
            argv += ["-serial", "mon:stdio", "-echr", "0x1d"]
        else:
            argv += ["-monitor", "none", "-serial", "stdio",
                     "-qmp", f"unix:{work}/qmp,server=on,wait=off"]
        if board == "q35":
            code, variables = ovmf()
            argv += ["-drive", f"if=pflash,format=raw,readonly=on,file={code}"]
            if self.vars_file:
                if not self.vars_file.exists():
                    self.vars_file.write_bytes(variables.read_bytes())
                argv += ["-drive", f"if=pflash,format=raw,file={self.vars_file}"]
            else:
                argv += ["-drive", f"if=pflash,format=raw,snapshot=on,file={variables}"]
        if not boot:
            pass
        elif self.kind == "q35":
            esp = media.esp(work / "esp.img", boot)
            argv += ["-drive", f"if=none,id=esp,format=raw,file={esp}",
                     "-device", "ide-hd,drive=esp,bus=ide.0,bootindex=0"]
        else:
            iso = media.grub_iso(work / "boot.iso", boot, efi=board == "q35")
            argv += ["-drive", f"if=none,id=cd,format=raw,media=cdrom,readonly=on,file={iso}",
                     "-device", f"ide-cd,drive=cd,bus=ide.{0 if board == 'q35' else 1},unit=0"]
            argv += ["-boot", "d"] if board == "pc" else []
        if any(d.bus == "usb" for d in self.disks):
            argv += ["-device", "qemu-xhci"]
        ahci = 1
        for i, d in enumerate(self.disks):
            drive = f"if=none,id=d{i},format=raw,file={d.path}"
            if d.shared:
                drive += ",file.locking=off"
            how = ",media=cdrom,readonly=on" if d.bus == "cd" else ",snapshot=on" if d.snapshot else ""
            argv += ["-drive", drive + how]
            if d.bus == "virtio":
                share = ",share-rw=on" if d.shared else ""
                argv += ["-device", f"virtio-blk-pci,drive=d{i}{share}"]
            elif d.bus == "nvme":
                argv += ["-device", f"nvme,drive=d{i},serial=zendo{i}"]
            elif d.bus == "usb":
                argv += ["-device", f"usb-storage,drive=d{i}"]
            elif d.bus == "cd":
                argv += ["-device", f"ide-cd,drive=d{i},bus=ide.{2 if board == 'q35' else 1}"]
            else:
                # q35's own ports are AHCI; pc gets an AHCI controller beside its PIIX IDE
                if self.kind == "pc" and ahci == 1:
                    argv += ["-device", "ahci,id=ahci"]
                bus = f"ide.{ahci}" if board == "q35" else f"ahci.{ahci}"
                argv += ["-device", f"ide-hd,drive=d{i},bus={bus}"]
                ahci += 1
        return argv + (self.nics or ["-nic", "none"])

    def _bochs(self, work, boot):
        # SeaBIOS describes only the first CPU here, so with more GRUB brings a table of them. The
        # hypervisor is given it; a PV dom0 searches the firmware's memory and finds the old one.
        madt = media.madt(self.cpus) if self.cpus > 1 else None
        iso = media.grub_iso(work / "boot.iso", boot, madt=madt)
        lines = [
            f"cpu: model={self.cpu or 'corei7_skylake_x'}, count={self.cpus}, ips=400000000, "
            "reset_on_triple_fault=0, ignore_bad_msrs=1",
            f"megs: {self.mem}",
            "romimage: file=/usr/share/seabios/bios.bin",
            "vgaromimage: file=/usr/share/vgabios/vgabios.bin",
            "ata0: enabled=1",
            "ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15",
            f"ata1-master: type=cdrom, path={iso}, status=inserted",
            "boot: cdrom",
            f"com1: enabled=1, mode=socket-client, dev=127.0.0.1:{self.serial_port}",
            'display_library: rfb, options="timeout=0"',
            f"log: {work}/bochs.log", "panic: action=fatal",
            "clock: sync=none, time0=1000000000", "pci: enabled=1, chipset=i440fx",
            "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy",
            "speaker: enabled=1, mode=none"]
        for i, d in enumerate(self.disks[:2]):
            # Bochs' flat disks are whole cylinders of 16 heads and 63 sectors
            copy = work / f"disk{i}.img"
            media.run("cp", "--sparse=always", d.path, copy)
            media.round_up(copy, 16 * 63 * 512)
            lines.append(f"ata0-{('master', 'slave')[i]}: type=disk, path={copy}, mode=flat, "
                         "cylinders=0, heads=16, spt=63")
        (work / "bochsrc").write_text("\n".join(lines) + "\n")
        (work / "bochs.rc").write_text("c\n")
        return [os.environ.get("BOCHS", "bochs"), "-q", "-f", str(work / "bochsrc"),
                "-rc", str(work / "bochs.rc")]

    serial_port = 0  # Bochs: where the harness listens


def ovmf():
    base = Path("/usr/share/OVMF")
    for size in ("_4M", ""):
        code, variables = base / f"OVMF_CODE{size}.fd", base / f"OVMF_VARS{size}.fd"
        if code.exists():
            return code, variables
    raise paths.Missing("missing OVMF firmware (Debian package ovmf)")


def free_ports(count):
    """TCP ports of this host that nobody uses now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [h.getsockname()[1] for h in held]
    for h in held:
        h.close()
    return ports


def hub(*models):
    """Network ports of these models on one hub inside QEMU."""
    args = []
    for i, model in enumerate(models):
        args += ["-netdev", f"hubport,id=hub{i},hubid=0",
                 "-device", f"{model},netdev=hub{i},mac=52:54:00:00:00:{i + 1:02x}"]
    return args


def wire(end, path):
    """A network port at one end (1, the first to start, or 2) of a wire between two machines; path
    is the wire's socket."""
    return ["-netdev", f"stream,id=wire,server={'on' if end == 1 else 'off'},addr.type=unix,addr.path={path}",
            "-device", f"virtio-net-pci,netdev=wire,mac=52:54:00:00:01:{end:02x}"]
