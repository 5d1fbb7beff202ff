build-clang/hv/domain/dump.c.o: hypervisor/domain/dump.c \
  hypervisor/lib/visibility.h hypervisor/domain/dump.h \
  hypervisor/console/log.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/domain/kind.h

hypervisor/lib/visibility.h:

hypervisor/domain/dump.h:

hypervisor/console/log.h:

hypervisor/domain/domain.h:

hypervisor/abi/xen.h:

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

hypervisor/domain/kind.h:
