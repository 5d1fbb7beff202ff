build-clang/hv/pv/context.c.o: hypervisor/pv/context.c \
  hypervisor/lib/visibility.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/cpu/regs.h hypervisor/cpu/xstate.h \
  hypervisor/lib/types.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/string.h \
  hypervisor/mm/layout.h hypervisor/pv/bounce.h hypervisor/pv/kind.h \
  hypervisor/pv/pv.h

hypervisor/lib/visibility.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/regs.h:

hypervisor/cpu/xstate.h:

hypervisor/lib/types.h:

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

hypervisor/lib/string.h:

hypervisor/mm/layout.h:

hypervisor/pv/bounce.h:

hypervisor/pv/kind.h:

hypervisor/pv/pv.h:
