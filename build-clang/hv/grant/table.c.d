build-clang/hv/grant/table.c.o: hypervisor/grant/table.c \
  hypervisor/lib/visibility.h hypervisor/grant/table.h \
  hypervisor/abi/xen.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/abi/errno.h \
  hypervisor/console/log.h hypervisor/grant/grant.h \
  hypervisor/hypercall/hypercall.h hypervisor/lib/string.h \
  hypervisor/mm/heap.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/page.h hypervisor/mm/pool.h hypervisor/p2m/m2p.h

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

hypervisor/console/log.h:

hypervisor/grant/grant.h:

hypervisor/hypercall/hypercall.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/pool.h:

hypervisor/p2m/m2p.h:
