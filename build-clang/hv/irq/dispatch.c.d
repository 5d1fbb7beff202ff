build-clang/hv/irq/dispatch.c.o: hypervisor/irq/dispatch.c \
  hypervisor/lib/visibility.h hypervisor/irq/irq.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/mm/frame.h \
  hypervisor/console/log.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/smp.h hypervisor/debug/panic.h hypervisor/irq/ioapic.h \
  hypervisor/irq/lapic.h hypervisor/irq/line.h hypervisor/irq/vector.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/irq/pic.h hypervisor/mm/pool.h hypervisor/mm/ram.h \
  hypervisor/mm/tlb.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/irq/irq.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/debug/panic.h:

hypervisor/irq/ioapic.h:

hypervisor/irq/lapic.h:

hypervisor/irq/line.h:

hypervisor/irq/vector.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/irq/pic.h:

hypervisor/mm/pool.h:

hypervisor/mm/ram.h:

hypervisor/mm/tlb.h:

hypervisor/time/time.h:
