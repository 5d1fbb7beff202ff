build-clang/hv/sched/idle.c.o: hypervisor/sched/idle.c \
  hypervisor/lib/visibility.h hypervisor/cpu/entry.h \
  hypervisor/abi/xen.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/domain/vcpu.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/sched/private.h \
  hypervisor/sched/credit.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/sched/softirq.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/vcpu.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/sched/private.h:

hypervisor/sched/credit.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/sched/softirq.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/sched/sched.h:
