build-clang/hv/cpu/smp_start.c.o: hypervisor/cpu/smp_start.c \
  hypervisor/lib/visibility.h hypervisor/cpu/smp.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/mm/frame.h \
  hypervisor/console/log.h hypervisor/cpu/entry.h hypervisor/abi/xen.h \
  hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/cpu/machine_check.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/regs.h hypervisor/irq/irq.h hypervisor/irq/lapic.h \
  hypervisor/lib/string.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/pool.h hypervisor/mm/ram.h hypervisor/mm/tlb.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/machine_check.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/irq/irq.h:

hypervisor/irq/lapic.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/pool.h:

hypervisor/mm/ram.h:

hypervisor/mm/tlb.h:

hypervisor/time/time.h:
