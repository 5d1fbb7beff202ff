build-clang/hv/event/port.c.o: hypervisor/event/port.c \
  hypervisor/lib/visibility.h hypervisor/event/port.h \
  hypervisor/abi/xen.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/index.h \
  hypervisor/sched/sched.h hypervisor/sync/rwlock.h \
  hypervisor/abi/errno.h hypervisor/event/fifo.h hypervisor/lib/bitmap.h \
  hypervisor/mm/pool.h

hypervisor/lib/visibility.h:

hypervisor/event/port.h:

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

hypervisor/lib/index.h:

hypervisor/sched/sched.h:

hypervisor/sync/rwlock.h:

hypervisor/abi/errno.h:

hypervisor/event/fifo.h:

hypervisor/lib/bitmap.h:

hypervisor/mm/pool.h:
