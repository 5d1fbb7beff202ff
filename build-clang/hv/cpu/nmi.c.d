build-clang/hv/cpu/nmi.c.o: hypervisor/cpu/nmi.c \
  hypervisor/lib/visibility.h hypervisor/cpu/nmi.h \
  hypervisor/console/log.h hypervisor/cpu/entry.h hypervisor/abi/xen.h \
  hypervisor/cpu/insn.h hypervisor/cpu/percpu.h hypervisor/cpu/smp.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/debug/panic.h hypervisor/irq/irq.h

hypervisor/lib/visibility.h:

hypervisor/cpu/nmi.h:

hypervisor/console/log.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/debug/panic.h:

hypervisor/irq/irq.h:
