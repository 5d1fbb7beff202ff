build-clang/hv/domain/vcpu_op.c.o: hypervisor/domain/vcpu_op.c \
  hypervisor/lib/visibility.h hypervisor/domain/vcpu_op.h \
  hypervisor/cpu/percpu.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/domain/kind.h \
  hypervisor/domain/runstate.h hypervisor/domain/shared.h \
  hypervisor/hypercall/hypercall.h hypervisor/abi/errno.h \
  hypervisor/hypercall/table.h hypervisor/mm/pool.h \
  hypervisor/p2m/copy.h hypervisor/sched/sched.h \
  hypervisor/sched/softirq.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/domain/vcpu_op.h:

hypervisor/cpu/percpu.h:

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

hypervisor/domain/runstate.h:

hypervisor/domain/shared.h:

hypervisor/hypercall/hypercall.h:

hypervisor/abi/errno.h:

hypervisor/hypercall/table.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:

hypervisor/sched/sched.h:

hypervisor/sched/softirq.h:

hypervisor/time/time.h:
