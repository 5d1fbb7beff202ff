# SPDX-License-Identifier: BSD-2-Clause
"""Boot media: ramdisks from pieces, an EFI system partition, a GRUB CD."""

import os
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


def grub_iso(out, boot, efi=False):
    """A CD with GRUB, for BIOS or for UEFI, that starts boot.hyp with multiboot2."""
    out = Path(out)
    tree = out.with_suffix(".d")
    run("rm", "-rf", tree)
    (tree / "boot" / "grub").mkdir(parents=True)
    for name, src in (("hypervisor", boot.hyp), ("vmlinuz", boot.kernel), ("initrd", boot.ramdisk)):
        if src:
            run("cp", "-L", "--reflink=auto", src, tree / "boot" / name)
    # not unzipped: GRUB would stop after the first of several archives
    initrd = " module2 --nounzip /boot/initrd\n" if boot.ramdisk else ""
    (tree / "boot" / "grub" / "grub.cfg").write_text(
        "serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\n"
        "set gfxpayload=text\nset timeout=0\nmenuentry dom0 {\n"
        f" multiboot2 /boot/hypervisor {boot.hyp_line}\n"
        f" module2 /boot/vmlinuz {boot.kernel_line}\n{initrd}}}\n")
    platform = "x86_64-efi" if efi else "i386-pc"
    run("grub-mkrescue", "-d", f"/usr/lib/grub/{platform}", "--modules=serial terminal",
        "-o", out, tree)
    run("rm", "-rf", tree)
    return out
