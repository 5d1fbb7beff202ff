build-clang/hv/pv/domain.c.o: hypervisor/pv/domain.c \
  hypervisor/lib/visibility.h hypervisor/pv/kind.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/console/log.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/descriptor.h \
  hypervisor/mm/frame.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/domain/kind.h \
  hypervisor/lib/range_set.h hypervisor/lib/string.h \
  hypervisor/mm/heap.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/pool.h hypervisor/p2m/copy.h hypervisor/pv/grant_map.h \
  hypervisor/grant/grant.h hypervisor/pv/port_hooks.h hypervisor/pv/pv.h \
  hypervisor/pv/type.h hypervisor/mm/page.h

hypervisor/lib/visibility.h:

hypervisor/pv/kind.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/console/log.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/descriptor.h:

hypervisor/mm/frame.h:

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

hypervisor/domain/kind.h:

hypervisor/lib/range_set.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:

hypervisor/pv/grant_map.h:

hypervisor/grant/grant.h:

hypervisor/pv/port_hooks.h:

hypervisor/pv/pv.h:

hypervisor/pv/type.h:

hypervisor/mm/page.h:
