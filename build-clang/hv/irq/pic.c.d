build-clang/hv/irq/pic.c.o: hypervisor/irq/pic.c \
  hypervisor/lib/visibility.h hypervisor/irq/pic.h hypervisor/cpu/insn.h \
  hypervisor/irq/irq.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/irq/pic.h:

hypervisor/cpu/insn.h:

hypervisor/irq/irq.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:
