build-clang/hv/cpu/smp.c.o: hypervisor/cpu/smp.c \
  hypervisor/lib/visibility.h hypervisor/cpu/smp.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/cpu/insn.h hypervisor/cpu/percpu.h hypervisor/debug/panic.h \
  hypervisor/irq/irq.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/debug/panic.h:

hypervisor/irq/irq.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:
