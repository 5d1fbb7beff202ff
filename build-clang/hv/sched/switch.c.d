build-clang/hv/sched/switch.c.o: hypervisor/sched/switch.c \
  hypervisor/lib/visibility.h hypervisor/cpu/descriptor.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/abi/xen.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/domain/kind.h \
  hypervisor/domain/runstate.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/mm/tlb.h hypervisor/sched/sched.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/cpu/descriptor.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/abi/xen.h:

hypervisor/domain/vcpu.h:

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

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/tlb.h:

hypervisor/sched/sched.h:

hypervisor/time/time.h:
