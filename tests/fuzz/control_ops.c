/* SPDX-License-Identifier: BSD-2-Clause */
/* Random domctl, sysctl, platform_op, hvm_op and xen_version calls: whatever the structure says,
 * nothing outside the guest's memory is touched and nothing stays held. */
/* sources: hypervisor/control/domctl.c hypervisor/control/domctl_life.c */
/* sources: hypervisor/control/domctl_settings.c hypervisor/control/domctl_device.c */
/* sources: hypervisor/control/domctl_vcpu.c hypervisor/control/domctl_state.c */
/* sources: hypervisor/control/policy_op.c hypervisor/control/sysctl.c */
/* sources: hypervisor/control/sysctl_machine.c hypervisor/control/sysctl_pool.c */
/* sources: hypervisor/control/platform_op.c hypervisor/control/firmware.c */
/* sources: hypervisor/control/efi_op.c hypervisor/control/hvm_op.c hypervisor/control/version.c */
/* sources: hypervisor/control/access.c hypervisor/control/cpu_bitmap.c */
/* sources: hypervisor/cpu/xstate_record.c hypervisor/cpu/policy_features.c */
/* sources: hypervisor/cpu/policy_derive.c hypervisor/cpu/policy_leaves.c hypervisor/cpu/topology.c */
/* sources: hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c hypervisor/lib/range_set.c */
/* sources: hypervisor/lib/rbtree.c hypervisor/lib/strlcpy.c tests/unit/fake/pv_only.c */
/* sources: hypervisor/p2m/gfn.c hypervisor/control/domctl_debug.c */
/* sources: hypervisor/control/sysctl_trace.c hypervisor/control/sysctl_power.c */
/* cflags: -Itests/unit/fake -Itests/unit */
#include <stdio.h>

#include "control_world.h"
#include "pci/device.h"

const char zendo_version[] = "0", zendo_compiler[] = "cc";
/* The linker's note of the image: 12 bytes of header, "GNU", 20 bytes of hash. */
__asm__(".pushsection .rodata\n.globl build_id_start, build_id_end\n.balign 4\n"
        "build_id_start: .long 4, 20, 3\n.asciz \"GNU\"\n.fill 20, 1, 0x5a\n"
        "build_id_end:\n.popsection\n");

bool pci_device_known(struct pci_address a, struct pci_device_info *info)
{
    *info = (struct pci_device_info){0};
    return a.bus & 1;
}

/* The first bytes say which call; the rest is the guest's memory, the structure at its start. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t version = 0, cmd;
    const uint64_t gva = 0x100;
    long rc = 0;

    if (size < 8)
        return 0;
    world_reset();
    world_control = world_domain[0].is_control = data[1] & 1;
    world_efi = data[1] & 2;
    world_fail_in = data[1] & 4 ? data[2] : -1;
    cmd = data[3] | (data[1] & 8 ? 1000 : 0);
    memcpy(world_guest + gva, data + 8, min(size - 8, sizeof(world_guest) - gva));
    switch (data[0] % 5) {
    case 0:
        version = XEN_DOMCTL_INTERFACE_VERSION;
        break;
    case 1:
        version = XEN_SYSCTL_INTERFACE_VERSION;
        break;
    case 2:
        version = XENPF_INTERFACE_VERSION;
        break;
    }
    if (version && !(data[1] & 16)) {
        memcpy(world_guest + gva, &cmd, sizeof(cmd));
        memcpy(world_guest + gva + 4, &version, sizeof(version));
    }
    switch (data[0] % 5) {
    case 0:
        rc = hc_domctl(gva);
        break;
    case 1:
        rc = hc_sysctl(gva);
        break;
    case 2:
        rc = hc_platform_op(gva);
        break;
    case 3:
        rc = hc_hvm_op(cmd, gva);
        break;
    case 4:
        rc = hc_xen_version(cmd % 16, gva);
        break;
    }
    world_check(rc);
    return 0;
}
