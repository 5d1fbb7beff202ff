build-clang/hv/domain/vcpu.c.o: hypervisor/domain/vcpu.c \
  hypervisor/lib/visibility.h hypervisor/domain/vcpu.h \
  hypervisor/abi/xen.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/xstate.h hypervisor/debug/panic.h \
  hypervisor/domain/domain.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/lib/list.h hypervisor/sync/spinlock.h \
  hypervisor/cpu/insn.h hypervisor/sync/lock_order.h \
  hypervisor/domain/kind.h hypervisor/domain/shared.h \
  hypervisor/domain/vcpu_op.h hypervisor/event/event.h \
  hypervisor/mm/pool.h hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/domain/vcpu.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/xstate.h:

hypervisor/debug/panic.h:

hypervisor/domain/domain.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/domain/kind.h:

hypervisor/domain/shared.h:

hypervisor/domain/vcpu_op.h:

hypervisor/event/event.h:

hypervisor/mm/pool.h:

hypervisor/sched/sched.h:
