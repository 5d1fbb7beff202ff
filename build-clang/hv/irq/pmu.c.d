build-clang/hv/irq/pmu.c.o: hypervisor/irq/pmu.c \
  hypervisor/lib/visibility.h hypervisor/irq/pmu.h \
  hypervisor/cpu/extable.h hypervisor/abi/xen.h \
  hypervisor/cpu/features.h hypervisor/cpu/insn.h hypervisor/cpu/nmi.h \
  hypervisor/irq/lapic.h hypervisor/lib/bits.h hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/irq/pmu.h:

hypervisor/cpu/extable.h:

hypervisor/abi/xen.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/nmi.h:

hypervisor/irq/lapic.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:
