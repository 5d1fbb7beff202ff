build-clang/hv/event/event_op.c.o: hypervisor/event/event_op.c \
  hypervisor/lib/visibility.h hypervisor/event/event.h \
  hypervisor/abi/xen.h hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/cpu/percpu.h hypervisor/event/op.h hypervisor/event/port.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/index.h \
  hypervisor/sched/sched.h hypervisor/sync/rwlock.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/event/event.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

hypervisor/event/op.h:

hypervisor/event/port.h:

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

hypervisor/lib/index.h:

hypervisor/sched/sched.h:

hypervisor/sync/rwlock.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/p2m/copy.h:
