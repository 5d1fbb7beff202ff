build-clang/hv/pv/entry_ref.c.o: hypervisor/pv/entry_ref.c \
  hypervisor/lib/visibility.h hypervisor/pv/entry_ref.h \
  hypervisor/lib/types.h hypervisor/mm/hvmap.h hypervisor/mm/frame.h \
  hypervisor/mm/layout.h hypervisor/mm/page.h hypervisor/abi/xen.h \
  hypervisor/abi/errno.h hypervisor/cpu/features.h \
  hypervisor/cpu/percpu.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/range_set.h \
  hypervisor/pv/type.h hypervisor/pv/pv.h

hypervisor/lib/visibility.h:

hypervisor/pv/entry_ref.h:

hypervisor/lib/types.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/frame.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/abi/xen.h:

hypervisor/abi/errno.h:

hypervisor/cpu/features.h:

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

hypervisor/lib/range_set.h:

hypervisor/pv/type.h:

hypervisor/pv/pv.h:
