build-clang/hv/control/sysctl.c.o: hypervisor/control/sysctl.c \
  hypervisor/lib/visibility.h hypervisor/control/sysctl.h \
  hypervisor/abi/xen.h hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/console/log.h hypervisor/control/access.h \
  hypervisor/control/domctl.h hypervisor/control/policy_op.h \
  hypervisor/cpu/percpu.h hypervisor/control/debug_keys.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/hypercall/table.h hypervisor/mm/pool.h \
  hypervisor/p2m/copy.h hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/control/sysctl.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/console/log.h:

hypervisor/control/access.h:

hypervisor/control/domctl.h:

hypervisor/control/policy_op.h:

hypervisor/cpu/percpu.h:

hypervisor/control/debug_keys.h:

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

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:

hypervisor/sched/sched.h:
