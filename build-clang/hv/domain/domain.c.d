build-clang/hv/domain/domain.c.o: hypervisor/domain/domain.c \
  hypervisor/lib/visibility.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/abi/errno.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/policy.h \
  hypervisor/debug/panic.h hypervisor/domain/kind.h \
  hypervisor/domain/shared.h hypervisor/event/event.h \
  hypervisor/grant/grant.h hypervisor/irq/irq.h \
  hypervisor/lib/range_set.h hypervisor/lib/string.h \
  hypervisor/mm/pool.h hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

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

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/policy.h:

hypervisor/debug/panic.h:

hypervisor/domain/kind.h:

hypervisor/domain/shared.h:

hypervisor/event/event.h:

hypervisor/grant/grant.h:

hypervisor/irq/irq.h:

hypervisor/lib/range_set.h:

hypervisor/lib/string.h:

hypervisor/mm/pool.h:

hypervisor/sched/sched.h:
