build-clang/hv/pv/bounce.c.o: hypervisor/pv/bounce.c \
  hypervisor/lib/visibility.h hypervisor/pv/bounce.h \
  hypervisor/lib/types.h hypervisor/cpu/regs.h \
  hypervisor/domain/domain.h hypervisor/abi/xen.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/string.h \
  hypervisor/p2m/copy.h hypervisor/pv/pv.h

hypervisor/lib/visibility.h:

hypervisor/pv/bounce.h:

hypervisor/lib/types.h:

hypervisor/cpu/regs.h:

hypervisor/domain/domain.h:

hypervisor/abi/xen.h:

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

hypervisor/p2m/copy.h:

hypervisor/pv/pv.h:
