build-clang/hv/grant/maptrack.c.o: hypervisor/grant/maptrack.c \
  hypervisor/lib/visibility.h hypervisor/grant/table.h \
  hypervisor/abi/xen.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/abi/errno.h \
  hypervisor/lib/index.h hypervisor/mm/pool.h

hypervisor/lib/visibility.h:

hypervisor/grant/table.h:

hypervisor/abi/xen.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/abi/errno.h:

hypervisor/lib/index.h:

hypervisor/mm/pool.h:
