build-clang/hv/irq/ioapic.c.o: hypervisor/irq/ioapic.c \
  hypervisor/lib/visibility.h hypervisor/irq/ioapic.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/mm/frame.h \
  hypervisor/console/log.h hypervisor/debug/panic.h \
  hypervisor/mm/hvmap.h hypervisor/mm/layout.h hypervisor/mm/pool.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/irq/ioapic.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/debug/panic.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/pool.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:
