build-clang/hv/grant/entry.c.o: hypervisor/grant/entry.c \
  hypervisor/lib/visibility.h hypervisor/grant/table.h \
  hypervisor/abi/xen.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/index.h \
  hypervisor/mm/hvmap.h hypervisor/mm/layout.h hypervisor/mm/page.h \
  hypervisor/p2m/gfn.h

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

hypervisor/lib/index.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/p2m/gfn.h:
