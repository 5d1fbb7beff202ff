# SPDX-License-Identifier: BSD-2-Clause
# dom0 is a PVH guest: by its kernel's own word, with the machine's memory, interrupts and PCI.
. /lib/zendo.sh
step kind grep -qx PVH /sys/hypervisor/guest_type
control() {
    modprobe xenfs
    [ -e /proc/xen/capabilities ] || mount -t xenfs xenfs /proc/xen
    grep -q control_d /proc/xen/capabilities
}
step control control
# Devices are told addresses in memory of its own only (there is no IOMMU).
step bounce grep -qw swiotlb=force /proc/cmdline
step ioapic grep -q IO-APIC /proc/interrupts
functions() { [ "$(ls /sys/bus/pci/devices | wc -l)" -ge 3 ]; }
step functions functions
finish pvh "$(cat /sys/hypervisor/guest_type)"
