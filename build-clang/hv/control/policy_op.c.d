build-clang/hv/control/policy_op.c.o: hypervisor/control/policy_op.c \
  hypervisor/lib/visibility.h hypervisor/control/policy_op.h \
  hypervisor/abi/xen.h hypervisor/abi/errno.h \
  hypervisor/control/domctl.h hypervisor/lib/types.h \
  hypervisor/cpu/policy.h hypervisor/cpu/insn.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/mm/pool.h hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/control/policy_op.h:

hypervisor/abi/xen.h:

hypervisor/abi/errno.h:

hypervisor/control/domctl.h:

hypervisor/lib/types.h:

hypervisor/cpu/policy.h:

hypervisor/cpu/insn.h:

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

hypervisor/sync/lock_order.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:
