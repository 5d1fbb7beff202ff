build-clang/hv/acpi/power.c.o: hypervisor/acpi/power.c \
  hypervisor/lib/visibility.h hypervisor/acpi/acpi.h \
  hypervisor/acpi/parse.h hypervisor/acpi/layout.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/console/log.h hypervisor/cpu/insn.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/debug/panic.h hypervisor/efi/runtime.h \
  hypervisor/efi/spec.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/ram.h

hypervisor/lib/visibility.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/debug/panic.h:

hypervisor/efi/runtime.h:

hypervisor/efi/spec.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/ram.h:
