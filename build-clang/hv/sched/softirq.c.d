build-clang/hv/sched/softirq.c.o: hypervisor/sched/softirq.c \
  hypervisor/lib/visibility.h hypervisor/sched/softirq.h \
  hypervisor/lib/types.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/irq/irq.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/sched/private.h hypervisor/domain/vcpu.h \
  hypervisor/abi/xen.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/sched/credit.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/sched/softirq.h:

hypervisor/lib/types.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/irq/irq.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/sched/private.h:

hypervisor/domain/vcpu.h:

hypervisor/abi/xen.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/sched/credit.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/sched/sched.h:
