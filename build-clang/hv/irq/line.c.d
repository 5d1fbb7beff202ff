build-clang/hv/irq/line.c.o: hypervisor/irq/line.c \
  hypervisor/lib/visibility.h hypervisor/irq/line.h \
  hypervisor/irq/vector.h hypervisor/lib/types.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/mm/frame.h \
  hypervisor/console/log.h hypervisor/cpu/percpu.h hypervisor/cpu/smp.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/debug/panic.h hypervisor/irq/ioapic.h hypervisor/irq/irq.h \
  hypervisor/irq/lapic.h hypervisor/mm/pool.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/irq/line.h:

hypervisor/irq/vector.h:

hypervisor/lib/types.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/debug/panic.h:

hypervisor/irq/ioapic.h:

hypervisor/irq/irq.h:

hypervisor/irq/lapic.h:

hypervisor/mm/pool.h:

hypervisor/time/time.h:
