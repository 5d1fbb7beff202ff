# SPDX-License-Identifier: BSD-2-Clause
"""Boot tests: every machine to dom0 and off again, by CPUs, memory, kernel and CPU vendor."""

from harness import dom0, paths
from harness.debian import command, login
from harness.machine import Disk, Machine
from harness.runner import test


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
def boot_keys(t):
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
            def run(t, model=model, cpus=cpus):
                t.mini(Machine("bochs", cpus, 1024, cpu=model), ["cpus"], up=600,
                       kernel_extra=cpu_line(cpus))
            test(f"boot/bochs-{name}-{cpus}cpu")(run)
    for kernel in ("6.12",):
        for kind in ("q35", "pc", "bochs"):
            def run(t, kernel=kernel, kind=kind):
                t.mini(Machine(kind, 2 if kind != "bochs" else 1, 1024), ["poweroff"],
                       kernel=kernel)
            test(f"boot/{kind}-linux-{kernel}")(run)


matrix()
