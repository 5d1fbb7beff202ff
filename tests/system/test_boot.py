# SPDX-License-Identifier: BSD-2-Clause
"""Boot tests: every machine to dom0 and off again, by CPUs, memory, kernel and CPU vendor."""

from harness import dom0, paths
from harness.debian import PROMPT, command, login
from harness.machine import Disk, Machine, hub
from harness.runner import test
from harness.session import Failed
from test_device import three


def cpu_line(n):
    return f"zendo.cpus={n}"


@test("loaders", quick=True)
def loaders(t):
    """The loaders with a payload that checks what they hand over; tests/system/loaders.sh."""
    t.script(["bash", "tests/system/loaders.sh"], target="loaders-test")


@test("boot/q35-1cpu", quick=True)
def boot_q35(t):
    t.mini(Machine("q35", 1, 1024), ["cpus"], kernel_extra=cpu_line(1))


@test("boot/pc-2cpu", quick=True)
def boot_pc(t):
    t.mini(Machine("pc", 2, 1024, parallel=True), ["cpus"], kernel_extra=cpu_line(2))


@test("boot/q35-4cpu-reboot", quick=True)
def boot_smp_reboot(t):
    t.mini(Machine("q35", 4, 2048), ["cpus"], end="reboot", kernel_extra=cpu_line(4))


@test("boot/bochs-vmx", quick=True)
def boot_bochs(t):
    t.mini(Machine("bochs", 1, 1024), ["poweroff"])


@test("boot/pvh-dom0-pc", quick=True)
def boot_pvh_pc(t):
    """dom0 as a PVH guest (SVM), by GRUB and BIOS."""
    t.mini(Machine("pc", 1, 1024), ["pvh"], hyp_extra="dom0=pvh")


@test("boot/pvh-dom0-q35")
def boot_pvh_q35(t):
    """PVH dom0 by UEFI, with two vCPUs, disks and network by MSI-X."""
    # A thread for each CPU: where QEMU 7.2 stops a CPU for the other one's turn while an injected
    # interrupt is the last thing that it remembers, it delivers that again.
    machine = Machine("q35", 2, 1536, disks=three(t), nics=hub("e1000e", "virtio-net-pci"))
    machine.parallel = True
    t.mini(machine, ["pvh", "cpus", "disks", "network"], dom0_mem=900, hyp_extra="dom0=pvh",
           kernel_extra=cpu_line(2) + " zendo.disks=ata2,vda,nvme0n1")


@test("boot/pvh-dom0-bochs-vmx")
def boot_pvh_bochs(t):
    t.mini(Machine("bochs", 2, 1024), ["pvh", "registers"], hyp_extra="dom0=pvh",
           kernel_extra=cpu_line(2))


@test("boot/pvh-dom0-bochs-svm")
def boot_pvh_bochs_svm(t):
    t.mini(Machine("bochs", 1, 1024, cpu="ryzen"), ["pvh"], hyp_extra="dom0=pvh")


@test("boot/pc-512M", quick=True)
def boot_small(t):
    t.mini(Machine("pc", 1, 512), ["memory"], dom0_mem=256,
           kernel_extra="zendo.min=130 zendo.fill=32")


@test("boot/q35-6G", quick=True)
def boot_large(t):
    # more than lies below 4 GiB, so dom0's memory spans the hole
    t.mini(Machine("q35", 2, 6144), ["memory", "efi"], dom0_mem=4608,
           kernel_extra="zendo.min=4200 zendo.fill=160")


@test("boot/debian-login", quick=True)
def boot_debian(t):
    """The whole Debian dom0 from its disk image: systemd, login, xl, poweroff."""
    machine = Machine("q35", 1, 2048, disks=[Disk(paths.need(paths.DOM0 / "dom0.img"))])
    with t.session(machine, dom0.boot_full(machine, t.work)) as s:
        login(s)
        command(s, "systemctl is-system-running --wait || systemctl --failed", "running", 240)
        command(s, "xl info", r"xen_major +: 4")
        command(s, "xl list", r"Domain-0 +0 ")
        command(s, "ip -br link show xenbr0", r"xenbr0 +(UP|DOWN|UNKNOWN)")
        s.send("poweroff\n")
        s.wait_off(180)


@test("boot/keys-and-panic", quick=True)
def boot_options_and_panic(t):
    """Debug keys by the serial line with another switch key, and the look of a panic."""
    machine = Machine("pc", 2, 1024)
    extra = ("loglvl=error guest_loglvl=none conswitch=b console_timestamps=boot watchdog "
             "console_to_ring dom0_vcpus_pin mem=960M badpage=0x9000-0x9001 tsc=skewed reboot=a,n")
    boot = dom0.boot_mini(machine, t.work, end="stay", hyp_extra=extra)
    with t.session(machine, boot) as s:
        s.wait(r"ZENDO-(DOM0-UP|DOM0-BARE) .*$", 240, "the minimal dom0")
        s.send("\x02\x02\x02")
        s.wait(r"\(XEN\) \[ +\d+\.\d{6}\] \*\*\* Serial input to the hypervisor", 30)
        for key, says in (("h", r"Debug keys:"), ("d", r"CPU \d: here(?s:.*)CPU \d: (?s:.*)RIP"),
                          ("r", r"CPU 1: load"), ("m", r"Memory: \d+ of"), ("*", r"d0v0 RIP"),
                          ("!", r"No debug key '!'")):
            s.send(key)
            s.wait(r"\(XEN\) .*" + says, 60, f"debug key {key}")
        s.allow_fatal = True
        s.send("C")
        s.wait(r"Zendo panic on CPU \d+: crash asked for by debug key", 30)
        s.wait(r"CR3 [0-9a-f]{16}", 30)
        s.wait(r"key_crash\+0x", 30, "a symbol in the backtrace")
        s.wait(r"Manual reset required", 30)


@test("boot/debian-toolstack")
def boot_debian_toolstack(t):
    """In the whole Debian: the firmware's variables, the store, a guest's console by hand, what xl
    says of a guest with four vCPUs, 32-bit programs, and a reboot by systemd."""
    machine = Machine("q35", 2, 2048, disks=[Disk(paths.need(paths.DOM0 / "dom0.img"))])
    with t.session(machine, dom0.boot_full(machine, t.work)) as s:
        login(s)
        command(s, "efibootmgr -v", r"BootCurrent: \d+")
        command(s, "xenstore-ls /local/domain/0", 'name = "Domain-0"')
        command(s, "guest/user32", "USER32 ok")
        command(s, "xl dmesg | head -n 5", r"Zendo|Xen")
        for word, answer in (("info", r"free_memory"), ("vcpu-list", r"Domain-0 +0 +1 "),
                             ("uptime", "Domain-0"), ("sched-credit2", r"Domain-0 +0 +256"),
                             ("cpupool-list", "Pool-0"), ("debug-keys q", "")):
            command(s, f"xl {word}", answer)
        command(s, "xl create guest/minimal.cfg 'extra=\"console=hvc0 zendo.then=wait\"'",
                "Parsing config", 240)
        s.send("xl console minimal\n")
        s.wait("GUEST-TICK 2 ", 240)
        s.send("\x1d")
        s.wait(PROMPT, 60, "the shell's prompt after Ctrl-]")
        command(s, "xl reboot -w minimal", "reason code 1", 240)
        command(s, "until xl list minimal; do sleep 1; done", r"minimal +2 ", 240)
        command(s, "xl destroy minimal; xl list", "Domain-0")
        command(s, "truncate -s 4M /tmp/pv4.img", "")
        command(s, "xl create -c guest/pv4.cfg",
                r"GUEST-UP .*cpus=4 [\s\S]*GUEST-CPU ok[\s\S]*GUEST-USER32 ok[\s\S]*GUEST-READY", 600)
        s.send("reboot\n")
        s.wait_reset(240)


@test("boot/console-keys", quick=True)
def boot_keys(t):
    """Three Ctrl-a on the serial line give it to the hypervisor and back; every debug key answers."""
    machine = Machine("pc", 2, 1024)
    answers = {"h": "Debug keys:", "0": r"d0v1 RIP", "e": r"Domain 0: \d+ event ports open",
               "g": "Domain 0: grant table", "i": r"CPU 1: \d+ timer",
               "m": r"Memory: \d+ of \d+ pages free", "q": "d0: .* 2 vCPUs",
               "r": "CPU 1: load", "t": r"Time: \d+ ns"}
    with t.session(machine, dom0.boot_mini(machine, t.work, end="stay")) as s:
        s.wait("ZENDO-DOM0-UP", 240)
        s.send("\necho to-$((20 + 3))\n")
        s.wait(r"to-23\r", 60)
        s.send("\x01\x01\x01")
        s.wait("Serial input to the hypervisor", 60)
        for key, answer in answers.items():
            s.send(key)
            s.wait(answer, 60, f"an answer to debug key {key}")
        s.send("\x01\x01\x01")
        s.wait("Serial input to the control domain", 60)
        s.send("\necho back-$((20 + 3))\n")
        s.wait(r"back-23\r", 60)
        # less than three belong to dom0, whose line editor takes the first as "to the beginning"
        s.send("$((20 + 4))\x01echo mine-\n")
        s.wait(r"mine-24\r", 60)
        s.send("exit\n")
        s.wait_off(120)
    with t.session(machine, dom0.boot_mini(machine, t.dir(), end="stay")) as s:
        s.wait("ZENDO-DOM0-UP", 240)
        s.send("\x01\x01\x01R")
        s.wait("Rebooting the machine", 60)
        s.wait_reset(60)


@test("boot/dom0-crash", quick=True)
def boot_crash(t):
    """A crash of dom0 is the machine's: it reboots. With noreboot a panic stays on the screen."""
    machine = Machine("pc", 1, 512)
    with t.session(machine, dom0.boot_mini(machine, t.work, ["poweroff"], "crash")) as s:
        s.wait("ZENDO-CRASH", 240)
        s.allow_fatal = True
        s.wait("Domain 0 crashed: rebooting the machine", 60)
        s.wait_reset(60)
    machine = Machine("pc", 1, 128)
    with t.session(machine, dom0.boot_mini(machine, t.dir(), dom0_mem=512,
                                           hyp_extra="noreboot")) as s:
        s.allow_fatal = True
        s.wait("too little memory for domain 0", 120)
        s.wait(r"Call trace:[\s\S]*\spanic\+0x", 60)
        s.wait("Manual reset required .'noreboot' specified.", 60)


@test("boot/grub-efi", quick=True)
def boot_grub_efi(t):
    """GRUB for UEFI loads zendo.mb2; the firmware's variables are reached as with zendo.efi."""
    t.mini(Machine("grub-efi", 2, 1024), ["cpus", "efi"], kernel_extra=cpu_line(2))


# The matrix -------------------------------------------------------------------------------------

def matrix():
    for kind in ("q35", "pc"):
        for cpus in (1, 2, 4, 8):
            for mem in (512, 1024, 3072, 6144):
                if (kind, cpus, mem) in (("q35", 1, 1024), ("pc", 2, 1024)):
                    continue  # in the quick set
                if mem != 1024 and cpus not in (2, 8):
                    continue

                def run(t, kind=kind, cpus=cpus, mem=mem):
                    t.mini(Machine(kind, cpus, mem), ["cpus", "memory"], up=480,
                           kernel_extra=f"{cpu_line(cpus)} zendo.min=130 zendo.fill=32")
                test(f"boot/{kind}-{cpus}cpu-{mem}M")(run)
    for model, name in (("corei7_skylake_x", "vmx"), ("ryzen", "svm")):
        for cpus in (1, 2, 4):
            # Bochs takes its CPUs in turn, each slower for it, and 6.1's xz payload alone is half of
            # a boot's instructions: with more CPUs the kernel is the one packed by zstd. dom0's
            # kernel reads the firmware's own table and sees one CPU (machine.py); the others are
            # the hypervisor's, and run the guest.
            def run(t, model=model, cpus=cpus):
                s = t.mini(Machine("bochs", cpus, 1024, cpu=model), ["cpus", "tiny"], guests=True,
                           up=600, kernel="6.1" if cpus == 1 else "6.12",
                           kernel_extra=cpu_line(1))
                if f"{cpus} CPUs online".encode() not in s.text:
                    raise Failed(f"not {cpus} CPUs online", s.tail())
            test(f"boot/bochs-{name}-{cpus}cpu")(run)
    for kernel in ("6.12",):
        for kind in ("q35", "pc"):  # on Bochs: above
            def run(t, kernel=kernel, kind=kind):
                t.mini(Machine(kind, 2, 1024), ["poweroff"], kernel=kernel)
            test(f"boot/{kind}-linux-{kernel}")(run)


matrix()
