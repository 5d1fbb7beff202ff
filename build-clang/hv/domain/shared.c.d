build-clang/hv/domain/shared.c.o: hypervisor/domain/shared.c \
  hypervisor/lib/visibility.h hypervisor/domain/shared.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/event/event.h \
  hypervisor/lib/string.h hypervisor/mm/heap.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/mm/page.h hypervisor/mm/pool.h \
  hypervisor/p2m/m2p.h

hypervisor/lib/visibility.h:

hypervisor/domain/shared.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/event/event.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/pool.h:

hypervisor/p2m/m2p.h:
