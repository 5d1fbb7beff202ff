build-clang/hv/pv/grant_map.c.o: hypervisor/pv/grant_map.c \
  hypervisor/lib/visibility.h hypervisor/pv/grant_map.h \
  hypervisor/grant/grant.h hypervisor/abi/xen.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/pv/pte_update.h hypervisor/mm/page.h \
  hypervisor/pv/pv.h hypervisor/pv/type.h

hypervisor/lib/visibility.h:

hypervisor/pv/grant_map.h:

hypervisor/grant/grant.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/abi/errno.h:

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

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/pv/pte_update.h:

hypervisor/mm/page.h:

hypervisor/pv/pv.h:

hypervisor/pv/type.h:
