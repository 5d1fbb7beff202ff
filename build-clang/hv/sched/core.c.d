build-clang/hv/sched/core.c.o: hypervisor/sched/core.c \
  hypervisor/lib/visibility.h hypervisor/sched/sched.h \
  hypervisor/abi/xen.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/debug/panic.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/mm/pool.h hypervisor/sched/private.h \
  hypervisor/sched/credit.h hypervisor/sched/softirq.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/sched/sched.h:

hypervisor/abi/xen.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/debug/panic.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/mm/pool.h:

hypervisor/sched/private.h:

hypervisor/sched/credit.h:

hypervisor/sched/softirq.h:

hypervisor/time/time.h:
