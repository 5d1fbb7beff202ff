build-clang/hv/sched/sched_op.c.o: hypervisor/sched/sched_op.c \
  hypervisor/lib/visibility.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/event/event.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/p2m/copy.h hypervisor/sched/private.h \
  hypervisor/sched/credit.h hypervisor/sched/softirq.h \
  hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/percpu.h:

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

hypervisor/event/event.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/p2m/copy.h:

hypervisor/sched/private.h:

hypervisor/sched/credit.h:

hypervisor/sched/softirq.h:

hypervisor/sched/sched.h:
