build-clang/hv/pv/switch.c.o: hypervisor/pv/switch.c \
  hypervisor/lib/visibility.h hypervisor/pv/kind.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/cpu/descriptor.h \
  hypervisor/mm/frame.h hypervisor/cpu/extable.h \
  hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/regs.h hypervisor/cpu/xstate.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h hypervisor/lib/string.h \
  hypervisor/mm/layout.h hypervisor/pv/pv.h

hypervisor/lib/visibility.h:

hypervisor/pv/kind.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/cpu/descriptor.h:

hypervisor/mm/frame.h:

hypervisor/cpu/extable.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/cpu/xstate.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/lib/string.h:

hypervisor/mm/layout.h:

hypervisor/pv/pv.h:
