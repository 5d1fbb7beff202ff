build-clang/hv/time/timer.c.o: hypervisor/time/timer.c \
  hypervisor/lib/visibility.h hypervisor/time/timer.h \
  hypervisor/lib/rbtree.h hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/irq/irq.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/mm/pool.h hypervisor/sched/softirq.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/time/private.h hypervisor/time/scale.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/time/timer.h:

hypervisor/lib/rbtree.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/irq/irq.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/mm/pool.h:

hypervisor/sched/softirq.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/time/private.h:

hypervisor/time/scale.h:

hypervisor/time/time.h:
