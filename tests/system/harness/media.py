# SPDX-License-Identifier: BSD-2-Clause
"""Boot media: ramdisks from pieces, an EFI system partition, a GRUB CD."""

import os
import struct
import subprocess
from pathlib import Path


def run(*argv, **kw):
    """Run a tool quietly; its output becomes the error when it fails."""
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **kw)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed: {done.stdout.decode(errors='replace')[-2000:]}")
    return done.stdout


def cpio(files):
    """A newc archive (as Linux unpacks for its ramdisk) of {path: (mode, bytes)}."""
    out = bytearray()
    made = set()

    def entry(name, mode, data):
        name = name.encode() + b"\0"
        fields = [len(made) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out.extend(b"070701" + b"".join(b"%08X" % f for f in fields) + name)
        out.extend(b"\0" * (-len(out) % 4))
        out.extend(data)
        out.extend(b"\0" * (-len(out) % 4))

    for path, (mode, data) in sorted(files.items()):
        parts = path.strip("/").split("/")
        for i in range(1, len(parts)):
            folder = "/".join(parts[:i])
            if folder not in made:
                made.add(folder)
                entry(folder, 0o040755, b"")
        made.add(path)
        entry("/".join(parts), 0o100000 | mode, data)
    entry("TRAILER!!!", 0, b"")
    return bytes(out)


def ramdisk(out, pieces):
    """One ramdisk of archives (paths or bytes) after each other, each aligned to 4 bytes."""
    with open(out, "wb") as f:
        for piece in pieces:
            data = piece if isinstance(piece, bytes) else Path(piece).read_bytes()
            f.write(data)
            f.write(b"\0" * (-f.tell() % 4))
    return Path(out)


def round_up(path, unit):
    size = os.path.getsize(path)
    os.truncate(path, (size + unit - 1) // unit * unit)


def fat_image(out, files):
    """A FAT file system with {path: file or bytes}."""
    out = Path(out)
    sizes = [len(d) if isinstance(d, bytes) else os.path.getsize(d) for d in files.values()]
    size = max(36 << 20, sum(sizes) * 9 // 8 + (4 << 20))
    with open(out, "wb") as f:
        f.truncate((size + (1 << 20) - 1) >> 20 << 20)
    run("mformat", "-i", out, "-F", "::")
    folders = set()
    for path, data in files.items():
        parts = path.strip("/").split("/")
        for i in range(1, len(parts)):
            folder = "/".join(parts[:i])
            if folder not in folders:
                folders.add(folder)
                run("mmd", "-i", out, "::/" + folder)
        if isinstance(data, bytes):
            run("mcopy", "-i", out, "-", "::/" + path.strip("/"), input=data)
        else:
            run("mcopy", "-i", out, data, "::/" + path.strip("/"))
    return out


def esp(out, boot, name="BOOTX64"):
    """An EFI system partition that starts boot.hyp with a configuration file as xen.efi reads."""
    config = (f"[global]\ndefault=dom0\n\n[dom0]\noptions={boot.hyp_line}\n"
              f"kernel=vmlinuz {boot.kernel_line}\n")
    if boot.ramdisk:
        config += "ramdisk=initrd\n"
    files = {f"EFI/BOOT/{name}.EFI": boot.hyp, f"EFI/BOOT/{name}.CFG": config.encode(),
             "EFI/BOOT/vmlinuz": boot.kernel}
    if boot.ramdisk:
        files["EFI/BOOT/initrd"] = boot.ramdisk
    return fat_image(out, files)


def madt(cpus):
    """An ACPI table of that many CPUs and a PC's IOAPIC (ACPI 6.4, 5.2.12), as SeaBIOS makes it."""
    body = struct.pack("<II", 0xFEE00000, 1)
    for i in range(cpus):
        body += struct.pack("<BBBBI", 0, 8, i, i, 1)
    body += struct.pack("<BBBBII", 1, 12, 0, 0, 0xFEC00000, 0)
    body += struct.pack("<BBBBIH", 2, 10, 0, 0, 2, 0)  # the timer's IRQ 0 is GSI 2
    for irq in (5, 9, 10, 11):                         # PCI's: active high, level
        body += struct.pack("<BBBBIH", 2, 10, 0, irq, irq, 0xD)
    body += struct.pack("<BBBHB", 4, 6, 0xFF, 0, 1)    # NMI on LINT1 of all
    table = bytearray(struct.pack("<4sIBB6s8sI4sI", b"APIC", 36 + len(body), 1, 0, b"ZENDO ",
                                  b"TESTMADT", 1, b"TEST", 1) + body)
    table[9] = -sum(table) & 0xFF
    return bytes(table)


def grub_image(out, config, files, platforms):
    """A CD with GRUB for these of its platforms, that is a disk with partitions at the same time.
    `config` is what grub.cfg says after the console's set-up, `files` {path: file or bytes}."""
    out = Path(out)
    tree = out.with_suffix(".d")
    run("rm", "-rf", tree)
    (tree / "boot" / "grub").mkdir(parents=True)
    for path, src in files.items():
        if isinstance(src, bytes):
            (tree / path).write_bytes(src)
        else:
            run("cp", "-L", "--reflink=auto", src, tree / path)
    (tree / "boot" / "grub" / "grub.cfg").write_text(
        "serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\n"
        f"set gfxpayload=text\nset timeout=0\n{config}")
    only = ["-d", f"/usr/lib/grub/{platforms[0]}"] if len(platforms) == 1 else []
    run("grub-mkrescue", *only, "--modules=serial terminal", "-o", out, tree)
    run("rm", "-rf", tree)
    return out


def grub_iso(out, boot, efi=False, madt=None):
    """A CD with GRUB, for BIOS or for UEFI, that starts boot.hyp with multiboot2, or the kernel alone
    if that is None; `madt` replaces the firmware's table of CPUs."""
    named = (("hypervisor", boot.hyp), ("vmlinuz", boot.kernel), ("initrd", boot.ramdisk))
    files = {f"boot/{name}": src for name, src in named if src}
    table = ""
    if madt:
        files["boot/madt.aml"] = madt
        table = "acpi --exclude=APIC /boot/madt.aml\n"
    if boot.hyp:
        # not unzipped: GRUB would stop after the first of several archives
        entry = (f" multiboot2 /boot/hypervisor {boot.hyp_line}\n"
                 f" module2 /boot/vmlinuz {boot.kernel_line}\n"
                 + (" module2 --nounzip /boot/initrd\n" if boot.ramdisk else ""))
    else:
        entry = (f" linux /boot/vmlinuz {boot.kernel_line}\n"
                 + (" initrd /boot/initrd\n" if boot.ramdisk else ""))
    return grub_image(out, boot.grub or f"{table}menuentry dom0 {{\n{entry}}}\n", files,
                      ["x86_64-efi" if efi else "i386-pc"])
