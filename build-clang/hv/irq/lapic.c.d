build-clang/hv/irq/lapic.c.o: hypervisor/irq/lapic.c \
  hypervisor/lib/visibility.h hypervisor/irq/lapic.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/console/log.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/regs.h hypervisor/debug/panic.h hypervisor/irq/irq.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h

hypervisor/lib/visibility.h:

hypervisor/irq/lapic.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/debug/panic.h:

hypervisor/irq/irq.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:
