build-clang/hv/event/fifo.c.o: hypervisor/event/fifo.c \
  hypervisor/lib/visibility.h hypervisor/event/fifo.h \
  hypervisor/event/port.h hypervisor/abi/xen.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/index.h \
  hypervisor/sched/sched.h hypervisor/sync/rwlock.h \
  hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/event/fifo_word.h hypervisor/event/op.h \
  hypervisor/mm/hvmap.h hypervisor/mm/layout.h hypervisor/mm/page.h \
  hypervisor/mm/pool.h hypervisor/p2m/gfn.h

hypervisor/lib/visibility.h:

hypervisor/event/fifo.h:

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

hypervisor/cpu/percpu.h:

hypervisor/event/fifo_word.h:

hypervisor/event/op.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/pool.h:

hypervisor/p2m/gfn.h:
