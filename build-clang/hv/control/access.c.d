build-clang/hv/control/access.c.o: hypervisor/control/access.c \
  hypervisor/lib/visibility.h hypervisor/control/access.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/cpu/percpu.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/control/access.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

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
