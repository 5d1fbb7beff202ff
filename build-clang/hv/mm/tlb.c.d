build-clang/hv/mm/tlb.c.o: hypervisor/mm/tlb.c \
  hypervisor/lib/visibility.h hypervisor/mm/tlb.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/cpu/insn.h hypervisor/cpu/percpu.h hypervisor/cpu/regs.h \
  hypervisor/cpu/smp.h hypervisor/irq/irq.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/mm/tlb.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/cpu/smp.h:

hypervisor/irq/irq.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:
